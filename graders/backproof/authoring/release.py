"""Everything that a student gets of a homework, from its one source in the bank.

The same homework gives the same bytes on every machine, so that a release can be committed and
checked: inputs are rounded before the expected values are computed from them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from backproof.answer_key import PUBLIC_SEED, AnswerKey, cast, seed_of
from backproof.authoring import manifest
from backproof.authoring.notebook import render_notebook
from backproof.authoring.readme import render_readme
from backproof.authoring.stub import render_module
from backproof.loading import (
    find_assignment,
    load_assignment,
    save_released,
)
from backproof.loading.released import DIGITS
from backproof.loading.released import FILE_NAME as PUBLIC_CASES
from backproof.loading.submissions import notebook_cells
from backproof.model import (
    AnswerAsk,
    Assignment,
    Case,
    CaseKey,
    Check,
    ChoiceField,
    Expected,
    Inputs,
    Lookalike,
    Problem,
    Value,
    Visibility,
)
from backproof.model.vocabulary import canonical
from backproof.tensors import UNIT_ROUNDOFF, compare, noise_of, tolerance_for

LEAST_TELLING = 4
"""Shorter answers, such as `21` or `true`, occur in any sentence."""
_SINGLE = UNIT_ROUNDOFF["float32"]
"""Noise is measured in this unit: at that of double precision it would differ by machine, too."""


def _rounded(inputs: Inputs) -> dict[str, Any]:
    """Float arrays, those in lists, too, with as many digits as `public_cases.json` keeps."""

    def shown(value: Any) -> Any:
        if isinstance(value, list):
            return [shown(item) for item in value]
        if isinstance(value, np.ndarray) and value.dtype.kind == "f":
            return np.vectorize(lambda x: float(f"{x:.{DIGITS}g}"), otypes=[np.float64])(value)
        return value

    return {name: shown(value) for name, value in inputs.items()}


def _fixed(case: Case, id_: str, inputs: Inputs) -> Case:
    """A case with inputs that stand already; the key remembers it by its own id."""
    return replace(case, id=id_, build=lambda _: inputs)


def _public_key(
    problem: Problem, check: Check, case: Case, key: AnswerKey, answers: Collection[str]
) -> CaseKey:
    """The key of a public case as it is released: rounded inputs, judged outputs only."""
    rng = np.random.default_rng(seed_of(key.secret, problem.name, case))
    inputs = _rounded(case.build(rng))
    own = key.case_key(problem, check, _fixed(case, f"{case.id}/rounded", inputs))
    if not isinstance(check.oracle, Expected):
        return own  # no known wrong answer can be recognised without expected values
    as_sent = cast(own.inputs, "float64")
    noise = noise_of(check.oracle.compute, as_sent, own.expected, _SINGLE)
    to_dtype = tolerance_for(check.dtype).unit / _SINGLE
    released = replace(
        own,
        expected={name: own.expected[name] for name in check.judged},
        noise={name: noise[name] * to_dtype for name in check.judged},
    )
    lookalikes = _lookalikes(problem, check, case, released, key)
    return replace(
        released,
        lookalikes={
            id_: other
            for id_, other in lookalikes.items()
            if not _tells_an_answer(other.misconception, answers)
        },
    )


def _lookalikes(
    problem: Problem, check: Check, case: Case, released: CaseKey, key: AnswerKey
) -> dict[str, Lookalike]:
    """The known wrong answers that a student's can be compared with."""
    exact = replace(check, dtype="float64")  # what single precision gives differs by machine
    as_sent = cast(released.inputs, "float64")
    runs = []
    for n in (1, 2):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(n)  # what draws without a seed of its own must not repeat by chance
            fixed = _fixed(case, f"{case.id}/{check.dtype}/{n}", as_sent)
            runs.append(key.lookalikes(problem, exact, fixed))
    first, again = runs
    return {
        id_: other
        for id_, other in first.items()
        if _is_useful(other, check, released) and _is_repeated(other, again.get(id_))
    }


