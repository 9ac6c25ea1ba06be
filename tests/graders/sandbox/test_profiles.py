"""How strong the isolation is: found by trying, named in results, and refused when too weak."""

from __future__ import annotations

import concurrent.futures
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backproof.model import BackproofError, Limits, Returned
from backproof.sandbox import Isolated, cgroups, layers, profiles, warm_client
from backproof.sandbox.profiles import Profile

FULL = profiles.NEEDED[Profile.FULL]
BASE = profiles.NEEDED[Profile.BASE]


@pytest.mark.parametrize(
    ("found", "cold", "words"),
    [
        (FULL, False, "full"),
        (FULL, True, "cold, full"),
        (FULL[1:], False, "base"),
        (BASE, True, "cold, base"),
        (BASE[1:], False, "none: NOT ISOLATED"),
        ((), False, "none: NOT ISOLATED"),
    ],
)
def test_a_profile_is_what_is_in_force(found, cold, words):
    """One missing layer is enough to be the weaker profile."""
    assert profiles.reached(found, cold=cold) == words


@pytest.mark.parametrize("layer", BASE)
@pytest.mark.parametrize("least", [Profile.FULL, Profile.BASE, Profile.COLD])
def test_less_than_accepted_is_refused_with_the_way_out(least, layer):
    """The message names the layer, the machine's reason, and what can be done."""
    found = tuple(name for name in FULL if name != layer)
    with pytest.raises(BackproofError, match=layer) as refused:
        profiles.refuse_below(least, found, {layer: "the kernel said no"})
    assert f"'{least}' is asked for" in str(refused.value)
    assert "the kernel said no" in str(refused.value)
    assert "--isolation" in str(refused.value)


def test_whoever_accepts_anything_is_not_refused():
    """`none` is a decision that the report repeats, loudly."""
    profiles.refuse_below(Profile.NONE, (), {})


def test_what_is_enough_is_not_refused():
    """`base` does not need namespaces, `full` does."""
    profiles.refuse_below(Profile.BASE, BASE, {})
    profiles.refuse_below(Profile.FULL, FULL, {})
    with pytest.raises(BackproofError, match="no user namespace and no pid namespace"):
        profiles.refuse_below(Profile.FULL, BASE, {})


@pytest.mark.parametrize(
    ("asked", "variables", "least"),
    [
        (None, {}, "base"),
        (None, {"BACKPROOF_WEAK_ISOLATION": "1"}, "none"),
        (None, {"BACKPROOF_WEAK_ISOLATION": "0"}, "base"),
        (None, {"BACKPROOF_ISOLATION": "full"}, "full"),
        (None, {"BACKPROOF_ISOLATION": "full", "BACKPROOF_WEAK_ISOLATION": "1"}, "full"),
        ("cold", {"BACKPROOF_ISOLATION": "full"}, "cold"),
    ],
)
def test_the_least_is_asked_for_by_option_or_environment(monkeypatch, asked, variables, least):
    """The option goes first, then the two variables, then `base`."""
    for name in (profiles.ISOLATION, profiles.WEAK_ISOLATION):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert profiles.accepted(asked) == least


def test_an_unknown_level_is_refused(monkeypatch):
    """The message lists the levels."""
    monkeypatch.setenv("BACKPROOF_ISOLATION", "strong")
    with pytest.raises(BackproofError, match=r"'strong'.*full, base, cold, none"):
        profiles.accepted()


def test_a_machine_without_namespaces_is_base_and_says_so(in_base):
    """What is missing has a reason."""
    assert in_base.isolation.startswith("base: ")
    assert "own user namespace" in in_base.missing
    assert "private tmpfs" in in_base.missing


def test_full_is_refused_where_there_are_no_namespaces():
    """Before any submission is loaded."""
    with pytest.raises(BackproofError, match=r"isolation 'full' is asked for.*no pid namespace"):
        Isolated(least="full", namespaces=False)


