"""One typed answer: read it, compare it, follow the student's earlier answers, find its cause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from backproof.answers.alternatives import alternatives, hedged
from backproof.answers.approximate import constant_value
from backproof.answers.choices import decide_choice, read_choice, spoken, wanted
from backproof.answers.deciding import decide
from backproof.answers.hints import explain
from backproof.answers.number_hints import explain_number
from backproof.answers.numbers import decide_number, parse_number, read_number, shown_number
from backproof.answers.parser import parse
from backproof.answers.printing import to_latex, to_text
from backproof.answers.syntax import (
    AnswerSyntaxError,
    MatrixLiteral,
    Node,
    symbols_of,
    uneven,
)
from backproof.answers.units import UnitError, decide_quantity, read_quantity
from backproof.answers.verdicts import Decided, NoReferenceValueError, Ruling
from backproof.model.typed import (
    IDENTIFIER,
    ChoiceField,
    FormulaField,
    Given,
    NumberField,
    QuantityField,
    TextField,
    TypedKey,
)
from backproof.model.vocabulary import Domain, Kind

Earlier = Mapping[str, str]
"""The student's own earlier answers that are not right: name to text."""

MAX_LENGTH = 2000
BARE = ("0", "1", "-1")
"""Earlier answers that leave nothing to work out in what follows from them."""
READ_BY_A_PERSON = "a person reads this answer"
EMPTY = "no answer was typed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Marking:
    """What is said of one typed answer.

    read_as, latex: the answer as it was understood. reason: for the student, without an expected
    value. evidence: for staff. cause, cause_id: the slip that certainly explains a wrong answer.
    cells, wrong: the entries of a matrix as it was read, and the place of one that is wrong.
    """

    ruling: Ruling
    read_as: str = ""
    latex: str = ""
    reason: str = ""
    evidence: str = ""
    cause: str = ""
    cause_id: str = ""
    cells: tuple[tuple[str, ...], ...] = ()
    wrong: tuple[int, int] | None = None


def read(text: str, key: TypedKey) -> Marking:
    """How an answer is understood, without knowing the right one: UNDECIDED if it can be read.

    WRONG where no right one could be typed so: rows of several lengths, answers to choose from.
    """
    text = _without_label(text, key)
    if not text:
        return Marking(ruling=Ruling.EMPTY, reason=EMPTY)
    if len(text) > MAX_LENGTH:
        return _too_long(text)
    try:
        reading = _read(text, key)
    except (AnswerSyntaxError, UnitError) as error:
        reading = Marking(ruling=Ruling.SYNTAX, reason=str(error))
    if reading.ruling is Ruling.SYNTAX and (parts := _offered(text, key)):
        return Marking(ruling=Ruling.WRONG, reason=hedged(len(parts)))
    return reading


def _offered(text: str, key: TypedKey) -> tuple[str, ...]:
    """The answers that a text offers for choice, if each of them can be read."""
    parts = alternatives(text)
    readable = (read(part, key).ruling is Ruling.UNDECIDED for part in parts)
    return parts if all(readable) else ()


def _read(text: str, key: TypedKey) -> Marking:
    match key.field:
        case FormulaField(vocabulary=vocabulary):
            return _understood(parse(text, vocabulary))
        case NumberField(demand=demand):
            if (number := read_number(text, whole=demand.whole)) is None:
                return _understood(parse_number(text))
            return Marking(ruling=Ruling.UNDECIDED, read_as=shown_number(number, text))
        case QuantityField(demand=demand):
            quantity = read_quantity(text, whole=demand.whole)
            number_text = shown_number(quantity.number, text)
            return Marking(
                ruling=Ruling.UNDECIDED, read_as=f"{number_text} {quantity.unit_text}".strip()
            )
        case ChoiceField() as field:
            if (chosen := read_choice(text, field)) is None:
                return Marking(ruling=Ruling.SYNTAX, reason=wanted(field))
            return Marking(ruling=Ruling.UNDECIDED, read_as=spoken(chosen, field))
        case TextField():
            return Marking(ruling=Ruling.UNDECIDED, reason=READ_BY_A_PERSON)


def _understood(tree: Node) -> Marking:
    problem = uneven(tree)
    rows = tree.rows if isinstance(tree, MatrixLiteral) else ()
    return Marking(
        ruling=Ruling.WRONG if problem else Ruling.UNDECIDED,
        read_as=to_text(tree),
        latex=to_latex(tree),
        reason=problem,
        cells=tuple(tuple(map(to_text, row)) for row in rows),
    )


