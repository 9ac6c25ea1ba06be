"""One isolated runner for the whole folder, and short ways to write a submission and a probe."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path

import numpy as np
import pytest

from backproof.model import Call, Limits, Probe, Returned, Stopped, Submission
from backproof.sandbox import InProcess, Isolated

# A token that the grader's environment holds and no submission may ever see.
SECRET = "token-of-the-grader"

TIGHT = Limits(call_seconds=4.0, load_seconds=8.0, memory_bytes=512 << 20, file_bytes=1 << 20)


def make_submission(*cells, notebook=False, name=None):
    file = name or ("hw.ipynb" if notebook else "hw.py")
    texts = tuple(textwrap.dedent(cell) for cell in cells)
    return Submission(
        name="someone", path=Path("/handed/in") / file, digest="", cells=texts, is_notebook=notebook
    )


class Ask:
    """Opens submissions with one runner and asks single calls of `f`."""

    def __init__(self, runner):
        self.runner = runner

    def probe(self, takes=("x",), returns=("y",), function="f", repeat=1, keeps=()):
        call = Call(function=function, takes=tuple(takes), returns=tuple(returns), keeps=keeps)
        return Probe(calls=(call,), repeat=repeat)

    def run(self, session, probe, inputs=None, dtype="float64", device="cpu", **how):
        inputs = {"x": np.arange(6.0).reshape(2, 3)} if inputs is None else inputs
        how = {"strided": False} | how
        return session.run(probe, inputs, dtype=dtype, device=device, **how)

    def once(self, source, *, inputs=None, dtype="float64", name=None, **probe):
        how = {key: probe.pop(key) for key in ("strided", "watched") if key in probe}
        with self.runner.open(make_submission(source, name=name)) as session:
            return self.run(session, self.probe(**probe), inputs, dtype=dtype, **how)

    def value(self, source, **options):
        outcome = self.once(source, **options)
        assert isinstance(outcome, Returned), outcome
        return outcome.values["y"]

    def fault(self, source, **options):
        outcome = self.once(source, **options)
        assert isinstance(outcome, Stopped), outcome
        return outcome


@pytest.fixture(scope="session")
def isolated():
    os.environ["GRADER_TOKEN"] = SECRET
    with Isolated(TIGHT) as runner:
        yield runner
    del os.environ["GRADER_TOKEN"]


@pytest.fixture(scope="session")
def in_base():
    """A runner without namespaces, as in a container that forbids them."""
    with Isolated(TIGHT, namespaces=False) as runner:
        yield runner


@pytest.fixture(params=["the strongest", "base"])
def ask_each(request):
    """Asks in a confined process, of the strongest profile that there is here and of `base`."""
    name = "isolated" if request.param == "the strongest" else "in_base"
    return Ask(request.getfixturevalue(name))


@pytest.fixture
def ask_base(in_base):
    """Asks in a confined process without namespaces."""
    return Ask(in_base)


@pytest.fixture
def ask(isolated):
    """Asks in a confined process."""
    return Ask(isolated)


@pytest.fixture
def here():
    """Asks in this process, for what does not depend on isolation."""
    return Ask(InProcess())


@pytest.fixture
def submission():
    return make_submission


@pytest.fixture
def is_honest_right(ask):
    """Whether an honest submission is still graded rightly."""

    def check():
        value = ask.value("def f(x):\n    return x * 2\n")
        return np.array_equal(value.array, 2 * np.arange(6.0).reshape(2, 3))

    return check
