"""Who handed in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Student:
    """What the course's platform says of a student, as its files name them; "" is not known.

    id: a login, a number of the platform or of the university: whatever its files hold.
    """

    name: str = ""
    id: str = ""
    email: str = ""

    def __str__(self) -> str:
        return self.name or self.id or self.email
