"""Charts as SVG elements: curves with bands, grey images, histograms, clouds of points.

Lines are told apart by their dashes, too, and every chart is said in words (`describe_chart`).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from backproof.model import Cloud, Curves, Histogram, Images, Line
from backproof.reporting.svg import Drawn, px, rectangle, text

Chart: TypeAlias = Curves | Images | Histogram | Cloud

COLOURS = ("#08519c", "#d95f0e", "#777777", "#31a354")
DASHES = ("", "6 3", "2 3", "8 3 2 3")
_WIDTH, _HEIGHT = 600.0, 270.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 58.0, 12.0, 34.0, 40.0
_LEGEND = 18.0
_FAR = 5.0
"""Standard deviations from the mean: what lies farther is drawn on the border."""


def describe_chart(chart: Chart) -> str:
    """What is to be seen, in words."""
    match chart:
        case Curves():
            return f"{chart.title}: " + "; ".join(map(_line_in_words, chart.lines))
        case Images():
            rows, columns = chart.shape
            grey = f"black is {chart.black:.3g}, white {chart.white:.3g}"
            return f"{chart.title}: {rows} × {columns} pixels each, {grey}"
        case Histogram():
            low, high = _middle_half(chart)
            text = f"{chart.title}: from {chart.ends[0]:.3g} to {chart.ends[1]:.3g}, half of them "
            text += f"from about {low:.2g} to {high:.2g}"
            return text + (f"; the line is the {chart.curve_name}" if chart.curve else "")
        case Cloud():
            distance = math.sqrt(_mahalanobis(chart))
            return (
                f"{chart.title}: the ellipse holds {chart.share:.0%} of a normal cloud; yours are "
                f"{distance:.3g} standard deviations from the mean, its border {chart.radius:.3g}"
            )


def draw_chart(chart: Chart) -> Drawn:
    """Width, height and elements."""
    match chart:
        case Curves():
            return _curves(chart)
        case Images():
            return _images(chart)
        case Histogram():
            return _histogram(chart)
        case Cloud():
            return _cloud(chart)


def _line_in_words(line: Line) -> str:
    text = (
        f"{line.name} from {line.y[0]:.4g} at {line.x[0]:g} to {line.y[-1]:.4g} at {line.x[-1]:g}"
    )
    if not line.low:
        return text
    ends = ((line.low[i], line.high[i], line.x[i]) for i in (0, -1))
    return f"{line.name} " + " and ".join(
        f"from {low:.4g} to {high:.4g} at {x:g}" for low, high, x in ends
    )


# --- axes ----------------------------------------------------------------------------------------


class _Frame:
    """Where values lie on the page, inside axes with rounded ticks."""

    def __init__(
        self,
        x: tuple[float, float],
        y: tuple[float, float],
        legend: int = 0,
        height: float = 0,
        whole: bool = False,
    ) -> None:
        self.x, self.y, self.whole = _widened(x), _widened(y), whole
        self.top = _TOP + _LEGEND * max(0, legend - 1)
        self.height = (height or _HEIGHT) + _LEGEND * max(0, legend - 1)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """What is outside lies on the border."""
        (left, right), (bottom, top) = self.x, self.y
        x, y = min(max(x, left), right), min(max(y, bottom), top)
        return (
            _LEFT + (x - left) / (right - left) * (_WIDTH - _LEFT - _RIGHT),
            self.top + (top - y) / (top - bottom) * (self.height - self.top - _BOTTOM),
        )

    def path(self, xs: Sequence[float], ys: Sequence[float]) -> str:
        """For `points` of a polyline."""
        places = (self.place(x, y) for x, y in zip(xs, ys, strict=True))
        return " ".join(f"{px(x)},{px(y)}" for x, y in places)

    def axes(self, across: str, up: str, ticks: bool = True) -> Iterator[str]:
        """Lines and numbers at rounded values, and what the axes stand for."""
        (x0, bottom), (x1, top) = self.place(self.x[0], self.y[0]), self.place(self.x[1], self.y[1])
        yield rectangle(x0, top, x1 - x0, bottom - top, fill="none", stroke="currentColor")
        for value in _ticks(self.y) if ticks else ():
            level = self.place(self.x[0], value)[1]
            path = f"M{px(x0)} {px(level)}H{px(x1)}"
            yield f'<path d="{path}" stroke="currentColor" stroke-opacity="0.15"/>'
            yield text(x0 - 6, level + 4, f"{value:g}", "end", font_size="10")
        for value in _ticks(self.x, float(self.whole)) if ticks else ():
            place = self.place(value, self.y[0])[0]
            yield text(place, bottom + 14, f"{value:g}", font_size="10")
        yield text((x0 + x1) / 2, bottom + 32, across)
        yield text(4, top - 8, up, "start")


def _widened(ends: tuple[float, float]) -> tuple[float, float]:
    return ends if ends[1] > ends[0] else (ends[0] - 0.5, ends[0] + 0.5)


def _ticks(ends: tuple[float, float], least: float = 0.0) -> list[float]:
    """About five values of 1, 2 or 5 times a power of ten apart, `least` or more."""
    low, high = ends
    rough = max((high - low) / 5, least)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)]


# --- curves --------------------------------------------------------------------------------------


def _curves(chart: Curves) -> Drawn:
    xs = [x for line in chart.lines for x in line.x]
    ys = [y for line in chart.lines for y in (*line.y, *line.low, *line.high)]
    frame = _Frame(
        (min(xs), max(xs)),
        chart.bounds or (min(ys), max(ys)),
        legend=len(chart.lines),
        whole=all(x.is_integer() for x in xs) and max(xs) > 1,
    )
    parts = [*frame.axes(chart.across, chart.up)]
    for number, line in enumerate(chart.lines):
        colour = COLOURS[number % len(COLOURS)]
        dash = DASHES[number % len(DASHES)]
        stroke = f'stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"'
        if line.low:
            around = frame.path([*line.x, *line.x[::-1]], [*line.high, *line.low[::-1]])
            parts.append(f'<polygon points="{around}" fill="{colour}" fill-opacity="0.25"/>')
        path = frame.path(line.x, line.y)
        parts.append(f'<polyline points="{path}" fill="none" {stroke}/>')
        y = 14 + _LEGEND * number
        parts.append(f'<path d="M{px(_WIDTH - 250)} {px(y - 4)}h28" {stroke}/>')
        parts.append(text(_WIDTH - 214, y, line.name, "start"))
    return _WIDTH, frame.height, parts


# --- images --------------------------------------------------------------------------------------


def _images(chart: Images) -> Drawn:
    rows, columns = chart.shape
    pixel = max(3.0, min(14.0, 64.0 / max(rows, columns)))
    wide, high = columns * pixel + 12, rows * pixel + 12
    across = max(1, min(len(chart.images), int(_WIDTH // wide)))
    side = px(pixel + 0.3)
    square = f"h{side}v{side}h-{side}z"
    parts: list[str] = []
    for number, image in enumerate(chart.images):
        left, top = 4 + number % across * wide, 4 + number // across * high
        for level in sorted(set(image)):
            # One path for each grey; pixels are a little wider than apart, so that no seam shows.
            places = (divmod(i, columns) for i, other in enumerate(image) if other == level)
            path = "".join(
                f"M{px(left + column * pixel)} {px(top + row * pixel)}{square}"
                for row, column in places
            )
            parts.append(f'<path d="{path}" fill="#{level:02x}{level:02x}{level:02x}"/>')
        box = (left, top, columns * pixel, rows * pixel)
        parts.append(rectangle(*box, fill="none", stroke="#888"))
    down = math.ceil(len(chart.images) / across)
    return across * wide + 4, down * high + 4, parts


# --- histograms ----------------------------------------------------------------------------------


def _edges(chart: Histogram) -> list[float]:
    low, high = chart.ends
    return [low + (high - low) * i / len(chart.counts) for i in range(len(chart.counts) + 1)]


def _middle_half(chart: Histogram) -> tuple[float, float]:
    """The bins' edges around the quartiles."""
    edges, total = _edges(chart), sum(chart.counts)
    below, low, high = 0, chart.ends[0], chart.ends[1]
    for count, left, right in zip(chart.counts, edges[:-1], edges[1:], strict=True):
        if below <= total / 4:
            low = left
        below += count
        if below >= 3 * total / 4:
            high = right
            break
    return low, high


