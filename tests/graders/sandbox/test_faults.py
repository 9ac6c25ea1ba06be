"""Everything that a submission can do to its process ends in one readable fault, for it alone."""

from __future__ import annotations

import contextlib
import inspect
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from backproof.model import BackproofError, Call, Fault, Limits, Probe, Returned, Stopped
from backproof.sandbox import layers

from .conftest import Ask

CRASHES = {
    "exits": ("import os; os._exit(0)", "ended the interpreter (exit code 0)"),
    "segfault": ("import ctypes; ctypes.string_at(0)", "segmentation fault"),
    "kills itself": ("import os; os.kill(os.getpid(), 9)", "crashed the interpreter (killed)"),
    "aborts": ("import os; os.abort()", "crashed the interpreter"),
    "closes files": ("import os; os.closerange(0, 99)", "closed the connection"),
    "closes files and waits": (
        "import os, time; os.closerange(0, 99); time.sleep(60)",
        "closed the connection",
    ),
}


@pytest.mark.parametrize(("body", "text"), CRASHES.values(), ids=CRASHES.keys())
def test_a_crash_is_a_sentence(ask, is_honest_right, body, text):
    """However the process ends, the fault says how, and the next submission is right."""
    stopped = ask.fault(f"def f(x):\n    {body}\n    return x\n")
    assert stopped.fault is Fault.CRASHED
    assert text in stopped.message
    assert is_honest_right()


@pytest.mark.parametrize(
    ("body", "fault", "text"),
    [
        ("os.kill(os.getpid(), 9)", Fault.CRASHED, "crashed the interpreter (killed)"),
        ("os.abort()", Fault.CRASHED, "crashed the interpreter (aborted)"),
        ("os.kill(os.getpid(), 19)", Fault.TIMEOUT, "did not finish within 1 seconds"),
    ],
)
def test_a_signal_to_itself_is_a_sentence(in_base, ask, submission, body, fault, text):
    """Without a PID namespace; with one, a process that stops itself simply goes on."""
    source = f"import os\ndef f(x):\n    {body}\n    return x\n"
    with in_base.open(submission(source), Limits(call_seconds=1.0)) as session:
        stopped = ask.run(session, ask.probe())
    assert stopped.fault is fault
    assert text in stopped.message


DISTURBS = {
    "garbage": "os.write(3, b'garbage' * 99)",
    "long header": r"os.write(3, b'\xff' * 4 + b'x')",
    "nested header": "b = b'[' * 900000; os.write(3, struct.pack('<I', len(b)) + b)",
    "wrong id": (
        "b = json.dumps({'id': 9, 'body': None, 'buffers': []}).encode(); "
        "os.write(3, struct.pack('<I', len(b)) + b)"
    ),
    "wrong outputs": (
        "b = json.dumps({'id': 2, 'body': {'d': {'returned': {'d': {'z': 1}}, "
        "'changed': {'l': []}, 'printed': ''}}, 'buffers': []}).encode(); "
        "os.write(3, struct.pack('<I', len(b)) + b)"
    ),
    "keepers fault": (
        "b = json.dumps({'id': 2, 'body': {'d': {'fault': 'timeout', 'message': '', 'error': '', "
        "'trace': '', 'printed': ''}}, 'buffers': []}).encode(); "
        "os.write(3, struct.pack('<I', len(b)) + b)"
    ),
    "huge claim": (
        "b = json.dumps({'id': 2, 'body': None, 'buffers': [2 ** 40]}).encode(); "
        "os.write(3, struct.pack('<I', len(b)) + b)"
    ),
}


@pytest.mark.parametrize("body", DISTURBS.values(), ids=DISTURBS.keys())
def test_writing_to_the_socket_is_a_protocol_fault(ask, is_honest_right, body):
    """Forged frames are refused, and the next submission is right."""
    stopped = ask.fault(f"import json, os, struct\ndef f(x):\n    {body}\n    return x\n")
    assert stopped.fault is Fault.PROTOCOL
    assert "disturbed the connection" in stopped.message
    assert is_honest_right()


