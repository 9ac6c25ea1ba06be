"""The reports of a run in little memory: what a large class repeats is kept once."""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Iterator, Sequence
from typing import overload

from backproof.model import Report

_LEVEL = 1  # the fastest; what repeats is in the sample


class PackedReports(Sequence[Report]):
    """Reports in the order of their places; each is unpacked when it is looked at.

    Most of a report is the homework's own text, so each is compressed beside the first one: the
    30 checks of `first_layers` take about 1 KiB here, and 40 as objects. These are pickles of the
    grader's own objects, which never leave its memory.
    """

    def __init__(self) -> None:
        self._sample = b""
        self._packed: dict[int, bytes] = {}
        self._places: list[int] | None = []

    def put(self, place: int, report: Report) -> None:
        """Keep a report at a place; places come in any order, and some may stay empty."""
        plain = pickle.dumps(report)
        self._sample = self._sample or plain
        packer = zlib.compressobj(_LEVEL, zdict=self._sample)
        self._packed[place] = packer.compress(plain) + packer.flush()
        self._places = None

    def __len__(self) -> int:
        return len(self._packed)

    def __iter__(self) -> Iterator[Report]:
        return map(self._unpacked, self._in_order())

    @overload
    def __getitem__(self, index: int) -> Report: ...
    @overload
    def __getitem__(self, index: slice) -> list[Report]: ...
    def __getitem__(self, index: int | slice) -> Report | list[Report]:
        places = self._in_order()
        if isinstance(index, slice):
            return list(map(self._unpacked, places[index]))
        return self._unpacked(places[index])

    def _in_order(self) -> list[int]:
        if self._places is None:
            self._places = sorted(self._packed)
        return self._places

    def _unpacked(self, place: int) -> Report:
        unpacker = zlib.decompressobj(zdict=self._sample)
        report: Report = pickle.loads(unpacker.decompress(self._packed[place]))
        return report
