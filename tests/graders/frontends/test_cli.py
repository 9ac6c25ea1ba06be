"""The command line, as an assistant with a messy folder uses it."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from backproof.batch import Journal
from backproof.frontends.cli import ExitCode, main
from backproof.loading import render_solution
from backproof.model import Assignment

NEVER = "while True: pass"
BAD = {
    # file name: (content, words that its one line in the report must hold)
    "raises.py": (
        "def batchnorm_forward(x, gamma, beta, eps=1e-5):\n    raise ValueError('no')\n",
        "",
    ),
    "syntax.py": ("def f(:\n", "syntax error in line 1"),
    "exits_when_loaded.py": ("import sys\nsys.exit(0)\n", ""),
    "kills_itself.py": ("import os\nos.kill(os.getpid(), 9)\n", "crashed the interpreter"),
    "hangs_when_loaded.py": (NEVER, "did not finish within 3 seconds"),
    "hangs_when_called.py": (f"def expected_gram(x, keep_prob):\n    {NEVER}\n", "stopped"),
    "prints_100_mb.py": (
        "def expected_gram(x, keep_prob):\n    print('x' * 100_000_000)\n    return x\n",
        "not right: 1.1",
    ),
    "allocates.py": (
        "import torch\ndef expected_gram(x, keep_prob):\n    return [torch.ones(2**30) for _ in range(99)]\n",
        "stopped",
    ),
    "not_utf8.py": (b"\xff\xfe", "not UTF-8"),
    "not_a_notebook.ipynb": ("{}", "not a notebook"),
    "empty.py": ("", "stopped"),
}


@pytest.fixture
def course(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(repository)
    monkeypatch.setenv("BACKPROOF_SECRET", "tests")
    return repository


def test_a_folder_of_bad_submissions_loses_nobody(
    course: Path, tmp_path: Path, solution: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every bad file is one line, and honest neighbours before and after keep full marks."""
    for name, (content, _) in BAD.items():
        data = content if isinstance(content, bytes) else content.encode()
        (tmp_path / name).write_bytes(data)
    (tmp_path / "a_first.py").write_text(solution)
    (tmp_path / "z_last.py").write_text(solution)

    code = main(
        ["grade", "first_layers", str(tmp_path), "--call-seconds", "2", "--load-seconds", "3"]
    )

    out, err = capsys.readouterr()
    lines = {line.split(".")[0].rpartition("/")[2]: line for line in out.splitlines()}
    assert code == ExitCode.SOMETHING_FAILED
    assert "Traceback" not in out + err
    assert len(out.splitlines()) == len(BAD) + 2
    for name in ("a_first", "z_last"):
        assert lines[name].startswith("  40/40")
    for name, (_, words) in BAD.items():
        assert words in lines[name.partition(".")[0]], name


