"""Every limit ends in its own sentence, and what was finished before keeps its result."""

from __future__ import annotations

import pytest

from backproof.model import Fault, Limits, Returned

SPIN = "def f(x): return x\ndef bad(x):\n    while True: pass\n"


def test_processor_time_of_one_call_is_limited(isolated, ask, submission):
    """The clock of the wall has not run out; the other functions are still graded."""
    limits = Limits(call_cpu_seconds=1.0)
    with isolated.open(submission(SPIN), limits) as session:
        before = ask.run(session, ask.probe())
        stopped = ask.run(session, ask.probe(function="bad"))
        after = ask.run(session, ask.probe())
    assert isinstance(before, Returned)
    assert isinstance(after, Returned)
    assert stopped.fault is Fault.TIMEOUT
    assert stopped.message == "the call used more than 1 seconds of processor time"


def test_processor_time_is_limited_without_namespaces_too(in_base, ask, submission):
    """The signal ends a process that is not the first of a namespace as well."""
    with in_base.open(submission(SPIN), Limits(call_cpu_seconds=1.0)) as session:
        stopped = ask.run(session, ask.probe(function="bad"))
    assert stopped.message == "the call used more than 1 seconds of processor time"


@pytest.mark.parametrize(
    "trick",
    [
        "signal.pthread_sigmask(0, range(1, 65))",
        "resource.setrlimit(resource.RLIMIT_CPU, (2, 2))",
    ],
)
def test_processor_time_of_a_submission_cannot_be_moved(isolated, ask, submission, trick):
    """Blocking the signal or raising the soft limit leads to the hard one."""
    source = f"import resource, signal\ndef f(x):\n    {trick}\n    while True: pass\n"
    limits = Limits(call_cpu_seconds=1.0, submission_cpu_seconds=2.0)
    with isolated.open(submission(source), limits) as session:
        stopped = ask.run(session, ask.probe())
    assert stopped.fault is Fault.TIMEOUT
    assert "seconds of processor time" in stopped.message


def test_the_signal_of_the_limit_keeps_its_handler(ask_each):
    """A submission cannot ignore it."""
    source = "import signal\ndef f(x):\n    signal.signal(signal.SIGXCPU, signal.SIG_IGN)\n"
    assert ask_each.fault(source).error == "PermissionError"


SENTENCES = {
    "threads": (
        "import threading, time\n"
        "    for _ in range(99): threading.Thread(target=time.sleep, args=(60,)).start()",
        "at most 64 threads may run",
    ),
    "open files": ("a = [open('/dev/null') for _ in range(999)]", "at most 128 files may be open"),
    "file size": ("open('big', 'wb').write(bytes(2 << 20))", "a file may have at most 1 MiB"),
    "network": ("import socket\n    socket.socket()", "a submission has no network"),
    "processes": ("import os\n    os.fork()", "no other processes"),
    "files": ("import torch\n    open(torch.__file__, 'a')", "only files of its own folder"),
}


@pytest.mark.parametrize(("body", "text"), SENTENCES.values(), ids=SENTENCES.keys())
def test_a_limit_is_named_in_the_sentence(isolated, ask, submission, body, text):
    """The student reads which limit an error comes from, and how high it is."""
    limits = Limits(file_bytes=1 << 20, threads=64)
    with isolated.open(submission(f"def f(x):\n    {body}\n    return x\n"), limits) as session:
        stopped = ask.run(session, ask.probe())
    assert stopped.fault is Fault.RAISED
    assert text in stopped.message


MANY = (
    "def f(x):\n    for i in range(99999): open(f'n{i}', 'w').write('x' * {size})\n    return x\n"
)


@pytest.mark.parametrize(("size", "files"), [(1, 50), (1 << 20, 4096), (1, 0)])
def test_many_files_do_not_fill_the_disk(isolated, ask, submission, size, files):
    """Neither their number nor their size together passes the limit of a private file system."""
    if not isolated.isolation.startswith("full"):
        pytest.skip("no mount namespace here: only the size of each file is limited")
    limits = Limits(scratch_bytes=4 << 20, scratch_files=files, file_bytes=2 << 20)
    source = MANY.replace("{size}", str(size))
    with isolated.open(submission(source), limits) as session:
        stopped = ask.run(session, ask.probe())
    assert stopped.error == "OSError"
    assert "all files of a submission together" in stopped.message


MEMORY = {
    "private": "bytearray(1 << 30)",
    "shared": "import mmap; a = mmap.mmap(-1, 1 << 30)",
    "torch": "import torch; torch.empty(1 << 28, dtype=torch.float64)",
}


@pytest.mark.parametrize("statement", MEMORY.values(), ids=MEMORY.keys())
def test_memory_of_every_kind_is_counted(ask_each, statement):
    """Private and shared; what would not be counted, a memfd, cannot be made."""
    stopped = ask_each.fault(f"def f(x):\n    {statement}\n    return x\n")
    assert stopped.fault is Fault.OUT_OF_MEMORY


def test_files_in_memory_cannot_be_made(ask_each):
    """A memfd is memory that no resource limit sees."""
    source = "import os\ndef f(x): return os.memfd_create('x')\n"
    assert "Function not implemented" in ask_each.fault(source).message
