"""What can be drawn about a result: small plain data, without an expected value in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal, TypeAlias


class Error(IntEnum):
    """How wrong an entry is, measured by the largest entry that is expected.

    Coarse on purpose: nobody can compute an expected value back from a class.
    """

    RIGHT = 0
    SMALL = 1
    """Up to a tenth."""
    LARGE = 2
    """Up to once."""
    HUGE = 3
    """More than once."""
    NOT_FINITE = 4
    """Not a finite number where one is due, or the other way round."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ErrorMap:
    """Which entries of an array are wrong, and by how much.

    shape: of the array. grid: of the map, the same or, for a large array, coarser: each cell then
        shows the worst of its entries. levels: one digit (`Error`) for each cell of the grid, last
        axis fastest. summary: what is to be seen, in words.
    """

    output: str
    shape: tuple[int, ...]
    grid: tuple[int, ...]
    levels: str
    summary: str
    kind: Literal["error map"] = field(default="error map", init=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class MatrixPicture:
    """A matrix with its blocks, of which one entry may be marked as wrong.

    rows, columns: names of the rows and columns; none if empty.
    row_blocks, column_blocks: how many rows and columns each block has; one block if empty.
    cells: what stands in it, row by row (a row may be too short); empty cells if left out.
    wrong: row and column, counted from 0.
    """

    name: str
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    row_blocks: tuple[int, ...] = ()
    column_blocks: tuple[int, ...] = ()
    cells: tuple[tuple[str, ...], ...] = ()
    wrong: tuple[int, int] | None = None
    kind: Literal["matrix"] = field(default="matrix", init=False)

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of rows and columns."""
        if self.cells:
            return len(self.cells), max(map(len, self.cells))
        return len(self.rows), len(self.columns)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceptiveField:
    """A stack of layers along one axis, first layer first; what one output of the last one sees.

    kernels, strides, dilations: one whole number for each layer; dilations are 1 if left out.
    """

    kernels: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...] = ()
    kind: Literal["receptive field"] = field(default="receptive field", init=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """Points from left to right, joined; low and high, if any, are the band around them."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Curves:
    """Lines over one axis, such as an accuracy over epochs.

    title: what they show. across, up: what the axes stand for. bounds: of the axis that goes up,
        what lies outside is drawn on the border; by default as the lines have them.
    """

    title: str
    across: str
    up: str
    lines: tuple[Line, ...]
    bounds: tuple[float, float] | None = None
    kind: Literal["curves"] = field(default="curves", init=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Images:
    """Grey images of one size, such as the kernels of a layer.

    images: rows of grey levels from 0 (black) to 255 (white), row by row; the same grey means the
        same number in all of them. black, white: the numbers at the two ends.
    """

    title: str
    shape: tuple[int, int]
    images: tuple[tuple[int, ...], ...]
    black: float
    white: float
    kind: Literal["images"] = field(default="images", init=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Histogram:
    """How often values fall into bins of one width.

    ends: of the axis, the outer edges of the first and the last bin. counts: one for each bin.
    curve: how many there would be by a law that `curve_name` names; none if empty.
    """

    title: str
    across: str
    ends: tuple[float, float]
    counts: tuple[int, ...]
    curve: tuple[float, ...] = ()
    curve_name: str = ""
    kind: Literal["histogram"] = field(default="histogram", init=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cloud:
    """Where runs end in a plane, without a scale: what is to be seen is who lies among them.

    points: in standard deviations along each axis, from the mean. correlation: of the two. radius:
        of the ellipse that holds `share` of a normal cloud. marked: one more point, of somebody's
        own.
    """

    title: str
    across: str
    up: str
    points: tuple[tuple[float, float], ...]
    correlation: float
    radius: float
    share: float
    marked: tuple[float, float]
    kind: Literal["cloud"] = field(default="cloud", init=False)


IN_TEXT = re.compile(r"!\[(?P<words>[^\]\n]*)\]\((?P<check>\w+)\)")
"""How a statement names the picture of a check: `![what it shows](id of the check)`."""

Picture: TypeAlias = ErrorMap | MatrixPicture | ReceptiveField | Curves | Images | Histogram | Cloud
