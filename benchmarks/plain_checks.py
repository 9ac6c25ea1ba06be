"""The checks of a homework as a course without backproof would write them: call, then compare.

The module stands beside the tests of the baselines (pytest, plain nbgrader, the floor) and needs
torch only. Inputs, expected values and tolerances are in a data file that `grading.py` exports
from the answer key. Nothing here is isolated: the student's functions run in this process.

`python plain_checks.py CASES SUBMISSION COPIES` is the floor: see `floor`.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

STARTED = time.perf_counter(), time.process_time()

import torch  # noqa: E402  its import is part of what is measured

IMPORTED = time.perf_counter(), time.process_time()


def load(file: Path) -> dict[str, Any]:
    """The exported cases: `runs`, a list of calls with inputs, and `checks`, which refer to it."""
    cases: dict[str, Any] = torch.load(file)
    return cases


class Suite:
    """The checks of one submission; what a run answers is kept for the checks that share it."""

    def __init__(self, cases: Mapping[str, Any], student: Mapping[str, Any]) -> None:
        self._cases, self._student = cases, student
        self._answers: dict[int, tuple[dict[str, Any], bool]] = {}

    def verify(self, name: str) -> None:
        """Fail with an AssertionError unless every case of a check is right."""
        for case in self._cases["checks"][name]:
            run = self._cases["runs"][case["run"]]
            values, changed = self._answer(case["run"])
            if case["kind"] == "inputs_unchanged":
                assert not changed, "an input was changed in place"
            elif case["kind"] == "inverted_dropout":
                _verify_dropout(values["out"], **run["inputs"])
            elif case["kind"] == "answer":
                assert values[run["answer"]].replace(" ", "") in case["accepted"]
            else:
                _verify_values(values, case["expected"], case["atol"])

    def _answer(self, number: int) -> tuple[dict[str, Any], bool]:
        if number not in self._answers:
            self._answers[number] = self._run(self._cases["runs"][number])
        return self._answers[number]

    def _run(self, run: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
        """Outputs by name, and whether an input was changed."""
        if run["answer"] is not None:
            return {run["answer"]: self._student[run["answer"]]}, False
        inputs = {name: _copy(value) for name, value in run["inputs"].items()}
        rounds = [self._calls(run["calls"], inputs) for _ in range(run["repeat"])]
        outputs = rounds[0]
        if len(rounds) > 1:
            outputs = {name: torch.stack([one[name] for one in rounds]) for name in outputs}
        changed = any(
            isinstance(value, torch.Tensor) and not torch.equal(value, run["inputs"][name])
            for name, value in inputs.items()
        )
        return outputs, changed

    def _calls(self, calls: list[dict[str, Any]], inputs: Mapping[str, Any]) -> dict[str, Any]:
        outputs: dict[str, Any] = {}
        for call in calls:
            known = {**inputs, **outputs}
            arguments = {name: known[name] for name in call["takes"] if name in known}
            back = self._student[call["function"]](**arguments)
            names = call["returns"]
            outputs |= zip(names, back if len(names) > 1 else (back,), strict=True)
        return outputs


def _copy(value: Any) -> Any:
    if not isinstance(value, torch.Tensor):
        return value
    copy = torch.empty_strided(value.shape, value.stride(), dtype=value.dtype)
    return copy.copy_(value)


def _verify_values(
    values: Mapping[str, Any], expected: Mapping[str, torch.Tensor], atol: Mapping[str, float]
) -> None:
    for name, right in expected.items():
        value = torch.as_tensor(values[name])
        torch.testing.assert_close(value, right.to(value.dtype), rtol=0, atol=atol[name])


def _verify_dropout(out: torch.Tensor, x: torch.Tensor, drop_prob: float, **_: Any) -> None:
    """Survivors are scaled by 1 / (1 - drop_prob), and the share of zeros is near drop_prob."""
    kept = out != 0
    torch.testing.assert_close(out[kept], (x / (1 - drop_prob)).expand_as(out)[kept])
    spread = math.sqrt(drop_prob * (1 - drop_prob) / out.numel())
    rate = 1 - kept.double().mean().item()
    assert abs(rate - drop_prob) < 6 * spread, f"{rate:.2%} dropped, drop_prob is {drop_prob}"


def _passes(cases: Mapping[str, Any], submission: Path) -> bool:
    """Read, run and check one submission, with nothing around it."""
    student: dict[str, Any] = {"__name__": "submission"}
    exec(compile(submission.read_text(encoding="utf-8"), submission.name, "exec"), student)
    suite = Suite(cases, student)
    with suppress(AssertionError):
        for name in cases["checks"]:
            suite.verify(name)
        return True
    return False


def floor(cases_file: Path, submission: Path, copies: int) -> dict[str, Any]:
    """Grade `copies` times in this process; the first time, which warms up, is not counted."""
    torch.set_num_threads(1)
    cases = load(cases_file)
    passed = [_passes(cases, submission)]
    wall, cpu = time.perf_counter(), time.process_time()
    passed += [_passes(cases, submission) for _ in range(copies)]
    return {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "import_wall": IMPORTED[0] - STARTED[0],
        "import_cpu": IMPORTED[1] - STARTED[1],
        "passed": passed[1:],
    }


if __name__ == "__main__":
    print(json.dumps(floor(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))))
