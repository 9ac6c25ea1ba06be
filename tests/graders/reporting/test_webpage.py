"""The page of one submission."""

from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from leaks import hidden_numbers

from backproof.answer_key import AnswerKey
from backproof.frontends.cli import ExitCode, main
from backproof.loading import render_solution
from backproof.model import (
    Assignment,
    CheckResult,
    MatrixPicture,
    QuestionScore,
    Report,
    Verdict,
)
from backproof.reporting.webpage import page_name, question_part, student_page

SECRET = "the secret of the course"
HOSTILE = (
    "</dd></dl></li></ul><script>document.title='owned'</script><img src=x onerror=alert(1)>"
    "<style>*{display:none}</style>{{ 7*7 }}{% raw %}\x1b[2J\u202egnp.exe\u2066\x00&lt;" + "W" * 500
)
RESULT = CheckResult(
    check="p/c",
    question="1",
    claim="dx is the gradient",
    expects="a sum over the batch",
    read="a book, chapter 3",
    verdict=Verdict.FAILED,
    points=1,
    max_points=2,
    observed="dx[0] = 3",
    misconception="you forgot the mean",
)
REPORT = Report(
    assignment="hw",
    assignment_digest="0" * 64,
    submission="ada/hw.py",
    submission_digest="1" * 64,
    seed=SECRET,
    device="cpu",
    isolation="full: everything",
    versions={"python": "3.12.1", "torch": "2.11"},
    results=(RESULT,),
    questions=(QuestionScore(number="1", title="Gradients", points=1, max_points=2, waiting=0),),
)


class Elements(HTMLParser):
    """What a browser would make of a page: elements with their attributes, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def count(self, tag: str) -> int:
        return sum(tag == name for name, _ in self.found)


def hostile_report() -> Report:
    """A student's text in every place that a student's text can reach."""
    picture = MatrixPicture(name="A", cells=((HOSTILE, "0"),), wrong=(0, 0))
    wrong = replace(RESULT, observed=HOSTILE, pictures=(picture,))
    stopped = replace(wrong, verdict=Verdict.STUDENT_ERROR, printed=HOSTILE)
    waits = replace(wrong, verdict=Verdict.UNDECIDED)
    follows = replace(wrong, verdict=Verdict.FOLLOWS, remark=HOSTILE)
    return replace(REPORT, submission=HOSTILE, results=(wrong, stopped, waits, follows))


def test_a_page_has_all_parts_of_the_explanation() -> None:
    """Checked, yours, expected, likely cause, read; points, isolation, versions."""
    page = Elements(student_page(REPORT))

    for text in (
        *("dx is the gradient", "dx[0] = 3", "a sum over the batch", "you forgot the mean"),
        *("a book, chapter 3", "1 of 2 points", "partly right", "full: everything", "torch 2.11"),
    ):
        assert text in page.text
    for label in ("yours:", "expected:", "likely cause:", "read:"):
        assert label in page.text


def test_what_waits_for_a_person_comes_first_and_costs_nothing_yet() -> None:
    """It is listed before the questions, and in the table."""
    waits = replace(RESULT, verdict=Verdict.UNDECIDED, points=0, claim="the reason")
    question = replace(REPORT.questions[0], points=0, waiting=2)
    text = Elements(student_page(replace(REPORT, results=(waits,), questions=(question,)))).text

    assert (
        text.index("Waits for a person") < text.index("1: the reason") < text.index("1 Gradients")
    )
    assert "2 points wait for a person" in text
    assert "waits for a person" in text


@pytest.mark.parametrize("fault", [None, HOSTILE], ids=["graded", "unreadable"])
def test_nothing_that_a_student_writes_becomes_an_element(fault: str | None) -> None:
    """Markup, template syntax and control characters are text that everybody can see."""
    report = replace(hostile_report(), fault=fault)
    page = student_page(report)
    elements = Elements(page)
    plain = Elements(student_page(replace(REPORT, results=report.results[:0], fault=fault and "x")))

    assert {tag for tag, _ in elements.found} & {
        "script",
        "img",
        "iframe",
        "object",
        "link",
    } == set()
    assert elements.count("style") == plain.count("style") == 1
    assert elements.count("title") == plain.count("title") + page.count("<svg")
    assert not [name for _, attrs in elements.found for name in attrs if name.startswith("on")]
    assert "<script>document.title" in elements.text
    assert "{{ 7*7 }}" in elements.text
    assert not set("\x1b\x00\u202e\u2066") & set(page)
    assert "\N{REPLACEMENT CHARACTER}gnp.exe" in elements.text


def test_a_page_loads_nothing_and_forbids_to() -> None:
    """Its policy allows no source at all but the styles in it."""
    elements = Elements(student_page(hostile_report()))
    policies = [a["content"] for t, a in elements.found if a.get("http-equiv")]

    assert policies == [
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    ]
    links = [a["href"] for _, a in elements.found if "href" in a]
    assert links
    assert all(link and link.startswith("#question-") for link in links)
    assert not [a for _, a in elements.found if "src" in a]


def test_long_texts_are_cut() -> None:
    """Ten thousand lines help nobody."""
    page = student_page(replace(REPORT, results=(replace(RESULT, observed="x\n" * 10_000),)))

    assert len(page) < 20_000
    assert "x ..." in page


def test_what_is_for_staff_is_on_no_page() -> None:
    """The secret behind the hidden cases, expected values, what a person looks for in words."""
    told = replace(RESULT, evidence="expected 42.17", rubric=("names the transposed kernel",))
    page = student_page(replace(REPORT, results=(told,)))

    for secret in (SECRET, "42.17", "names the transposed kernel"):
        assert secret not in page


def test_missing_isolation_is_said_at_the_top() -> None:
    """Whoever reads the marks must know that the submission was trusted."""
    page = Elements(student_page(replace(REPORT, isolation="NOT ISOLATED"))).text

    assert page.index("without isolation") < page.index("Points by question")


def test_tables_and_headings_say_what_they_are() -> None:
    """Captions, header cells, one main heading, one heading for each question, a language."""
    elements = Elements(student_page(REPORT))

    assert elements.count("caption") == elements.count("table") == 2
    assert (elements.count("h1"), elements.count("h2")) == (1, 1)
    assert ("html", {"lang": "en"}) in elements.found
    assert all("scope" in attrs for tag, attrs in elements.found if tag == "th")


def test_one_question_is_one_element_of_another_page() -> None:
    """As feedback in a notebook: with its own style, and nothing of a whole page."""
    part = question_part(hostile_report(), REPORT.questions[0]).strip()

    assert part.startswith("<div")
    assert part.endswith("</div>")
    assert Elements(part).count("html") == 0
    assert "<script" not in part


@pytest.mark.parametrize(
    "name", ["ada/hw.ipynb", "../../etc/passwd", ".hidden", "a\x00b\n", "", "ü" * 300, "\ud800"]
)
def test_a_page_gets_a_name_that_stays_in_its_folder(name: str) -> None:
    """No name of a submission reaches another folder, is hidden, or too long for a disk."""
    file = page_name(name)

    assert "/" not in file
    assert not file.startswith(".")
    assert file.endswith(".html")
    assert len(file.encode()) < 200
    assert file.isprintable()


def test_names_that_look_alike_get_pages_of_their_own() -> None:
    """Nobody's page is replaced by another one's."""
    assert len({page_name(name) for name in ("a/b", "a-b", "a b", "a?b")}) == 4


# --- whole runs ------------------------------------------------------------------------------

MUTANTS = (
    "detached_mean",
    "flipped_kernel",
    "one_pass_variance",
)


@pytest.fixture(scope="module")
def wrong(first_layers: Assignment, graded: Callable[[str | Path], Report]) -> Report:
    """A submission with known mistakes, whose functions print what they get."""
    asks = [ask for problem in first_layers.problems for ask in problem.asks]
    code = render_solution(asks)
    for problem in first_layers.problems:
        for mutant in problem.mutants:
            if mutant.id in MUTANTS:
                code += "\n" + render_solution(problem.asks, replacing=mutant)
    return graded(code)


def test_no_hidden_value_is_on_a_page(
    wrong: Report, first_layers: Assignment, key: AnswerKey
) -> None:
    """Neither expected values nor inputs of hidden cases, in seven digits or as given."""
    page = Elements(student_page(wrong)).text
    assert "likely cause:" in page
    assert "Errors of" in page
    tried = 0
    for check, telling in hidden_numbers(first_layers, key):
        tried += len(telling)
        assert not [text for text in telling if text in page], check
    assert tried > 1000


def test_the_command_writes_a_page_for_each_submission(
    repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A folder that is made if need be; one page each, under its own name."""
    monkeypatch.chdir(repository)
    folder = tmp_path / "pages" / "hw2"
    arguments = ["grade", "first_layers", "tests/demo", "--html", str(folder), "--exit-zero"]

    assert main(arguments) == ExitCode.OK
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        page_name(f"tests/demo/{name}.py") for name in ("cheat", "honest_odd")
    )
    assert "40 of 40 points" in (folder / page_name("tests/demo/honest_odd.py")).read_text("utf-8")


