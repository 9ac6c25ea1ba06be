"""Choices: true or false, one of several, several of several."""

from __future__ import annotations

import re
from collections.abc import Mapping

from backproof.answers.verdicts import Decided, Ruling, Witness
from backproof.model.typed import TRUE_OR_FALSE, ChoiceField

_SPELLED = {"t": "true", "yes": "true", "y": "true", "f": "false", "no": "false", "n": "false"}
_DECORATION = "()[].:;'\"`"


def _words(field: ChoiceField) -> Mapping[str, str]:
    """Every accepted spelling of an option, in lower case."""
    words = {option.casefold(): option for option in field.options}
    if tuple(option.casefold() for option in field.options) == TRUE_OR_FALSE:
        truths = dict(zip(TRUE_OR_FALSE, field.options, strict=True))
        words |= {spelling: truths[meant] for spelling, meant in _SPELLED.items()}
    return words


def _plain(text: str) -> str:
    return " ".join(text.split()).strip(_DECORATION + " ").casefold()


def read_choice(text: str, field: ChoiceField) -> frozenset[str] | None:
    """The options that a text chooses; None if it is not certain which."""
    words = _words(field)
    if (whole := words.get(_plain(text))) is not None:
        return frozenset((whole,))
    if not field.several:
        return None
    parts = [_plain(part) for part in re.split(r"[,;/+&\s]+|\band\b", text)]
    chosen = [words.get(part) for part in parts if part and part != "and"]
    if not chosen or None in chosen:
        return None
    return frozenset(option for option in chosen if option is not None)


def decide_choice(student: str, expected: str, field: ChoiceField) -> Decided:
    """Compare the options chosen with the right ones.

    Raises:
        ValueError: the *reference* is none of the options.
    """
    right, chosen = read_choice(expected, field), read_choice(student, field)
    if right is None:
        raise ValueError(f"{expected!r} is none of the options {field.options}")
    if chosen is None:
        return Decided(verdict=Ruling.SYNTAX, message=wanted(field))
    text = spoken(chosen, field)
    if chosen == right:
        return Decided(verdict=Ruling.CORRECT, method="choice", parsed_text=text)
    witness = Witness(point=(), yours=text, expected=spoken(right, field))
    return Decided(
        verdict=Ruling.WRONG,
        method="choice",
        message=f"you chose {text}",
        witness=witness,
        parsed_text=text,
    )


def spoken(chosen: frozenset[str], field: ChoiceField) -> str:
    """Chosen options in the order in which they were offered."""
    return ", ".join(option for option in field.options if option in chosen)


def wanted(field: ChoiceField) -> str:
    """What to say to a text that chooses none of the options."""
    listed = ", ".join(field.options)
    how = "one or more of" if field.several else "one of"
    return f"this is not {how}: {listed}"