def test_a_missing_path_is_a_line_and_the_others_are_graded(
    course: Path, tmp_path: Path, solution: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong path costs an exit code, not the run."""
    (tmp_path / "hw.py").write_text(solution)

    code = main(["grade", "first_layers", "nowhere", str(tmp_path / "hw.py")])

    out, err = capsys.readouterr()
    assert code == ExitCode.USAGE
    assert "no file or folder 'nowhere'" in err
    assert "40 of 40 points" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["grade", "first_layer", "x"], "did you mean 'first_layers'"),
        (["grade", "first_layers"], "nothing to grade"),
        (["audit", "nothing"], "unknown problem"),
        (["grade", "first_layers", "tests/demo/cheat.py", "--memory-mb", "-1"], "above 0"),
        (
            ["grade", "first_layers", "tests/demo/cheat.py", "--json", "/nowhere/at/all"],
            "cannot write",
        ),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_4(
    course: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    """The caller's mistakes are worded, without a traceback."""
    assert main(arguments) == ExitCode.USAGE
    assert words in capsys.readouterr().err


def test_wrong_options_end_with_exit_code_4(course: Path) -> None:
    """Argument errors use the same exit code as other wrong usage."""
    with pytest.raises(SystemExit) as stopped:
        main(["grade", "first_layers", "x", "--device", "abacus"])
    assert stopped.value.code == ExitCode.USAGE


def test_options_may_stand_anywhere(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Submissions after an option are submissions."""
    main(["grade", "first_layers", "-v", "tests/demo/cheat.py"])

    assert "0 of 40 points" in capsys.readouterr().out


def test_an_output_that_exists_survives_wrong_usage(course: Path, tmp_path: Path) -> None:
    """Last week's grades are only replaced by new ones."""
    old = tmp_path / "grades.json"
    old.write_text("last week")

    assert main(["grade", "first_layers", "nowhere", "--json", str(old)]) == ExitCode.USAGE
    assert old.read_text() == "last week"


def _reports_in(path: Path) -> int:
    with Journal(path) as journal:
        return len(journal.reports())


def test_ending_the_command_keeps_what_is_finished(
    course: Path, tmp_path: Path, solution: str
) -> None:
    """SIGTERM, like Ctrl-C, writes the reports so far and says that they are not all."""
    (tmp_path / "a.py").write_text(solution)
    (tmp_path / "b.py").write_text(NEVER)
    report = tmp_path / "report.json"
    command = [sys.executable, "-m", "backproof.frontends.cli", "grade", "first_layers"]
    process = subprocess.Popen(
        [*command, str(tmp_path / "a.py"), str(tmp_path / "b.py"), "--json", str(report)],
        stdout=subprocess.PIPE,
        text=True,
    )
    kept = Path(f"{report}.journal")
    until = time.monotonic() + 120
    while not (kept.exists() and _reports_in(kept)) and time.monotonic() < until:
        time.sleep(0.2)
    process.terminate()
    out, _ = process.communicate(timeout=60)

    table = json.loads(report.read_text())
    assert process.returncode == ExitCode.INTERRUPTED
    assert not table["complete"]
    assert [r["points"] for r in table["reports"]] == [40]
    assert "40 of 40 points" in out


def test_marks_need_not_decide_the_exit_code(course: Path) -> None:
    """With --exit-zero a script goes on when submissions are wrong, and still sees our errors."""
    assert main(["grade", "first_layers", "tests/demo/cheat.py", "--exit-zero"]) == ExitCode.OK
    assert main(["grade", "first_layers", "nowhere", "--exit-zero"]) == ExitCode.USAGE


def test_json_and_junit_hold_every_check(
    course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both files agree on the number of checks; the JSON names its schema."""
    junit = tmp_path / "report.xml"
    code = main(["grade", "first_layers", "tests/demo", "--json", "--junit", str(junit)])

    table = json.loads(capsys.readouterr().out)
    suites = ElementTree.parse(junit).getroot()
    assert code == ExitCode.SOMETHING_FAILED
    assert table["schema"] == "backproof.report/3"
    assert [report["points"] for report in table["reports"]] == [0, 40]
    for report, suite in zip(table["reports"], suites, strict=True):
        assert len(suite) == len(report["results"]) == int(suite.attrib["tests"])
    assert {node.tag for node in suites[1]} == {"testcase"}
    assert not list(suites[1].iter("failure"))


def test_the_controls_bracket_the_marks(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The reference gets everything, the stub nothing, and neither decides the exit code."""
    assert main(["grade", "first_layers", "tests/demo/honest_odd.py", "--controls"]) == ExitCode.OK

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "  40/40  control: reference: everything right"
    assert lines[1].startswith("   0/40  control: stub: ")


def test_a_single_submission_gets_its_whole_report(
    course: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, first_layers: Assignment
) -> None:
    """The five parts of an explanation stand in the report of a wrong solution."""
    asks = [ask for problem in first_layers.problems for ask in problem.asks]
    mutants = [m for problem in first_layers.problems for m in problem.mutants]
    wrong = next(mutant for mutant in mutants if mutant.id == "detached_mean")
    (tmp_path / "wrong.py").write_text(render_solution(asks, replacing=wrong))

    main(["grade", "first_layers", str(tmp_path / "wrong.py")])

    out = capsys.readouterr().out
    for part in ("checked:", "yours:", "expected:", "likely cause:", "read:"):
        assert part in out


def test_the_module_can_be_run_without_the_script(repository: Path) -> None:
    """`python -m backproof.frontends.cli` is the command, and --help does not import torch."""
    code = "import sys; from backproof.frontends import cli; cli._parser(); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"


# --- backproof answer ------------------------------------------------------------------------


def test_a_student_sees_how_an_answer_is_read(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Right or wrong, in the same words: nothing of the right answer is known there."""
    monkeypatch.chdir(course / "assignments" / "first_layers" / "release")
    monkeypatch.delenv("BACKPROOF_ASSIGNMENTS", raising=False)
    shown = []
    for text in ("sqrt((1-p)/p)", "sqrt((1-p)/(2p))"):
        assert main(["answer", "tikhonov_factor", text]) == ExitCode.OK
        shown.append(capsys.readouterr().out)

    assert "read as:   sqrt((1 - p)/p)\n" in shown[0]
    assert "LaTeX:     \\sqrt{\\frac{1 - p}{p}}\n" in shown[0]
    assert shown[0].splitlines()[-1] == shown[1].splitlines()[-1]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("sqrt(1-q)", "unknown name `q`"),
        ("1/2p", "can be read as `(1/2)*p` or as `1/(2*p)`"),
        ("", "no answer was typed"),
        ("__import__('os')", "at character"),
    ],
)
def test_what_cannot_be_read_is_explained(
    course: Path, capsys: pytest.CaptureFixture[str], text: str, says: str
) -> None:
    code = main(["answer", "dropout_tikhonov/tikhonov_factor", text])

    assert code == ExitCode.SOMETHING_FAILED
    assert says in capsys.readouterr().out


def test_an_answer_may_begin_with_a_minus(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It looks like an option, and is none."""
    assert main(["answer", "tikhonov_factor", "-p^2"]) == ExitCode.OK
    assert "read as:   -p^2" in capsys.readouterr().out


def test_an_answer_that_is_left_out_is_asked_for(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["answer", "tikhonov_factor"])
    assert ended.value.code == ExitCode.USAGE
    assert "the answer is missing" in capsys.readouterr().err


def test_an_unknown_answer_is_named_with_its_nearest(
    course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["answer", "tikhonov_facter", "p"]) == ExitCode.USAGE
    assert "did you mean 'tikhonov_factor'?" in capsys.readouterr().err


def test_a_class_is_graded_once_and_gone_on_with(
    tmp_path: Path, repository: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The second run takes the journal's reports; a reason grades them again."""
    shutil.copy(repository / "tests/demo/honest_odd.py", tmp_path / "ada.py")
    outputs = [str(tmp_path / name) for name in ("grades.json", "grades.csv")]
    command = ["grade", "first_layers", str(tmp_path / "ada.py"), "--json", outputs[0], "--csv"]

    assert main([*command, outputs[1]]) == ExitCode.OK
    first = json.loads(Path(outputs[0]).read_text())
    assert main([*command, outputs[1]]) == ExitCode.OK
    errors = capfd.readouterr().err
    assert "1 of them were graded before (journal " in errors
    assert json.loads(Path(outputs[0]).read_text()) == first
    assert (
        Path(outputs[1])
        .read_text()
        .splitlines()[1]
        .startswith(f"{tmp_path}/ada.py,,ada,,,40,40,0,")
    )

    assert main([*command, outputs[1], "--regrade", "a question was unclear"]) == ExitCode.OK
    assert "graded before" not in capfd.readouterr().err


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--jobs", "0"], "--jobs 0: at least one is needed"),
        (["--regrade", "why"], "--regrade needs a journal"),
        (["--journal", "tests/demo/cheat.py"], "is not a database"),
    ],
)
def test_options_of_a_class_that_make_no_sense_are_refused(
    options: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["grade", "first_layers", "tests/demo/cheat.py", *options]) == ExitCode.USAGE
    assert says in capsys.readouterr().err
