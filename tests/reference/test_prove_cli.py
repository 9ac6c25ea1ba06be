"""The command ``backproof-prove``, as a person calls it."""

import json
import os
import subprocess
import sys

import pytest

from backproof_reference.command.main import main
from backproof_reference.derivations import ALL, get

BROKEN = '''
"""Batch norm with a mistake in its proof, a mutant that is right, and one that crashes."""

import dataclasses

from backproof_reference.derivations import get
from backproof_reference.prove import Mutant

good = get("batchnorm.dx")
wrong = dataclasses.replace(good.steps[1], expr=good.mutants[0].expr)
STEP = dataclasses.replace(
    good, id="broken.step", mutants=good.mutants[1:], steps=(good.steps[0], wrong)
)
right = Mutant("harmless", "This one is right.", "closed form", good.steps[0].expr)
MUTANT = dataclasses.replace(good, id="broken.mutant", mutants=(right,))


class Crash(type(good)):
    def check(self):
        raise RuntimeError("the engine fell over")


CRASH = Crash(**{**{f.name: getattr(good, f.name) for f in dataclasses.fields(good)},
                 "id": "broken.crash"})
FINE = dataclasses.replace(get("batchnorm.dbeta"), id="fine.dbeta")
DERIVATIONS = (FINE, STEP, MUTANT, CRASH)
'''