HANGS = {
    "sleeps": "import time\ndef f(x): time.sleep(600)",
    "ignores signals": (
        "import signal\ndef f(x):\n    signal.pthread_sigmask(0, range(1, 65))\n    while True: pass"
    ),
    "drips": (
        "import os, time\ndef f(x):\n    os.write(3, bytes([0, 0, 1, 0]))\n"
        "    while True: os.write(3, b' '); time.sleep(0.05)"
    ),
}


@pytest.mark.parametrize("source", HANGS.values(), ids=HANGS.keys())
def test_what_never_answers_is_stopped_in_time(isolated, ask, is_honest_right, submission, source):
    """A call has a deadline that nothing inside the process can move."""
    began = time.monotonic()
    with isolated.open(submission(source), Limits(call_seconds=0.5)) as session:
        stopped = ask.run(session, ask.probe())
    assert stopped.fault is Fault.TIMEOUT
    assert stopped.message == "the call did not finish within 0.5 seconds"
    assert time.monotonic() - began < 10
    assert is_honest_right()


BOMBS = {
    "list": "a = []\n    while True: a.append(bytearray(1 << 22))",
    "torch": "import torch\n    return torch.ones(1 << 40)",
    "mmap": "import mmap\n    a = [mmap.mmap(-1, 1 << 24) for _ in range(999)]",
}


@pytest.mark.parametrize("body", BOMBS.values(), ids=BOMBS.keys())
def test_memory_without_bound_is_out_of_memory(ask, is_honest_right, body):
    """An allocation beyond the limit ends the probe, not the machine."""
    stopped = ask.fault(f"def f(x):\n    {body}\n")
    assert (stopped.fault, stopped.error != "") in [
        (Fault.OUT_OF_MEMORY, True),
        (Fault.RAISED, True),  # mmap reports plain OSError
    ]
    assert "memory" in stopped.message
    assert is_honest_right()


def test_output_without_bound_is_dropped(ask):
    """A flood of prints costs nothing and is cut with a note."""
    source = "def f(x):\n    for _ in range(100): print('x' * (1 << 20))\n    return x\n"
    outcome = ask.once(source)
    assert isinstance(outcome, Returned)
    assert len(outcome.printed) < 70_000
    assert "further bytes were dropped" in outcome.printed


def test_output_below_python_goes_nowhere(ask):
    """Bytes written to the standard descriptors neither block nor show."""
    source = (
        "import os\ndef f(x):\n    for _ in range(99): os.write(1, bytes(1 << 20))\n    return x\n"
    )
    assert ask.once(source).printed == ""


def test_printing_is_kept_in_order_with_any_characters(ask):
    """Both streams are captured, odd characters included."""
    source = (
        "import sys\ndef f(x):\n    print('a\\udc80é'); print('b', file=sys.stderr)\n    return x\n"
    )
    assert ask.once(source).printed == "a\\udc80é\nb\n"


def test_reading_input_meets_its_end(ask):
    """There is nobody to answer `input()`."""
    assert ask.fault("def f(x): return input()").error == "EOFError"


def test_a_result_that_is_too_large_is_refused(isolated, ask, submission):
    """More bytes than allowed are a fault with a size in its sentence."""
    limits = Limits(reply_bytes=1 << 20)
    with isolated.open(
        submission("import torch\ndef f(x): return torch.ones(1 << 20)"), limits
    ) as s:
        stopped = ask.run(s, ask.probe())
    assert stopped.fault is Fault.STRUCTURE
    assert "too large" in stopped.message


def test_exiting_at_import_leaves_what_was_defined(ask):
    """`sys.exit()` at the top level is a load error, not an end."""
    source = "import sys\ndef f(x): return x\nsys.exit(0)\n"
    assert ask.value(source).form == "tensor"


@pytest.mark.parametrize(
    ("source", "fault"),
    [("import time; time.sleep(600)", Fault.TIMEOUT), ("import os; os._exit(0)", Fault.CRASHED)],
)
def test_a_load_that_ends_the_process_is_charged_once(isolated, ask, submission, source, fault):
    """Later probes get the same answer at once instead of waiting again."""
    with isolated.open(submission(source), Limits(load_seconds=0.5)) as session:
        first = ask.run(session, ask.probe())
        began = time.monotonic()
        assert all(ask.run(session, ask.probe()) is first for _ in range(20))
    assert time.monotonic() - began < 0.3
    assert first.fault is fault