def test_a_folder_that_cannot_be_written_is_found_out_before_grading(
    repository: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One line that names it, and nothing graded."""
    monkeypatch.chdir(repository)
    (tmp_path / "file").write_text("")
    code = main(["grade", "first_layers", "tests/demo", "--html", str(tmp_path / "file")])

    out, err = capsys.readouterr()
    assert code == ExitCode.USAGE
    assert "cannot make the folder" in err
    assert not out


# --- in a browser ----------------------------------------------------------------------------


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("which", ["hostile", "wrong"])
def test_a_browser_runs_and_loads_nothing_and_a_phone_shows_it_all(
    browser: Any, tmp_path: Path, wrong: Report, which: str, dark: bool
) -> None:
    """No request but the page itself, no script, nothing wider than 360 pixels, text in contrast."""
    report = wrong if which == "wrong" else hostile_report()
    path = tmp_path / "page.html"
    path.write_text(student_page(report), encoding="utf-8", errors="strict")
    browser.open(path.as_uri(), width=360, dark=dark)

    assert browser.requests == [path.as_uri()]
    assert browser.run("document.scripts.length") == 0
    assert "owned" not in browser.run("document.title").partition("<script>")[0]
    assert browser.run("document.documentElement.scrollWidth") == 360
    assert browser.run("document.body.innerText.includes('Points by question')")
    assert browser.run("document.querySelectorAll('svg').length") > 0
    assert browser.run("getComputedStyle(document.body).color") == (
        "rgb(232, 232, 232)" if dark else "rgb(27, 27, 27)"
    )
    assert browser.run(
        "[...document.querySelectorAll('svg')].every(e => e.getBoundingClientRect().right <= 360)"
    )
