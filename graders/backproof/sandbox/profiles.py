"""How strongly submissions are isolated: the profiles, and the least that a course accepts.

What is in force is found out by trying (see `layers`); this module only judges the names.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum

from backproof.model import BackproofError

ISOLATION = "BACKPROOF_ISOLATION"
WEAK_ISOLATION = "BACKPROOF_WEAK_ISOLATION"


class Profile(StrEnum):
    """From strong to weak. `COLD` is `BASE` or better, in a fresh process for each submission."""

    FULL = "full"
    BASE = "base"
    COLD = "cold"
    NONE = "none"


_BASE = (
    "rlimits",
    "unprivileged user",
    "no capabilities",
    "no_new_privs",
    "landlock",
    "seccomp",
)
_FULL = (
    "user namespace",
    "pid namespace",
    "mount namespace",
    "network namespace",
    "ipc namespace",
    "private tmpfs",
    "own user namespace",
    *_BASE,
)
NEEDED: Mapping[Profile, tuple[str, ...]] = {
    Profile.FULL: _FULL,
    Profile.BASE: _BASE,
    Profile.COLD: _BASE,
    Profile.NONE: (),
}
"""The layers that each profile consists of, by the beginning of their names."""

_WAY_OUT = {
    Profile.FULL: "grade where user namespaces are allowed, or accept less with --isolation base "
    f"or {ISOLATION}=base",
    Profile.BASE: "grade on Linux 5.13 or newer, as a user of your own, outside a container that "
    f"forbids them; or, if you trust every submission, with --isolation none or {WEAK_ISOLATION}=1",
}
_WAY_OUT[Profile.COLD] = _WAY_OUT[Profile.BASE]


def accepted(asked: str | None = None) -> Profile:
    """The least that is accepted: as asked, else as the environment says, else `BASE`."""
    if asked is None and (asked := os.environ.get(ISOLATION)) is None:
        weak = os.environ.get(WEAK_ISOLATION) == "1"
        return Profile.NONE if weak else Profile.BASE
    if asked not in set(Profile):
        raise BackproofError(
            f"isolation {asked!r} (--isolation, {ISOLATION}): choose {', '.join(Profile)}"
        )
    return Profile(asked)


def lacking(profile: Profile, layers: tuple[str, ...]) -> list[str]:
    """The layers of a profile that are not in force."""
    return [name for name in NEEDED[profile] if not any(x.startswith(name) for x in layers)]


def reached(layers: tuple[str, ...], *, cold: bool) -> str:
    """The strongest profile that these layers make, in the words of a report."""
    found = next(p for p in (Profile.FULL, Profile.BASE, Profile.NONE) if not lacking(p, layers))
    if found is Profile.NONE:
        return "none: NOT ISOLATED"
    return f"cold, {found}" if cold else str(found)


def refuse_below(least: Profile, layers: tuple[str, ...], reasons: Mapping[str, str]) -> None:
    """Raise when less than the least accepted is in force: which layers, why, and the way out."""
    missing = lacking(least, layers)
    if not missing:
        return
    why = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
    raise BackproofError(
        f"isolation '{least}' is asked for, but this machine offers no {' and no '.join(missing)}"
        f", so a submission could reach what it must not ({why}): {_WAY_OUT[least]}"
    )
