"""Runs submissions: isolated for marks, in this process for a student's own self-check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backproof.sandbox.inprocess import InProcess

if TYPE_CHECKING:
    from backproof.sandbox.isolated import Isolated

__all__ = ["InProcess", "Isolated"]


def __getattr__(name: str) -> object:
    """`Isolated` when first used: a self-check also runs where its Unix modules do not exist."""
    if name == "Isolated":
        from backproof.sandbox.isolated import Isolated

        return Isolated
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
