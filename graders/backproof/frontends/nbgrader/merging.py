"""A source notebook of ours that is written anew around what an instructor has made of it."""

from __future__ import annotations

import copy
import hashlib
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, TypeAlias

from backproof.model import BackproofError

Cell: TypeAlias = dict[str, Any]
RECORD = "cells"
"""In the notebook's metadata: what we wrote into each cell, as a digest."""


def text_digest(text: str) -> str:
    """The same for the same text."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def grade_id_of(cell: Mapping[str, Any]) -> str:
    """The name that nbgrader knows a cell by; "" if it has none."""
    mark = cell.get("metadata", {}).get("nbgrader")
    id_ = mark.get("grade_id") if isinstance(mark, dict) else None
    return id_ if isinstance(id_, str) else ""


def _key_of(cell: Mapping[str, Any]) -> str:
    """What tells the cells of ours apart: the imports have an id, and are unknown to nbgrader."""
    return grade_id_of(cell) or str(cell.get("id", ""))


def text_of(cell: Mapping[str, Any]) -> str:
    """The source of a cell as one text."""
    source = cell.get("source", "")
    return "".join(source) if isinstance(source, list) else str(source)


def merged_notebook(
    new: dict[str, Any], old: dict[str, Any] | None, digest: str
) -> tuple[dict[str, Any], list[str]]:
    """The new notebook with the old one's own cells, and what was left as somebody changed it.

    Cells that were added stay behind the cell of ours that they followed. Marking cells are always
    ours; a text of ours that was changed, or taken out, stays so.

    digest: of the homework that `new` was written for.

    Raises:
        BackproofError: nothing says what of the old one is ours.
    """
    record = {_key_of(cell): text_digest(text_of(cell)) for cell in new["cells"]}
    if old is None:
        nb = copy.deepcopy(new)
        nb["metadata"]["backproof"][RECORD] = record
        return nb, []
    before = _record_of(old, record, digest)
    ours: dict[str, Cell] = {}
    theirs: dict[str, list[Cell]] = defaultdict(list)
    anchor = ""
    for cell in old["cells"]:
        id_ = _key_of(cell)
        if id_ in record and id_ not in ours:
            ours[id_], anchor = cell, id_
        elif id_ not in before:
            theirs[anchor].append(cell)
    kept: list[str] = []
    cells = list(theirs[""])
    for cell in new["cells"]:
        id_ = _key_of(cell)
        cells += _merged_cell(cell, ours.get(id_), before.get(id_), kept)
        cells += theirs[id_]
    mine = {**new["metadata"]["backproof"], RECORD: record}
    return {**old, "cells": cells, "metadata": {**old["metadata"], "backproof": mine}}, kept


def _record_of(old: dict[str, Any], record: dict[str, str], digest: str) -> Mapping[str, str]:
    written = old.get("metadata", {}).get("backproof", {})
    before = written.get(RECORD)
    if isinstance(before, dict):
        return before
    if written.get("digest") == digest:  # the released notebook, copied by hand
        return record
    raise BackproofError(
        "the notebook in source/ was not written by 'backproof course init', and is not of this "
        "version of the homework: move it away, and run this again"
    )


def _merged_cell(new: Cell, old: Cell | None, before: str | None, kept: list[str]) -> list[Cell]:
    id_ = _key_of(new)
    mark = new["metadata"].get("nbgrader", {})
    is_marking = bool(mark.get("grade"))
    if old is None:
        taken_out = before is not None and not is_marking and not mark.get("solution")
        if taken_out:
            kept.append(f"{id_}, which you took out")
        return [] if taken_out else [new]
    changed = before is not None and text_digest(text_of(old)) != before
    if changed and not is_marking:
        if text_of(old) != text_of(new):
            kept.append(f"{id_}, as you changed it")
        return [old]
    cell = {**old, "metadata": {**old.get("metadata", {}), **new["metadata"]}}
    if text_of(old) != text_of(new) or old.get("cell_type") != new["cell_type"]:
        cell |= {"cell_type": new["cell_type"], "source": new["source"]}
    return [cell]
