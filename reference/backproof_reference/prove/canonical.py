"""Give the dummies of a term names that depend only on what the term says.

Two terms are equal up to renaming their dummies exactly if their keys are equal. A term falls into
parts that share no dummy; each part is named by itself: colour refinement first, and where that
leaves dummies alike, the least key over the choices that are left.
"""

from collections.abc import Mapping
from typing import Any

from backproof_reference.prove.terms import Term, TooMuchWorkError
from backproof_reference.prove.whole import Whole

Key = tuple[Any, ...]
Colours = Mapping[str, int]
MAX_CHOICES = 720


def key_of(term: Term) -> Key:
    """What a term is, apart from its coefficient and the names of its dummies."""
    pieces = _pieces(term)
    parts: dict[str, set[str]] = {dummy: {dummy} for dummy in term.bounds}
    for piece in pieces:
        joined: set[str] = set()
        for dummy in _dummies(piece, term):
            joined |= parts[dummy]
        for dummy in joined:
            parts[dummy] = joined
    distinct = {min(part): part for part in parts.values()}
    inside = sorted(_Part(part, pieces, term).key() for part in distinct.values())
    outside = [_described(piece, {}) for piece in pieces if not _dummies(piece, term)]
    return (tuple(sorted(outside)), tuple(inside))


# A piece of a term is (kind, name, forms, number): an entry, a delta, a bound or a power.
Piece = tuple[int, str, tuple[Whole, ...], int]


def _pieces(term: Term) -> list[Piece]:
    pieces: list[Piece] = [(0, name, place, n) for (name, place), n in term.entries.items()]
    pieces += [(1, "", (delta,), 0) for delta in term.deltas]
    pieces += [(2, "", (Whole.variable(v), bound), 0) for v, bound in term.bounds.items()]
    pieces += [(3, "", (Whole.variable(name),), power) for name, power in term.powers]
    return pieces


def _dummies(piece: Piece, term: Term) -> list[str]:
    return [name for form in piece[2] for name in form.variables if name in term.bounds]


def _described(piece: Piece, names: Mapping[str, str]) -> Piece:
    """A piece with its dummies under other names; a delta does not feel the sign of its form."""
    kind, name, forms, number = piece
    moved = tuple(form.renamed(lambda old: names.get(old, old)) for form in forms)
    return (kind, name, (moved[0].either_sign(),) if kind == 1 else moved, number)


class _Part:
    """Dummies that are linked by sharing entries, deltas or bounds, and the pieces they are in."""

    def __init__(self, dummies: set[str], pieces: list[Piece], term: Term) -> None:
        self._dummies = sorted(dummies)
        self._pieces = [piece for piece in pieces if dummies.intersection(_dummies(piece, term))]
        self._of = {
            dummy: [piece for piece in self._pieces if dummy in _dummies(piece, term)]
            for dummy in self._dummies
        }
        self._choices = 0

    def key(self) -> Key:
        return self._least(self._refined(dict.fromkeys(self._dummies, 0)))

    def _least(self, colours: Colours) -> Key:
        """The least key over all ways to tell the remaining dummies of one colour apart."""
        members: dict[int, list[str]] = {}
        for dummy, colour in colours.items():
            members.setdefault(colour, []).append(dummy)
        alike = [colour for colour in sorted(members) if len(members[colour]) > 1]
        if not alike:
            self._choices += 1
            if self._choices > MAX_CHOICES:
                raise TooMuchWorkError("too many ways to name the dummies of one term")
            return self._named(colours)
        keys = []
        for chosen in members[alike[0]]:
            apart = {dummy: 2 * colour + 1 for dummy, colour in colours.items()}
            apart[chosen] -= 1
            keys.append(self._least(self._refined(apart)))
        return min(keys)

    def _named(self, colours: Colours) -> Key:
        names = {dummy: f"%{colour}" for dummy, colour in colours.items()}
        return tuple(sorted(_described(piece, names) for piece in self._pieces))

    def _refined(self, colours: Colours) -> Colours:
        """Colours that also say what a dummy meets, until nothing new comes out."""
        while True:
            names = {dummy: f"%{colour}" for dummy, colour in colours.items()}
            seen: dict[str, Key] = {}
            for dummy in self._dummies:
                marked = {**names, dummy: "%me"}
                around = sorted(_described(piece, marked) for piece in self._of[dummy])
                seen[dummy] = (colours[dummy], tuple(around))
            ranks = {signature: rank for rank, signature in enumerate(sorted(set(seen.values())))}
            refined = {dummy: ranks[seen[dummy]] for dummy in self._dummies}
            if len(ranks) == len(set(colours.values())):
                return refined
            colours = refined
