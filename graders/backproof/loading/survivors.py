"""One-edit changes of a reference that no check tells from it, listed by name with a reason."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from backproof.model import BackproofError

FILE = "survivors.toml"
_TABLES = ("equivalent", "missed")


@dataclass(frozen=True, kw_only=True, slots=True)
class Survivors:
    """What a problem says of edits that survive all of its checks: the edit's id and a reason.

    equivalent: changes nothing for any argument that the docstring allows, or nothing that is
    asked for. missed: is wrong, and still no check finds it.
    """

    equivalent: Mapping[str, str] = field(default_factory=dict)
    missed: Mapping[str, str] = field(default_factory=dict)


def load_survivors(folder: Path) -> Survivors:
    """The list in a problem's folder; empty where there is none.

    Raises:
        BackproofError: the file is no such list.
    """
    path = folder / FILE
    if not path.is_file():
        return Survivors()
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BackproofError(f"{path}: {error}") from error
    if unknown := tables.keys() - set(_TABLES):
        raise BackproofError(f"{path}: unknown {sorted(unknown)}; known: {', '.join(_TABLES)}")
    for name, table in tables.items():
        for edit, reason in table.items() if isinstance(table, dict) else [("", "")]:
            if not isinstance(reason, str) or not reason.strip():
                raise BackproofError(
                    f'{path}: [{name}] must hold lines "edit" = "reason", found {edit} = {reason!r}'
                )
    found = Survivors(**tables)
    if twice := found.equivalent.keys() & found.missed.keys():
        raise BackproofError(f"{path}: {sorted(twice)} stand in both tables")
    return found
