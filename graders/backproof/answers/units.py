"""Quantities typed as answers: a number and a unit of the course's small table.

Every unit is an exact fraction of its base. MAC and FLOP are different kinds on purpose: what a
multiply-accumulate counts for differs between papers, so it is a hint and never a conversion.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from backproof.answers.numbers import ShownNumber, accepts, expected_value, read_number
from backproof.answers.spelling import simplified
from backproof.answers.verdicts import Decided, Ruling, Witness
from backproof.model.typed import NumberDemand

_PREFIXES = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15}
_BINARY = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """A unit: how much of its base it is, and the exponents of the bases."""

    factor: Fraction
    bases: tuple[tuple[str, int], ...]


def _table() -> dict[str, Unit]:
    table: dict[str, Unit] = {"%": Unit(factor=Fraction(1, 100), bases=())}
    for prefix, size in {**_PREFIXES, **_BINARY}.items():
        table[f"{prefix}B"] = _unit(8 * size, "bit")
        table[f"{prefix}bit"] = _unit(size, "bit")
    for prefix, size in _PREFIXES.items():
        table[f"{prefix}FLOP"] = _unit(size, "FLOP")
        table[f"{prefix}MAC"] = _unit(size, "MAC")
    for name in ("param", "px"):
        table[name] = _unit(1, name)
        table[f"k{name}"], table[f"M{name}"] = _unit(10**3, name), _unit(10**6, name)
    table |= {
        "s": _unit(1, "s"), "ms": _unit(Fraction(1, 10**3), "s"),
        "us": _unit(Fraction(1, 10**6), "s"), "ns": _unit(Fraction(1, 10**9), "s"),
        "min": _unit(60, "s"), "h": _unit(3600, "s"),
    }  # fmt: skip
    return table


def _unit(factor: int | Fraction, base: str) -> Unit:
    return Unit(factor=Fraction(factor), bases=((base, 1),))


TABLE: Mapping[str, Unit] = _table()
_SYNONYMS = {
    "byte": "B", "bytes": "B", "bits": "bit", "FLOPs": "FLOP", "MACs": "MAC", "params": "param",
    "parameters": "param", "pixel": "px", "pixels": "px", "sec": "s", "μs": "us", "µs": "us",
    "KB": "kB", "percent": "%",
}  # fmt: skip


class UnitError(ValueError):
    """Not a number with a unit of the table; the message is for the student."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Quantity:
    """A number as typed, with its unit."""

    number: ShownNumber
    unit: Unit
    unit_text: str

    @property
    def value(self) -> Fraction:
        """In base units."""
        return self.number.value * self.unit.factor

    @property
    def scaled(self) -> ShownNumber:
        """The number in base units, with the step of its last digit."""
        return replace(
            self.number,
            value=self.value,
            unit=self.number.unit * self.unit.factor,
        )


def read_unit(text: str) -> Unit:
    """A product or quotient of units, such as `GFLOP/s`.

    Raises:
        UnitError: a name is not in the table.
    """
    factor, bases = Fraction(1), dict[str, int]()
    sign = 1
    if len(text) > 40:
        raise UnitError("the unit is too long")
    for part in re.split(r"\s*([*/·])\s*|\s+", text.strip()):
        if part is None or not part:
            continue
        if part in "*/·":
            sign = -1 if part == "/" else 1
            continue
        unit = _named(part)
        factor *= unit.factor**sign
        for base, exponent in unit.bases:
            bases[base] = bases.get(base, 0) + sign * exponent
        sign = 1
    return Unit(factor=factor, bases=tuple(sorted((b, e) for b, e in bases.items() if e)))


def _named(name: str) -> Unit:
    if found := TABLE.get(_SYNONYMS.get(name, name)):
        return found
    if name.endswith("s") and (found := TABLE.get(name[:-1])):
        return found
    if re.fullmatch(r"[kMGTP]?FLOPS", name):  # floating-point operations per second
        return Unit(factor=TABLE[name[:-1]].factor, bases=(("FLOP", 1), ("s", -1)))
    raise UnitError(f"unknown unit `{name}`")


