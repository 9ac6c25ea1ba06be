"""The reports of a large class take little memory, and come back as they were."""

import random
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from backproof.batch.packed import PackedReports
from backproof.model import Report, Student


@pytest.fixture(scope="module")
def whole(graded: Callable[[str | Path], Report], solution: str) -> Report:
    """One of a homework with many checks, some failed, with pictures."""
    return graded(solution.replace(".mean(", ".sum(").replace("> 0", ">= 0"))


def of_student(number: int, report: Report) -> Report:
    found = tuple(replace(r, observed=f"{r.observed} {number}") for r in report.results)
    return replace(report, submission=f"s{number}", results=found, students=(Student(name="Ada"),))


def test_reports_come_back_in_the_order_of_their_places(whole: Report) -> None:
    reports = [of_student(number, whole) for number in range(9)]
    packed = PackedReports()
    for number in random.Random(0).sample(range(9), 9):
        packed.put(3 * number, reports[number])

    assert list(packed) == reports
    assert (packed[0], packed[-1], packed[2:4]) == (reports[0], reports[8], reports[2:4])
    assert len(packed) == 9
    with pytest.raises(IndexError):
        packed[9]


def test_a_place_that_is_filled_after_a_look_is_seen(whole: Report) -> None:
    packed = PackedReports()
    assert list(packed) == []

    packed.put(7, whole)
    assert list(packed) == [whole]
    packed.put(2, of_student(2, whole))

    assert [report.submission for report in packed] == ["s2", whole.submission]


def test_a_further_report_takes_a_few_kilobytes(whole: Report) -> None:
    packed = PackedReports()
    packed.put(0, whole)
    tracemalloc.start()
    try:
        for number in range(1, 101):
            packed.put(number, of_student(number, whole))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(whole.results) > 20
    assert held < 100 * 4096