@pytest.fixture(autouse=True)
def _own_record(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def broken(tmp_path, monkeypatch):
    """A module of derivations that are not all proved."""
    (tmp_path / "broken_proofs.py").write_text(BROKEN)
    monkeypatch.syspath_prepend(tmp_path)
    yield "broken_proofs"
    sys.modules.pop("broken_proofs", None)


def run(*arguments, cwd=None):
    """The command in a process of its own."""
    command = [sys.executable, "-m", "backproof_reference.prove", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=120)


def test_list_names_every_derivation_with_its_level(capsys):
    """One line for each, after the header."""
    assert main(["list"]) == 0
    header, *rows = capsys.readouterr().out.splitlines()
    assert header.split() == ["id", "title", "level", "steps", "mutants"]
    assert [row.split()[0] for row in rows] == [derivation.id for derivation in ALL]
    (dx,) = [row for row in rows if row.startswith("batchnorm.dx ")]
    counts = [str(len(get("batchnorm.dx").steps)), str(len(get("batchnorm.dx").mutants))]
    assert dx.split()[-4:] == ["all", "sizes", *counts]


def test_check_of_some_prints_progress_a_table_and_json(tmp_path, capsys):
    """Progress goes to the error stream, so that the table can be piped."""
    out = tmp_path / "found.json"
    assert main(["check", "conv1d.dw", "batchnorm.dbeta", "--jobs", "1", "--json", str(out)]) == 0
    printed = capsys.readouterr()
    assert printed.err.splitlines() == ["[1/2] batchnorm.dbeta", "[2/2] conv1d.dw"]
    header, dbeta, dw, total = printed.out.splitlines()
    assert header.split()[0] == "id"
    assert dbeta.split()[:7] == ["batchnorm.dbeta", "all", "sizes", "1", "2", "of", "2"]
    assert dbeta.endswith("ok")
    assert dw.startswith("conv1d.dw")
    assert total.startswith("2 of 2 proved, 4 mutants refused")
    document = json.loads(out.read_text())
    assert document["proved"]
    assert [each["id"] for each in document["derivations"]] == ["batchnorm.dbeta", "conv1d.dw"]
    (step,) = document["derivations"][1]["steps"]
    assert step["verdict"] == "PROVED_ALL_SIZES"
    assert step["sizes"][0] == {"N": 4, "K": 1}
    for mutant in document["derivations"][1]["mutants"]:
        assert mutant["counterexample"]["left"] != mutant["counterexample"]["right"]


def test_a_broken_step_an_accepted_mutant_and_a_crash_each_fail(broken, tmp_path, capsys):
    """What is wrong is said, with the counterexample; what is fine stays fine."""
    out = tmp_path / "found.json"
    assert main(["check", "--module", broken, "--jobs", "1", "--json", str(out)]) == 1
    printed = capsys.readouterr()
    states = {row.split()[0]: row for row in printed.out.splitlines()[1:-1]}
    assert states["fine.dbeta"].endswith("ok")
    for id in ("broken.step", "broken.mutant", "broken.crash"):
        assert states[id].endswith("NOT PROVED")
    assert "0 of 1" in states["broken.mutant"]
    assert "1 of 4 proved" in printed.out
    assert (
        "broken.step: step 'closed form' is refuted by a counterexample at m=2, a=0" in printed.err
    )
    assert "broken.step: the oracle's error" in printed.err
    assert "broken.mutant: mutant 'harmless' is not refused: proved at all sizes" in printed.err
    assert "broken.crash: the check ended with an error: RuntimeError: the engine fell over" in (
        printed.err
    )
    document = json.loads(out.read_text())
    assert not document["proved"]
    assert [each["proved"] for each in document["derivations"]] == [True, False, False, False]
    last = document["derivations"][1]["steps"][1]
    assert last["verdict"] == "REFUTED"
    example = last["counterexample"]
    assert {"x[0]", "x[1]", "g[0]", "gamma"} <= example["values"].keys()
    assert example["left"] != example["right"]


def test_two_processes_find_what_one_finds(broken, tmp_path):
    """As the command is used: spawned workers, nothing shared, and the same exit code."""
    done = run("check", "--module", broken, "--jobs", "2", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert "1 of 4 proved" in done.stdout
    assert (
        "broken.step: step 'closed form' is refuted by a counterexample at m=2, a=0" in done.stderr
    )
    rows = [row.split()[0] for row in done.stdout.splitlines()[1:-1]]
    assert rows == ["fine.dbeta", "broken.step", "broken.mutant", "broken.crash"]


def test_show_prints_claim_assumptions_steps_and_counterexamples(capsys):
    """Everything a person needs to follow the proof."""
    assert main(["show", "batchnorm.dx"]) == 0
    shown = capsys.readouterr().out
    assert "computer-algebra checked under the listed assumptions" in shown
    assert "dx_a = gamma r / m (m g_a - sum_i g_i - x_hat_a sum_i g_i x_hat_i)" in shown
    assert "  - the batch has m >= 2 rows" in shown
    assert (
        "  r = 1/sqrt(epsilon + 1/m*sum(j=0, m - 1, (x[j] - 1/m*sum(k=0, m - 1, x[k]))^2))" in shown
    )
    assert "  1. chain rule: direct, mean and variance path" in shown
    assert "     the derivative with respect to x[a]" in shown
    assert "     proved at all sizes" in shown
    assert "variance-constant (step closed form): The variance depends on every input" in shown
    assert "    refuted by a counterexample at m=2, a=0; epsilon=7/11" in shown
    assert "Oracle: error" in shown


def test_show_of_a_broken_derivation_says_so(broken, capsys):
    """And the exit code is that of a failure."""
    assert main(["show", "broken.step", "--module", broken]) == 1
    shown = capsys.readouterr().out
    assert "  NOT PROVED" in shown
    assert "computer-algebra checked" not in shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "batchnorm.dy"], "no derivation 'batchnorm.dy': did you mean batchnorm."),
        (["show", "zzzz"], "no derivation 'zzzz': see `backproof-prove list`"),
        (["handout", "conv.dq", "--out", "x"], "did you mean conv.d"),
        (["check", "--module", "no_such_module"], "No module named 'no_such_module'"),
        (["check", "--module", "json"], "json has no derivations"),
        (["check", "batchnorm.dbeta", "--json", "/no/such/folder/x.json"], "cannot write"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_4(arguments, said, capsys):
    """The nearest names are offered."""
    jobs = ["--jobs", "1"] if arguments[0] != "show" else []
    assert main([*arguments, *jobs]) == 4
    *_, last = capsys.readouterr().err.splitlines()
    assert said in last


@pytest.mark.parametrize("arguments", [[], ["prove"], ["check", "--jobs", "0"], ["handout"]])
def test_what_the_parser_refuses_also_ends_with_4(arguments, capsys):
    """Not argparse's 2, which means interrupted here."""
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 4
    assert "usage:" in capsys.readouterr().err


def test_an_error_of_ours_ends_with_3_and_without_a_traceback(monkeypatch, capsys):
    """Unless one asks for it."""

    def fail(library):
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("backproof_reference.command.main.listing", fail)
    monkeypatch.delenv("BACKPROOF_DEBUG", raising=False)
    assert main(["list"]) == 3
    assert "ZeroDivisionError: ours" in capsys.readouterr().err
    monkeypatch.setenv("BACKPROOF_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main(["list"])


def test_a_check_records_what_it_proved_and_only_that(broken, tmp_path):
    """The library's derivations, so that a bank need not check them again."""
    assert main(["check", "batchnorm.dbeta", "--jobs", "1"]) == 0
    (path,) = (tmp_path / "cache" / "backproof").iterdir()
    assert json.loads(path.read_text()) == ["batchnorm.dbeta"]
    assert main(["check", "fine.dbeta", "--module", broken, "--jobs", "1"]) == 0
    assert json.loads(path.read_text()) == ["batchnorm.dbeta"]


def test_a_check_never_trusts_the_record(monkeypatch, capsys):
    """It is the check that the record stands for."""
    assert main(["check", "batchnorm.dbeta", "--jobs", "1"]) == 0
    monkeypatch.setattr(
        "backproof_reference.prove.derivation.judge",
        lambda previous, step, setting, sizes, name: 1 / 0,
    )
    assert main(["check", "batchnorm.dbeta", "--jobs", "1"]) == 1
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_the_console_script_is_declared_where_it_is(repository):
    """The name people type leads to ``main``."""
    text = (repository / "reference" / "pyproject.toml").read_text()
    assert 'backproof-prove = "backproof_reference.command.main:main"' in text
    assert os.path.exists(repository / "reference/backproof_reference/command/main.py")
