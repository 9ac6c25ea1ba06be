"""100,000 texts that nobody meant as answers: each is refused politely or decided soon."""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from backproof.answers.deciding import decide_trees
from backproof.answers.numbers import decide_number
from backproof.answers.parser import parse
from backproof.answers.printing import to_latex, to_text
from backproof.answers.syntax import AnswerSyntaxError, Node
from backproof.answers.units import decide_quantity
from backproof.answers.verdicts import Ruling
from backproof.model.typed import NumberDemand
from backproof.model.vocabulary import (
    ArraySymbol,
    IndexSymbol,
    MatrixSymbol,
    Property,
    Vocabulary,
)

TEXTS = 100_000
LONGEST = 2.0
"""Seconds for one text, everything included; on a quiet machine none takes 0.1."""


@dataclass(frozen=True, kw_only=True)
class Language:
    """A vocabulary with a reference, and right answers to spoil."""

    name: str
    vocabulary: Vocabulary
    reference: str
    words: tuple[str, ...]
    answers: tuple[str, ...]


SCALARS = Language(
    name="scalars",
    vocabulary=Vocabulary(
        symbols={"x": "real", "y": "positive", "p": "unit", "n": "int", "k": "int[2, 9]"}
    ),
    reference="p*x/(1 - p) + n",
    words=("x", "y", "p", "n", "k", "sin", "exp", "log", "sqrt", "abs", "max", "gamma", "floor"),
    answers=("p*x/(1 - p) + n", "x*p/(1-p)+n", "sin(x)^2 + cos(x)^2", "max(x, 0)*n!", "√x·2y"),
)
DEFINED = Language(
    name="definitions",
    vocabulary=Vocabulary(
        symbols={"mu": "real", "var": "positive", "eps": "positive", "p": "unit", "b": "(0, 1/2)"},
        definitions={"q": "1 - p", "sigma": "sqrt(var + eps)"},
        aliases={"keep": "q"},
    ),
    reference="q*mu/sigma",
    words=("mu", "μ", "σ", "sigma", "q", "keep", "var", "ε", "b", "tanh", "relu", "erf", "root"),
    answers=("q*mu/sigma", "(1-p) μ/σ", "keep*mu*(var+eps)^(-1/2)", "q = sigma", "{q, mu}"),
)
MATRICES = Language(
    name="matrices",
    vocabulary=Vocabulary(
        symbols={"lambda": "positive", "t": "real"},
        matrices=(
            MatrixSymbol(name="X", shape=("n", "d")),
            MatrixSymbol(name="w", shape=("d", "1")),
            MatrixSymbol(
                name="A", shape=("d", "d"), properties=frozenset({Property.POSITIVE_DEFINITE})
            ),
            MatrixSymbol(name="I", shape=("d", "d"), properties=frozenset({Property.IDENTITY})),
        ),
    ),
    reference="inv(A + λ*I)@w",
    words=("X", "w", "A", "I", "λ", "t", ".T", "@", "⊙", "inv", "tr", "diag", "det", "exp", "ᵀ"),
    answers=("inv(A + λ*I)@w", "X.T@(X@w)", "tr(A) w", "(A + λ I)^-1 w", "[[t, 1], [2, t]]"),
)
SUMS = Language(
    name="sums",
    vocabulary=Vocabulary(
        symbols={"N": "int[4, 9]", "K": "int[2, 4]"},
        arrays=(
            ArraySymbol(name="X", shape=("N",)),
            ArraySymbol(name="dZ", shape=("N - K + 1",)),
        ),
        indices=(IndexSymbol(name="j", low="0", high="K - 1"),),
        constraints=("N - K + 1",),
    ),
    reference="sum(i=0, N-K, dZ[i]*X[i+j])",
    words=("N", "K", "X", "dZ", "j", "i", "k", "sum", "sum(i=0,", "X[", "]", "max", "floor"),
    answers=(
        "sum(i=0, N-K, dZ[i]*X[i+j])",
        "sum(k=j, N-K+j, dZ[k-j]*X[k])",
        "X[0] = X[N-1]",
        "sum(i=0, N-1, sum(k=0, i, X[k]))",
    ),
)
COMPLEX = Language(
    name="complex",
    vocabulary=Vocabulary(symbols={"z": "complex", "x": "real"}, allow_complex=True),
    reference="exp(i*x)*z",
    words=("z", "x", "i", "e", "pi", "π", "exp", "log", "sqrt", "abs", "cosh", "sign", "binomial"),
    answers=("exp(i*x)*z", "z(cos(x) + i sin(x))", "e^(i x) z", "x^z", "|z|"),
)
LANGUAGES = (SCALARS, DEFINED, MATRICES, SUMS, COMPLEX)
SIGNS = (*"+-*/^!()[]{},=.@⊙√²³⁻₁ᵀ", "**", " ", "  ", "sum", ".T", "^T")
NUMBERS = ("0", "1", "2", "7", "0.5", ".1", "1.", "1e3", "1e-300", "99", "10^6", "1/2", "3e399")


