"""Typed answers are marked in a process that can be killed."""

import time
from collections.abc import Iterator

import pytest

from backproof.answers import Ruling, mark
from backproof.fence import Fence
from backproof.model import BackproofError, FormulaField, TypedKey, Vocabulary

KEY = TypedKey(
    name="c",
    field=FormulaField(vocabulary=Vocabulary(symbols={"p": "unit"})),
    answer="sqrt((1-p)/p)",
)
HANGS = """
import sys, time
sys.path.insert(0, sys.argv[1])
from backproof import fence
from backproof.answers import mark

def slow(text, *more):
    if text == "hang":
        time.sleep(600)
    if text == "crash":
        import os
        os._exit(1)
    return mark(text, *more)

fence.mark = slow
fence.serve()
"""


@pytest.fixture
def fence() -> Iterator[Fence]:
    fence = Fence(seconds=1.0, command=HANGS)
    yield fence
    fence.close()


@pytest.mark.parametrize("text", ["sqrt(1/p - 1)", "p", "sqrt(q)", "2*sqrt(1/p-1)", "", "\ud800"])
def test_the_fence_changes_no_ruling(fence: Fence, text: str) -> None:
    assert fence.mark(text, KEY, {}, "seed") == mark(text, KEY, {}, "seed")


@pytest.mark.parametrize("text", ["hang", "crash"])
def test_an_answer_that_stops_the_helper_goes_to_a_person(fence: Fence, text: str) -> None:
    """And the next one is marked as if nothing had happened."""
    started = time.monotonic()
    found = fence.mark(text, KEY)

    assert found.ruling is Ruling.UNDECIDED
    assert "in time" in found.reason
    assert time.monotonic() - started < 60
    assert fence.mark("sqrt(1/p - 1)", KEY).ruling is Ruling.CORRECT


def test_a_helper_that_somebody_killed_is_replaced(fence: Fence) -> None:
    """Its death says nothing about the answer in flight: that one is tried again."""
    fence.mark("p", KEY)
    assert fence._helper is not None
    fence._helper.kill()
    fence._helper.wait()

    assert fence.mark("sqrt(1/p - 1)", KEY).ruling is Ruling.CORRECT


def test_a_key_that_cannot_be_read_is_the_courses_fault(fence: Fence) -> None:
    broken = TypedKey(name="c", field=KEY.field, answer="sqrt(1-q)")

    with pytest.raises(BackproofError, match=r"the answer key of 'c' is not right: .*`q`"):
        fence.mark("p", broken)


def test_a_helper_that_does_not_start_is_our_own_failure() -> None:
    """Not a student's zero, and not a student's undecided answer either."""
    with pytest.raises(BackproofError, match="did not start"):
        Fence(command="raise SystemExit(1)").mark("p", KEY)
