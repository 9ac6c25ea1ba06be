"""The page of results says what its runs say, and anyone's runs make it."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def page(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(repository / "benchmarks"))
    path = repository / "benchmarks" / "results_page.py"
    spec = importlib.util.spec_from_file_location("results_page", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_that_of_the_runs_beside_it(repository: Path, page: Any) -> None:
    """`benchmarks/results.py --write` has been run after the last run."""
    docs = repository / "docs"
    runs = json.loads((docs / "results.json").read_text())["runs"]

    for name, text in page.pages(runs).items():
        assert (docs / name).read_text() == text, f"{name}: run benchmarks/results.py --write"


def test_the_interval_is_wilsons(page: Any) -> None:
    """Agresti and Coull 1998, section 1: none of ten is 0 to 0.278; symmetric in right and wrong."""
    low, high = page.wilson(0, 10)

    assert low == pytest.approx(0.0, abs=1e-12)
    assert high == pytest.approx(0.2775, abs=1e-4)
    assert page.wilson(10, 10) == pytest.approx((1 - high, 1.0))
    assert page.wilson(9753, 10_000) == pytest.approx((0.9721, 0.9782), abs=5e-5)


def test_the_band_beside_a_students_sweep_is_that_of_these_runs(repository: Path) -> None:
    """`benchmarks/bands.py dropout_sweep` has been run after the last run."""
    shares: dict[float, list[float]] = {}
    for run in json.loads((repository / "docs" / "results.json").read_text())["runs"]:
        if run["name"].startswith("cnn p="):
            setting = float(run["name"].removeprefix("cnn p="))
            shares.setdefault(setting, []).append(run["right"] / run["of"])
    folder = repository / "assignments" / "bank" / "dropout_sweep"
    band = json.loads((folder / "bands.json").read_text())["sweep"]

    assert band == [[setting, min(found), max(found)] for setting, found in sorted(shares.items())]