def test_after_a_fault_the_same_submission_is_loaded_again(isolated, ask, submission):
    """One function that hangs does not cost the others."""
    source = "def f(x): return x\ndef bad(x):\n    while True: pass\n"
    with isolated.open(submission(source), Limits(call_seconds=0.5)) as session:
        assert isinstance(ask.run(session, ask.probe()), Returned)
        assert ask.run(session, ask.probe(function="bad")).fault is Fault.TIMEOUT
        assert isinstance(ask.run(session, ask.probe()), Returned)


def test_the_whole_submission_has_a_budget(isolated, ask, submission):
    """When the seconds for all checks are used up, the rest is not run."""
    limits = Limits(call_seconds=5.0, submission_seconds=1.0)
    with isolated.open(submission("import time\ndef f(x): time.sleep(9)"), limits) as session:
        outcomes = [ask.run(session, ask.probe()) for _ in range(3)]
    assert {outcome.fault for outcome in outcomes} == {Fault.TIMEOUT}
    assert all("used up the 1 seconds" in outcome.message for outcome in outcomes)


def test_only_its_own_work_counts_for_a_budget(isolated, ask, submission):
    """What another process of the submission takes meanwhile is no work of this one."""
    limits = Limits(submission_seconds=1.0)
    with isolated.open(submission("def f(x): return x"), limits) as session:
        assert isinstance(ask.run(session, ask.probe()), Returned)
        time.sleep(1.2)
        assert isinstance(ask.run(session, ask.probe()), Returned)


def test_state_lives_from_call_to_call(isolated, ask, submission):
    """Module globals survive between the probes of one session, and end with it."""
    source = "n = 0\ndef f(x):\n    global n\n    n += 1\n    return n\n"
    for _ in range(2):
        with isolated.open(submission(source)) as session:
            counts = [ask.run(session, ask.probe()).values["y"].array.item() for _ in range(3)]
        assert counts == [1, 2, 3]


def test_sessions_can_be_open_side_by_side(isolated, ask, submission):
    """Two submissions at once do not meet."""
    first, second = submission("def f(x): return 1"), submission("def f(x): return 2")
    with isolated.open(first) as one, isolated.open(second) as two:
        values = [ask.run(s, ask.probe()).values["y"].array.item() for s in (one, two, one)]
    assert values == [1, 2, 1]


def test_children_draw_different_random_numbers(ask):
    """A fork must not share its parent's generators."""
    source = (
        "import random, numpy, torch\n"
        "def f(x): return [random.random(), numpy.random.rand(), torch.rand(1).item()]"
    )
    one, two = ask.value(source).array, ask.value(source).array
    assert (one != two).all()


def test_a_student_can_tell_that_grading_is_on(ask):
    """A self-check inside a submission can look at this flag and do nothing."""
    source = "def f(x):\n    from backproof.sandbox import worker\n    return worker.ACTIVE\n"
    assert ask.value(source).array.item() is True


def test_threads_work_and_do_not_outlive_the_call(ask):
    """Honest threads run; endless ones do not keep a submission alive."""
    source = """
        import threading, time, torch
        def spin():
            while True: time.sleep(0.01)
        def f(x):
            threading.Thread(target=spin).start()
            done = []
            worker = threading.Thread(target=lambda: done.append(x @ x.T))
            worker.start(); worker.join()
            return done[0]
        """
    assert ask.value(source).array.shape == (2, 2)


def descendants(pid):
    """Numbers of all processes that a process and its children have started."""
    with open(f"/proc/{pid}/task/{pid}/children") as listing:
        children = listing.read().split()
    return {*children, *(found for child in children for found in descendants(child))}


