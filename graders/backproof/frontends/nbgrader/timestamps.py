"""When a submission was handed in, as its `timestamp.txt` says: nbgrader misreads some of these.

`2026-11-20-10-10-10`, the form in its own documentation of zip_collect, becomes 20:00 there, and
`2026-11-20 10:10:10 +0100` is taken for an offset of 100 seconds.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_DASHES = re.compile(r"(\d{4}-\d\d-\d\d)[-_](\d\d)-(\d\d)(?:-(\d\d))?")
_FORM = re.compile(
    r"(?P<time>\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?) ?(?P<zone>\S.*)?"
)
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d\d?):?(\d\d)?")


def parse_timestamp(text: str) -> datetime | None:
    """The time in UTC, without a zone, as nbgrader keeps it; None if the text is not clear.

    A time without a zone is in UTC, as in nbgrader.
    """
    text = text.strip()
    if dashes := _DASHES.fullmatch(text):
        text = f"{dashes[1]} {dashes[2]}:{dashes[3]}:{dashes[4] or '00'}"
    form = _FORM.fullmatch(text)
    if form is None:
        return None
    zone = _zone((form["zone"] or "UTC").strip())
    try:
        time = datetime.fromisoformat(form["time"][:26])
        return time.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None) if zone else None
    except (ValueError, OverflowError):
        return None


def _zone(name: str) -> tzinfo | None:
    if name in ("UTC", "GMT", "Z", "z"):
        return UTC
    if offset := _OFFSET.fullmatch(name):
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        if minutes > 14 * 60:
            return None
        return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
    if not re.fullmatch(r"[A-Za-z]+(?:[/_+-][A-Za-z0-9]+)*", name):
        return None  # a path or a rule: only names of zones are looked up
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        return None
