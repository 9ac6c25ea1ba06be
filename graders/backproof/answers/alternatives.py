"""Answers that hedge: "90.23 % or 78.5 %" states nothing, whichever of the two is right."""

from __future__ import annotations

import re

_OR = re.compile(r"\s+or\s+", re.IGNORECASE)
MOST = 4
"""Alternatives that are looked at."""


def alternatives(text: str) -> tuple[str, ...]:
    """The answers that a text offers for choice; none where it states one."""
    parts = tuple(part.strip(" \t\n,;") for part in _OR.split(text))
    return parts if 1 < len(parts) <= MOST and all(parts) else ()


def hedged(count: int) -> str:
    """What to say to a text that offers several answers."""
    return f"you typed {count} answers to choose from: type the one that you stand by"
