"""The page of a class: counted right, escaped, and good in a browser and on a phone."""

from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from backproof.frontends.cli import ExitCode, main
from backproof.model import CheckResult, QuestionScore, Report, Student, Verdict
from backproof.reporting.classsummary import summarise

pytest.importorskip("matplotlib", reason="not run: needs matplotlib")

from backproof.reporting.classreport import class_page

HOSTILE = (
    "</details></ul><script>document.title='owned'</script><img src=x onerror=alert(1)>"
    "<style>*{display:none}</style>{{ 7*7 }}{% raw %}\x1b[2J\u202egnp.exe\x00&lt;" + "W" * 500
)
SIGN = "your gradient has the wrong sign"
MEAN = "you forgot the mean"


def result(question: str, verdict: Verdict, **more: Any) -> CheckResult:
    points = 2.0 if verdict.earns_points else 0.0
    return CheckResult(
        check=f"p/c{question}",
        question=question,
        claim=f"the claim of {question}",
        expects="a sum",
        read="a book",
        verdict=verdict,
        points=points,
        max_points=2,
        **more,
    )


def report(name: str, *results: CheckResult, **more: Any) -> Report:
    questions = tuple(
        QuestionScore(
            number=r.question,
            title=f"About {r.question}",
            points=r.points,
            max_points=2,
            waiting=2.0 if r.verdict.needs_person else 0.0,
        )
        for r in results
    )
    base = Report(
        assignment="hw",
        assignment_digest="d",
        submission=name,
        submission_digest="s",
        seed="the secret",
        device="cpu",
        isolation="full: everything",
        versions={"python": "3.12.1"},
        results=results,
        questions=questions,
        seconds=1.0,
    )
    return replace(base, **more)


RIGHT = report("ada.py", result("1", Verdict.PASSED), result("2", Verdict.FOLLOWS))
SIGNED = report(
    "bob.py",
    result("1", Verdict.FAILED, misconception=SIGN, observed="dx = -1"),
    result("2", Verdict.SKIPPED),
    late=True,
    students=(Student(name="Bob", id="7"),),
    seconds=9.5,
)
BOTH = report(
    "cyd.py",
    result("1", Verdict.FAILED, misconception=SIGN),
    result("2", Verdict.FAILED, misconception=MEAN),
)
WAITS = report(
    "dan.py",
    result("1", Verdict.PASSED),
    result("2", Verdict.UNDECIDED, observed="because of the mean", rubric=("names the mean",)),
)
BROKEN = report(
    "eve.py", result("1", Verdict.GRADER_ERROR, remark="OSError: disk"), result("2", Verdict.PASSED)
)
UNREAD = report(
    "fay.py",
    result("1", Verdict.STUDENT_ERROR),
    result("2", Verdict.STUDENT_ERROR),
    fault="holds a.py and b.py: which is the submission?",
)
CONTROLS = [
    replace(RIGHT, submission="control: reference", submission_digest=""),
    replace(BOTH, submission="control: stub", submission_digest=""),
]
CLASS = [*CONTROLS, RIGHT, SIGNED, BOTH, WAITS, BROKEN, UNREAD]


