"""Lines with bands as SVG text: the same bytes everywhere, no library, a title in words."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 300
LEFT, RIGHT, TOP, BOTTOM = 58, 150, 14, 40
COLOURS = ("#08519c", "#d95f0e", "#555555", "#31a354")
DASHES = ("", "6 3", "2 3", "8 3 2 3")
"""Lines are told apart without colours, too."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """Points from left to right; low and high, if any, are the band around them."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()


def svg(
    lines: Sequence[Line], *, says: str, across: str, up: str, bottom: float, top: float
) -> str:
    """One picture of all lines, `says` in words what is to be seen; what is outside is cut."""
    left, right = min(min(line.x) for line in lines), max(max(line.x) for line in lines)

    def place(x: float, y: float) -> tuple[float, float]:
        y = min(max(y, bottom), top)
        return (
            LEFT + (x - left) / (right - left) * (WIDTH - LEFT - RIGHT),
            TOP + (top - y) / (top - bottom) * (HEIGHT - TOP - BOTTOM),
        )

    def path(xs: Sequence[float], ys: Sequence[float]) -> str:
        places = (place(x, y) for x, y in zip(xs, ys, strict=True))
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)

    def parts() -> Iterator[str]:
        for step in range(5):
            y = bottom + (top - bottom) * step / 4
            (x0, level), (x1, _) = place(left, y), place(right, y)
            yield f'<path d="M{x0:.1f} {level:.1f}H{x1:.1f}" stroke="#ccc"/>'
            yield _text(LEFT - 6, level + 4, f"{y:g}", "end")
            x = left + (right - left) * step / 4
            yield _text(place(x, bottom)[0], HEIGHT - BOTTOM + 16, f"{x:g}", "middle")
        yield _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, across, "middle")
        yield _text(LEFT - 50, TOP - 16, up, "start")
        for number, line in enumerate(lines):
            colour = COLOURS[number]
            if line.low:
                around = path([*line.x, *line.x[::-1]], [*line.high, *line.low[::-1]])
                yield f'<polygon points="{around}" fill="{colour}" fill-opacity="0.2"/>'
            yield (
                f'<polyline points="{path(line.x, line.y)}" fill="none" stroke="{colour}" '
                f'stroke-width="2" stroke-dasharray="{DASHES[number]}"/>'
            )
            x, y = WIDTH - RIGHT + 10, TOP + 16 + 20 * number
            yield (
                f'<path d="M{x} {y - 4}h24" stroke="{colour}" stroke-width="2" '
                f'stroke-dasharray="{DASHES[number]}"/>'
            )
            yield _text(x + 30, y, line.name, "start")

    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 -12 {WIDTH} {HEIGHT + 12}" font-family="sans-serif" font-size="12">'
        f"<title>{html.escape(says)}</title>"
        f'<rect y="-12" width="100%" height="100%" fill="#fff"/>{"".join(parts())}</svg>\n'
    )


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{html.escape(words)}</text>'
