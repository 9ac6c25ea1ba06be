"""What an answer may be written in: symbols with domains, functions, matrices, definitions."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

SPELLED = {
    **dict(zip("αβγδζηθικμνξπρστυφχψω", (
        "alpha", "beta", "gamma", "delta", "zeta", "eta", "theta", "iota", "kappa", "mu", "nu",
        "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
    ), strict=True)),
    **dict(zip("ΓΔΘΛΞΠΣΦΨΩ", (
        "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Phi", "Psi", "Omega",
    ), strict=True)),
    "ε": "epsilon", "ϵ": "epsilon", "λ": "lambda", "ϕ": "phi", "ϑ": "theta", "ς": "sigma",
    "µ": "mu", "ℓ": "ell",
}  # fmt: skip
"""Greek letters and the names that they are the same symbol as."""

SAME_NAME = {"lam": "lambda", "lamda": "lambda", "eps": "epsilon", "varepsilon": "epsilon"}
"""Further spellings of one symbol."""

ARITY = {
    **dict.fromkeys((
        "sqrt", "cbrt", "exp", "log", "ln", "log2", "log10", "sin", "cos", "tan", "asin", "acos",
        "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "erfc", "Phi",
        "sigmoid", "softplus", "relu", "abs", "sign", "floor", "ceil", "factorial", "gamma",
        "cot", "sec", "csc", "coth", "sech", "csch",
    ), (1, 1)),
    "binomial": (2, 2),
    "max": (1, 20), "min": (1, 20), "root": (1, 2),
}  # fmt: skip
"""Scalar functions, with the smallest and the largest number of arguments. `log` is natural."""

MATRIX_FUNCTIONS = {"inv": 1, "tr": 1, "diag": 1, "det": 1}
SYNONYMS = {
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "sgn": "sign", "trace": "tr",
    "Max": "max", "Min": "min", "normcdf": "Phi", "inverse": "inv", "cosec": "csc",
    "cosech": "csch", "choose": "binomial", "arctanh": "atanh",
}  # fmt: skip
_GREEK = frozenset(name.lower() for name in SPELLED.values()) | {"Phi"}
"""Functions of these names are not what somebody means who writes the letter."""
_SHORT = 3
"""Names up to this length are near too many functions."""
PIECEWISE = frozenset({"abs", "max", "min", "sign", "relu", "floor", "ceil"})
"""Functions that can hide a difference on a part of the domain."""


class Kind(StrEnum):
    """The shape of a domain."""

    REAL = "real"
    POSITIVE = "positive"
    UNIT = "unit"
    """Strictly between 0 and 1."""
    INTERVAL = "interval"
    """Strictly between two rational ends."""
    INTEGER = "integer"
    """From the lower to the upper end, both included."""
    COMPLEX = "complex"


@dataclass(frozen=True, kw_only=True, slots=True)
class Domain:
    """The values that a symbol may take."""

    kind: Kind
    low: Fraction = Fraction(0)
    high: Fraction = Fraction(1)

    @classmethod
    def of(cls, text: str) -> Domain:
        """A domain as authors write it.

        `real`, `positive`, `unit`, `complex`, `int` (1 to 12), `int[2, 9]`, `(0, 1/2)`.

        Raises:
            ValueError: the text is none of these, or an interval is empty.
        """
        plain = text.replace(" ", "")
        if plain == "int":
            return cls(kind=Kind.INTEGER, low=Fraction(1), high=Fraction(12))
        if plain in ("real", "positive", "unit", "complex"):
            return cls(kind=Kind(plain))
        ends = re.fullmatch(r"(int\[|\()([-\d./]+),([-\d./]+)[\])]", plain)
        if ends is None:
            raise ValueError(f"unknown domain {text!r}")
        low, high = Fraction(ends[2]), Fraction(ends[3])
        whole = ends[1] == "int["
        if low > high or (low == high and not whole):
            raise ValueError(f"empty domain {text!r}")
        return cls(kind=Kind.INTEGER if whole else Kind.INTERVAL, low=low, high=high)


class Property(StrEnum):
    """What is known of a matrix."""

    DIAGONAL = "diagonal"
    SYMMETRIC = "symmetric"
    ORTHOGONAL = "orthogonal"
    POSITIVE_DEFINITE = "positive definite"
    IDENTITY = "identity"
    ONES = "ones"


@dataclass(frozen=True, kw_only=True, slots=True)
class MatrixSymbol:
    """A matrix of declared shape.

    shape: names of dimensions, or whole numbers ("1" for the columns of a column vector).
        Dimensions with different names are different numbers when an answer is tried out.
    """

    name: str
    shape: tuple[str, str]
    properties: frozenset[Property] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class ArraySymbol:
    """An array of numbers used by its entries, as `x[i]` or `x[i, j]`.

    shape: formulas in the size symbols, such as ("N - K + 1",). base: the first index.
    """

    name: str
    shape: tuple[str, ...]
    base: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexSymbol:
    """A free index, with formulas for its first and last value."""

    name: str
    low: str
    high: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Vocabulary:
    """Everything that an answer may mention. A declared name hides a function of that name.

    symbols: name to domain (see `Domain.of`).
    definitions: name to a formula in earlier names: a student may use either.
    constraints: formulas that must be positive at every point tried ("N - K").
    aliases: further spellings, each to a declared name.
    """

    symbols: Mapping[str, str] = field(default_factory=dict)
    definitions: Mapping[str, str] = field(default_factory=dict)
    matrices: tuple[MatrixSymbol, ...] = ()
    arrays: tuple[ArraySymbol, ...] = ()
    indices: tuple[IndexSymbol, ...] = ()
    constraints: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    functions: frozenset[str] = frozenset(ARITY)
    allow_complex: bool = False
    """Complex values count, and `i` is the imaginary unit."""
    table: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._require_types()
        table: dict[str, str] = {"pi": "pi", "e": "e"}
        if self.allow_complex:
            table["i"] = "i"
        for name in self.names:
            table[canonical(name)] = name
        for spelling, name in self.aliases.items():
            if canonical(name) not in table:
                raise ValueError(f"alias of the undeclared name {name!r}")
            table[canonical(spelling)] = table[canonical(name)]
        object.__setattr__(self, "table", table)
        for domain in self.symbols.values():
            Domain.of(domain)

    def _require_types(self) -> None:
        """A forgotten comma or bracket, said where it was made."""
        parts: tuple[tuple[str, object, type], ...] = (
            ("matrices", self.matrices, MatrixSymbol),
            ("arrays", self.arrays, ArraySymbol),
            ("indices", self.indices, IndexSymbol),
            ("constraints", self.constraints, str),
        )
        for part, found, wanted in parts:
            if not isinstance(found, tuple) or not all(isinstance(one, wanted) for one in found):
                raise TypeError(f"{part} must be a tuple of {wanted.__name__}, found {found!r}")
        symbols: tuple[MatrixSymbol | ArraySymbol, ...] = (*self.matrices, *self.arrays)
        for symbol in symbols:
            if not isinstance(symbol.shape, tuple) or set(map(type, symbol.shape)) - {str}:
                raise TypeError(
                    f"the shape of {symbol.name!r} must be a tuple of texts such as ('n', '1'), "
                    f"found {symbol.shape!r}"
                )
        for index in self.indices:
            if not isinstance(index.low, str) or not isinstance(index.high, str):
                raise TypeError(
                    f"the ends of the index {index.name!r} must be texts such as '0' and 'N - 1', "
                    f"found {index.low!r} and {index.high!r}"
                )

    @property
    def names(self) -> tuple[str, ...]:
        """Every declared name."""
        return (
            *self.symbols,
            *self.definitions,
            *(matrix.name for matrix in self.matrices),
            *(array.name for array in self.arrays),
            *(index.name for index in self.indices),
        )

    def resolve(self, name: str) -> str | None:
        """The declared name that a spelling stands for; None if it is not declared."""
        joined, split = re.sub(r"_(?=\d)", "", name), re.sub(r"(?<=[a-z])(?=\d)", "_", name)
        for spelling in (name, joined, split):
            if found := self.table.get(canonical(spelling)):
                return found
        return None

    def function(self, name: str) -> str | None:
        """The function that a spelling stands for; None if there is none."""
        name = SYNONYMS.get(name, name)
        if name in self.functions or (name in MATRIX_FUNCTIONS):
            return name
        return None

    def meant(self, name: str) -> str | None:
        """The declared name that differs from this one by capital letters only, if one does."""
        spelled = canonical(name).casefold()
        return next((known for c, known in self.table.items() if c.casefold() == spelled), None)

    def unknown(self, name: str) -> str:
        """What to tell someone who used an undeclared name."""
        if (near := self._near(name)) is not None:
            return f"unknown name `{name}`: did you mean `{near}`?"
        for cut in range(1, len(name)):
            if self.resolve(name[:cut]) and self.resolve(name[cut:]):
                return f"unknown name `{name}`: for a product write `{name[:cut]}*{name[cut:]}`"
        known = sorted({*self.names, *self.aliases})
        if not known:
            return f"unknown name `{name}`: this answer is a number, without names"
        if close := difflib.get_close_matches(name, known, n=1, cutoff=0.6):
            return f"unknown name `{name}`: did you mean `{close[0]}`?"
        spellings = [function for function in self.functions if function not in _GREEK]
        if len(name) > _SHORT and (
            close := difflib.get_close_matches(name, spellings, n=1, cutoff=0.8)
        ):
            return f"unknown name `{name}`: did you mean the function `{close[0]}`?"
        listed = ", ".join(known[:20])
        return f"unknown name `{name}`; the names of this question are: {listed}"

    def _near(self, name: str) -> str | None:
        """A declared name, else a function, but for capital letters."""
        if (declared := self.meant(name)) is not None:
            return declared
        lower = name.lower()
        return lower if self.function(lower) and lower not in _GREEK else None


def canonical(name: str) -> str:
    """One spelling for a symbol's Greek and spelled names, subscripts included."""
    parts = re.split(r"(_)", "".join(SPELLED.get(letter, letter) for letter in name))
    return "".join(SAME_NAME.get(part, part) for part in parts)
