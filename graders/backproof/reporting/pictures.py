"""Pictures as SVG text: the same bytes everywhere, no script, no library, no external resource.

A figure carries its own words (title, caption), so that whoever cannot see it misses nothing.
Colours are told apart by lightness alone, too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import accumulate

from backproof.model import Error, ErrorMap, MatrixPicture, Picture, ReceptiveField
from backproof.reporting.charts import describe_chart, draw_chart
from backproof.reporting.svg import Drawn, px, rectangle, safe, text
from backproof.reporting.text import one_line

COLOURS = {
    Error.RIGHT: "#d3e3f0",
    Error.SMALL: "#fdc070",
    Error.LARGE: "#d95f0e",
    Error.HUGE: "#6b2406",
    Error.NOT_FINITE: "#000000",
}
MEANINGS = {
    Error.RIGHT: "right",
    Error.SMALL: "off by up to a tenth of the largest value",
    Error.LARGE: "off by up to the largest value",
    Error.HUGE: "off by more",
    Error.NOT_FINITE: "not a finite number",
}
_WIDTH = 560
_FONT = 12
_LETTER = 0.62 * _FONT
"""Width of a letter in a monospaced font, at most."""
_MARK = "#fdc070"
_MAX_PIXELS = 80
"""Of a receptive field: more are not drawn one by one."""


def describe(picture: Picture) -> str:
    """What is to be seen, in words."""
    match picture:
        case ErrorMap():
            shape = " × ".join(map(str, picture.shape))
            coarse = (
                "" if picture.grid == picture.shape else ", each cell the worst of several entries"
            )
            return f"Errors of {picture.output} ({shape}{coarse}): {picture.summary}"
        case MatrixPicture():
            return _describe_matrix(picture)
        case ReceptiveField():
            layers = "; ".join(map(_layer, *_stack(picture)))
            return (
                f"{len(picture.kernels)} layers, first layer first ({layers}): one output of the "
                f"last one sees {_span(picture)} pixels of the input, from first to last"
            )
        case _:
            return describe_chart(picture)


def figure(picture: Picture) -> str:
    """An HTML figure with its caption; its style is its own, as notebooks offer none."""
    legend = ""
    if isinstance(picture, ErrorMap):
        present = [level for level in Error if str(level.value) in picture.levels]
        legend = "".join(
            f'<span style="display:inline-block;margin-right:1.2em"><span style="display:'
            f"inline-block;width:1em;height:1em;vertical-align:-0.15em;border:1px solid;"
            f'background:{COLOURS[level]}"></span> {MEANINGS[level]}</span>'
            for level in present
        )
    return (
        f'<figure style="margin:0.8em 0">{svg(picture)}<figcaption style="font-size:0.9em">'
        f"{safe(describe(picture))}<br>{legend}</figcaption></figure>"
    )


def svg(picture: Picture, *, alone: bool = False) -> str:
    """One SVG element; `alone`: as a file, on white, for places without a style of their own."""
    match picture:
        case ErrorMap():
            width, height, parts = _error_map(picture)
        case MatrixPicture():
            width, height, parts = _matrix(picture)
        case ReceptiveField():
            width, height, parts = _receptive_field(picture)
        case _:
            width, height, parts = draw_chart(picture)
    ground = '<rect width="100%" height="100%" fill="#fff"/>' if alone else ""
    wide, high = px(width), px(height)
    size = f'width="{wide}" height="{high}" viewBox="0 0 {wide} {high}"'
    style = "" if alone else ' style="max-width:100%;height:auto"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size}{style} '
        f'font-family="ui-monospace,monospace" font-size="{_FONT}" fill="currentColor" '
        f'stroke="none"><title>{safe(describe(picture))}</title>{ground}{"".join(parts)}</svg>'
    )


# --- the errors of an array ----------------------------------------------------------------------


def _error_map(picture: ErrorMap) -> Drawn:
    """The last two axes as an image, and tiles of it for the axes before."""
    rows, columns = (1, 1, *picture.grid)[-2:]
    lead = picture.grid[:-2]
    across = lead[-1] if lead else 1
    down = math.prod(lead[:-1])
    cell = max(3.0, min(22.0, (_WIDTH - 40) / (across * (columns + 1))))
    left, top = 34.0, 20.0
    tile = (columns * cell + max(cell, 8), rows * cell + (22 if lead else 8))
    parts: list[str] = []
    for place in range(down * across):
        x = left + place % across * tile[0]
        y = top + place // across * tile[1]
        levels = picture.levels[place * rows * columns : (place + 1) * rows * columns]
        parts += _tile(levels, columns, cell, x, y)
        if lead:
            index = ",".join(map(str, _index(place, lead)))
            parts.append(text(x, y - 5, f"[{index}]", "start", font_size="10"))
    if not lead:
        exact = picture.grid == picture.shape
        parts += _ticks(columns, cell, left, top, exact)
        if len(picture.grid) == 2:
            parts += _ticks(rows, cell, left, top, exact, vertical=True)
    return left + across * tile[0], top + down * tile[1], parts


def _index(place: int, sizes: Sequence[int]) -> list[int]:
    index: list[int] = []
    for size in reversed(sizes):
        index.insert(0, place % size)
        place //= size
    return index


def _tile(levels: str, columns: int, cell: float, x: float, y: float) -> Iterator[str]:
    """One path for each class of error, on white."""
    rows = len(levels) // columns
    yield rectangle(x - 1, y - 1, columns * cell + 1, rows * cell + 1, fill="#fff", stroke="#888")
    side = px(cell - (1 if cell > 4 else 0))
    for level in Error:
        places = [i for i, digit in enumerate(levels) if digit == str(level.value)]
        path = "".join(
            f"M{px(x + i % columns * cell)} {px(y + i // columns * cell)}h{side}v{side}h-{side}z"
            for i in places
        )
        if path:
            yield f'<path d="{path}" fill="{COLOURS[level]}"/>'


def _ticks(
    count: int, cell: float, left: float, top: float, exact: bool, vertical: bool = False
) -> Iterator[str]:
    """Indices along an axis: all of them where there is room, else the first and the last."""
    if not exact:
        return
    for i in range(count) if cell >= 16 and count < 100 else {0, count - 1}:
        middle = (i + 0.5) * cell
        if vertical:
            yield text(left - 6, top + middle + 4, str(i), "end", font_size="10")
        else:
            yield text(left + middle, top - 6, str(i), font_size="10")


# --- a matrix ------------------------------------------------------------------------------------


def _describe_matrix(picture: MatrixPicture) -> str:
    rows, columns = picture.shape
    parts = [f"{picture.name} as you typed it" if picture.cells else picture.name]
    parts.append(f"{rows} rows, {columns} columns")
    if picture.row_blocks or picture.column_blocks:
        down, across = picture.row_blocks or (rows,), picture.column_blocks or (columns,)
        parts.append(f"in {len(down)} × {len(across)} blocks")
    text = ", ".join(parts)
    if picture.rows and picture.columns:
        text += f"; its rows belong to {_ends(picture.rows)}, its columns to "
        text += _ends(picture.columns)
    if picture.wrong is not None:
        row, column = picture.wrong
        name = f"entry ({row + 1}, {column + 1})"
        if picture.rows and picture.columns:
            name += f", where {picture.rows[row]} meets {picture.columns[column]},"
        text += f". The marked {name} is not right"
    return text


def _ends(names: Sequence[str]) -> str:
    return f"{names[0]}, ..., {names[-1]}" if len(names) > 3 else ", ".join(names)


def _matrix(picture: MatrixPicture) -> Drawn:
    rows, columns = picture.shape
    texts = [one_line(cell) for row in picture.cells for cell in row] + list(picture.columns)
    wide = max(30.0, 12 + _LETTER * max(map(len, texts), default=0))
    high = 26.0
    left = 14 + _LETTER * max(map(len, picture.rows), default=0)
    top = 24.0 if picture.columns else 8.0
    parts = []
    if picture.wrong is not None:
        row, column = picture.wrong
        box = (left + column * wide, top + row * high, wide, high)
        parts.append(rectangle(*box, fill=_MARK, stroke="#d95f0e", stroke_width="3"))
    for i, name in enumerate(picture.rows):
        parts.append(text(left - 7, top + (i + 0.65) * high, name, "end"))
    for j, name in enumerate(picture.columns):
        parts.append(text(left + (j + 0.5) * wide, top - 8, name))
    for i, cells in enumerate(picture.cells):
        for j, cell in enumerate(cells):
            marked = {"fill": "#000"} if (i, j) == picture.wrong else {}
            parts.append(text(left + (j + 0.5) * wide, top + (i + 0.65) * high, cell, **marked))
    parts += _lines(picture.row_blocks or (rows,), rows, high, left, top, columns * wide, True)
    parts += _lines(picture.column_blocks or (columns,), columns, wide, left, top, rows * high)
    return left + columns * wide + 4, top + rows * high + 4, parts


def _lines(
    blocks: Sequence[int],
    count: int,
    step: float,
    left: float,
    top: float,
    length: float,
    across: bool = False,
) -> Iterator[str]:
    """The lines between rows (`across`) or columns, thick between blocks."""
    bounds = {0, *accumulate(blocks)}
    for i in range(count + 1):
        strong = 'stroke-width="2"' if i in bounds else 'stroke-width="1" stroke-opacity="0.3"'
        place = px((top if across else left) + i * step)
        path = f"M{px(left)} {place}h{px(length)}" if across else f"M{place} {px(top)}v{px(length)}"
        yield f'<path d="{path}" stroke="currentColor" {strong}/>'


# --- a receptive field ---------------------------------------------------------------------------


def _stack(picture: ReceptiveField) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    dilations = picture.dilations or (1,) * len(picture.kernels)
    return picture.kernels, picture.strides, dilations


def _layer(kernel: int, stride: int, dilation: int) -> str:
    text = f"kernel {kernel}, stride {stride}"
    return text if dilation == 1 else f"{text}, dilation {dilation}"


def _span(picture: ReceptiveField) -> int:
    """Araujo, Norris and Sim 2019, equation 2, solved from the last layer down."""
    span = 1
    for kernel, stride, dilation in reversed(list(zip(*_stack(picture), strict=True))):
        span = (span - 1) * stride + dilation * (kernel - 1) + 1
    return span


def _receptive_field(picture: ReceptiveField) -> Drawn:
    layers = list(zip(*_stack(picture), strict=True))
    # Which nodes of each map the one output depends on, from the top down.
    used = [{0}]
    for kernel, stride, dilation in reversed(layers):
        used.insert(0, {i * stride + dilation * j for i in used[0] for j in range(kernel)})
    span = max(used[0]) + 1
    left, step, high = 104.0, max(7.0, min(26.0, (_WIDTH - 120) / min(span, _MAX_PIXELS))), 58.0
    centre = [{i: left + (i + 0.5) * step for i in used[0]}]
    for number, (kernel, stride, dilation) in enumerate(layers):
        below = centre[number]
        ends = {i: (i * stride, i * stride + dilation * (kernel - 1)) for i in used[number + 1]}
        centre.append({i: (below[a] + below[b]) / 2 for i, (a, b) in ends.items()})
    level = [high * (len(layers) - i) + 18 for i in range(len(layers) + 1)]
    parts = list(_edges(layers, used, centre, level))
    parts.append(text(4, level[0] + 4, "input", "start"))
    for i in range(span):
        box = (left + i * step + 1, level[0] - 7, step - 2, 14.0)
        fill = "#d95f0e" if i in used[0] else "none"
        parts.append(rectangle(*box, fill=fill, stroke="currentColor"))
    for number, (kernel, stride, dilation) in enumerate(layers, 1):
        more = f" d {dilation}" if dilation > 1 else ""
        parts.append(text(4, level[number] - 1, f"layer {number}", "start"))
        parts.append(text(4, level[number] + 13, f"k {kernel} s {stride}{more}", "start"))
        parts += [
            f'<circle cx="{px(x)}" cy="{px(level[number])}" r="{px(min(6.0, step * 0.36))}" '
            f'fill="#d95f0e" stroke="currentColor"/>'
            for x in centre[number].values()
        ]
    end = level[0] + 14
    bracket = f"M{px(left)} {px(end)}v6h{px(span * step)}v-6"
    parts.append(f'<path d="{bracket}" stroke="currentColor" fill="none"/>')
    said = f"{span} pixels, from first to last"
    width = left + max(span * step, _LETTER * len(said)) + 6
    parts.append(text(left, end + 20, said, "start"))
    return width, end + 28, parts


def _edges(
    layers: Sequence[tuple[int, int, int]],
    used: Sequence[set[int]],
    centre: Sequence[dict[int, float]],
    level: Sequence[float],
) -> Iterator[str]:
    """Lines from every node to those of the map below that it is computed from."""
    for number, (kernel, stride, dilation) in enumerate(layers):
        path = "".join(
            f"M{px(centre[number + 1][i])} {px(level[number + 1])}"
            f"L{px(centre[number][i * stride + dilation * j])} {px(level[number])}"
            for i in sorted(used[number + 1])
            for j in range(kernel)
        )
        yield f'<path d="{path}" stroke="currentColor" stroke-opacity="0.45" fill="none"/>'
