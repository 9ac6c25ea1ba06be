"""Warm kernels: as usual ones in all that a notebook can see, and gone when nbgrader is."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("nbgrader")

from nbgrader.api import Gradebook

from backproof.frontends.warm_kernels import NAME

USE = "from backproof.frontends.warm_kernels import use_warm_kernels\nuse_warm_kernels(c)\n"

SCRIPT = """
import json, logging, os, sys, time
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_code_cell, new_notebook
from backproof.frontends.warm_kernels import provisioner

logging.basicConfig()
os.environ["JUPYTER_DEFAULT_PROVISIONER_NAME"] = sys.argv[2]

def run(cells):
    nb = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    seconds = 5 if cells[0].startswith("while") else 120
    client = NotebookClient(nb, timeout=seconds, interrupt_on_timeout=True, allow_errors=True)
    fate = ""
    try:
        client.execute()
    except (CellTimeoutError, DeadKernelError) as error:
        fate = type(error).__name__
    texts = ["".join(o.get("text", o.get("ename", "")) for o in c.outputs) for c in nb.cells]
    return {"texts": texts, "fate": fate}

found = [run(cells) for cells in json.loads(sys.argv[1])]
pids = [server.process.pid for server in provisioner._servers.values()]
print(json.dumps({"found": found, "pids": pids}), flush=True)
if sys.argv[3:]:
    time.sleep(60)
"""
ANSWERS = {
    "right": "import torch\ndef f(x):\n    return float(2 * torch.tensor(x))",
    "wrong": "def f(x):\n    return 2 * x if x < 3 else 0",
    "noisy": "import sys\ndef f(x):\n    print('oh', file=sys.stderr)\n    return 2 * x",
    "crashing": "import os\nos._exit(1)",
}
NUMBERS = """\
import random, numpy, torch
print(random.random(), numpy.random.rand(), torch.rand(1).item(), hash(object()) != 0)"""
NOTEBOOKS = {
    "changes": ["import torch, builtins\ntorch.left = builtins.left = 1\nprint(torch.left)"],
    "looks": [
        "import torch, builtins\nprint(hasattr(torch, 'left'), hasattr(builtins, 'left'), "
        "'torch' in vars())"
    ],
    "numbers": [NUMBERS],
    "others": [NUMBERS],
    "crashes": ["import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)", "print('never')"],
    "hangs": ["while True: pass", "print('goes on')"],
    "leaves": [
        "import subprocess\n"
        "print(subprocess.Popen(['sleep', '600']).pid)\n"
        "print(subprocess.Popen(['sleep', '600'], start_new_session=True).pid)",
    ],
    "adds": ["print(1 + 1)"],
    "works": [
        "import os, sys, torch\nprint(os.getcwd(), sys.argv[0], os.environ['GREETING'])",
        "x = torch.ones(2, requires_grad=True)\nx.square().sum().backward()\nprint(x.grad)",
        "class Own:\n    pass\nprint(Own.__module__)",
    ],
}


def plain_source() -> dict:
    def cell(name: str, source: str, **mark: object) -> dict:
        flags = {"grade": False, "solution": False, "locked": False, "task": False}
        metadata = {"nbgrader": flags | {"grade_id": name, "schema_version": 3} | mark}
        cell = {"cell_type": "code", "id": name, "metadata": metadata, "source": source}
        return cell | {"outputs": [], "execution_count": None}

    solution = "def f(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": kernel},
        "cells": [
            cell("f", solution, solution=True),
            cell("seen", "assert f(1) == 2", grade=True, locked=True, points=1),
            cell("hidden", "assert f(3) == 6", grade=True, locked=True, points=2),
        ],
    }


def environment(folder: Path) -> dict[str, str]:
    names = ("JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "JUPYTER_CONFIG_DIR")
    return os.environ | {name: str(folder / name.lower()) for name in names} | {"GREETING": "hello"}


def command(names: list[str], provisioner: str, *more: str) -> list[str]:
    chosen = json.dumps([NOTEBOOKS[name] for name in names])
    return [sys.executable, "-c", SCRIPT, chosen, provisioner, *more]


def run(names: list[str], folder: Path, provisioner: str = NAME, **more: str) -> dict:
    done = subprocess.run(
        command(names, provisioner),
        cwd=folder,
        env=environment(folder) | more,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    return dict(zip(names, told["found"], strict=True)) | {
        "pids": told["pids"],
        "errors": done.stderr,
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("warm")


@pytest.fixture(scope="module")
def warm(folder: Path) -> dict:
    return run(list(NOTEBOOKS), folder)


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def all_gone(pids: list[int]) -> bool:
    until = time.monotonic() + 30
    while any(map(is_running, pids)):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def test_a_notebook_sees_what_it_would_see_in_a_usual_kernel(warm: dict, folder: Path):
    """Folder, arguments, environment and names are its own; autograd works."""
    usual = run(["works"], folder, "local-provisioner")
    assert len(warm["pids"]) == 1
    assert not usual["pids"]
    assert warm["works"] == usual["works"]
    assert "hello" in warm["works"]["texts"][0]


def test_nothing_goes_from_one_notebook_to_the_next(warm: dict):
    """What one has changed in torch and in Python itself, the next does not find."""
    assert warm["changes"]["texts"] == ["1\n"]
    assert warm["looks"]["texts"] == ["False False True\n"]


def test_each_kernel_draws_random_numbers_of_its_own(warm: dict):
    """Python's, NumPy's and torch's."""
    one, other = (warm[name]["texts"][0].split()[:3] for name in ("numbers", "others"))
    assert len(one) == len(other) == 3
    assert not set(one) & set(other)