class Elements(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def hostile_class() -> list[Report]:
    wrong = result("1", Verdict.FAILED, misconception=HOSTILE, observed=HOSTILE, remark=HOSTILE)
    waits = result("2", Verdict.UNDECIDED, observed=HOSTILE, remark=HOSTILE)
    student = Student(name=HOSTILE, id=HOSTILE)
    one = report(HOSTILE, wrong, waits, students=(student,))
    return [one, replace(one, submission="x", fault=HOSTILE), report("y", wrong, waits)] * 2


def test_a_class_is_counted() -> None:
    """Controls count nowhere; a mistake counts once for each submission; points as they are."""
    found = summarise(CLASS)

    assert len(found.reports) == 6
    assert [r.submission for r in found.controls] == ["control: reference", "control: stub"]
    assert (found.mean, found.median, found.max_points) == (pytest.approx(8 / 6), 1, 4)
    assert (found.all_right, found.late) == (1, 1)
    assert found.bins == [3, 0, 0, 0, 0, 2, 0, 0, 0, 1]
    assert [(m.text, m.count) for m in found.misconceptions] == [(SIGN, 2), (MEAN, 1)]
    assert found.misconceptions[0].examples[0][0] == "bob.py"
    assert [q.right for q in found.questions] == [2, 2]
    assert [q.waiting for q in found.questions] == [1, 1]
    assert found.questions[0].share == pytest.approx(2 / 6)
    assert found.slowest[0].submission == "bob.py"
    assert [(w.check.check, [name for name, _ in w.results]) for w in found.undecided] == [
        ("p/c2", ["dan.py"])
    ]
    assert [name for w in found.failed for name, _ in w.results] == ["eve.py"]
    assert [r.submission for r in found.unread] == ["fay.py"]
    assert [(h.passed, h.stopped, h.skipped) for h in found.hardest] == [(2, 1, 0), (2, 1, 1)]


def test_nobody_hides_among_the_controls() -> None:
    """By the name of their file."""
    found = summarise([*CONTROLS, replace(BOTH, submission="control: reference")])

    assert len(found.reports) == 1
    assert len(found.controls) == 2


def test_what_needs_a_person_comes_first_with_what_to_look_for() -> None:
    text = Elements(class_page(CLASS)).text

    places = [
        text.index(words)
        for words in (
            *("Needs a person first", "The grader itself failed", "eve.py", "OSError: disk"),
            *("Nothing could be graded", "fay.py", "Undecided", "names the mean", "dan.py"),
            *("because of the mean", "Submissions by share", "How the class did", SIGN, MEAN),
            *("Hardest checks", "Slowest submissions", "Bob (bob.py)", "full: everything"),
        )
    ]
    assert places == sorted(places)
    assert "python 3.12.1" in text
    assert "1 came late" in text


def test_a_class_without_troubles_and_an_empty_one_are_pages_too() -> None:
    text = Elements(class_page([RIGHT])).text
    assert "Nobody: everything is decided." in text
    assert "Everybody passes every check." in text
    assert "1 submission, on average 4 of 4 points" in text
    assert "0 submissions" in Elements(class_page([])).text


def test_what_makes_the_marks_doubtful_is_said_at_the_top() -> None:
    """A run that was stopped, missing isolation, a reference without all points, mixed versions."""
    off = replace(CONTROLS[1], submission="control: reference")
    old = replace(RIGHT, isolation="NOT ISOLATED", versions={"python": "3.11"})
    text = Elements(class_page([off, old, BOTH], complete=False)).text

    top = text[: text.index("Needs a person first")]
    assert "The run was stopped" in top
    assert "1 graded without isolation" in top
    assert "The reference solution has only 0 of 4 points" in top
    assert "python 3.11 (1 of 2)" in text


def test_nothing_that_a_student_writes_becomes_an_element() -> None:
    page = class_page(hostile_class())
    elements = Elements(page)
    tags = {tag for tag, _ in elements.found}

    assert not tags & {"script", "img", "iframe", "object", "link"}
    assert not [name for _, attrs in elements.found for name in attrs if name.startswith("on")]
    assert not [a for _, a in elements.found if "src" in a]
    assert "<script>document.title" in elements.text
    assert "{{ 7*7 }}" in elements.text
    assert not set("\x1b\x00\u202e") & set(page)
    assert "the secret" not in page
    policies = [a["content"] for _, a in elements.found if a.get("http-equiv")]
    assert policies == [
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    ]


def test_tables_say_what_they_are_and_plots_have_one_beside_them() -> None:
    elements = Elements(class_page(CLASS))
    count = [tag for tag, _ in elements.found].count

    assert count("caption") == count("table") == 5
    assert count("h1") == 1
    assert all("scope" in attrs for tag, attrs in elements.found if tag == "th")
    plots = [attrs for tag, attrs in elements.found if tag == "svg"]
    assert [plot.get("role") for plot in plots] == ["img", "img"]
    assert all("table below has the same numbers" in str(plot["aria-label"]) for plot in plots)


def test_the_command_writes_the_page_of_a_class(
    repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(repository)
    page = tmp_path / "class.html"
    grade = ["grade", "first_layers", "tests/demo", "--report", str(page), "--exit-zero"]

    assert main(grade) == ExitCode.OK
    assert "2 submissions, on average 20 of 40 points" in page.read_text("utf-8")


def large_class() -> list[Report]:
    """Thirty questions with long titles, two hundred submissions."""
    verdicts = [Verdict.PASSED, Verdict.FAILED, Verdict.UNDECIDED, Verdict.TIMEOUT]
    return [
        report(
            f"submitted/student{n:03}/homework_with_a_long_name.ipynb",
            *(
                result(
                    f"{q // 3}{'abc'[q % 3]}",
                    verdicts[(n * q) % 7 % 4],
                    misconception=SIGN if (n * q) % 7 == 1 else "",
                    observed="dx[0] = 3",
                )
                for q in range(30)
            ),
            seconds=n / 10,
        )
        for n in range(200)
    ]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(
    "make", [lambda: CLASS, hostile_class, large_class], ids=["small", "hostile", "large"]
)
def test_a_browser_runs_and_loads_nothing_and_a_phone_shows_it_all(
    browser: Any, tmp_path: Path, make: Callable[[], list[Report]], dark: bool
) -> None:
    """No request but the page itself, no script, nothing wider than 360 pixels, also when opened."""
    path = tmp_path / "class.html"
    path.write_text(class_page(make()), encoding="utf-8", errors="strict")
    browser.open(path.as_uri(), width=360, dark=dark)

    assert browser.requests == [path.as_uri()]
    assert browser.run("document.scripts.length") == 0
    assert browser.run("document.title") == "hw: the class"
    browser.run("document.querySelectorAll('details').forEach(e => { e.open = true })")
    assert browser.run("document.documentElement.scrollWidth") == 360
    assert browser.run("document.querySelectorAll('.plot svg').length") == 2
    ink = "rgb(232, 232, 232)" if dark else "rgb(27, 27, 27)"
    assert browser.run("getComputedStyle(document.querySelector('.plot svg text')).fill") == ink
    assert browser.run(
        "[...document.querySelectorAll('svg text')].every(e => "
        "e.getBoundingClientRect().right <= 360 && e.getBoundingClientRect().left >= 0)"
    )
