"""The feedback pages of the whole class: nothing hidden, and nothing of a student's that acts."""

from html.parser import HTMLParser

import pytest

pytest.importorskip("nbgrader")

from leaks import hidden_numbers
from nbclass import HOMEWORK
from nbcourse import SECRET

from backproof.answer_key import AnswerKey
from backproof.loading import load_assignment

WITH_A_PAGE = ("broken", "deleted", "foreign", "hostile", "late", "linking", "odd", "right")
WITH_A_PAGE += ("misnamed", "stub", "words", "wrong")
ACTING = {"iframe", "object", "embed", "form", "base", "applet", "frame", "button", "input"}


class Elements(HTMLParser):
    """The elements of a page: where its scripts are, what acts, and all of its text."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.in_body, self.acting, self.body, self._reading = False, [], "", True
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.in_body |= tag == "body"
        self._reading = tag not in ("script", "style")
        if self.in_body and (tag == "script" or tag in ACTING):
            self.acting.append(tag)
        for name, value in attrs:
            address = "".join((value or "").split()).lower()
            if name.startswith("on") or address.startswith(("javascript:", "data:text")):
                self.acting.append(f"{tag} {name}={value}")

    def handle_data(self, data):
        if self.in_body and self._reading:
            self.body += data


@pytest.fixture(scope="module")
def pages(by_backproof):
    return {student: by_backproof[0].feedback(student) for student in WITH_A_PAGE}


def test_no_number_of_a_hidden_case_is_on_any_page(pages, by_backproof, assignments):
    """Neither expected values nor inputs, nor in the notebooks behind the pages."""
    assignment, key = load_assignment(assignments / HOMEWORK), AnswerKey(SECRET)
    notebooks = (by_backproof[0].root / "autograded").rglob("*.ipynb")
    texts = [*pages.values(), *(path.read_text("utf-8") for path in notebooks)]
    assert "Errors of" in pages["wrong"]
    tried = 0
    for check, telling in hidden_numbers(assignment, key):
        tried += len(telling)
        assert not [number for number in telling for text in texts if number in text], check
    assert tried > 50


def test_the_search_finds_a_number_that_a_submission_shows(assignments):
    """Or the test above would prove nothing."""
    assignment, key = load_assignment(assignments / HOMEWORK), AnswerKey(SECRET)
    (_, telling), *_ = hidden_numbers(assignment, key)
    assert next(iter(telling)) in f"<p>{sorted(telling)}</p>"


@pytest.mark.parametrize("student", WITH_A_PAGE)
def test_nothing_acts_on_any_page(pages, student):
    """nbgrader's own head loads MathJax; below it is no script, no handler, no frame."""
    assert Elements(pages[student]).acting == []


def test_scripts_of_a_student_are_shown_as_text(pages):
    """In Markdown and in what their code raises; whoever marks reads what was tried."""
    body = Elements(pages["hostile"]).body
    assert "<script>steal()</script>" in body
    assert "<svg onload" in body
    assert "RuntimeError: <script>steal()</script><img src=x onerror=steal()>" in body
    assert "$a<b$" in body


def test_honest_text_keeps_its_form(by_backproof):
    """Emphasis, lists, tables, links, formulas and photographs are what answers are made of."""
    from nbconvert import HTMLExporter
    from nbformat.v4 import new_markdown_cell, new_notebook

    from backproof.frontends.nbgrader.showing import shown_markdown

    text = (
        "# Why\n\n*It* is **so**, `x < y`, [read](https://example.org):\n\n1. $a < b$\n\n"
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n![photo](attachment:p.png) H<sub>2</sub>O"
    )
    cell = new_markdown_cell(text)
    cell["attachments"] = {"p.png": {"image/png": "iVBORw0KGgo="}}
    exporter = HTMLExporter(filters={"markdown2html": shown_markdown})
    page, _ = exporter.from_notebook_node(new_notebook(cells=[cell]))
    for part in (
        *("<em>It</em>", "<strong>so</strong>", "<code>x &lt; y</code>", "<li>", "<td>1</td>"),
        *('<a href="https://example.org">', "$a &lt; b$", "H<sub>2</sub>O"),
        'src="data:image/png;base64,iVBORw0KGgo="',
    ):
        assert part in page
