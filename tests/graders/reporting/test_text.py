"""What people read."""

from dataclasses import replace
from xml.etree import ElementTree

from backproof.model import CheckResult, QuestionScore, Report, Verdict
from backproof.reporting import explain, junit_xml, summary_line, text_report
from backproof.reporting.text import points

RESULT = CheckResult(
    check="p/c",
    question="1",
    claim="dx is the gradient",
    expects="a sum over the batch",
    read="a book, chapter 3",
    verdict=Verdict.FAILED,
    points=0,
    max_points=2,
    observed="dx[0] = 3",
    misconception="you forgot the mean",
)


def report(*results: CheckResult, name: str = "ada.py") -> Report:
    return Report(
        assignment="hw",
        assignment_digest="",
        submission=name,
        submission_digest="",
        seed="",
        device="cpu",
        isolation="none",
        versions={},
        results=results,
        questions=(QuestionScore(number="1", title="t", points=0, max_points=2, waiting=0),),
    )


def test_a_failure_has_five_parts_in_order() -> None:
    """What was checked, what came back, what is expected, the likely cause, where to read."""
    lines = [line.split()[0] for line in explain(RESULT).splitlines()]

    assert lines == ["checked:", "yours:", "expected:", "likely", "read:"]


def test_control_characters_of_a_student_reach_no_terminal() -> None:
    """Escape sequences in a message or a file name are replaced."""
    hostile = "\x1b[2J\x07you win\x9b"
    nasty = replace(RESULT, observed=hostile)
    text = text_report(report(nasty, name=hostile)) + summary_line(report(nasty, name=hostile))

    assert not set("\x1b\x07\x9b") & set(text)
    assert "you win" in text


def test_a_name_cannot_forge_a_line() -> None:
    """A newline in a folder's name gives no second summary line."""
    assert "\n" not in summary_line(report(RESULT, name="x\n  40/40  bob.py: everything right"))


def test_one_cause_for_everything_is_said_once() -> None:
    """A file that did not load is one reason, not a list of questions."""
    stopped = replace(
        RESULT,
        verdict=Verdict.STUDENT_ERROR,
        observed="there is no `f`; while it was loaded: ModuleNotFoundError: no module 'm'",
    )
    other = replace(stopped, observed=stopped.observed.replace("`f`", "`g`"))

    assert "ModuleNotFoundError: no module 'm'; stopped: every" in summary_line(
        report(stopped, other)
    )


def test_junit_is_valid_xml_whatever_was_printed() -> None:
    """Characters that XML forbids are replaced, markup is escaped."""
    nasty = replace(RESULT, observed="\x00\x0b<script>&\ud800")

    ElementTree.fromstring(junit_xml([report(nasty)]).encode("utf-8", "xmlcharrefreplace"))


def test_points_are_short() -> None:
    """Whole points have no decimals, others at most two."""
    assert [points(v) for v in (3, 2.5, 2 / 3, 0)] == ["3", "2.5", "0.67", "0"]