def mark(text: str, key: TypedKey, earlier: Earlier | None = None, seed: str = "") -> Marking:
    """The ruling on an answer.

    earlier: the student's own earlier answers, for the rules of `key`; only those that are not
        right. seed: secret of the course, so that the points tried cannot be guessed.

    Raises:
        AnswerSyntaxError, UnitError, ValueError: the key itself is wrong.
    """
    reading = read(text, key)
    readable = reading.ruling in (Ruling.UNDECIDED, Ruling.WRONG)
    if not readable or isinstance(key.field, TextField) or key.answer is None:
        return reading
    text = _without_label(text, key)
    if reading.ruling is Ruling.WRONG and not reading.read_as:
        return _mark_each(_offered(text, key), key, reading, seed)
    decided = _compare(text, key.answer, key, seed)
    marking = replace(
        reading,
        ruling=decided.verdict,
        reason=decided.message,
        evidence=decided.witness.evidence if decided.witness else decided.method,
        wrong=decided.witness.cell if decided.witness else None,
    )
    if decided.verdict is not Ruling.WRONG:
        return marking
    own = _usable(key, earlier or {})
    followed = _follow(text, key.rule, key, own, seed)
    if followed in (Ruling.CORRECT, Ruling.FORM):
        return _followed(marking, key, own, seed)
    if followed is Ruling.UNDECIDED:
        reason = "not right, and whether it follows from your earlier answers could not be decided"
        return replace(marking, ruling=Ruling.UNDECIDED, reason=reason)
    return _with_cause(text, marking, key, own, seed)


def _mark_each(parts: tuple[str, ...], key: TypedKey, reading: Marking, seed: str) -> Marking:
    """The ruling on answers to choose from: right only as several spellings of the right one."""
    markings = [mark(part, key, seed=seed) for part in parts]
    rulings = {marking.ruling for marking in markings}
    if rulings <= {Ruling.CORRECT}:
        return markings[0]
    said = "; ".join(
        f"{part!r} is {m.ruling.value}" for part, m in zip(parts, markings, strict=True)
    )
    undecided = Ruling.WRONG not in rulings and Ruling.UNDECIDED in rulings
    ruling = Ruling.UNDECIDED if undecided else Ruling.WRONG
    return replace(reading, ruling=ruling, evidence=said)


def _too_long(text: str) -> Marking:
    reason = f"the answer has {len(text)} characters; at most {MAX_LENGTH} are read"
    return Marking(ruling=Ruling.SYNTAX, reason=reason)


def _without_label(text: str, key: TypedKey) -> str:
    """The answer alone, where it was typed as "c = ..."."""
    labels = [key.name]
    if isinstance(key.field, FormulaField):
        known = key.field.vocabulary
        labels = [name for name in (*labels, *key.field.labels) if known.resolve(name) is None]
    before, sign, after = text.partition("=")
    if sign and before.strip() in labels and not after.startswith("="):
        return after.strip()
    return text.strip()


def _compare(text: str, expected: str, key: TypedKey, seed: str) -> Decided:
    match key.field:
        case FormulaField(vocabulary=vocabulary, form=form, critical=critical):
            return decide(text, expected, vocabulary, critical=critical, form=form, seed=seed)
        case NumberField(demand=demand):
            return decide_number(text, expected, demand)
        case QuantityField(demand=demand):
            return decide_quantity(text, expected, demand)
        case ChoiceField() as field:
            return decide_choice(text, expected, field)
        case TextField():
            return Decided(verdict=Ruling.UNDECIDED, message=READ_BY_A_PERSON)


# --- follow-through ------------------------------------------------------------------------------


def _usable(key: TypedKey, earlier: Earlier) -> dict[str, str]:
    """The earlier answers that a rule can be tried with: readable, and in their domain."""
    return {
        given.name: value
        for given in key.given
        if given.name in earlier and (value := _as_given(earlier[given.name], given)) is not None
    }


def _as_given(text: str, given: Given) -> str | None:
    """A student's earlier answer as a formula, or None where it makes no sense."""
    key = TypedKey(name=given.name, field=given.field)
    text = _without_label(text, key)
    if isinstance(given.field, FormulaField):
        reading = read(text, key)
        return reading.read_as if reading.ruling is Ruling.UNDECIDED else None
    if not isinstance(given.field, NumberField):
        return None
    value = number_value(text, given.field)
    if value is None or not _is_inside(value, Domain.of(given.field.domain)):
        return None
    return f"({value})"


def _followed(marking: Marking, key: TypedKey, own: Mapping[str, str], seed: str) -> Marking:
    """Right by the rule; a person looks where an earlier answer leaves nothing to work out."""
    names = ", ".join(f"`{name}`" for name in own)
    bare = [given.name for given in key.given if given.name in own and _is_bare(given, own, seed)]
    reason = f"right, given what you answered for {names}"
    if not bare:
        return replace(marking, ruling=Ruling.FOLLOWS, reason=reason)
    reason += f"; with `{bare[0]}` so simple, a person judges whether this shows anything"
    return replace(marking, ruling=Ruling.UNDECIDED, reason=reason)