DENYING = """
import struct, sys
from backproof.sandbox import kernel, seccomp
import ctypes
# What a container does that forbids namespaces: unshare and mount fail with EPERM.
deny = [n for name in ("unshare", "mount", "setns") for n in seccomp._DENIED[name][:1]]
code = [seccomp._op(0x20, 0)]
for number in deny:
    code += [seccomp._op(0x15, number, 0, 1), seccomp._op(0x06, 0x00050001)]
program = b"".join([*code, seccomp._op(0x06, 0x7FFF0000)])
kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
kernel.prctl(22, 2, ctypes.byref(seccomp._Program(len(program) // 8, program)))
from backproof.sandbox import Isolated
with Isolated() as runner:
    print(runner.isolation, runner.missing)
"""


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the filter is written for x86-64")
def test_a_container_that_forbids_namespaces_is_base():
    """The refusal is found by trying, in a process that is thrown away, and reported."""
    root = str(Path(layers.__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", DENYING],
        env={**os.environ, "PYTHONPATH": root},
        capture_output=True,
        text=True,
    )
    assert done.stdout.startswith("base: "), done.stderr
    assert "no user namespace: " in done.stdout
    assert "Operation not permitted" in done.stdout


def test_no_child_is_the_real_root(ask_each):
    """Whatever the grader is, and wherever its interpreter lies, a submission has another user."""
    source = "import os\ndef f(x):\n    return repr((os.getuid(), os.geteuid(), os.getgid()))\n"
    assert "0" not in ask_each.value(source).text.strip("()").split(", ")


def test_a_cold_process_serves_one_submission_only(submission, ask):
    """Each child has a parent that has never seen another submission."""
    source = "import os\ndef f(x): return x\n"
    with Isolated(least="cold") as runner:
        assert runner.isolation.startswith("cold, ")
        with runner.open(submission(source)) as one, runner.open(submission(source)) as two:
            assert isinstance(ask.run(one, ask.probe()), Returned)
            assert isinstance(ask.run(two, ask.probe()), Returned)
            assert one._child.parent.pid != two._child.parent.pid


def test_a_parent_started_early_is_taken_once():
    """Who asks for the same gets it; who asks for something else gets a new one."""
    with warm_client.started_early(device="cpu", namespaces=False, warm=False):
        early = warm_client._early[0][1]
        other = warm_client.take(device="cpu", namespaces=False, warm=True)
        taken = warm_client.take(device="cpu", namespaces=False, warm=False)
        assert taken is early
        assert other is not early
        other.close()
        assert not taken.end(taken.fork(Limits(), "cpu"), grace=False).out_of_memory
        taken.close()


def test_a_parent_started_early_and_not_taken_ends():
    """A wrong command line leaves nothing running."""
    with warm_client.started_early(device="cpu", namespaces=True, warm=True):
        process = warm_client._early[0][1]._process
    assert process.poll() is not None
    assert not warm_client._early


def test_several_threads_replace_a_dead_parent_once(submission, ask):
    """Each thread's submission is graded, and only one new parent is started."""
    with Isolated() as runner:
        os.kill(runner._parent.pid, 9)
        started = []
        make = runner._new_parent
        runner._new_parent = lambda: started.append(make()) or started[-1]

        def grade(number):
            with runner.open(submission(f"def f(x): return {number}")) as session:
                return ask.run(session, ask.probe()).values["y"].array.item()

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            assert list(pool.map(grade, range(4))) == [0, 1, 2, 3]
        assert len(started) == 1


def test_a_closed_runner_starts_nothing(submission, ask):
    """A thread that is still at work is not given another warm parent."""
    runner = Isolated()
    with runner.open(submission("def f(x): return x")) as session:
        runner.close()
        runner._new_parent = lambda: pytest.fail("it was started")
        with pytest.raises(BackproofError, match="closed"):
            ask.run(session, ask.probe())


def test_a_closed_cold_runner_ends_what_runs(submission, ask):
    """Each child has a parent of its own: all of them end, and none is started."""
    runner = Isolated(least="cold")
    session = runner.open(submission("def f(x):\n    while True: pass"))
    with session as opened, concurrent.futures.ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ask.run, opened, ask.probe())
        while opened._child is None:
            time.sleep(0.05)
        began = time.monotonic()
        runner.close()
        with pytest.raises(BackproofError, match="closed"):
            asked.result()
    assert time.monotonic() - began < 5, "it did not wait for the limit of the call"


def test_groups_of_version_2_get_their_limits(tmp_path):
    """The files that a version 2 hierarchy has are written, swap included."""
    group = cgroups.Group([tmp_path])
    (tmp_path / "memory.swap.max").touch()
    group.limit(Limits(memory_bytes=1000, scratch_bytes=24, threads=5))
    written = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert written == {
        "memory.max": str(1024 + cgroups._INHERITED),
        "pids.max": "5",
        "memory.swap.max": "0",
    }


def test_groups_of_version_1_get_their_limits(tmp_path):
    """Each controller has a folder of its own."""
    folders = [tmp_path / "memory", tmp_path / "pids"]
    for folder in folders:
        folder.mkdir()
    cgroups.Group(folders).limit(Limits(memory_bytes=1000, scratch_bytes=24, threads=5))
    assert (folders[0] / "memory.limit_in_bytes").read_text() == str(1024 + cgroups._INHERITED)
    assert (folders[1] / "pids.max").read_text() == "5"


@pytest.mark.parametrize(("text", "was"), [("oom 3\noom_kill 1\n", True), ("oom_kill 0\n", False)])
def test_an_ended_group_is_recognised(tmp_path, text, was):
    """The kernel counts the processes that it ended for want of memory."""
    (tmp_path / "memory.events").write_text(text)
    assert cgroups.Group([tmp_path]).was_out_of_memory() is was


HUNGRY = """
import os, sys
for door in map(int, sys.argv[1:]):
    os.write(door, b"0")
taken = [os.urandom(1 << 20) for _ in range(2000)]
"""


def test_a_group_ends_what_takes_too_much():
    """By the kernel, which says so afterwards; the group can be removed then."""
    name = f"backproof-test-{os.getpid()}"
    groups = cgroups.Groups(*cgroups.make_roots(name))
    group = groups.make(Limits(memory_bytes=1 << 20, scratch_bytes=1 << 20))
    if group is None:
        pytest.skip(f"no control groups here: {groups.missing}")
    doors = group.doors()
    words = [sys.executable, "-c", HUNGRY, *map(str, doors)]
    done = subprocess.run(words, pass_fds=doors)
    for door in doors:
        os.close(door)
    assert done.returncode == -9
    assert group.was_out_of_memory()
    assert all(root.exists() for root in groups.roots)
    cgroups.remove_roots(name)
    assert not any(root.exists() for root in groups.roots)


def test_groups_that_cannot_be_made_say_why(tmp_path):
    """Nothing is left behind where a controller is missing."""
    (tmp_path / "memory").mkdir()
    roots, missing = cgroups.make_roots("backproof-test", tmp_path)
    assert roots == []
    assert "No such file" in missing
    assert list((tmp_path / "memory").iterdir()) == []