def read_quantity(text: str, *, whole: bool = False) -> Quantity:
    """A number and a unit.

    Raises:
        UnitError: with a sentence for the student.
    """
    if len(text) > 200:
        raise UnitError("the answer is too long")
    text = simplified(text)
    match = re.fullmatch(
        r"\s*([+-]?[\d.][\d.,_' ]*(?:[eE][+-]?\d+)?(?:\s*[*·×]\s*10\^\(?[+-]?\d+\)?)?)\s*[*·]?\s*"
        r"([A-Za-zµμ%].*)?",
        text,
    )
    if match is None:
        raise UnitError("a number and a unit are expected, such as `12.5 MB`")
    number = read_number(match[1], whole=whole)
    if number is None:
        raise UnitError(f"`{match[1].strip()}` is not a number")
    unit_text = (match[2] or "").strip()
    return Quantity(number=number, unit=read_unit(unit_text), unit_text=unit_text)


def _reference(text: str, demand: NumberDemand) -> Quantity:
    """A reference may also be a formula without symbols and a unit ("4*512^2 B")."""
    try:
        return read_quantity(text, whole=demand.whole)
    except UnitError:
        formula, _, unit = text.strip().rpartition(" ")
        if not formula:
            raise
        exact = ShownNumber(value=expected_value(formula), unit=Fraction(0), least=1, most=1)
        return Quantity(number=exact, unit=read_unit(unit), unit_text=unit)


def decide_quantity(student: str, reference: str, demand: NumberDemand) -> Decided:
    """Compare a quantity with the reference ("815 MiB"), in any units of the same kind.

    Raises:
        UnitError: the *reference* cannot be read.
    """
    expected = _reference(reference, demand)
    try:
        given = read_quantity(student, whole=demand.whole)
    except UnitError as error:
        return Decided(verdict=Ruling.SYNTAX, message=str(error))
    hint = _hint(given, expected, demand)
    if given.unit.bases != expected.unit.bases:
        if not given.unit_text:
            missing = f"the unit is missing: the answer is in {expected.unit_text}"
            return _wrong(student, reference, hint or missing)
        message = f"`{given.unit_text}` and `{expected.unit_text}` measure different things"
        return _wrong(student, reference, hint or message)
    if not _close(given, expected.value, demand):
        return _wrong(student, reference, hint)
    if given.number.most < demand.minimum_digits and given.value != expected.value:
        message = f"show at least {demand.minimum_digits} significant digits"
        return Decided(verdict=Ruling.FORM, method="significant digits", message=message)
    return Decided(verdict=Ruling.CORRECT, method="quantity", parsed_text=student)


def _close(given: Quantity, target: Fraction, demand: NumberDemand) -> bool:
    if demand.whole:
        return given.value == target
    return accepts(demand, given.scaled, target)


def _hint(given: Quantity, expected: Quantity, demand: NumberDemand) -> str:
    """The classical confusion that turns this answer into the right one, if one does."""
    kinds = dict(given.unit.bases), dict(expected.unit.bases)
    names = {base for kind in kinds for base in kind}
    swapped = names >= {"MAC", "FLOP"}
    tried = {
        Fraction(2): "one MAC is two FLOPs", Fraction(1, 2): "one MAC is two FLOPs",
    } if swapped or names & {"MAC", "FLOP"} else {}  # fmt: skip
    if "bit" in names:
        tried |= {Fraction(8): "bytes, not bits", Fraction(1, 8): "bits, not bytes"}
        for power in (1, 2, 3, 4):
            ratio = Fraction(1024, 1000) ** power
            names_ = ("kB and KiB", "MB and MiB", "GB and GiB", "TB and TiB")[power - 1]
            text = f"{names_} differ by the factor {float(ratio):.3g}"
            tried |= {ratio: text, 1 / ratio: text}
    if not names:
        tried |= {Fraction(100): "the answer is in %", Fraction(1, 100): "the answer is in %"}
    for factor, sentence in tried.items():
        scaled = replace(given, unit=replace(given.unit, factor=given.unit.factor * factor))
        if _close(scaled, expected.value, demand) and not _close(given, expected.value, demand):
            return f"check the unit: {sentence}"
    return ""


def _wrong(student: str, reference: str, message: str) -> Decided:
    witness = Witness(point=(), yours=student.strip(), expected=reference)
    return Decided(
        verdict=Ruling.WRONG,
        method="quantity",
        message=message,
        witness=witness,
    )
