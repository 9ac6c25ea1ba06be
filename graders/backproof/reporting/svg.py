"""Small parts of SVG text."""

from __future__ import annotations

import html
from typing import TypeAlias

from backproof.reporting.text import one_line

Drawn: TypeAlias = tuple[float, float, list[str]]
"""Width, height, and the elements in between."""


def safe(text: str) -> str:
    """Text for an element or an attribute, on one line."""
    return html.escape(one_line(text))


def px(value: float) -> str:
    """A number without needless digits."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def text(x: float, y: float, words: str, anchor: str = "middle", **more: str) -> str:
    """Words at a place."""
    place = f'x="{px(x)}" y="{px(y)}"'
    return f'<text {place} text-anchor="{anchor}"{_attributes(more)}>{safe(words)}</text>'


def rectangle(x: float, y: float, width: float, height: float, **more: str) -> str:
    """A rectangle by its upper left corner and its sides."""
    size = f'width="{px(width)}" height="{px(height)}"'
    return f'<rect x="{px(x)}" y="{px(y)}" {size}{_attributes(more)}/>'


def _attributes(more: dict[str, str]) -> str:
    return "".join(f' {name.replace("_", "-")}="{value}"' for name, value in more.items())