def _histogram(chart: Histogram) -> Drawn:
    edges = _edges(chart)
    highest = max(*chart.counts, *chart.curve, 1)
    frame = _Frame(chart.ends, (0.0, 1.05 * highest))
    parts = [*frame.axes(chart.across, "count")]
    for count, left, right in zip(chart.counts, edges[:-1], edges[1:], strict=True):
        (x0, y0), (x1, y1) = frame.place(left, count), frame.place(right, 0)
        if count:
            parts.append(rectangle(x0 + 0.5, y0, x1 - x0 - 1, y1 - y0, fill=COLOURS[0]))
    if chart.curve:
        middles = [(left + right) / 2 for left, right in itertools.pairwise(edges)]
        stroke = f'stroke="{COLOURS[1]}" stroke-width="2"'
        parts.append(
            f'<polyline points="{frame.path(middles, chart.curve)}" fill="none" {stroke}/>'
        )
        parts.append(f'<path d="M{px(_WIDTH - 250)} 10h28" {stroke}/>')
        parts.append(text(_WIDTH - 214, 14, chart.curve_name, "start"))
    return _WIDTH, frame.height, parts


# --- clouds --------------------------------------------------------------------------------------


def _mahalanobis(chart: Cloud) -> float:
    (x, y), r = chart.marked, chart.correlation
    return max(0.0, (x * x - 2 * r * x * y + y * y) / max(1 - r * r, 1e-12))


def _cloud(chart: Cloud) -> Drawn:
    farthest = max(abs(value) for point in chart.points for value in point)
    reach = min(_FAR, max(farthest, chart.radius, *map(abs, chart.marked))) * 1.08
    frame = _Frame((-reach, reach), (-reach, reach), height=340)
    parts = [*frame.axes(chart.across, chart.up, ticks=False)]
    for point in chart.points:
        x, y = frame.place(*point)
        circle = f'cx="{px(x)}" cy="{px(y)}"'
        parts.append(f'<circle {circle} r="2" fill="{COLOURS[0]}" fill-opacity="0.5"/>')
    turns = [2 * math.pi * step / 90 for step in range(91)]
    lean = math.sqrt(max(0.0, 1 - chart.correlation**2))
    xs = [chart.radius * math.cos(turn) for turn in turns]
    ys = [
        chart.radius * (chart.correlation * math.cos(turn) + lean * math.sin(turn))
        for turn in turns
    ]
    parts.append(
        f'<polyline points="{frame.path(xs, ys)}" fill="none" stroke="{COLOURS[1]}" '
        'stroke-width="2" stroke-dasharray="6 3"/>'
    )
    x, y = frame.place(*chart.marked)
    cross = f"M{px(x - 7)} {px(y - 7)}l14 14m0 -14l-14 14"
    parts.append(f'<path d="{cross}" stroke="currentColor" stroke-width="3" fill="none"/>')
    outside = max(map(abs, chart.marked)) > reach
    parts.append(text(_WIDTH - 214, 14, "× yours" + (", far outside" if outside else ""), "start"))
    return _WIDTH, frame.height, parts