# --- texts ----------------------------------------------------------------------------------------


def bytes_of(source: random.Random, language: Language) -> str:
    raw = source.randbytes(source.randint(0, 60))
    return raw.decode("latin-1") if source.random() < 0.5 else raw.decode("utf-8", "replace")


def letters(source: random.Random, language: Language) -> str:
    """Unicode: all planes, surrogates and combining marks included."""
    tops = (0x7F, 0x3FF, 0x2BFF, 0xFFFF, 0x10FFFF)
    return "".join(
        chr(source.randint(0, source.choice(tops))) for _ in range(source.randint(1, 40))
    )


def soup(source: random.Random, language: Language) -> str:
    alphabet = language.words + SIGNS + NUMBERS
    return "".join(source.choice(alphabet) for _ in range(source.randint(1, 25)))


def nested(source: random.Random, language: Language) -> str:
    depth = source.choice((5, 30, 59, 60, 61, 400))
    opening, closing = source.choice(
        (("(", ")"), ("-", ""), ("√", ""), ("sin(", ")"), ("x^", ""), ("[", "]"), ("", "!"),
         ("1+(", ")"), ("2*(", ")^2"), ("sum(i=0,2,", ")"), ("max(1,", ")"), ("inv(", ")"))
    )  # fmt: skip
    return opening * depth + source.choice(language.words + NUMBERS) + closing * depth


def spoilt(source: random.Random, language: Language) -> str:
    text = list(source.choice(language.answers))
    for _ in range(source.randint(1, 4)):
        place = source.randrange(len(text) + 1)
        new = source.choice(("", *language.words, *SIGNS, *NUMBERS))
        text[place : place + source.randint(0, 2)] = new
    return "".join(text)


def formula(source: random.Random, language: Language, depth: int = 0) -> str:
    """A text made by the grammar; most of these parse."""
    inner: Callable[[], str] = lambda: formula(source, language, depth + 1)  # noqa: E731
    if depth > 5 or source.random() < 0.2:
        return source.choice((source.choice(NUMBERS[:9]), *_operands(language) * 2))
    match source.randrange(9):
        case 0 | 1:
            return f"{inner()} {source.choice('+-')} {inner()}"
        case 2:
            return (
                f"({inner()}){source.choice('*/@⊙' if language is MATRICES else '*/')}({inner()})"
            )
        case 3:
            return f"({inner()})^{source.choice(('2', '(-1)', '(1/2)', '3', '0', f'({inner()})'))}"
        case 4:
            return f"-({inner()})"
        case 5:
            return f"({inner()}){source.choice(('!', '.T', '', '²'))}"
        case 6 if language is SUMS:
            index = source.choice("iklmrst")
            body = source.choice((inner(), f"X[{index}]", f"dZ[{index}]*({inner()})"))
            return f"sum({index}=0, {source.choice(('N-1', 'N-K', 'K', inner()))}, {body})"
        case 7:
            return f"{source.choice(('max', 'min', 'binomial', 'root'))}({inner()}, {inner()})"
        case _:
            return f"{source.choice(_FUNCTIONS)}({inner()})"


_FUNCTIONS = (
    "sqrt", "cbrt", "exp", "log", "ln", "log2", "sin", "tan", "acos", "tanh", "erf", "Phi",
    "sigmoid", "softplus", "relu", "abs", "sign", "floor", "ceil", "factorial", "gamma", "csch",
    "inv", "tr", "diag", "det",
)  # fmt: skip


def _operands(language: Language) -> tuple[str, ...]:
    own = {"matrices": ("X", "w", "A", "I", "λ"), "sums": ("N", "K", "j", "X[0]", "X[j]", "X[N-1]")}
    return own.get(
        language.name, tuple(w for w in language.words if language.vocabulary.resolve(w))
    )


