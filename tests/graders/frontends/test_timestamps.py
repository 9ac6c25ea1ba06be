"""Lateness: the time in a `timestamp.txt`, in whatever form and zone it stands there."""

from datetime import datetime

import pytest

pytest.importorskip("nbgrader")

from backproof.frontends.nbgrader.timestamps import parse_timestamp

TEN_PAST_TEN = datetime(2026, 11, 20, 10, 10, 10)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20 10:10:10 UTC",
        "2026-11-20 10:10:10.000000 UTC\n",
        "2026-11-20 10:10:10",
        "2026-11-20T10:10:10Z",
        "2026-11-20-10-10-10",
        "2026-11-20 11:10:10 +0100",
        "2026-11-20 11:10:10+01:00",
        "2026-11-20 05:10:10 EST",
        "2026-11-20 15:40:10 +0530",
        "2026-11-20 02:10:10 America/Los_Angeles",
        "2026-11-20 11:10:10 Europe/Berlin",
        "2026-11-20 15:55:10 Asia/Kathmandu",
        "2026-11-21 00:10:10 +14:00",
    ],
)
def test_one_moment_is_one_moment_in_every_form_and_zone(text):
    assert parse_timestamp(text) == TEN_PAST_TEN


def test_summer_time_counts():
    assert parse_timestamp("2026-07-01 12:00:00 Europe/Berlin") == datetime(2026, 7, 1, 10)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-13-40 10:00:00",
        "2026-11-20 10:10:10 XYZT",
        "20.11.2026 10:10",
        "2026-11-20 10:10:10 +9900",
        "2026-11-20 10:10:10 ../../etc/passwd",
        "0001-01-01 00:00 +14",
    ],
)
def test_what_is_not_clear_is_not_guessed(text):
    """A student is not late because of a time that nobody can read."""
    assert parse_timestamp(text) is None


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/Lima"])
def test_the_graders_own_time_zone_does_not_matter(zone, monkeypatch):
    import time

    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert parse_timestamp("2026-11-20 10:10:10") == TEN_PAST_TEN
        assert parse_timestamp("2026-11-20 11:10:10 +0100") == TEN_PAST_TEN
    finally:
        monkeypatch.undo()
        time.tzset()
