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


IN_TEXT = re.compile(r"!\[(?P<words>[^\]\n]*)\]\((?P<check>\w+)\)")
"""How a statement names the picture of a check: `![what it shows](id of the check)`."""

Picture: TypeAlias = ErrorMap | MatrixPicture | ReceptiveField
