"""Why a wrong answer is wrong: known slips, each proven by the decision procedure first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import combinations

from backproof.answers.approximate import simple_fraction, value_at
from backproof.answers.arithmetic import AnotherPointError
from backproof.answers.deciding import Critical, decide_trees
from backproof.answers.parser import parse
from backproof.answers.printing import to_text
from backproof.answers.sampling import Draw, Sampler
from backproof.answers.syntax import (
    Call,
    Chain,
    Equation,
    Name,
    Negative,
    Node,
    Number,
    Power,
    SetOf,
    Transpose,
    add,
    divide,
    multiply,
    rebuild,
    subtract,
    walk,
)
from backproof.answers.verdicts import NoReferenceValueError, Ruling
from backproof.model.vocabulary import Domain, Kind, Vocabulary


class Slip(StrEnum):
    """What went wrong."""

    SIGN = "sign"
    TRANSPOSED = "transposed"
    FACTOR = "constant factor"
    MONOMIAL = "missing factor"
    OFFSET = "additive constant"
    RECIPROCAL = "reciprocal"
    COMPLEMENT = "p and 1 - p"
    SWAPPED = "swapped symbols"
    POWER = "square or root"


@dataclass(frozen=True, kw_only=True, slots=True)
class Hint:
    """A slip that certainly leads from the reference to the student's answer.

    factor: the answer divided by the reference, where the slip is a factor.
    """

    slip: Slip
    sentence: str
    factor: str = ""


def explain(
    student: str,
    reference: str,
    vocabulary: Vocabulary,
    *,
    critical: Critical = (),
    seed: str = "",
) -> Hint | None:
    """The first slip that explains an answer already found WRONG; None if none does.

    Raises:
        AnswerSyntaxError: one of the texts cannot be read.
    """
    given = parse(student, vocabulary)
    expected = parse(reference, vocabulary, trusted=True)
    if any(isinstance(tree, Equation | SetOf) for tree in (given, expected)):
        return None

    def same(one: Node, other: Node) -> bool:
        """A slip that changes nothing, such as swapping the a and b of a + b, explains nothing."""
        found = decide_trees(one, other, vocabulary, critical=critical, seed=seed)
        return found.verdict is Ruling.CORRECT

    for candidate, hint in _candidates(given, expected, vocabulary, seed):
        try:
            found = decide_trees(given, candidate, vocabulary, critical=critical, seed=seed)
        except NoReferenceValueError:  # a matrix has no reciprocal, for one
            continue
        if found.verdict is Ruling.CORRECT and not same(candidate, expected):
            return hint
        if found.method == "budget":
            return None  # the answer is too large to look at it for each further slip
    return None


def _candidates(
    given: Node, expected: Node, vocabulary: Vocabulary, seed: str
) -> Iterator[tuple[Node, Hint]]:
    """Changed references, each with what to say if the student's answer equals it."""
    yield Negative(expected), Hint(slip=Slip.SIGN, sentence="the sign is wrong", factor="-1")
    if any(isinstance(node, Transpose) for node in walk(expected)) or vocabulary.matrices:
        yield Transpose(expected), Hint(slip=Slip.TRANSPOSED, sentence="your answer is transposed")
    yield from _by_value(given, expected, vocabulary, seed)
    yield (
        divide(Number(Fraction(1)), expected),
        Hint(slip=Slip.RECIPROCAL, sentence="your answer is the reciprocal"),
    )
    yield from _by_symbols(expected, vocabulary)
    squared = Power(expected, Number(Fraction(2)))
    yield squared, Hint(slip=Slip.POWER, sentence="your answer is the square of the expected one")
    root = Call("sqrt", (expected,))
    yield root, Hint(slip=Slip.POWER, sentence="your answer is the square root of the expected one")


# --- from values ---------------------------------------------------------------------------------