def test_a_crash_costs_that_notebook_only(warm: dict):
    """jupyter learns that the kernel has died, and the next notebook runs."""
    assert warm["crashes"]["fate"] == "DeadKernelError"
    assert warm["works"]["fate"] == ""


def test_a_cell_that_does_not_end_is_interrupted(warm: dict):
    """As in a usual kernel, the cells behind it run."""
    assert warm["hangs"]["texts"] == ["KeyboardInterrupt", "goes on\n"]


def test_it_says_that_it_isolates_nothing_and_says_it_once(warm: dict):
    """In the log of the command."""
    assert warm["errors"].count("isolates nothing") == 1
    assert "leaked" not in warm["errors"]


def test_nothing_is_left_behind(warm: dict, folder: Path):
    """No process of the kernels or of their children, no connection file."""
    strays = [int(pid) for pid in warm["leaves"]["texts"][0].split()]
    assert len(strays) == 2
    assert all_gone([*warm["pids"], *strays])
    assert not list((folder / "jupyter_runtime_dir").glob("kernel-*.json"))


def test_nothing_is_left_behind_by_a_command_that_is_killed(tmp_path: Path):
    """The warm process sees it, and ends with all kernels."""
    with subprocess.Popen(
        command(["leaves"], NAME, "wait"),
        cwd=tmp_path,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        pids = told["pids"] + [int(pid) for pid in told["found"][0]["texts"][0].split()]
        assert is_running(pids[0])
        process.send_signal(signal.SIGKILL)
        assert all_gone(pids)


def test_where_forking_is_not_safe_kernels_are_started_as_ever(folder: Path, tmp_path: Path):
    """A module that starts a thread when it is imported; tried once, and said for each kernel."""
    (tmp_path / "starts_thread.py").write_text(
        "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n"
    )
    spec = tmp_path / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    config = {"provisioner_name": NAME, "config": {"preload": ["starts_thread"]}}
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    metadata = {"kernel_provisioner": config}
    told = {"argv": argv, "display_name": "warm", "language": "python", "metadata": metadata}
    spec.write_text(json.dumps(told))
    own = {"JUPYTER_PATH": str(tmp_path), "PYTHONPATH": str(tmp_path)}
    found = run(["adds", "hangs"], folder, **own)
    assert found["adds"]["texts"] == ["2\n"]
    assert found["hangs"]["texts"] == ["KeyboardInterrupt", "goes on\n"]
    assert not found["pids"]
    assert found["errors"].count("2 threads: not safe to fork") == 2


def test_a_plain_assignment_gets_the_same_points(tmp_path: Path):
    """nbgrader's own kernels and warm ones, through the ordinary commands; the same submissions."""

    def nbgrader(*words: str, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *words, "ps1"],
            cwd=tmp_path,
            env=environment(tmp_path) | {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == code, done.stderr
        return done.stderr

    def write(step: str, nb: object) -> None:
        path = tmp_path / step / "ps1" / "ps1.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(nb))

    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    write("source", plain_source())
    nbgrader("generate_assignment")
    released = json.loads((tmp_path / "release/ps1/ps1.ipynb").read_text())
    for student, answer in ANSWERS.items():
        released["cells"][0]["source"] = answer
        write(f"submitted/{student}", released)
    found = []
    for config in ("", USE):
        (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n" + config)
        said = nbgrader("autograde", "--force", code=1)
        assert ("isolates nothing" in said) == bool(config)
        with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as gradebook:
            found.append(
                {
                    (student, grade.name): (grade.auto_score, grade.needs_manual_grade)
                    for student in ANSWERS
                    for grade in gradebook.find_submission_notebook("ps1", "ps1", student).grades
                }
            )
        shutil.rmtree(tmp_path / "autograded")
    assert found[0] == found[1]
    assert found[0]["right", "hidden"] == (2, False)
    assert found[0]["wrong", "hidden"] == (0, False)


@pytest.mark.parametrize(
    "cmd",
    [
        ["/usr/bin/python", "-m", "ipykernel_launcher", "-f", "x.json"],
        [sys.executable, "-O", "-m", "ipykernel_launcher", "-f", "x.json"],
        ["R", "--slave", "-e", "IRkernel::main()"],
    ],
)
def test_other_kernels_are_started_as_ever(cmd: list[str]):
    """Of another Python, with options of their own, or of another language."""
    from backproof.frontends.warm_kernels.provisioner import _arguments_of

    assert _arguments_of(cmd) is None
    frozen = [sys.executable, "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "x.json"]
    assert _arguments_of(frozen) == ["-f", "x.json"]
