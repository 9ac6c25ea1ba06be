"""nbgrader's formgrader in a browser, on the graded class: points, the manual queue, a submission."""

import re
import secrets
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("nbgrader")

from nbclass import HOMEWORK
from nbgrader.api import Gradebook

TOKEN = secrets.token_hex(16)
ROWS = """
[...document.querySelectorAll("tbody tr")].map(row => ({
  name: row.querySelector(".name .name-shown")?.textContent,
  score: row.querySelector(".score")?.textContent,
  code: row.querySelector(".code-score")?.textContent,
  waits: row.querySelector(".needs-manual-grade")?.getAttribute("data-order"),
}))
"""


@pytest.fixture(scope="module")
def server(by_nbgrader, tmp_path_factory):
    """The address of a server in the course's folder; it ends with the test."""
    home = tmp_path_factory.mktemp("jupyter")
    log = (home / "log").open("wb")
    own = {name: str(home / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")}
    environment = {**by_nbgrader[0].environment, **own, "JUPYTER_RUNTIME_DIR": str(home / "run")}
    extensions = {
        "nbgrader.server_extensions.formgrader": True,
        "jupyterlab": False,
        "notebook": False,
    }
    options = [
        *("--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0"),
        *(f"--IdentityProvider.token={TOKEN}", f"--ServerApp.jpserver_extensions={extensions}"),
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyter_server", *options],
        cwd=by_nbgrader[0].root,
        env=environment,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        yield _address(process, Path(log.name))
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def _address(process, log):
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        if found := re.search(r"http://127\.0\.0\.1:\d+", log.read_text("utf-8", "replace")):
            return found.group()
        time.sleep(0.2)
    pytest.fail(log.read_text("utf-8", "replace"))


@pytest.fixture
def shown(server, browser, tmp_path):
    """Open a page of formgrader and wait until an expression is true of it."""

    browser.open(f"{server}/api/status?token={TOKEN}")  # for the cookie

    def show(path, ready):
        browser.open(f"{server}/formgrader/{path}", width=1200)
        until = time.monotonic() + 30
        while not browser.run(f"Boolean({ready})"):
            assert time.monotonic() < until, browser.run("document.body.innerText")
            time.sleep(0.2)
        browser.screenshot(tmp_path / "page.png")  # to be looked at when something is wrong
        return browser

    return show


ROWS_ARE_THERE = 'document.querySelectorAll("tbody tr .name-shown").length >= 12'


def test_points_and_the_manual_queue_are_those_of_the_gradebook(shown, by_nbgrader):
    """Of each student: points in all, points for code, and whether somebody has to look."""
    page = shown(f"gradebook/{HOMEWORK}/{HOMEWORK}", ROWS_ARE_THERE)
    rows = {row["name"]: row for row in page.run(ROWS) if row["name"]}
    expected = {row[0]: row for row in by_nbgrader[0].table(("q1", "q2", "essay"))}
    assert rows.keys() == expected.keys() - {"missing"}
    for student, row in rows.items():
        _, *marks, raw, _, _, most = expected[student]
        assert row["score"] == f"{float(raw):g} / {float(most):g}"
        assert row["code"] == f"{float(raw):g} / 10"
        assert row["waits"] == str(int(any(mark.startswith("?") for mark in marks)))
    assert rows["right"]["waits"] == "1"
    assert rows["stub"]["waits"] == "0"
    assert rows["misnamed"]["waits"] == "1"


def test_the_homework_is_listed_for_whoever_marks(shown):
    page = shown("gradebook", 'document.querySelector("tbody tr a")')
    assert HOMEWORK in page.run("document.body.innerText")


def submission_of(course, student):
    with Gradebook(course.database) as gradebook:
        return gradebook.find_submission_notebook(HOMEWORK, HOMEWORK, student).id


def test_whoever_marks_sees_points_and_reasons(shown, by_nbgrader):
    """The page of a submission has our points in its boxes, and the explanation in its cells."""
    ready = 'document.querySelector("input.score")?.placeholder'
    page = shown(f"submissions/{submission_of(by_nbgrader[0], 'wrong')}/", ready)
    text = page.run("document.body.innerText")
    assert "whether an entry passes depends" in text
    assert page.run('document.querySelectorAll("svg[role=img]").length') >= 1
    boxes = page.run('[...document.querySelectorAll("input.score")].map(box => box.placeholder)')
    assert boxes[:2] == ["0", "4"]


def test_a_notebook_with_another_name_is_there_to_be_marked(shown, by_nbgrader):
    """The page says what was handed in instead, and has a box for each question."""
    ready = 'document.querySelectorAll("input.score").length == 3'
    page = shown(f"submissions/{submission_of(by_nbgrader[0], 'misnamed')}/", ready)
    text = page.run("document.body.innerText")
    assert f"holds no {HOMEWORK}.ipynb, but {HOMEWORK} (1).ipynb" in text


def test_nothing_of_a_hostile_submission_runs_there(shown, by_nbgrader):
    """It is shown as text where the marking person has all rights of the server."""
    ready = 'document.querySelector("input.score")'
    page = shown(f"submissions/{submission_of(by_nbgrader[0], 'hostile')}/", ready)
    text = page.run("document.body.innerText")
    assert "<script>steal()</script>" in text
    assert "<svg onload" in text
    harmful = 'a[href^="javascript:" i], a[href^="data:" i], [onerror], [onclick], [onload], iframe'
    found = f"""[...document.querySelectorAll('.cell')].flatMap(
        cell => [...cell.querySelectorAll('{harmful}')].map(element => element.outerHTML))"""
    assert page.run("document.querySelectorAll('.cell').length") > 5
    assert page.run(found) == []
    assert not page.run('[...document.scripts].some(s => s.text.includes("steal()"))')