def _by_value(
    given: Node, expected: Node, vocabulary: Vocabulary, seed: str
) -> Iterator[tuple[Node, Hint]]:
    names = frozenset(
        node.name for tree in (given, expected) for node in walk(tree) if isinstance(node, Name)
    ) | _defined(vocabulary)
    arrays = frozenset(array.name for array in vocabulary.arrays)
    sampler = Sampler(vocabulary, names | arrays, f"hints{seed}")
    definitions = _Definitions(vocabulary)
    mine, theirs = definitions.expand(given), definitions.expand(expected)
    values: list[tuple[Draw, Fraction, Fraction]] = []
    for _ in range(12):
        try:
            draw = sampler.draw()
        except AnotherPointError:
            return
        one, other = value_at(mine, sampler, draw), value_at(theirs, sampler, draw)
        if one and other:
            values.append((draw, one, other))
        if len(values) == 3:
            break
    else:
        return
    ratios = [one / other for _, one, other in values]
    yield from _constant_factor(ratios, expected)
    yield from _offset([one - other for _, one, other in values], expected)
    yield from _monomial(mine, theirs, sampler, values[0], expected)


def _defined(vocabulary: Vocabulary) -> frozenset[str]:
    return frozenset(
        node.name
        for text in vocabulary.definitions.values()
        for node in walk(parse(text, vocabulary, trusted=True))
        if isinstance(node, Name)
    )


class _Definitions:
    def __init__(self, vocabulary: Vocabulary) -> None:
        self.found: dict[str, Node] = {}
        for name, text in vocabulary.definitions.items():
            self.found[name] = self.expand(parse(text, vocabulary, trusted=True))

    def expand(self, node: Node) -> Node:
        if isinstance(node, Name) and node.name in self.found:
            return self.found[node.name]
        return rebuild(node, self.expand)


def _equal(values: list[Fraction]) -> bool:
    return all(abs(value / values[0] - 1) < Fraction(1, 10**30) for value in values if values[0])


def _identified(value: Fraction) -> Node | None:
    """A rational number, or the root of one, that a value of 50 digits stands for."""
    if (simple := simple_fraction(value)) is not None:
        return _fraction(simple)
    if (simple := simple_fraction(value * value)) is not None:
        root: Node = Call("sqrt", (_fraction(simple),))
        return root if value > 0 else Negative(root)
    return None


def _fraction(value: Fraction) -> Node:
    above: Node = Number(Fraction(abs(value.numerator)))
    node = above if value.denominator == 1 else divide(above, Number(Fraction(value.denominator)))
    return node if value >= 0 else Negative(node)


def _constant_factor(ratios: list[Fraction], expected: Node) -> Iterator[tuple[Node, Hint]]:
    if not _equal(ratios):
        return
    factor = _identified(ratios[0])
    if factor is None or factor == Number(Fraction(1)):  # a difference too small to name
        return
    text = to_text(factor)
    sentence = f"your answer is {text} times the expected one"
    hint = Hint(slip=Slip.FACTOR, sentence=sentence, factor=text)
    yield multiply(factor, expected), hint


def _offset(differences: list[Fraction], expected: Node) -> Iterator[tuple[Node, Hint]]:
    if not differences[0] or not _equal(differences):
        return
    offset = _identified(differences[0])
    if offset is None or offset == Number(Fraction(0)):
        return
    text = to_text(offset)
    yield (
        add(expected, offset),
        Hint(slip=Slip.OFFSET, sentence=f"your answer is the expected one plus {text}"),
    )


