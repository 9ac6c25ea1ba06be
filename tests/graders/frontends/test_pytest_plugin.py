"""Plain `pytest` in a released folder, as a student runs it: in a process without the reference."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from backproof.loading import render_solution
from backproof.model import Assignment

pytest_plugins = ["pytester"]

NO_REFERENCE = 'raise ModuleNotFoundError("a student has no reference", name="backproof_reference")'
FIVE_PARTS = ("checked:", "yours:", "expected:", "likely cause:", "read:")

Solution = Callable[[str], str]


@pytest.fixture(scope="module")
def solved(first_layers: Assignment) -> Solution:
    """The right solution, or with the id of a mutant that wrong one."""
    asks = [ask for problem in first_layers.problems for ask in problem.asks]
    known = {mutant.id: mutant for problem in first_layers.problems for mutant in problem.mutants}
    return lambda mutant: render_solution(asks, replacing=known[mutant] if mutant else None)


@pytest.fixture
def folder(pytester: pytest.Pytester, repository: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the released folder, in which pytest is run; the reference cannot be imported."""
    blocked = pytester.path / "blocked"
    blocked.mkdir()
    (blocked / "backproof_reference.py").write_text(NO_REFERENCE)
    paths = [str(blocked), str(repository / "graders")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    monkeypatch.setenv("COLUMNS", "120")
    homework = pytester.path / "homework"
    homework.mkdir()
    for file in (repository / "assignments" / "first_layers" / "release").iterdir():
        if file.is_file():
            (homework / file.name).write_bytes(file.read_bytes())
    monkeypatch.chdir(homework)
    return homework


@pytest.fixture
def run(pytester: pytest.Pytester, folder: Path) -> Callable[..., pytest.RunResult]:
    return lambda *arguments: pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments)


Run = Callable[..., pytest.RunResult]


def ids(result: pytest.RunResult) -> list[str]:
    return [line for line in result.outlines if "::" in line]


def test_the_public_checks_are_listed_by_question(run: Run, first_layers: Assignment) -> None:
    """Each test is named by file, question and check."""
    listed = ids(run("--collect-only", "-q"))

    assert "first_layers.py::3.1a::dx" in listed
    assert "first_layers.py::1.3::tikhonov_factor" in listed
    assert {line.split("::")[1] for line in listed} == {q.number for q in first_layers.questions}
    assert not [line for line in listed if "forward_stable" in line]  # it has no public case


def test_the_untouched_module_is_not_written_yet(run: Run) -> None:
    """Every question fails, in words for someone who has just begun."""
    result = run()

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    outcomes = result.parseoutcomes()
    assert outcomes.keys() == {"failed", "skipped"}
    out = result.stdout.str()
    assert "`batchnorm_forward` is not written yet" in out
    assert "tikhonov_factor: no answer was typed" in out
    assert "NotImplementedError" not in out
    assert "Traceback" not in out
    assert "pytest_plugin.py" not in out


def test_a_right_solution_passes_everything(run: Run, folder: Path, solved: Solution) -> None:
    """Typed answers are skipped by name: nothing here knows whether they are right."""
    (folder / "first_layers.py").write_text(solved(""))
    result = run()

    assert result.ret == pytest.ExitCode.OK
    result.assert_outcomes(passed=26, skipped=3)
    result.stdout.fnmatch_lines(
        [
            "backproof: checking first_layers.py, public cases only *",
            "*not judged here*",
            "1.3 tikhonov_factor: your answer is 'sqrt((1-p)/p)', read as sqrt((1 - p)/p); judged *",
        ]
    )


def test_a_wrong_solution_is_explained_in_five_parts(
    run: Run, folder: Path, solved: Solution
) -> None:
    """With the misconception that it resembles, the public expected value, and no traceback."""
    (folder / "first_layers.py").write_text(solved("detached_mean"))
    result = run("-k", "dx and not float32")

    result.assert_outcomes(failed=1, passed=2)
    out = result.stdout.str()
    assert [part for part in FIVE_PARTS if f"  {part}" not in out] == []
    assert "treats the mean as a constant" in out
    result.stdout.fnmatch_lines(
        [
            "*_ 3.1a dx: The gradient with respect to the input _*",
            "  here: * public case eps_half (eps = 0.5, *",
            "*dx[[]0, 1] should be 0.356831716",
            "FAILED first_layers.py::3.1a::dx - every entry of dx wrong*",
        ]
    )
    assert ".py:" not in out.replace("first_layers.py::", "")


def test_an_edited_notebook_is_what_is_checked(run: Run, folder: Path, solved: Solution) -> None:
    """Its solution cells are run in order; marking cells are left out."""
    pytest.importorskip("IPython")
    path = folder / "first_layers.ipynb"
    notebook = json.loads(path.read_text())
    cells = [c for c in notebook["cells"] if not c["id"].startswith("ask-")]
    written = dict(cells[1], id="mine", source=solved("averaged_parameters"))
    notebook["cells"] = [cells[0], written, *cells[1:]]
    path.write_text(json.dumps(notebook))
    result = run("-k", "dbeta or dx")

    assert "checking first_layers.ipynb, public" in result.stdout.str()
    assert "averaged over the batch" in result.stdout.str()
    result.assert_outcomes(failed=1, passed=4)


