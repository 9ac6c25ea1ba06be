"""Whether a typed answer equals the reference, wherever the reference is defined.

WRONG always has a point at which the two certainly differ, or a certain reason (a shape, a value
that does not exist). CORRECT is identity modulo two primes of 127 bits, or agreement to 30 digits
at every one of n random points. Everything else is UNDECIDED.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from backproof.answers.compare import Comparison
from backproof.answers.evaluate import TooMuchWorkError, expand
from backproof.answers.forms import has_form
from backproof.answers.parser import parse
from backproof.answers.printing import to_latex, to_text
from backproof.answers.syntax import (
    AnswerSyntaxError,
    Equation,
    MatrixLiteral,
    Name,
    Node,
    SetOf,
    subtract,
    uneven,
    walk,
)
from backproof.answers.verdicts import Decided, Ruling, Witness
from backproof.model.typed import Form
from backproof.model.vocabulary import Vocabulary

Critical = tuple[Mapping[str, Fraction], ...]


def decide(
    student: str,
    reference: str,
    vocabulary: Vocabulary,
    *,
    critical: Critical = (),
    form: Form = Form.ANY,
    seed: str = "",
) -> Decided:
    """Compare a student's text with the reference.

    critical: further points of the domain to try, complete in their symbols, for functions such as
        `max` that can hide a difference. seed: secret of the course, so that points cannot be
        guessed.

    Raises:
        AnswerSyntaxError: the *reference* is not an answer in this vocabulary.
    """
    expected = parse(reference, vocabulary, trusted=True)
    try:
        given = parse(student, vocabulary)
    except AnswerSyntaxError as error:
        return Decided(
            verdict=Ruling.SYNTAX, message=str(error), position=error.position, method="parser"
        )
    decided = decide_trees(given, expected, vocabulary, critical=critical, seed=seed)
    decided = replace(decided, parsed_text=to_text(given), parsed_latex=to_latex(given))
    if decided.verdict is Ruling.CORRECT and not has_form(given, form):
        message = f"the value is right, but the answer is to be {form.wanted}"
        return replace(decided, verdict=Ruling.FORM, message=message)
    return decided


def decide_trees(
    given: Node,
    expected: Node,
    vocabulary: Vocabulary,
    *,
    critical: Critical = (),
    seed: str = "",
) -> Decided:
    """Compare two trees (see `decide`)."""
    definitions = _definitions(vocabulary)
    given, expected = expand(given, definitions), expand(expected, definitions)
    if given == expected:
        return Decided(verdict=Ruling.CORRECT, method="the same formula")
    if (problem := uneven(given)) and not uneven(expected):
        return Decided(verdict=Ruling.WRONG, method="shape", message=problem)
    try:
        return _by_kind(given, expected, vocabulary, critical, seed)
    except TooMuchWorkError:
        return Decided(
            verdict=Ruling.UNDECIDED,
            method="budget",
            message="too large to decide automatically",
        )


def _definitions(vocabulary: Vocabulary) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for name, text in vocabulary.definitions.items():
        found[name] = expand(parse(text, vocabulary, trusted=True), found)
        if any(isinstance(node, Name) and node.name == name for node in walk(found[name])):
            raise ValueError(f"the definition of {name!r} uses itself")
    return found


def _by_kind(
    given: Node, expected: Node, vocabulary: Vocabulary, critical: Critical, seed: str
) -> Decided:
    for kind, called in ((Equation, "an equation"), (SetOf, "a set")):
        if isinstance(given, kind) != isinstance(expected, kind):
            verb = "is" if isinstance(given, kind) else "is not"
            # Perhaps a right answer in other clothes, such as "c = ..." for c.
            return Decided(
                verdict=Ruling.UNDECIDED, method="kind", message=f"your answer {verb} {called}"
            )
    if isinstance(given, Equation) and isinstance(expected, Equation):
        return _equations(given, expected, vocabulary, seed)
    if isinstance(given, SetOf) and isinstance(expected, SetOf):
        return _sets(given, expected, vocabulary, critical, seed)
    if isinstance(given, MatrixLiteral) and isinstance(expected, MatrixLiteral):
        return _cells(given, expected, vocabulary, critical, seed)
    return Comparison(given, expected, vocabulary, critical=critical, seed=seed).decided()


def _equations(given: Equation, expected: Equation, vocabulary: Vocabulary, seed: str) -> Decided:
    """Equal up to a factor that is a number; else tried at solutions of the reference."""
    mine, theirs = subtract(given.left, given.right), subtract(expected.left, expected.right)
    comparison = Comparison(mine, theirs, vocabulary, seed=seed)
    if (found := comparison.proportional()) is not None:
        return found
    for name, value in ((expected.left, expected.right), (expected.right, expected.left)):
        if not isinstance(name, Name) or any(node == name for node in walk(value)):
            continue
        solved = expand(given, {name.name: value})
        assert isinstance(solved, Equation)
        found = Comparison(solved.left, solved.right, vocabulary, seed=seed).decided()
        if found.verdict is Ruling.WRONG:
            message = "a solution of the expected equation does not satisfy yours"
            if found.witness is not None:
                witness = found.witness
                at = ", ".join(f"{n} = {v}" for n, v in witness.point)
                message += f": at {at} your left side is {witness.yours}, "
                message += f"your right side {witness.expected}"
            return replace(found, message=message)
    return Decided(
        verdict=Ruling.UNDECIDED,
        method="equation",
        message="not the expected equation times a number; a person decides",
    )


def _sets(
    given: SetOf, expected: SetOf, vocabulary: Vocabulary, critical: Critical, seed: str
) -> Decided:
    left = list(expected.members)
    doubtful: list[Node] = []
    for member in given.members:
        rulings = [
            decide_trees(member, other, vocabulary, critical=critical, seed=seed).verdict
            for other in left
        ]
        if Ruling.CORRECT in rulings:
            left.pop(rulings.index(Ruling.CORRECT))
        elif Ruling.UNDECIDED in rulings:
            doubtful.append(member)
        else:
            message = f"`{to_text(member)}` is not in the expected set, or is there too often"
            witness = Witness(point=(), yours=to_text(member), expected="another member")
            return Decided(verdict=Ruling.WRONG, method="members", message=message, witness=witness)
    if doubtful:
        return Decided(verdict=Ruling.UNDECIDED, method="members", message="a member is undecided")
    if left:
        return Decided(
            verdict=Ruling.WRONG,
            method="members",
            message=f"{len(left)} member(s) are missing",
            witness=Witness(
                point=(),
                yours=f"{len(given.members)} members",
                expected=f"{len(expected.members)} members",
            ),
        )
    return Decided(verdict=Ruling.CORRECT, method="members")


def _cells(
    given: MatrixLiteral,
    expected: MatrixLiteral,
    vocabulary: Vocabulary,
    critical: Critical,
    seed: str,
) -> Decided:
    shapes = [f"{len(matrix.rows)}×{len(matrix.rows[0])}" for matrix in (given, expected)]
    if given.lengths != expected.lengths:
        return Decided(
            verdict=Ruling.WRONG,
            method="shape",
            message=f"your matrix is {shapes[0]}, expected {shapes[1]}",
            witness=Witness(point=(), yours=shapes[0], expected=shapes[1], place="the shape"),
        )
    undecided = None
    for i, rows in enumerate(zip(given.rows, expected.rows, strict=True), 1):
        for j, (mine, theirs) in enumerate(zip(*rows, strict=True), 1):
            found = decide_trees(mine, theirs, vocabulary, critical=critical, seed=seed)
            place = f"entry ({i}, {j})"
            if found.verdict is Ruling.WRONG:
                witness = found.witness and replace(found.witness, place=place)
                message = f"{place} is wrong: {found.message}"
                return replace(found, message=message, witness=witness)
            if found.verdict is Ruling.UNDECIDED:
                undecided = replace(found, message=f"{place} is undecided")
    return undecided or Decided(verdict=Ruling.CORRECT, method="cell by cell")
