"""Whatever a process answers, grading ends in a verdict: 250 sessions with a process that makes it up."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from backproof.answer_key import AnswerKey
from backproof.grading import grade
from backproof.model import Assignment, Fault, Outcome, Probe, Stopped, Submission, Verdict
from backproof.sandbox import messages, wire

QUESTIONS = ("1.3", "1.9", "2.1", "3.1", "3.1d")
MAX_REPLY = 1 << 20

SHAPES = ((), (1,), (3,), (5,), (6, 4), (6, 1), (8, 60, 50), (0, 4))
DTYPES = sorted(set(wire.DTYPES) - {"bfloat16"})
TEXTS = ("", "p*w_hat", "sqrt((1-p)/p)", "9^9^9^9", "(", "\0", "\udc80", "x" * 100_000)
NUMBERS = (0, -1, 2**63 - 1, -(2**63), 0.5, float("nan"), float("inf"), -0.0, 5e-324, 1e308)
NAMES = ("x", "gamma", "dout", "passed", "out")
SESSIONS = 250


def made_up_array(rng: random.Random) -> Any:
    array = np.ones(rng.choice(SHAPES), rng.choice(DTYPES))
    if array.size and array.dtype.kind in "fc":
        array.flat[rng.randrange(array.size)] = rng.choice((0.0, 6e4, np.nan, np.inf, -np.inf))
    return array


def made_up_value(rng: random.Random, depth: int = 0) -> Any:
    kind = rng.randrange(8)
    if kind < 3:
        return made_up_array(rng)
    if kind < 5:
        return rng.choice(NUMBERS if kind == 3 else TEXTS)
    if kind == 5:
        return rng.choice((None, True, wire.Unencodable("thing")))
    inner = [made_up_value(rng, depth + 1) for _ in range(rng.randrange(3) * (depth < 3))]
    return rng.choice((inner, tuple(inner), {str(n): item for n, item in enumerate(inner)}))


def made_up_reply(rng: random.Random, probe: Probe) -> Any:
    """A body that is nearly, or quite, what was asked for."""
    if rng.random() < 0.2:
        keys = ("message", "error", "trace", "printed")
        fault = rng.choice([*(fault.value for fault in Fault), "passed", 3])
        return {"fault": fault} | {key: rng.choice(TEXTS) for key in keys}
    body = {
        "returned": {name: made_up_value(rng) for name in sorted(messages.wanted(probe))},
        "changed": rng.choices(NAMES, k=rng.randrange(3)),
        "printed": rng.choice(TEXTS),
    }
    if rng.random() < 0.1:
        body[rng.choice(sorted(body))] = made_up_value(rng)
    if rng.random() < 0.1:
        del body[rng.choice(sorted(body))]
    return body


class MadeUp:
    """A runner whose submissions answer at random, over a real socket."""

    isolation = "none"

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)

    @contextmanager
    def open(self, submission: Submission) -> Iterator[MadeUp]:
        yield self

    def run(self, probe: Probe, inputs: Any, **_: Any) -> Outcome:
        packed = wire.pack(made_up_reply(self._rng, probe), MAX_REPLY)
        theirs, ours = socket.socketpair()
        with theirs, ours:
            sender = threading.Thread(target=wire.transmit, args=(theirs, 1, packed))
            sender.start()
            try:
                _, body = wire.receive(ours, max_bytes=MAX_REPLY, deadline=time.monotonic() + 9)
                return messages.read_outcome(body, probe)
            except wire.ProtocolError as error:
                return Stopped(fault=Fault.PROTOCOL, message=str(error))
            finally:
                sender.join()


def test_made_up_answers_end_in_verdicts(first_layers: Assignment, key: AnswerKey) -> None:
    """No reply makes the grader itself fail, and none earns the points of a computed answer."""
    asked = tuple(q for q in first_layers.questions if q.number in QUESTIONS)
    assignment = replace(first_layers, questions=asked)
    submission = Submission(name="s", path=Path("s.py"), digest="", cells=("",))
    seen: set[Verdict] = set()

    for seed in range(SESSIONS):
        report = grade(assignment, submission, MadeUp(seed), key)

        assert not report.grader_failed, (seed, [r.remark for r in report.results if r.remark])
        earned = {r.check for r in report.results if r.verdict is Verdict.PASSED}
        assert earned <= {"dropout_tikhonov/tikhonov_factor", "dropout_tikhonov/w_from_w_hat"}, seed
        seen |= {result.verdict for result in report.results}

    assert seen >= {Verdict.PASSED, Verdict.FAILED, Verdict.STUDENT_ERROR, Verdict.UNDECIDED}