def _is_bare(given: Given, own: Mapping[str, str], seed: str) -> bool:
    """Whether an earlier answer is 0, 1 or -1, all one number, or lacks the symbols asked for.

    A wrong answer that the author expects is an honest one, however short.
    """
    key, text = TypedKey(name=given.name, field=given.field), own[given.name]
    if any(_says(text, wrong, key, seed) for wrong in given.wrong):
        return False
    if not isinstance(given.field, FormulaField):
        return any(_says(text, plain, key, seed) for plain in BARE)
    words = given.field.vocabulary
    tree, right = parse(text, words), parse(given.answer, words)
    if isinstance(tree, MatrixLiteral):
        entries = {to_text(entry) for row in tree.rows for entry in row}
        return len(entries) == 1 or _says(text, f"0*({given.answer})", key, seed)
    if symbols_of(right) and not symbols_of(tree):
        return True
    return any(_says(text, plain, key, seed) for plain in (*BARE, f"0*({given.answer})"))


def _says(text: str, other: str, key: TypedKey, seed: str) -> bool:
    """Whether two answers are one, where both can be read and have values."""
    try:
        return _compare(text, other, key, seed).verdict is Ruling.CORRECT
    except (AnswerSyntaxError, UnitError, NoReferenceValueError):
        return False


def number_value(text: str, field: NumberField) -> Fraction | None:
    """The value of a typed number; None if it has none."""
    literal = read_number(text, whole=field.demand.whole)
    if literal is not None:
        value: Fraction | None = literal.value
    else:
        try:
            value = constant_value(text)
        except AnswerSyntaxError:
            return None
    return value


def _is_inside(value: Fraction, domain: Domain) -> bool:
    match domain.kind:
        case Kind.POSITIVE:
            return value > 0
        case Kind.UNIT:
            return 0 < value < 1
        case Kind.INTERVAL:
            return domain.low < value < domain.high
        case Kind.INTEGER:
            return value.denominator == 1 and domain.low <= value <= domain.high
        case Kind.REAL | Kind.COMPLEX:
            return True


def _follow(
    text: str, rule: str, key: TypedKey, own: Mapping[str, str], seed: str
) -> Ruling | None:
    """How an answer compares with a rule at the student's own earlier answers; None: cannot."""
    if not rule or not own:
        return None
    values = {given.name: own.get(given.name, f"({given.answer})") for given in key.given}
    try:
        return compare_with_rule(text, rule, key, values, seed).verdict
    except NoReferenceValueError:  # a matrix of another shape, a division by zero: nothing follows
        return None


def compare_with_rule(
    text: str, rule: str, key: TypedKey, values: Mapping[str, str], seed: str = ""
) -> Decided:
    """Compare an answer with what a rule gives at these earlier answers.

    values: name to a formula: a constant in parentheses for numbers.

    Raises:
        AnswerSyntaxError: the rule cannot be read with these values.
    """
    field = key.field
    if isinstance(field, FormulaField):
        known = field.vocabulary
        more = {n: v for n, v in values.items() if known.resolve(n) is None}
        wider = replace(known, definitions={**known.definitions, **more})
        return decide(text, rule, wider, critical=field.critical, form=field.form, seed=seed)
    put_in = IDENTIFIER.sub(lambda name: values.get(name[0], name[0]), rule)
    return _compare(text, put_in, key, seed)


# --- causes --------------------------------------------------------------------------------------


def _with_cause(
    text: str, marking: Marking, key: TypedKey, own: Mapping[str, str], seed: str
) -> Marking:
    """The cause of a wrong answer: one that the author knows, else a common slip."""
    for wrong in key.wrong:
        if (
            _says(text, wrong.answer, key, seed)  # which need not be readable, nor have a value
            or text == wrong.answer
            or _follow(text, wrong.rule, key, own, seed) is Ruling.CORRECT
        ):
            return replace(marking, cause=wrong.sentence, cause_id=wrong.id)
    assert key.answer is not None
    match key.field:
        case FormulaField(vocabulary=vocabulary, critical=critical):
            found = explain(text, key.answer, vocabulary, critical=critical, seed=seed)
        case NumberField() as field:
            found = explain_number(text, key.answer, field.demand)
        case _:
            found = None
    if found is None:
        return marking
    return replace(marking, cause=found.sentence, cause_id=f"slip: {found.slip}")