def _is_useful(other: Lookalike, check: Check, key: CaseKey) -> bool:
    """Whether a known wrong answer is complete, and wrong in this case."""
    if other.error is not None:
        return True
    if not other.outputs.keys() >= set(check.judged):
        return False
    tolerance = tolerance_for(check.dtype, check.terms)
    return any(
        compare(
            name,
            Value(form="array", array=other.outputs[name], dtype="float64"),
            key.expected[name],
            key.noise[name],
            tolerance,
        ).mismatch
        for name in check.judged
    )


def _is_repeated(other: Lookalike, again: Lookalike | None) -> bool:
    """Whether a known wrong answer comes out the same twice: nobody can resemble a random one."""
    return again is not None and all(
        name in again.outputs and np.array_equal(array, again.outputs[name])
        for name, array in other.outputs.items()
    )


def _typed_answers(assignment: Assignment) -> frozenset[str]:
    """Every spelling of every typed answer that is long enough to tell something.

    The options of a choice stand in its question.
    """
    return frozenset(
        _squeezed(answer)
        for problem in assignment.problems
        for ask in problem.asks
        if isinstance(ask, AnswerAsk) and not isinstance(ask.field, ChoiceField)
        for answer in (ask.answer or "", *ask.also)
        if len(answer) >= LEAST_TELLING
    )


def _tells_an_answer(sentence: str, answers: Collection[str]) -> bool:
    """Whether a sentence, harmless as feedback, spells the typed answer of some question."""
    squeezed = _squeezed(sentence)
    return any(answer in squeezed for answer in answers)


def _squeezed(text: str) -> str:
    """One spelling for texts that differ in white space or Greek letters."""
    return canonical("".join(text.split()))


def _public_keys(
    assignment: Assignment, key: AnswerKey
) -> dict[tuple[str, str], dict[str, CaseKey]]:
    """The keys of all public cases by (problem, check) and case. Typed answers have none."""
    answers = _typed_answers(assignment)
    return {
        (problem.name, check.id): {
            case.id: _public_key(problem, check, case, key, answers)
            for case in check.cases
            if case.visibility is Visibility.PUBLIC
        }
        for problem in assignment.problems
        for check in problem.checks
        if check.probe.answer is None
    }


def build_release(assignment: Assignment, key: AnswerKey) -> dict[str, bytes]:
    """The files of a release: name and content."""
    name = assignment.name
    texts = {
        f"{name}.ipynb": render_notebook(assignment),
        f"{name}.py": render_module(assignment),
        PUBLIC_CASES: save_released(assignment, _public_keys(assignment, key)),
        "README.md": render_readme(assignment),
    }
    files = {file: text.encode() for file, text in texts.items()}
    code = {
        f"{name}.py": [texts[f"{name}.py"]],
        f"{name}.ipynb": notebook_cells(json.loads(texts[f"{name}.ipynb"])["cells"]),
    }
    return files | {manifest.FILE_NAME: manifest.render_manifest(name, files, code)}


def stale_files(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """Names of the files that a folder lacks, or holds with another content."""
    return [
        name
        for name, data in files.items()
        if not (folder / name).is_file() or (folder / name).read_bytes() != data
    ]


def check_release(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """Names of what is not up to date in a folder, files that no release has included."""
    found = folder.iterdir() if folder.is_dir() else ()
    foreign = (p.name for p in found if not p.name.startswith((".", "__")) and p.name not in files)
    return [*stale_files(folder, files), *sorted(foreign)]


def write_release(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """Write what is not up to date; returns the names of the files written."""
    stale = stale_files(folder, files)
    folder.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (folder / name).write_bytes(files[name])
    return stale


def release_homework(name: str, out: Path | None = None, check: bool = False) -> list[str]:
    """Write the release of a homework, or only look; returns the names that were not up to date.

    out: the folder to write to; the homework's own folder `release` by default.
    """
    home = find_assignment(name)
    assignment = load_assignment(home)
    # The last digits of long sums depend on the number of threads, and a release does not.
    torch.set_num_threads(1)
    files = build_release(assignment, AnswerKey(PUBLIC_SEED))
    return (check_release if check else write_release)(out or home / "release", files)
