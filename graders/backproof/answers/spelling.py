"""What people's keyboards make of plain signs, put back: before anything is read."""

from __future__ import annotations

import re
import unicodedata

RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿ", "0123456789+-()n", strict=True))
LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
_SIGNS = {
    **dict.fromkeys("·×∗⋅∙•⨯\u2062", "*"),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    **dict.fromkeys("÷∕⁄", "/"),
    "∘": "⊙",
    **dict.fromkeys("\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u2060\u2061\ufeff", ""),
    **dict.fromkeys(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))), ""),
}
"""Signs for one operation, dashes, and characters that nobody sees."""
_KEPT = frozenset("ϵϑϕϖϱςµϒ") | RAISED.keys() | LOWERED.keys()
_LOOKS_ONLY = re.compile(r"<(font|wide|narrow|small|compat|noBreak)> ")
_LINES = re.compile(r"[⌊⌋⌈⌉|¦∣∥]")
LATEX = re.compile(r"\\[A-Za-z(\[]|\$|[\^_]\{")


def simple(character: str) -> str:
    """One character in its plain spelling; ½ as `(1/2)`."""
    if character in _SIGNS:
        return _SIGNS[character]
    if character.isascii() or character in _KEPT:
        return character
    if (digit := unicodedata.decimal(character, None)) is not None:
        return str(digit)
    shape = unicodedata.decomposition(character)
    if shape.startswith("<fraction>"):
        return f"({unicodedata.normalize('NFKC', character).replace('⁄', '/')})"
    if _LOOKS_ONLY.match(shape):
        plain = unicodedata.normalize("NFKC", character)
        return plain if len(plain) > 1 else _SIGNS.get(plain, plain)
    return character


def simplified(text: str) -> str:
    """A text in plain spelling."""
    return text if text.isascii() else "".join(map(simple, text))


def advice(text: str) -> tuple[str, int] | None:
    """What to write instead of something that is not read, and where it is."""
    if found := LATEX.search(text):
        return "LaTeX is not read: write sqrt(...), (a)/(b), x^(...)", found.start()
    if "//" in text:
        return "`//` is not read: write floor(...)", text.index("//")
    if found := _LINES.search(text):
        match found[0]:
            case "⌊" | "⌋":
                return f"`{found[0]}` is not read: write floor(...)", found.start()
            case "⌈" | "⌉":
                return f"`{found[0]}` is not read: write ceil(...)", found.start()
        return f"`{found[0]}` is not read: write abs(x)", found.start()
    return None


def named(character: str) -> str:
    """A character in a message: by its number where it cannot be seen."""
    visible = character.isprintable() and not unicodedata.combining(character)
    return f"`{character}`" if visible else f"the character U+{ord(character):04X}"