def test_two_edited_files_are_checked_under_their_names(run: Run, folder: Path) -> None:
    """The student sees that there are two, and which is which."""
    (folder / "first_layers.py").write_text("x = 1")
    (folder / "first_layers.ipynb").write_text("{}")
    listed = ids(run("--collect-only", "-q"))

    assert {line.split("::")[0] for line in listed} == {"first_layers.py", "first_layers.ipynb"}


def test_from_the_parent_folder_and_by_name(run: Run, folder: Path, solved: Solution) -> None:
    """A folder is found from above, and a single check can be named."""
    (folder / "first_layers.py").write_text(solved(""))
    os.chdir(folder.parent)

    assert "homework/first_layers.py::3.1a::dx" in ids(run("--collect-only", "-q", "homework"))
    run("homework/first_layers.py::3.1a::dx").assert_outcomes(passed=1)


def test_a_file_under_another_name(run: Run, folder: Path, solved: Solution) -> None:
    """By option, from wherever; the file of the release is then left alone."""
    (folder / "mine.py").write_text(solved(""))
    os.chdir(folder.parent)
    listed = ids(run("--collect-only", "-q", "--backproof", "homework/mine.py"))

    assert {line.split("::")[0] for line in listed} == {"homework/mine.py"}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("absent.py", "no such .py or .ipynb file"),
        ("../other.py", "no public_cases.json beside it"),
    ],
)
def test_a_wrong_file_name_is_wrong_usage(run: Run, folder: Path, name: str, words: str) -> None:
    """One sentence, with the name that was given."""
    (folder.parent / "other.py").write_text("")
    result = run("--backproof", name)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: --backproof {name}: *{words}*"])


def test_a_syntax_error_is_one_line(run: Run, folder: Path) -> None:
    """Every question says it, none shows a frame of pytest."""
    (folder / "first_layers.py").write_text("def f(:\n")
    result = run("-k", "dgamma")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["first_layers.py has a syntax error in line 1: invalid syntax: def f(:"]
    )
    assert "Traceback" not in result.stdout.str()


def test_a_students_error_shows_their_line_and_what_they_printed(
    run: Run, folder: Path, solved: Solution
) -> None:
    """The frame is the student's own, the captured output is shown below."""
    wrong = "def expected_gram(x, keep_prob):\n    print('shape', x.shape)\n    return x @ x\n"
    (folder / "first_layers.py").write_text(solved("") + wrong)
    result = run("-k", "expected_gram")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*`expected_gram` raised RuntimeError*",
            "*first_layers.py, line *, in expected_gram: return x @ x",
            "*Captured stdout*",
            "shape torch.Size([[]7, 4[]])",
        ]
    )


def test_what_is_not_right_yet_skips_what_needs_it(
    run: Run, folder: Path, solved: Solution
) -> None:
    """The reason names the claim, not an internal id."""
    (folder / "first_layers.py").write_text(solved("bias_missing"))
    result = run("-k", "forward_general and not float32")

    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(
        ["2.4 forward_general: not run, because this is not yet right: out is *"]
    )


def test_a_failure_of_ours_is_an_error_and_says_so(
    run: Run, folder: Path, solved: Solution
) -> None:
    """Damaged data are not the student's mistake."""
    (folder / "first_layers.py").write_text(solved(""))
    path = folder / "public_cases.json"
    table = json.loads(path.read_text())
    check = next(c for p in table["problems"] for c in p["checks"] if c["id"] == "dgamma")
    del check["cases"][0]["key"]["expected"]["dgamma"]
    path.write_text(json.dumps(table))
    result = run("-k", "dgamma")

    assert result.parseoutcomes()["errors"] == 1
    result.stdout.fnmatch_lines(
        ["The self-check itself failed here; this says nothing about your work."]
    )


def test_unreadable_public_cases_stop_the_collection(run: Run, folder: Path) -> None:
    """What to do stands in the message."""
    (folder / "public_cases.json").write_text("[")
    result = run("first_layers.py")

    result.stdout.fnmatch_lines(["*is not a released set of public cases*"])
    assert "Traceback" not in result.stdout.str()


def test_only_what_failed_last_time_is_run_again(
    pytester: pytest.Pytester, folder: Path, solved: Solution
) -> None:
    """`pytest --lf` knows the checks by their names."""
    (folder / "first_layers.py").write_text(solved("averaged_parameters"))
    pytester.runpytest_subprocess("-q").assert_outcomes(failed=2, passed=24, skipped=3)
    (folder / "first_layers.py").write_text(solved(""))

    pytester.runpytest_subprocess("-q", "--lf").assert_outcomes(passed=2)


def test_a_students_own_tests_run_beside_the_homework(run: Run, folder: Path) -> None:
    """Test modules in the released folder stay what they are."""
    (folder / "test_mine.py").write_text("def test_one():\n    assert True\n")

    run("test_mine.py").assert_outcomes(passed=1)


def test_other_folders_are_left_alone(pytester: pytest.Pytester) -> None:
    """Without public cases nothing is collected, said or imported."""
    pytester.makepyfile(
        test_plain="""
        import sys

        def test_nothing_was_imported():
            assert "torch" not in sys.modules
            assert "numpy" not in sys.modules
        """,
        first_layers="x = 1",
    )
    result = pytester.runpytest_subprocess(
        "-p", "no:hypothesispytest", "test_plain.py", "first_layers.py"
    )

    result.assert_outcomes(passed=1)
    assert "backproof:" not in result.stdout.str()