MAKERS: dict[str, tuple[Callable[[random.Random, Language], str], int]] = {
    "bytes": (bytes_of, 30),
    "letters": (letters, 15),
    "soup": (soup, 25),
    "nested": (nested, 5),
    "spoilt": (spoilt, 15),
    "grammar": (formula, 10),
}
"""How texts are made, and how many in a hundred."""


# --- what is done with each -----------------------------------------------------------------------


@dataclass
class Fuzzed:
    """What came of the texts."""

    texts: Counter[str] = field(default_factory=Counter)
    parsed: Counter[str] = field(default_factory=Counter)
    rulings: Counter[str] = field(default_factory=Counter)
    longest: tuple[float, str] = (0.0, "")
    too_large: int = 0

    def one(self, maker: str, text: str, language: Language, expected: Node) -> None:
        started = time.perf_counter()
        self.texts[maker] += 1
        tree = read(text, language)
        if tree is not None:
            self.parsed[maker] += 1
            assert to_latex(tree)
            again = read(to_text(tree), language, limits_only=True)
            assert again in (tree, None), repr(text)
            self.too_large += again is None
            found = decide_trees(tree, expected, language.vocabulary)
            self.rulings[found.verdict.value] += 1
            assert found.verdict is not Ruling.WRONG or found.message, repr(text)
        took = time.perf_counter() - started
        self.longest = max(self.longest, (took, f"{language.name}: {text!r}"))


def read(text: str, language: Language, *, limits_only: bool = False) -> Node | None:
    """The tree, or None if the text is refused in a sentence that points into it.

    limits_only: no other refusal is expected, for canonical text is longer than what was typed.
    """
    refusal = None
    try:
        return parse(text, language.vocabulary)
    except AnswerSyntaxError as error:
        refusal = error
    assert 0 <= refusal.position <= len(text), repr(text)
    assert "may" in refusal.message if limits_only else refusal.message, repr(text)
    return None


def test_a_hundred_thousand_texts_end_soon_and_raise_nothing_undeclared() -> None:
    source, fuzzed = random.Random("backproof fuzz"), Fuzzed()
    makers = [name for name, (_, share) in MAKERS.items() for _ in range(share)]
    references = [parse(language.reference, language.vocabulary) for language in LANGUAGES]
    for number in range(TEXTS):
        language, maker = LANGUAGES[number % len(LANGUAGES)], source.choice(makers)
        text = MAKERS[maker][0](source, language)
        fuzzed.one(maker, text, language, references[number % len(LANGUAGES)])
    print(fuzzed)

    assert fuzzed.texts.total() == TEXTS
    assert fuzzed.parsed["grammar"] > TEXTS / 20
    assert fuzzed.too_large < fuzzed.parsed.total() / 100
    assert fuzzed.rulings.total() == fuzzed.parsed.total()
    assert set(fuzzed.rulings) == {"correct", "wrong", "undecided"}
    assert fuzzed.longest[0] < LONGEST, fuzzed.longest


TYPED = st.one_of(
    st.text(max_size=40),
    st.binary(max_size=40).map(lambda raw: raw.decode("latin-1")),
    st.lists(
        st.sampled_from(
            [
                *"0123456789.,_'-+−%eE*/·×^() ",
                "10^",
                "e9",
                "MB",
                "GiB",
                "FLOP/s",
                "µs",
                "log(",
                "pi",
            ]
        ),
        max_size=14,
    ).map("".join),
)


@settings(max_examples=1500, deadline=None, derandomize=True)
@given(
    typed=TYPED,
    expected=st.sampled_from(["0", "-3", "log(10)", "1e-7", "4496293888", "2/3"]),
    demand=st.builds(
        NumberDemand,
        minimum_digits=st.integers(0, 4),
        whole=st.booleans(),
        rounded=st.booleans(),
    ),
)
def test_any_text_is_decided_as_a_number_and_as_a_quantity(
    typed: str, expected: str, demand: NumberDemand
) -> None:
    number = decide_number(typed, expected, demand)
    quantity = decide_quantity(typed, "815 MiB", demand)

    assert number.verdict in Ruling
    assert quantity.verdict in (Ruling.CORRECT, Ruling.WRONG, Ruling.SYNTAX, Ruling.FORM)
    assert quantity.verdict is not Ruling.CORRECT or "B" in typed or "b" in typed