@pytest.mark.parametrize("profile", ["isolated", "in_base"])
def test_nothing_is_left_behind(request, profile, submission):
    """After a session neither a process nor a folder remains, whatever the submission left."""
    source = """
        import os, threading, time
        def f(x):
            os.makedirs("a/b/c"); open("a/b/c/file", "w").write("x")
            os.symlink("/", "root"); os.chmod("a/b", 0)
            path = "."
            for _ in range(300):
                os.mkdir(path + "/" + "d" * 10); path += "/" + "d" * 10
            threading.Thread(target=time.sleep, args=(600,)).start()
            return x
        """
    runner = request.getfixturevalue(profile)
    ask, parent = Ask(runner), runner._parent
    files, processes = set(parent._scratch_root.iterdir()), descendants(parent.pid)
    with runner.open(submission(source)) as session:
        assert isinstance(ask.run(session, ask.probe()), Returned)
        assert len(descendants(parent.pid) - processes) == 1
    assert descendants(parent.pid) == processes
    assert set(parent._scratch_root.iterdir()) == files
    assert not [group for root in parent._groups.roots for group in root.glob("*/")]
    assert os.path.isdir("/usr")


def test_a_dead_warm_parent_is_replaced(isolated, ask, is_honest_right, submission):
    """Between submissions, and in the middle of one, a new warm parent takes over."""
    with isolated.open(submission("def f(x): return x")) as session:
        assert isinstance(ask.run(session, ask.probe()), Returned)
        os.kill(isolated._parent.pid, 9)
        assert isinstance(ask.run(session, ask.probe()), Returned)
    with contextlib.suppress(ProcessLookupError):  # known to be dead already
        os.kill(isolated._parent.pid, 9)
    assert is_honest_right()


def test_the_same_answer_as_in_process(ask, here):
    """Isolation changes where code runs, not what comes back."""
    source = "def f(x):\n    print('seen')\n    return x.sum(0), {'n': 1}, [1, 2]\n"
    options = {"returns": ("y", "cache", "n"), "keeps": ("cache",), "dtype": "float32"}
    one, two = ask.once(source, **options), here.once(source, **options)
    assert one.values.keys() == two.values.keys()
    assert all(np.array_equal(one.values[k].array, two.values[k].array) for k in one.values)
    assert one.values["y"].dtype == two.values["y"].dtype == "float32"


def test_an_input_that_cannot_be_sent_is_our_error(isolated, ask, submission):
    """A case with an object among its inputs is the author's mistake, and named so."""
    inputs = {"x": object()}
    refused = pytest.raises(BackproofError, match="input `x` of a case is of type object")
    with isolated.open(submission("def f(x): return x")) as session, refused:
        session.run(ask.probe(), inputs, dtype="float64", device="cpu", strided=False)


def test_a_probe_of_two_calls_fails_at_the_first_missing_name(ask, isolated, submission):
    """Nothing runs when one of the functions is not there."""
    probe = Probe(
        calls=(
            Call(function="f", takes=("x",), returns=("y",)),
            Call(function="g", takes=("x",), returns=("z",)),
        )
    )
    with isolated.open(submission("def f(x): raise ValueError")) as session:
        outcome = ask.run(session, probe)
    assert isinstance(outcome, Stopped)
    assert outcome.fault is Fault.MISSING


KILLED = """
import os, sys
DESCENDANTS
from pathlib import Path
from backproof.model import Call, Probe, Submission
from backproof.sandbox import Isolated
runner = Isolated(namespaces=NAMESPACES)
submission = Submission(name="a", path=Path("hw.py"), digest="", cells=("def f(x): return x",))
probe = Probe(calls=(Call(function="f", takes=("x",), returns=("y",)),))
with runner.open(submission) as session:
    session.run(probe, {"x": 1.0}, dtype="float64", device="cpu", strided=False)
    parent = runner._parent
    print(parent.pid, *descendants(parent.pid), parent._scratch_root, *parent._groups.roots)
    sys.stdout.flush()
    os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize("namespaces", [True, False])
def test_a_killed_grader_leaves_nothing_behind(namespaces):
    """Children and folders end with the grader, even when it cannot clean up itself."""
    root = str(Path(layers.__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": root}
    code = KILLED.replace("DESCENDANTS", inspect.getsource(descendants))
    code = code.replace("NAMESPACES", str(namespaces))
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == -9, done.stderr
    left = [f"/proc/{word}" if word.isdigit() else word for word in done.stdout.split()]
    assert len(left) >= 3
    until = time.monotonic() + 20
    while any(os.path.exists(path) for path in left):
        assert time.monotonic() < until, left
        time.sleep(0.05)
