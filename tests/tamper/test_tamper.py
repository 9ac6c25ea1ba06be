"""Hostile submissions: each gets what its honest part deserves, and disturbs nothing else."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


def load(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(f"tamper_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


CORPUS = load(HERE.parent / "corpora.py").read_corpus(HERE / "submissions")
HANDED_IN = load(HERE / "handed_in.py").HANDED_IN
LINKS = "links and archives"


def known_failures(entry: Any) -> list[pytest.MarkDecorator]:
    return [pytest.mark.xfail(reason=entry.broken_by, strict=True)] if entry.broken_by else []


def check(outcome: Any, token: str, deserves: float, shows: tuple[str, ...]) -> None:
    assert outcome.broken == ""
    assert outcome.left_alive == ()
    everything = outcome.text + outcome.shown
    for shown in shows:
        assert any(words in everything for words in shown.split("|")), shown
    assert token not in everything
    assert re.findall(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", outcome.shown) == []
    assert len(outcome.text) < 4_000_000
    assert "mistake in the corpus" not in outcome.text
    assert re.findall(r"^done: .*", outcome.text, re.MULTILINE) == []
    assert outcome.points == pytest.approx(deserves)


ALWAYS_COLD = frozenset(
    {
        "controls/right",
        "controls/wrong",
        "exits/hard_exit_in_a_call",
        "files/writes_outside",
        "processes/starts_processes",
        "protocol/answers_ahead_with_the_right_number",
        "runner/lies_about_changed_inputs",
    }
)
"""In the profile cold each costs seconds: the others are run with --every-profile."""


@pytest.mark.parametrize("profile", ["full", "base", "cold"])
@pytest.mark.parametrize(
    "entry", [pytest.param(e, id=e.name, marks=known_failures(e)) for e in CORPUS]
)
def test_a_hostile_submission_gets_what_it_deserves(
    entry: Any, profile: str, courses: Any, in_each_profile: Any
) -> None:
    """No more and no less; what it tries was tried and is denied, and the next one is right."""
    in_each_profile(profile, entry.name, ALWAYS_COLD)
    course = courses(profile)
    if entry.needs and course.profile != entry.needs:
        pytest.skip(f"possible in the profile {course.profile}: only {entry.needs} denies it")
    outcome = course.text_submission(entry)

    assert entry.shows
    check(outcome, course.canaries.token, entry.deserves, entry.shows)


@pytest.mark.parametrize("name", HANDED_IN)
def test_what_is_handed_in_is_data(name: str, course: Any) -> None:
    """Links are not followed, archives not opened, and neighbours not touched."""
    made = HANDED_IN[name]

    outcome = course.class_folder(name, made.make)

    check(outcome, course.canaries.token, made.deserves, (made.shows,))


def all_outcomes(course: Any) -> dict[str, list[tuple[Any, Any]]]:
    """Every submission with its outcome, by class. What was graded already is not graded again."""
    groups: dict[str, list[tuple[Any, Any]]] = {}
    for entry in CORPUS:
        groups.setdefault(entry.group, []).append((entry, course.text_submission(entry)))
    groups[LINKS] = [(m, course.class_folder(n, m.make)) for n, m in HANDED_IN.items()]
    return groups


def denials(thing: Any, outcome: Any) -> int:
    """Accesses that it names, tried, and was denied, where it is not a known failure."""
    if not getattr(thing, "denials", 0) or thing.broken_by:
        return 0
    return sum(text in outcome.text for text in thing.shows if text.startswith("denied: "))


def table(course: Any) -> str:
    """The README's table: what each class of submissions got, and what it was denied."""
    lines = [
        "| class | submissions | with undeserved marks | accesses denied | runs broken |",
        "| --- | --- | --- | --- | --- |",
    ]
    totals = [0, 0, 0, 0]
    groups = {n: g for n, g in all_outcomes(course).items() if n != "controls"}
    for name, group in sorted(groups.items()):
        row = [
            len(group),
            sum(outcome.points > thing.deserves + 1e-9 for thing, outcome in group),
            sum(denials(thing, outcome) for thing, outcome in group),
            sum(outcome.broken != "" for _, outcome in group),
        ]
        totals = [total + value for total, value in zip(totals, row, strict=True)]
        lines.append(f"| {name.replace('_', ' ')} | {' | '.join(map(str, row))} |")
    return "\n".join([*lines, f"| **all** | {' | '.join(f'**{t}**' for t in totals)} |"])


def test_the_readme_shows_what_the_corpus_found(course: Any, repository: Path) -> None:
    """The table in the README is measured, in the profile that it names."""
    if course.runner.profile != "full":
        pytest.skip(f"the README's table is of the profile full, this is {course.runner.profile}")
    found = table(course)

    assert found in (repository / "README.md").read_text(), f"\n{found}"


def test_the_corpus_is_large_and_every_class_has_several() -> None:
    """At least 60 submissions and both controls."""
    groups = [entry.group for entry in CORPUS]

    assert len(CORPUS) + len(HANDED_IN) >= 62
    assert {entry.path.stem for entry in CORPUS if entry.group == "controls"} == {"right", "wrong"}
    assert all(groups.count(group) >= 2 for group in groups)


def test_nothing_was_touched_and_nothing_is_left(courses: Any, canaries: Any) -> None:
    """After all of it: no canary was reached, and no process, file, segment or socket remains."""
    all_outcomes(courses("full"))
    runners = [courses(profile).runner for profile in ("full", "base")]
    parents = [(runner._parent.pid, runner._parent._scratch_root) for runner in runners]

    for runner in runners:
        runner.close()

    assert canaries.touched() == []
    assert canaries.strays() == []
    for parent, scratch in parents:
        assert not scratch.exists()
        assert not os.path.exists(f"/proc/{parent}")
        assert processes_that_know(str(scratch)) == []


def processes_that_know(folder: str) -> list[str]:
    """Every process that was started with this folder in its environment, or runs in it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            known = folder in os.readlink(process / "cwd")
            known |= folder.encode() in (process / "environ").read_bytes()
        except OSError:  # ended meanwhile, or not ours to look at
            continue
        if known:
            found.append(process.name)
    return found


def test_the_canaries_can_sing(canaries: Any, tmp_path: Path) -> None:
    """The test of the test: a touched canary and a stray file are noticed."""
    own = type(canaries)(tmp_path)
    try:
        assert own.touched() == []
        own.secret.read_text()
        assert "opened" in own.touched()[0]
        stray = Path("/tmp") / own.stray
        stray.touch()
        assert own.strays() == [str(stray)]
        stray.unlink()
        own.process.kill()
        own.process.wait()
        assert own.touched() == ["the foreign process was ended"]
    finally:
        own.close()
