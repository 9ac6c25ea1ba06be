"""From a typed text to tokens."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from backproof.answers.spelling import LOWERED, RAISED, advice, named, simple
from backproof.answers.syntax import (
    LONGEST_INTEGER,
    MAX_LENGTH,
    MAX_NUMBER,
    MAX_TOKENS,
    AnswerSyntaxError,
)
from backproof.model.vocabulary import ARITY, MATRIX_FUNCTIONS, SPELLED, SYNONYMS

_MARKS = {"\u0302": "_hat", "\u0304": "_bar", "\u0305": "_bar", "\u0303": "_tilde"}
_NUMBER = re.compile(r"(?:\d+(?:\.(?!T\b)\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_MODULE = re.compile(r"(?:np|numpy|math|torch)\.(?:linalg\.)?(?=([A-Za-z][A-Za-z0-9]*))", re.ASCII)
_CALLED = ARITY.keys() | MATRIX_FUNCTIONS.keys() | SYNONYMS.keys() | {"pi", "e"}
_SIGNS = frozenset("+-*/^@⊙!()[]{},=")


class Type(StrEnum):
    """What a token is."""

    NUMBER = "number"
    NAME = "name"
    SIGN = "sign"
    """An operator or bracket; also `.T` and `√`."""
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its text in plain spelling and its place in what was typed."""

    type: Type
    text: str
    position: int
    spaced: bool = False
    """There is white space before it."""
    raised: bool = False
    """It was written as a superscript."""


def tokens(text: str, *, trusted: bool = False) -> list[Token]:
    """Split a text.

    trusted: no student typed it, so that only the length of its numbers has a limit.

    Raises:
        AnswerSyntaxError: a character is not one of the language, or a limit is passed.
    """
    if len(text) > MAX_LENGTH and not trusted:
        raise AnswerSyntaxError(f"an answer may have {MAX_LENGTH} characters", MAX_LENGTH)
    if (instead := advice(text)) is not None:
        raise AnswerSyntaxError(*instead)
    plain, places = _plain(text)
    longest = LONGEST_INTEGER if trusted else MAX_NUMBER
    found: list[Token] = []
    at = 0
    spaced = False
    while at < len(plain):
        if plain[at].isspace():
            spaced, at = True, at + 1
            continue
        if (module := _MODULE.match(plain, at)) is not None and module[1] in _CALLED:
            at = module.end()
        added, at = _next(plain, at, places[at], spaced)
        found.extend(added)
        spaced = False
        if added[0].type is Type.NUMBER and len(added[0].text) > longest:
            raise AnswerSyntaxError(f"a number may have {longest} characters", places[at - 1])
        if len(found) > MAX_TOKENS and not trusted:
            raise AnswerSyntaxError(
                f"an answer may have {MAX_TOKENS} numbers, names and signs", places[at - 1]
            )
    found.append(Token(Type.END, "the end", len(text)))
    return found


def _plain(text: str) -> tuple[str, list[int]]:
    """The text in plain spelling, without the `;` or `.` that may end it, and each one's place.

    A Greek letter before a Latin one ends its name: a space goes between.
    """
    letters: list[str] = []
    places: list[int] = []
    for place, original in enumerate(text):
        plain = simple(original)
        if plain.startswith("(") and len(plain) > 1 and letters and letters[-1].isdigit():
            message = f"`{letters[-1]}{original}`: write the sum or the product of the two numbers"
            raise AnswerSyntaxError(message, place)
        for letter in unicodedata.normalize("NFD", plain):
            new = _MARKS.get(letter, letter)
            if letter in LOWERED:
                new = ("" if letters and letters[-1] in LOWERED.values() else "_") + LOWERED[letter]
            letters.extend(new)
            places.extend([place] * len(new))
    read = "".join(letters).rstrip()
    if len(read) > 1 and read.endswith(";"):
        read = read[:-1].rstrip()
    if len(read) > 1 and read.endswith("."):
        read = read[:-1]
    return read, places


def _next(plain: str, at: int, place: int, spaced: bool) -> tuple[list[Token], int]:
    """The tokens that start here, and where the next ones start."""
    letter = plain[at]
    if (match := _NUMBER.match(plain, at)) is not None:
        return [Token(Type.NUMBER, match[0], place, spaced)], match.end()
    if letter in SPELLED:
        tail = re.compile(r"(?:_[A-Za-z0-9_]+|\d+)?", re.ASCII).match(plain, at + 1)
        assert tail is not None
        return [Token(Type.NAME, SPELLED[letter] + tail[0], place, spaced)], tail.end()
    if (match := _NAME.match(plain, at)) is not None:
        end = match.end()
        name = match[0]
        if name.endswith("_") and plain[end : end + 1] in SPELLED and end < len(plain):
            name, end = name + SPELLED[plain[end]], end + 1
        return [Token(Type.NAME, name, place, spaced)], end
    if letter in RAISED:
        return _raised(plain, at, place)
    for sign, meant in (("**", "^"), ("==", "=")):
        if plain.startswith(sign, at):
            return [Token(Type.SIGN, meant, place, spaced)], at + 2
    if letter == "ᵀ" or re.compile(r"\.T\b").match(plain, at):
        return [Token(Type.SIGN, ".T", place, spaced)], at + (1 if letter == "ᵀ" else 2)
    if letter in _SIGNS or letter == "√":
        return [Token(Type.SIGN, letter, place, spaced)], at + 1
    raise AnswerSyntaxError(f"{named(letter)} is not used in answers", place)


def _raised(plain: str, at: int, place: int) -> tuple[list[Token], int]:
    """A run of superscripts as ^( ... )."""
    end = at
    while end < len(plain) and plain[end] in RAISED:
        end += 1
    inner = tokens("".join(RAISED[letter] for letter in plain[at:end]))[:-1]
    shifted = [
        Token(token.type, token.text, place + token.position, raised=True) for token in inner
    ]
    return [
        Token(Type.SIGN, "^", place, raised=True),
        Token(Type.SIGN, "(", place, raised=True),
        *shifted,
        Token(Type.SIGN, ")", place, raised=True),
    ], end
