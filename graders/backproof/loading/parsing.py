"""Parsing of Python text, from several threads."""

from __future__ import annotations

import ast
import threading

_ATTEMPTS = 20
_one_at_a_time = threading.Lock()


def parsed(text: str) -> ast.Module:
    """`ast.parse`, which fails now and then while another thread parses.

    Of CPython before 3.11.8 and 3.12.2 (gh-106905): all threads share one counter of the depth. The
    lock is for us, the attempts are for whoever else parses in this process.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: it cannot be parsed.
    """
    with _one_at_a_time:
        for _ in range(_ATTEMPTS - 1):
            try:
                return ast.parse(text)
            except SystemError:
                continue
        return ast.parse(text)
