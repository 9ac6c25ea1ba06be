"""The Validate button and `pytest` in the folder that students get: the same public verdicts."""

import json
import re
import shutil
import subprocess
import sys
from xml.etree import ElementTree

import pytest

pytest.importorskip("nbgrader")

from nbclass import HOMEWORK
from nbcourse import cell_of

# What the button runs in the server: nbgrader's Validator with the student's own configuration.
VALIDATE = """
import json, sys
from nbgrader.validator import Validator
with open(sys.argv[2], "w") as file:
    json.dump(Validator().validate(sys.argv[1]), file)
"""
VERDICTS = {
    "right": {"1": True, "2": True},
    "wrong": {"1": False, "2": True},
    "stub": {"1": False, "2": False},
}


@pytest.fixture
def released(ungraded, tmp_path):
    """The folder that students get, with a student's notebook in place of the released one."""

    def folder(student):
        place = tmp_path / student
        shutil.copytree(ungraded.path("release").parent, place)
        shutil.copy(ungraded.path("submitted", student), place / f"{HOMEWORK}.ipynb")
        return place

    return folder


def validated(folder):
    """By question, whether the button is content; free text is not ours to validate."""
    found = folder.parent / "found.json"
    command = [sys.executable, "-c", VALIDATE, str(folder / f"{HOMEWORK}.ipynb"), str(found)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    results = json.loads(found.read_text())
    assert results.keys() <= {"failed"}
    cells = [(c["source"], c["raw_error"]) for c in results.get("failed", [])]
    failed = {
        number: error
        for source, error in cells
        for number in re.findall(r'backproof\.check\("(.*?)"\)', source)
    }
    assert all("not right yet" in error for error in failed.values())
    return {number: number not in failed for number in ("1", "2")}


def outcome_of(folder):
    """By question, whether no test of it fails; what is judged later is skipped."""
    junit = folder.parent / f"{folder.name}.xml"
    options = ["--backproof", f"{HOMEWORK}.ipynb", f"--junit-xml={junit}"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    verdicts = {}
    for case in ElementTree.parse(junit).getroot().iter("testcase"):
        number = case.attrib["classname"].rpartition(".")[2]
        failed = any(child.tag in ("failure", "error") for child in case)
        verdicts[number] = verdicts.get(number, True) and not failed
    return verdicts


@pytest.mark.parametrize("student", VERDICTS)
def test_the_button_and_pytest_say_the_same(released, student):
    """Of a right answer, a wrong one and a stub, question by question."""
    folder = released(student)
    assert validated(folder) == VERDICTS[student]
    assert outcome_of(folder) == VERDICTS[student]


def test_the_button_needs_nothing_but_the_released_folder(ungraded):
    """No hidden case is in it, and the cell that it runs is the student's own self-check."""
    held = {path.name for path in ungraded.path("release").parent.iterdir()}
    assert held == {f"{HOMEWORK}.ipynb", "public_cases.json", "README.md"}
    source = "".join(cell_of(ungraded.notebook("release"), "q1")["source"])
    assert 'backproof.check("1")' in source
