"""Two formulas without equations or sets: equal, certainly different, or not known."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import islice
from typing import Any, NoReturn

from backproof.answers.arithmetic import (
    MATRIX_BITS,
    SCALAR_BITS,
    AnotherPointError,
    NoValueError,
    Residues,
    UnsupportedError,
    secret_prime,
)
from backproof.answers.engines import default_engine, shown_apart
from backproof.answers.evaluate import Budget, Evaluator, TooMuchWorkError
from backproof.answers.exact import exact_value
from backproof.answers.grids import AmbiguousError, Grid, ShapeError
from backproof.answers.idle import Idle, same_by_algebra
from backproof.answers.pieces import settled
from backproof.answers.printing import to_text
from backproof.answers.sampling import Draw, Sampler
from backproof.answers.syntax import Call, Entry, Name, Node, Power, Sum, walk
from backproof.answers.verdicts import Decided, NoReferenceValueError, Ruling, Witness
from backproof.model.vocabulary import PIECEWISE, Domain, Kind, Vocabulary

DIGITS = 30
"""To which two values must agree to count as equal."""
LADDER = (60, 240, 960)
"""Working digits, tried in turn until a point decides."""
POINTS, PIECEWISE_POINTS, MATRIX_POINTS, SIZED_POINTS = 8, 200, 4, 16
MOST_NEAR = 48
"""Points near the constants of formulas that have pieces."""
MANY = 6
"""Whole symbols with so many values stand for any whole number."""
HOPELESS = 3
"""Points at which the highest precision decides nothing before the comparison gives up."""


_ONLY_HERE = "different formulas, though equal for all the sizes of the question"


class _FoundWrongError(Exception):
    """Carries a certain WRONG out of the search."""

    def __init__(self, decided: Decided) -> None:
        self.decided = decided


class Comparison:
    """One comparison: the two trees, their points and a budget."""

    def __init__(
        self,
        given: Node,
        expected: Node,
        vocabulary: Vocabulary,
        *,
        critical: tuple[Mapping[str, Fraction], ...] = (),
        seed: str = "",
        engine: Any = None,
    ) -> None:
        domains = {name: Domain.of(text) for name, text in vocabulary.symbols.items()}
        self.given, self.expected = settled(given, domains), settled(expected, domains)
        given, expected = self.given, self.expected
        self.vocabulary = vocabulary
        self.critical = critical
        nodes = [*walk(given), *walk(expected)]
        names = {node.name for node in nodes if isinstance(node, Name)}
        arrays = {node.array for node in nodes if isinstance(node, Entry)}
        self.sums = any(isinstance(node, Sum) for node in nodes)
        self.rooted = any(
            (isinstance(node, Call) and node.function == "sqrt") or isinstance(node, Power)
            for node in nodes
        )
        self.piecewise = any(isinstance(n, Call) and n.function in PIECEWISE for n in nodes)
        used = frozenset(names | arrays)
        self.sampler = Sampler(vocabulary, used, f"{seed}|{len(nodes)}", self.sums)
        self.budget = Budget()
        self.engine = engine or default_engine()
        known = (exact_value(node, {}) for node in nodes)
        self.constants = frozenset(value for value in known if value is not None)
        self.differ = False
        """The residues show that the two are different formulas."""

    def decided(self) -> Decided:
        """The ruling."""
        try:
            if (exact := self._exact()) is not None:
                return exact
            return self._by_points()
        except _FoundWrongError as found:
            return found.decided
        except AnotherPointError:
            return _undecided("no point of the declared domain could be tried")
        except AmbiguousError as error:
            return _undecided(str(error))

    # --- residues ---

    def _exact(self) -> Decided | None:
        """CORRECT by residues, or None. Notes in `differ` when residues prove a difference."""
        sized = self.sampler.is_sized or self.sums
        matrices = bool(self.sampler.matrices)
        if self.sums and not self.sampler.is_sized:
            return None  # sums over plain symbols need whole numbers: left to the balls
        bits = MATRIX_BITS if matrices else SCALAR_BITS
        primes = (secret_prime(bits), secret_prime(bits - 1))
        wanted = SIZED_POINTS if sized else 2
        agreed = undefined = 0
        seen: set[tuple[tuple[str, str], ...]] = set()
        for attempt in range(8 * wanted):
            residues = Residues(primes[attempt % 2], roots=matrices)
            point, draw = self.sampler.residue_point(residues)
            if sized and draw.shown() in seen and attempt < 4 * wanted:
                continue  # rather sizes that are new
            seen.add(draw.shown())
            evaluator = Evaluator(residues, point, self.budget)
            try:
                theirs = evaluator.value(self.expected)
            except ShapeError as error:
                raise NoReferenceValueError(f"the reference has no value: {error}") from error
            except (AnotherPointError, NoValueError):
                continue  # an unlucky point, or the reference is not defined here
            except UnsupportedError:
                return None
            try:
                mine = evaluator.value(self.given)
            except AnotherPointError:
                continue
            except UnsupportedError:
                return None
            except ShapeError as error:
                self._has_no_value(error, draw)
            except NoValueError as error:
                if matrices and self.rooted:
                    return None  # a root that is another one here
                undefined += 1
                if undefined == 2 or sized:
                    self._has_no_value(error, draw)
                continue
            self._check_shapes(mine, theirs, evaluator)
            if any(one != other for _, one, other in _pairs(mine, theirs)):
                self.differ = not (matrices and self.rooted)
                return None
            agreed += 1
            if agreed == wanted:
                how = (
                    f"exact at {wanted} random sizes"
                    if sized
                    else "exact, modulo two secret primes of 127 bits"
                )
                if self._differs_beyond():
                    return _undecided(_ONLY_HERE)
                return Decided(verdict=Ruling.CORRECT, method=how)
        return None

    def _mine(self, evaluator: Evaluator[Any], draw: Draw) -> Any:
        """The student's value at a point at which the reference has one."""
        try:
            return evaluator.value(self.given)
        except NoValueError as error:
            self._has_no_value(error, draw)

    def _has_no_value(self, error: NoValueError, draw: Draw) -> NoReturn:
        reason = "shape" if isinstance(error, ShapeError) else "no value"
        message = f"your answer has no value: {error}"
        self._wrong(reason, message, draw.shown(), str(error), "a value")

    def _check_shapes(self, mine: Any, theirs: Any, evaluator: Evaluator[Any]) -> None:
        shapes = [
            evaluator.algebra.shown(value) if isinstance(value, Grid) and value.shape != (1, 1)
            else "a number"
            for value in (mine, theirs)
        ]  # fmt: skip
        if shapes[0] != shapes[1]:
            message = f"your answer is {shapes[0]}, expected {shapes[1]}"
            self._wrong("shape", message, (), shapes[0], shapes[1], "the shape")

    def _wrong(
        self,
        method: str,
        message: str,
        point: tuple[tuple[str, str], ...],
        yours: str,
        expected: str,
        place: str = "",
    ) -> NoReturn:
        witness = Witness(point=point, yours=yours, expected=expected, place=place)
        raise _FoundWrongError(
            Decided(
                verdict=Ruling.WRONG,
                method=method + self.engine.label,
                message=message or witness.sentence,
                witness=witness,
            )
        )

    # --- balls ---

    def _by_points(self) -> Decided:
        wanted = PIECEWISE_POINTS if self.piecewise else POINTS
        if self.sampler.matrices:
            wanted = MATRIX_POINTS
        elif self.sampler.is_sized or self.sums:
            wanted = SIZED_POINTS
        if not self.sampler.domains and not self.sampler.is_sized:
            wanted = 1
        seen: set[tuple[tuple[str, str], ...]] = set()
        agreed = hopeless = 0
        tries = [Draw(scalars={}, sizes=dict(point)) for point in self.critical]
        if self.piecewise:
            tries += islice(self.sampler.near(self.constants), MOST_NEAR)
        right: list[Draw] = []
        every = self.sampler.points()
        for attempt in range(12 * wanted + len(tries)):
            draw = tries[attempt] if attempt < len(tries) else self.sampler.draw()
            shown = draw.shown()
            if shown in seen and not self.sampler.is_sized:
                continue
            seen.add(shown)
            outcome = self._at(draw)
            agreed += outcome is True
            right += [draw] * (outcome is True)
            hopeless += outcome is False
            if hopeless >= HOPELESS:
                return _undecided("the two could not be told apart or shown equal")
            if agreed >= wanted + len(tries) and not self.differ:
                break
            if attempt >= len(tries) and len(seen) == every:
                break
        if self.differ:
            for draw in right[-1:]:
                self._at(draw, (self.engine.deepest,))  # which may be certain of it
            return _undecided("different formulas, but no point of the domain shows it")
        if right and (agreed >= wanted or len(seen) == every):
            how = f"{agreed} points to {DIGITS} digits{self.engine.label}"
            return self._agreed(right, how)
        return _undecided(f"only {agreed} of {wanted} points could be compared")

    def _agreed(self, draws: list[Draw], how: str) -> Decided:
        """The ruling where the two agree at all these points."""
        proven = same_by_algebra(self.given, self.expected, self.sampler, Budget())
        if not proven and self._differs_deep_down(draws[-1]):
            return _undecided("equal to many digits, but different formulas")
        if self._differs_beyond():
            return _undecided(_ONLY_HERE)
        if not proven and (doubtful := self._idle(draws)) is not None:
            return doubtful
        return Decided(verdict=Ruling.CORRECT, method=how)

    def _idle(self, draws: list[Draw]) -> Decided | None:
        """UNDECIDED where a part of the answer matters at none of these points."""
        part = Idle(self.sampler, self.engine, draws).part(self.given, self.expected)
        if part is None:
            return None
        return _undecided(
            f"`{to_text(part)}` in your answer does not seem to matter; a person decides"
        )

    def _differs_deep_down(self, draw: Draw) -> bool:
        """Whether the engine's most digits show a difference that is too small for others."""
        try:
            self._at(draw, (self.engine.deepest,))
        except _FoundWrongError:
            return True
        except TooMuchWorkError:
            return False
        return False

    def _differs_beyond(self) -> bool:
        """Whether the two differ just beyond the ranges of whole symbols that have many values.

        They are different formulas then, though equal wherever the question asks for them, as
        `n` and `n + (n-1)(n-2)...(n-12)`. Formulas with pieces may well be.
        """
        whole = [d for d in self.sampler.domains.values() if d.kind is Kind.INTEGER]
        if self.piecewise or not whole or any(d.high - d.low + 1 < MANY for d in whole):
            return False
        for _ in range(2):
            try:
                self._at(self.sampler.draw(beyond=True))
            except _FoundWrongError as found:
                return found.decided.method.startswith("witness")
            except (AnotherPointError, TooMuchWorkError):
                return False
        return False

    def _at(self, draw: Draw, ladder: tuple[int, ...] = LADDER) -> bool | None:
        """One point: True agrees, False not known, None the reference has no value there."""
        engine = self.engine
        for digits in ladder:
            with engine.working(digits):
                point = self.sampler.ball_point(draw, engine)
                evaluator = Evaluator(engine, point, self.budget)
                try:
                    theirs = self._theirs(evaluator)
                    if not self._usable(theirs):
                        return None
                    mine = self._mine(evaluator, draw)
                except (NoValueError, AnotherPointError):
                    return None
                except UnsupportedError:
                    return False
                self._check_shapes(mine, theirs, evaluator)
                pairs = _pairs(mine, theirs)
                for place, one, other in pairs:
                    self._check_values(one, other, place, draw)
                if all(engine.agree(one, other, DIGITS) for _, one, other in pairs):
                    return True
        certain = all(engine.known(other, DIGITS) for _, _, other in pairs)
        return False if certain else None

    def _theirs(self, evaluator: Evaluator[Any]) -> Any:
        """The reference's value, by way of real numbers only unless complex ones are declared."""
        if self.vocabulary.allow_complex:
            return evaluator.value(self.expected)
        return evaluator.real_value(self.expected, self.engine.certainly_complex)

    def _usable(self, value: Any) -> bool:
        """Whether the reference may be real here."""
        if self.vocabulary.allow_complex:
            return True
        return not any(self.engine.certainly_complex(v) for _, v, _ in _pairs(value, value))

    def _check_values(self, mine: Any, theirs: Any, place: str, draw: Draw) -> None:
        engine = self.engine
        if not engine.finite(theirs):
            return
        if engine.certainly_differ(mine, theirs):
            real = self.vocabulary.allow_complex or not engine.certainly_complex(mine)
            shown = shown_apart(engine, mine, theirs)
            message = "" if real else "your answer is not a real number where the expected one is: "
            witness = Witness(point=draw.shown(), yours=shown[0], expected=shown[1], place=place)
            message = message + witness.sentence
            self._wrong("witness", message, witness.point, shown[0], shown[1], place)

    # --- equations ---

    def proportional(self) -> Decided | None:
        """The ruling where given = c * expected with one number c that is not 0."""
        if not (draws := self._proportional_at()):
            return None
        found = Decided(verdict=Ruling.CORRECT, method="proportional at random points")
        return self._idle(draws) or found

    def _proportional_at(self) -> list[Draw]:
        """Random points at which all ratios are one number; none if there are two."""
        engine = self.engine
        draws: list[Draw] = []
        ratios: list[Any] = []
        with engine.working(LADDER[1]):
            for _ in range(12 * POINTS):
                draw = self.sampler.draw()
                evaluator = Evaluator(engine, self.sampler.ball_point(draw, engine), self.budget)
                try:
                    below, above = evaluator.value(self.expected), evaluator.value(self.given)
                    if isinstance(below, Grid) or isinstance(above, Grid):
                        return []
                    if not (engine.usable_pivot(below) and engine.usable_pivot(above)):
                        continue
                except (NoValueError, UnsupportedError, AnotherPointError):
                    continue
                except AmbiguousError:
                    return []
                ratios.append(engine.divide(above, below))
                draws.append(draw)
                if len(ratios) == POINTS:
                    same = all(engine.agree(ratios[0], ratio, DIGITS) for ratio in ratios)
                    return draws if same else []
        return []


def _pairs(mine: Any, theirs: Any) -> list[tuple[str, Any, Any]]:
    """(place, the student's entry, the reference's entry) for equal shapes."""
    if not isinstance(mine, Grid) and not isinstance(theirs, Grid):
        return [("", mine, theirs)]
    one = mine.rows if isinstance(mine, Grid) else ((mine,),)
    other = theirs.rows if isinstance(theirs, Grid) else ((theirs,),)
    return [
        (f"entry ({i}, {j})", left, right)
        for i, rows in enumerate(zip(one, other, strict=True), 1)
        for j, (left, right) in enumerate(zip(*rows, strict=True), 1)
    ]


def _undecided(message: str) -> Decided:
    return Decided(verdict=Ruling.UNDECIDED, method="points", message=message)
