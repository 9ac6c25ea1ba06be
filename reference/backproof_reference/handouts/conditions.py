"""What the checker takes as given, read off the derivation itself.

The assumptions of a derivation are its author's words. These are the conditions that its symbols,
named values and operators carry, whether or not the author mentions them, so that none can be
hidden: signs, ranges, supports, the domain of every root, and what each operator rests on.
"""

from collections.abc import Iterable, Iterator

import sympy as sp

from backproof_reference.handouts.layout import Name, Node, Reader
from backproof_reference.handouts.operations import Part, moments_of
from backproof_reference.handouts.typed import to_text
from backproof_reference.prove import (
    Definition,
    Derivation,
    Differentiate,
    Expect,
    Expr,
    OneHot,
    Step,
    Substitute,
    Verdict,
)
from backproof_reference.prove.form import expressions_of, unsettled_sign
from backproof_reference.prove.operators import definitions_by_name, indices_of, name_of

Sentence = tuple[Part, ...]
KINDS = (
    ("positive whole numbers: ", True, "is_positive"),
    ("whole numbers that are not negative: ", True, "is_nonnegative"),
    ("positive: ", False, "is_positive"),
    ("not negative: ", False, "is_nonnegative"),
)


def conditions(derivation: Derivation) -> tuple[Sentence, ...]:
    """One sentence each, text and formulas by turns."""
    setting, read = derivation.setting, Reader()
    found = [*_signs(derivation)]
    met = {str(getattr(symbol, "label", symbol)) for symbol in _symbols(derivation)}
    for index, (low, high) in setting.ranges.items():
        if str(index) in met:
            found.append((read(low), " <= ", read(index), " <= ", read(high)))
    found += [(read(form), " >= 0") for form in setting.nonnegative]
    for name, shape in setting.support.items():
        if name in met:
            extents: list[Part] = [part for at in shape for part in (" x ", read(at))][1:]
            found.append((Name(name), " is 0 outside its ", *extents, " entries, counted from 0"))
    if setting.one_hot in met:
        row = Name(str(setting.one_hot))
        found.append(("counterexamples give each row of ", row, " at most one 1"))
    for definition in setting.definitions:
        # One without an index is used to show that a divisor is not 0, mentioned or not.
        used = name_of(definition.symbol) in met or not indices_of(definition.symbol)
        if used and definition.base_is_positive:
            found.append((*_place(definition), read(definition.base), " is positive"))
    for step in derivation.steps:
        found += [(f'from "{step.name}" on: ', *said) for said in _of_operator(step, derivation)]
    if derivation.level is not Verdict.PROVED_ALL_SIZES:
        found += [(read(each), " is not 0: it is divided by") for each in _divisors(derivation)]
    return tuple(dict.fromkeys(found))


def plain(sentence: Sentence) -> str:
    """A sentence as text."""
    return "".join(part if isinstance(part, str) else to_text(part) for part in sentence)


def _signs(derivation: Derivation) -> Iterator[Sentence]:
    """The declared signs of sizes, scalars and arrays, each kind in one sentence."""
    named = definitions_by_name(derivation.setting)
    symbols = _symbols(derivation)
    told: set[str] = set(named) | {str(index) for index in derivation.setting.ranges}
    for words, whole, sign in KINDS:
        kind = {
            str(getattr(symbol, "label", symbol)): symbol
            for symbol in symbols
            if bool(symbol.is_integer) == whole and getattr(symbol, sign)
        }
        names = sorted(kind.keys() - told)
        told |= kind.keys()
        if names:
            listed: list[Part] = []
            for name in names:
                every = "every entry of " if isinstance(kind[name], sp.IndexedBase) else ""
                listed += [", "] * bool(listed) + [every] * bool(every) + [Name(name)]
            yield (words, *listed)


def _symbols(derivation: Derivation) -> list[Expr]:
    """Every scalar and array of the chain, and of the named values that it mentions."""
    steps = [part for step in derivation.steps for part in expressions_of(step)]
    sizes = [size for sizes in derivation.sizes for size in sizes]
    scalars = [d for d in derivation.setting.definitions if not indices_of(d.symbol)]
    found = _atoms([derivation.start, *steps, *sizes, *derivation.setting.nonnegative])
    for definition in reversed(derivation.setting.definitions):  # a base uses earlier names
        names = {str(getattr(symbol, "label", symbol)) for symbol in found}
        if definition in scalars or name_of(definition.symbol) in names:
            own = {str(index) for index in indices_of(definition.symbol)}
            found += [symbol for symbol in _atoms([definition.base]) if str(symbol) not in own]
    return list(dict.fromkeys(found))


def _atoms(expressions: Iterable[Expr]) -> list[Expr]:
    """Arrays and scalars that are not summed over, in a fixed order."""
    found: list[Expr] = []
    for expr in expressions:
        arrays = expr.atoms(sp.IndexedBase)
        free = {symbol for symbol in expr.free_symbols if isinstance(symbol, sp.Symbol)}
        found += sorted(arrays, key=str)
        found += sorted(free - {array.label for array in arrays}, key=str)
    return found


def _of_operator(step: Step, derivation: Derivation) -> Iterator[Sentence]:
    """What an operator rests on beyond the expression it acts on."""
    read = Reader()
    match step.op:
        case Differentiate(wrt):
            yield "all else is held fixed but ", read(wrt), " and named values that depend on it"
        case Expect(variable, moments):
            many = "the entries of " if indices_of(variable) else ""
            alike = " are independent of each other and of all else" if many else ""
            yield (
                many,
                _whole(variable) if many else read(variable),
                alike or " is independent of all else",
                *moments_of(moments),
            )
        case OneHot(variable):
            yield "each row of ", _whole(variable), " has at most one 1, all else 0"
        case Substitute(old, new):
            named = definitions_by_name(derivation.setting).get(name_of(old))
            if named is None:
                yield read(old), " is ", read(new)
            else:
                yield *_place(named), read(named.base), " is ", read(new)
            relation = unsettled_sign(old, new)
            if relation:
                yield read(new), f" {relation}"


def _place(definition: Definition) -> Sentence:
    """For which entries a definition speaks."""
    indices = indices_of(definition.symbol)
    if not indices:
        return ()
    listed: list[Part] = [part for at in indices for part in (", ", Reader()(at))][1:]
    return ("for every ", *listed, ": ")


def _whole(symbol: Expr) -> Node:
    return Name(name_of(symbol))


def _divisors(derivation: Derivation) -> list[Expr]:
    """What is divided by and has no sign that keeps it from 0."""
    found: dict[Expr, None] = {}
    for expr in (derivation.start, *(step.expr for step in derivation.steps)):
        for power in sorted(expr.atoms(sp.Pow), key=str):
            if power.exp.is_negative and not power.base.is_nonzero:
                found[power.base] = None
    return list(found)