def _monomial(
    mine: Node,
    theirs: Node,
    sampler: Sampler,
    first: tuple[Draw, Fraction, Fraction],
    expected: Node,
) -> Iterator[tuple[Node, Hint]]:
    """Exponents of each symbol in answer / reference, from what halving the symbol does."""
    draw, one, other = first
    ratio = one / other
    present: list[tuple[str, Fraction]] = []
    constant = ratio
    for name, value in (*draw.scalars.items(), *draw.sizes.items()):
        if not isinstance(value, Fraction) or value == 0:
            continue
        if name in draw.sizes and sampler.is_sized:
            continue
        moved = _moved(draw, name, value)
        here, there = value_at(mine, sampler, moved), value_at(theirs, sampler, moved)
        if not here or not there:
            return
        exponent = _exponent(ratio / (here / there))
        if exponent is None:
            return
        if exponent:
            present.append((name, exponent))
            if exponent.denominator != 1:
                constant = Fraction(0)
            elif constant:
                constant /= value ** int(exponent)
    if not present:
        return
    factor = simple_fraction(constant) if constant else Fraction(1)
    if factor is None or factor == 0:
        return
    monomial = _product(present, factor)
    inverse = _product([(name, -exponent) for name, exponent in present], 1 / factor)
    surplus = all(exponent > 0 for _, exponent in present)
    said, text = ("one factor too many:", monomial) if surplus else ("you are missing", inverse)
    yield (
        multiply(expected, monomial),
        Hint(slip=Slip.MONOMIAL, sentence=f"{said} {to_text(text)}", factor=to_text(monomial)),
    )


def _moved(draw: Draw, name: str, value: Fraction) -> Draw:
    scalars, sizes = dict(draw.scalars), dict(draw.sizes)
    (scalars if name in scalars else sizes)[name] = value / 2
    return Draw(scalars=scalars, sizes=sizes, seed=draw.seed)


def _exponent(change: Fraction) -> Fraction | None:
    """k in sixths with change = ±2^k."""
    sixth = simple_fraction(abs(change) ** 6, 2**40)
    if sixth is None or sixth <= 0:
        return None
    above, below = sixth.numerator.bit_length() - 1, sixth.denominator.bit_length() - 1
    if sixth != Fraction(2**above, 2**below):
        return None
    return Fraction(above - below, 6)


def _product(parts: list[tuple[str, Fraction]], factor: Fraction) -> Node:
    items: list[tuple[str, Node]] = []
    above = [(name, exponent) for name, exponent in parts if exponent > 0]
    below = [(name, -exponent) for name, exponent in parts if exponent < 0]
    if factor != 1 or not above:
        items.append(("*", _fraction(factor)))
    items += [("*", _symbol(name, exponent)) for name, exponent in above]
    items += [("/", _symbol(name, exponent)) for name, exponent in below]
    if len(items) == 1:
        return items[0][1]
    return Chain(tuple(items))


def _symbol(name: str, exponent: Fraction) -> Node:
    if exponent == 1:
        return Name(name)
    if exponent == Fraction(1, 2):
        return Call("sqrt", (Name(name),))
    return Power(Name(name), _fraction(exponent))


# --- from symbols --------------------------------------------------------------------------------


def _by_symbols(expected: Node, vocabulary: Vocabulary) -> Iterator[tuple[Node, Hint]]:
    used = {node.name for node in walk(expected) if isinstance(node, Name)}
    for name in sorted(used & vocabulary.symbols.keys()):
        if Domain.of(vocabulary.symbols[name]).kind is Kind.UNIT:
            complement = subtract(Number(Fraction(1)), Name(name))
            yield (
                _renamed(expected, {name: complement}),
                Hint(slip=Slip.COMPLEMENT, sentence=f"check `{name}` against `1 - {name}`"),
            )
    declared = sorted(used & {*vocabulary.symbols, *(m.name for m in vocabulary.matrices)})
    for one, other in combinations(declared[:10], 2):
        yield (
            _renamed(expected, {one: Name(other), other: Name(one)}),
            Hint(slip=Slip.SWAPPED, sentence=f"`{one}` and `{other}` are swapped"),
        )


def _renamed(node: Node, new: dict[str, Node]) -> Node:
    if isinstance(node, Name) and node.name in new:
        return new[node.name]
    return rebuild(node, lambda child: _renamed(child, new))
