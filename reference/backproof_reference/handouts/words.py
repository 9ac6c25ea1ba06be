"""The sentences of a derivation, written in plain ASCII, as HTML and as Markdown."""

import re
from html import escape

from backproof_reference.handouts.names import ACCENTS, GREEK

_SHORT = {"lam": "λ", "eps": "ε", "sum": "∑"}
_WORDS = {**GREEK, **_SHORT}
# A base with its subscript or exponent: x_a, dW_{tcuv}, m^2, (...)^(-1/2), r^3.
_SUBSCRIPT = re.compile(
    r"_(?:\{([^{}]*)\}|((?:\([^()]*\))+|[A-Za-z0-9']{1,4}(?:\+[a-z0-9]+)?)(?![A-Za-z0-9_']))"
)
_EXPONENT = re.compile(r"\^(?:\{([^{}]*)\}|\((-?[\w/ ]+)\)|(-?\w))")
_WORD = re.compile(r"(?<![A-Za-z\\])([A-Za-z]+)(?![A-Za-z])")
_ACCENT = re.compile(r"([A-Za-zα-ωΑ-Ω])_(hat|bar|tilde)")
_SIGNS = (("<=", "≤"), (">=", "≥"), ("->", "→"), (" - ", " − "), ("+-", "±"))


def html_words(text: str) -> str:
    """A sentence as HTML: subscripts, exponents, Greek letters, accents."""
    for plain, sign in _SIGNS:
        text = text.replace(plain, sign)
    shown = escape(text, quote=False)
    shown = _WORD.sub(_greek, shown)
    shown = _ACCENT.sub(lambda found: found[1] + ACCENTS[found[2]], shown)
    shown = _SUBSCRIPT.sub(lambda found: f"<sub>{found[1] or found[2]}</sub>", shown)
    return _EXPONENT.sub(lambda found: f"<sup>{found[1] or found[2] or found[3]}</sup>", shown)


def markdown_words(text: str) -> str:
    """A sentence as Markdown that shows every character as it stands."""
    return re.sub(r"([\\`*_{}\[\]<>|#$~])", r"\\\1", text)


def _greek(found: re.Match[str]) -> str:
    word = found[1]
    if word.startswith("d") and word[1:] in GREEK:  # dgamma, the gradient of gamma
        return "d" + GREEK[word[1:]]
    # "sum" is a word of English too: only with a subscript is it a sign.
    if word == "sum" and found.string[found.end() : found.end() + 1] != "_":
        return word
    return _WORDS.get(word, word)
