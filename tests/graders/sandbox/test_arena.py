"""Whether inputs were changed is seen by the grader itself, in memory that the two sides share."""

from __future__ import annotations

import fcntl
import os

import numpy as np
import pytest

from backproof.model import Call, Probe, Returned
from backproof.sandbox import arena
from backproof.sandbox.arena import Arena

X = np.arange(6.0).reshape(2, 3)
LIE = "from backproof.sandbox import values\nvalues.is_changed = lambda now, before: False\n"

INPUTS = {
    "float64": X,
    "float32": X.astype(np.float32),
    "integers": np.arange(4),
    "booleans": np.array([True, False]),
    "complex": X + 1j,
    "one number": np.array(3.0),
    "nothing": np.zeros((0, 3)),
    "not a number": np.array([np.nan, -0.0, np.inf]),
    "transposed": X.T,
}


@pytest.fixture
def ours():
    made = Arena()
    yield made
    made.close()


@pytest.mark.parametrize("strided", [False, True])
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
@pytest.mark.parametrize("x", INPUTS.values(), ids=INPUTS.keys())
def test_a_placed_input_is_the_one_that_travels(ask, x, dtype, strided):
    """The function is given the same tensor, whether the grader watches it or not."""
    source = """
        def f(x):
            assert x.is_contiguous() == (not strided)
            return x.clone(), str(x.dtype), list(x.shape)
        """.replace("strided", str(strided and x.size > 1))
    how = {"inputs": {"x": x}, "dtype": dtype, "strided": strided, "returns": ("y", "d", "s")}
    watched, plain = (ask.once(source, watched=w, **how) for w in (True, False))
    assert isinstance(watched, Returned), watched
    assert isinstance(plain, Returned), plain
    assert watched.unseen_inputs == watched.changed_inputs == ()
    for name in ("y", "d", "s"):
        one, two = watched.values[name], plain.values[name]
        assert (one.dtype, one.text) == (two.dtype, two.text)
        assert one.array is None or one.array.tobytes() == two.array.tobytes()


CHANGES = {
    "a value": "x[0, 1] = 7",
    "all values": "x.zero_()",
    "through an alias": "x.view(-1)[::2].mul_(3)",
    "a sign of zero": "x[0, 0] = -0.0",
    "below Python": ("import ctypes; ctypes.memset(x.data_ptr(), 1, 8)"),
}


@pytest.mark.parametrize("statement", CHANGES.values(), ids=CHANGES.keys())
def test_whoever_patches_the_comparison_is_still_seen(ask_each, statement):
    """In every profile: the student's process says that nothing changed, and is not believed."""
    source = f"{LIE}def f(x, n):\n    {statement}\n    return 1\n"
    inputs = {"x": X, "n": 3}
    outcome = ask_each.once(source, inputs=inputs, takes=("x", "n"), watched=True)
    assert outcome.changed_inputs == ("x",)


@pytest.mark.parametrize("strided", [False, True])
def test_a_change_in_one_of_many_calls_is_seen(ask, strided):
    """Each call has inputs of its own, and the grader looks at those of every one."""
    source = f"""
        {LIE.splitlines()[0]}
        {LIE.splitlines()[1]}
        n = 0
        def f(x, w):
            global n
            n += 1
            assert x[0, 0] == 0
            if n == 4:
                w += 1
            return x.sum()
        """
    inputs = {"x": X, "w": np.ones(3)}
    outcome = ask.once(
        source, inputs=inputs, takes=("x", "w"), repeat=5, watched=True, strided=strided
    )
    assert outcome.changed_inputs == ("w",)
    assert np.array_equal(outcome.values["y"].array, np.full(5, 15.0))


def test_calls_in_a_row_do_not_share_their_inputs(ask, isolated, submission):
    """What the first call does to its inputs, the second does not see."""
    source = "def f(x):\n    x += 1\n    return 1\ndef g(x): return x + 0\n"
    probe = Probe(
        calls=(
            Call(function="f", takes=("x",), returns=("y",)),
            Call(function="g", takes=("x",), returns=("z",)),
        )
    )
    with isolated.open(submission(source)) as session:
        outcome = ask.run(session, probe, watched=True)
    assert outcome.changed_inputs == ("x",)
    assert np.array_equal(outcome.values["z"].array, X)


def test_an_input_that_is_kept_stays_what_it_was(ask, isolated, submission):
    """A later call does not write over what an earlier one was given: some compare the two."""
    source = "seen = []\ndef f(x):\n    seen.append(x)\n    return sum(s.sum() for s in seen)\n"
    with isolated.open(submission(source)) as session:
        totals = [
            ask.run(session, ask.probe(), {"x": np.full(3, float(n))}, watched=True)
            .values["y"]
            .array.item()
            for n in range(1, 4)
        ]
    assert totals == [3.0, 9.0, 18.0]


@pytest.mark.parametrize(
    ("statement", "changed"),
    {"x.unsqueeze_(0)": ("x",), "n.append(1)": ("n",), "n[0] = 5; x.add_(1)": ("n", "x")}.items(),
)
def test_shapes_and_lists_are_reported_by_the_other_side(ask, statement, changed):
    """What is no memory of an array is the word of the student's process, and said to be."""
    source = f"def f(x, n):\n    {statement}\n    return 1\n"
    inputs = {"x": X, "n": [1, 2]}
    outcome = ask.once(source, inputs=inputs, takes=("x", "n"), watched=True)
    assert outcome.changed_inputs == changed
    assert outcome.unseen_inputs == ("n",)


def test_what_does_not_fit_is_not_seen_and_still_right(isolated, ask, submission):
    """Inputs beyond the shared memory travel as ever; the outcome says that nobody looked."""
    large = {"x": np.ones(arena.SIZE // 8 - 100)}
    with isolated.open(submission("def f(x): return x.sum()")) as session:
        first, second = (ask.run(session, ask.probe(), large, watched=True) for _ in range(2))
    assert first.unseen_inputs == ()
    assert second.unseen_inputs == ("x",)
    assert first.values["y"].array == second.values["y"].array == large["x"].size


def test_the_grader_never_waits_for_its_memory_and_its_size_is_final(ours):
    """No length can change below the grader, and nobody can forbid it to write."""
    for length in (0, arena.SIZE * 2):
        with pytest.raises(PermissionError):
            os.ftruncate(ours.descriptor, length)
    with pytest.raises(PermissionError):
        fcntl.fcntl(ours.descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE)
    memory = arena.mapped(ours.descriptor)
    placed = ours.place({"x": X}, "float64", False, 2)
    assert ours.changed(placed) == set()
    memory[placed.start + len(placed.block)] ^= 1
    assert ours.changed(placed) == {"x"}


def test_the_child_cannot_resize_or_reopen_what_it_shares(ask_each):
    """It holds a mapping, no descriptor: there is nothing to seal, cut or pass on."""
    source = """
        import os
        def f(x):
            held = [os.readlink(f"/proc/self/fd/{n}") for n in os.listdir("/proc/self/fd") if n != "3"]
            return sum("memfd" in name for name in held)
        """
    outcome = ask_each.once(source, watched=True)
    if isinstance(outcome, Returned):
        assert outcome.values["y"].array == 0
    else:
        assert "FileNotFoundError" in outcome.error or "PermissionError" in outcome.error
