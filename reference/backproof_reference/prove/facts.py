"""Decide whether an integer is certainly >= 0, from inequalities that are known to hold.

Fourier-Motzkin elimination over the rationals, with the constants rounded for integers. A product
of variables counts as one more unknown, so the answer "certain" is right and "not certain" only
means that no proof was found.
"""

from collections.abc import Iterable
from math import gcd

from backproof_reference.prove.whole import Monomial, Whole

# One inequality: the coefficients of its unknowns, and a constant; their sum is >= 0.
Row = tuple[tuple[tuple[Monomial, int], ...], int]
MAX_ROWS = 400


class Facts:
    """A set of integer polynomials that are >= 0."""

    def __init__(self, nonnegative: Iterable[Whole]) -> None:
        self._known = tuple(dict.fromkeys(nonnegative))
        self._answers: dict[Whole, bool] = {}

    def extended(self, nonnegative: Iterable[Whole]) -> "Facts":
        """These facts and more."""
        return Facts((*self._known, *nonnegative))

    def nonnegative(self, goal: Whole) -> bool:
        """Whether ``goal >= 0`` follows."""
        if goal not in self._answers:
            self._answers[goal] = self._follows(goal)
        return self._answers[goal]

    def positive(self, goal: Whole) -> bool:
        """Whether ``goal >= 1`` follows."""
        return self.nonnegative(goal - Whole.number(1))

    def nonzero(self, goal: Whole) -> bool:
        """Whether ``goal`` is certainly on one side of zero."""
        return self.positive(goal) or self.positive(-goal)

    def _follows(self, goal: Whole) -> bool:
        if goal.constant is not None:
            return goal.constant >= 0
        refuted = _row(-goal - Whole.number(1))
        rows: dict[tuple[tuple[Monomial, int], ...], int] = {refuted[0]: refuted[1]}
        for known in self._relevant(goal):
            if _added(rows, _row(known)):
                return True
        while rows:
            unknown = _cheapest(rows)
            if unknown is None:
                return False
            kept = {row: constant for row, constant in rows.items() if unknown not in dict(row)}
            for row in _combined(rows, unknown):
                if _added(kept, row):
                    return True
            rows = kept
        return False

    def _relevant(self, goal: Whole) -> list[Whole]:
        """The facts that share an unknown with the goal, directly or through other facts."""
        reached = {monomial for monomial, _ in goal.terms if monomial}
        left, chosen = list(self._known), []
        grown = True
        while grown:
            grown = False
            for fact in list(left):
                unknowns = {monomial for monomial, _ in fact.terms if monomial}
                if unknowns & reached:
                    left.remove(fact)
                    chosen.append(fact)
                    reached |= unknowns
                    grown = True
        return chosen


def _row(form: Whole) -> Row:
    constant = sum(value for monomial, value in form.terms if not monomial)
    return _rounded({monomial: value for monomial, value in form.terms if monomial}, constant)


def _rounded(unknowns: dict[Monomial, int], constant: int) -> Row:
    """Divide by the common divisor; the constant may be rounded down, all else being integer."""
    divisor = gcd(*unknowns.values()) or 1
    row = tuple(sorted((monomial, value // divisor) for monomial, value in unknowns.items()))
    return row, constant // divisor


def _added(rows: dict[tuple[tuple[Monomial, int], ...], int], row: Row) -> bool:
    """Add a row, keeping the stronger of two alike; whether it is a contradiction."""
    unknowns, constant = row
    if not unknowns:
        return constant < 0
    rows[unknowns] = min(constant, rows.get(unknowns, constant))
    return False


def _combined(
    rows: dict[tuple[tuple[Monomial, int], ...], int], unknown: Monomial
) -> Iterable[Row]:
    """All sums of two rows in which the unknown cancels."""
    found = [(dict(row), constant) for row, constant in rows.items() if unknown in dict(row)]
    above = [item for item in found if item[0][unknown] > 0]
    below = [item for item in found if item[0][unknown] < 0]
    for first, constant in above:
        for second, other in below:
            up, down = -second[unknown], first[unknown]
            total = {monomial: up * value for monomial, value in first.items()}
            for monomial, value in second.items():
                total[monomial] = total.get(monomial, 0) + down * value
            kept = {monomial: value for monomial, value in total.items() if value}
            yield _rounded(kept, up * constant + down * other)


def _cheapest(rows: dict[tuple[tuple[Monomial, int], ...], int]) -> Monomial | None:
    """The unknown whose elimination makes the fewest rows; None if even that is too many."""
    signs: dict[Monomial, list[int]] = {}
    for row in rows:
        for monomial, value in row:
            signs.setdefault(monomial, [0, 0])[value > 0] += 1
    unknown = min(signs, key=lambda monomial: (signs[monomial][0] * signs[monomial][1], monomial))
    cost = signs[unknown][0] * signs[unknown][1]
    return unknown if cost + len(rows) <= MAX_ROWS else None
