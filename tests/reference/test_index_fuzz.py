"""The index level against exact evaluation, on expressions nobody chose.

Random one-edit changes of proved steps, random expressions compared with their own normal form,
random systems of inequalities: whatever the index level says must hold where it can be computed.
"""

import functools
import itertools
import random
from fractions import Fraction

import pytest
import sympy as sp
from sympy import KroneckerDelta, Sum

from backproof_reference.derivations import ALL
from backproof_reference.prove import (
    Differentiate,
    Expect,
    OneHot,
    Setting,
    Step,
    Verdict,
)
from backproof_reference.prove.canonical import key_of
from backproof_reference.prove.deltas import power_sum
from backproof_reference.prove.evaluate import Evaluator, whole
from backproof_reference.prove.facts import Facts
from backproof_reference.prove.index import equal_at_all_sizes
from backproof_reference.prove.index_operators import applied
from backproof_reference.prove.judge import judge
from backproof_reference.prove.normal_form import normal_form
from backproof_reference.prove.reading import Language
from backproof_reference.prove.terms import Term, UnreadableError
from backproof_reference.prove.whole import Whole

# --- one-edit changes of proved steps -------------------------------------------------------------

STEPS = [
    (derivation, previous, step)
    for derivation in ALL
    for previous, step in zip(
        (derivation.start, *(step.expr for step in derivation.steps)),
        derivation.steps,
        strict=False,
    )
]
EDITS_PER_STEP = 9


def places(expr, path=()):
    """The path of every part that may be edited: no summation index and no array name."""
    yield path
    for position, part in enumerate(expr.args):
        named = isinstance(expr, sp.Indexed | sp.Tuple) and position == 0
        if not named:
            yield from places(part, (*path, position))


def part_at(expr, path):
    return functools.reduce(lambda found, position: found.args[position], path, expr)


def edited(expr, path, new):
    """The expression with another part at a path."""
    if not path:
        return new
    arguments = list(expr.args)
    arguments[path[0]] = edited(arguments[path[0]], path[1:], new)
    return expr.func(*arguments)


def changes(part, symbols):
    """Everything one edit can make of a part."""
    if isinstance(part, sp.Integer):
        yield from (part + 1, part - 1, -part)
    elif isinstance(part, sp.Symbol):
        yield part + 1
        alike = {other for other in symbols if other.is_integer == part.is_integer} - {part}
        yield from sorted(alike, key=str)
    elif isinstance(part, sp.Add | sp.Mul):
        for position in range(len(part.args)):
            rest = part.args[:position] + part.args[position + 1 :]
            yield part.func(*rest)
            yield part.func(*rest, -part.args[position])
            yield part.func(*part.args, part.args[position])
    elif isinstance(part, sp.Pow):
        yield from (part.base, part.base ** (part.exp + 1))
    elif isinstance(part, sp.Indexed):
        yield from (part**2, sp.S.One)
        if len(part.indices) > 1:
            yield part.base[part.indices[::-1]]
    elif isinstance(part, KroneckerDelta):
        yield from (sp.S.One, 1 - part)
    elif isinstance(part, Sum):
        yield part**2
        for position, (index, low, high) in enumerate(part.limits):
            limits = list(part.limits)
            for other in ((index, low, high - 1), (index, low + 1, high), (index, low - 1, high)):
                limits[position] = other
                yield Sum(part.function, *limits)


def random_edit(expr, symbols, rng):
    """One edit at a random place, or None if it makes nothing new."""
    path = rng.choice(list(places(expr)))
    choices = list(changes(part_at(expr, path), symbols))
    if not choices:
        return None
    try:
        found = edited(expr, path, rng.choice(choices))
    except (TypeError, ValueError, AttributeError):
        return None  # SymPy does not build it
    return None if found == expr else found


def edits(derivation, previous, step):
    """Changed copies of a step, the same ones in every run."""
    rng = random.Random(f"{derivation.id} {step.name}")
    mentioned = previous.free_symbols | step.expr.free_symbols | set(derivation.setting.ranges)
    arrays = {str(part.base.label) for part in step.expr.atoms(sp.Indexed)}
    symbols = [symbol for symbol in mentioned if isinstance(symbol, sp.Symbol)]
    symbols = sorted((symbol for symbol in symbols if symbol.name not in arrays), key=str)
    made = 0
    while made < EDITS_PER_STEP:
        expr = random_edit(step.expr, symbols, rng)
        if expr is not None:
            made += 1
            yield Step(step.name, expr, "edited", step.op)


@pytest.fixture(scope="module")
def judged():
    """Every edit of every step, and whether the index level accepts it."""
    return [
        (derivation, previous, changed, equal_at_all_sizes(previous, changed, derivation.setting))
        for derivation, previous, step in STEPS
        for changed in edits(derivation, previous, step)
    ]


def test_most_of_at_least_two_thousand_one_edit_changes_are_refused(judged):
    """Single steps may accept most: where a factor vanishes, the others may be anything."""
    assert len(judged) == len(STEPS) * EDITS_PER_STEP >= 2000
    refused = sum(not answer.equal for *_, answer in judged)
    assert refused >= 0.9 * len(judged)


def smallest(derivation):
    """All sizes equal, and as small as the assumptions allow: wrong counts are often right there.

    None if some relation of the sizes, or an empty range, excludes all of them.
    """
    for size in (1, 2):
        sizes = dict.fromkeys(derivation.sizes[0], size)
        try:
            derivation.require_allowed(sizes)
        except ValueError:
            continue
        spans = derivation.setting.ranges.values()
        if all(whole(low, sizes) <= whole(high, sizes) for low, high in spans):
            return sizes
    return None


def test_no_one_edit_change_that_exact_evaluation_refutes_is_accepted(judged):
    """The accepted changes are equal at every size tried: past the end of an array, times zero."""
    accepted = [edit for edit in judged if edit[-1].equal]
    assert len(accepted) > 50
    for derivation, previous, changed, _ in accepted:
        sizes = [*derivation.sizes[:2], smallest(derivation)]
        sizes = [chosen for chosen in sizes if chosen is not None]
        found = judge(previous, changed, derivation.setting, sizes, "edited").finding
        assert found.verdict is Verdict.PROVED_ALL_SIZES, (derivation.id, changed, found)


# --- random expressions and their normal form -----------------------------------------------------

n, m = sp.symbols("n m", integer=True, positive=True)
s = sp.Symbol("s", integer=True)
a, b, i, j, k = sp.symbols("a b i j k", integer=True)
p, q = sp.symbols("p q", positive=True)
x, y, z, A, D = (sp.IndexedBase(name) for name in ("x", "y", "z", "A", "D"))
SETTING = Setting(
    ranges={a: (sp.S.Zero, n - 1), b: (sp.S.Zero, m - 1)},
    support={"x": (n,), "y": (m,), "A": (n, m)},
)
SIZES = [
    {n: rows, m: columns, s: step}
    for rows, columns, step in ((1, 1, 1), (1, 3, 2), (3, 1, 0), (2, 2, 1), (2, 3, 2), (4, 2, -1))
]


class Grammar:
    """Random expressions that are rich in boundaries: shifts, empty sums, unequal ranges."""

    def __init__(self, seed):
        self.rng = random.Random(seed)

    def index(self, bound):
        first, second = self.rng.choice(bound), self.rng.choice(bound)
        moved = [first, first, first, first + 1, first - 1, n - 1 - first, 2 * first, s * first]
        mixed = [first + second, first - second, n - 1, m, sp.S.Zero, sp.S.One]
        return self.rng.choice(moved + mixed)

    def atom(self, bound):
        kind = self.rng.randrange(8)
        if kind < 4:
            array = (x, y, z, D)[kind]
            return array[self.index(bound)]
        if kind == 4:
            return A[self.index(bound), self.index(bound)]
        if kind == 5:
            return self.rng.choice([p, n, self.rng.choice(bound), q - 1])
        return KroneckerDelta(self.index(bound), self.index(bound))

    def body(self, bound):
        parts = [self.atom(bound) for _ in range(self.rng.randint(1, 4))]
        if self.rng.random() < 0.2:
            return sp.Mul(*parts[1:]) * (parts[0] + self.atom(bound))
        return sp.Mul(*parts)

    def expression(self):
        dummies = self.rng.sample([i, j, k, a], self.rng.randint(1, 3))
        limits, outer = [], [a, b]
        for dummy in dummies:
            low = self.rng.choice([sp.S.Zero, sp.S.Zero, sp.S.One, -sp.S.One])
            ends = [n - 1, n - 1, m - 1, n, n - 3, n - m, sp.S.One, outer[-1], outer[-1] - 1]
            limits.append((dummy, low, self.rng.choice(ends)))
            outer.append(dummy)
        return Sum(self.body(outer), *reversed(limits))


def as_expression(terms, language):
    """Terms as an ordinary expression again."""
    names = {symbol.name: symbol for symbol in (n, m, s, a, b, i, j, k, p, q)}
    names |= {symbol.name: symbol for symbol in sp.symbols("m_1:5", positive=True)}

    def symbol(name):
        return sp.Symbol(f"dummy{name[1:]}", integer=True) if name[0] == "%" else names[name]

    def number(form):
        products = [
            sp.Mul(value, *(symbol(name) ** power for name, power in monomial))
            for monomial, value in form.terms
        ]
        return sp.Add(*products)

    total = sp.S.Zero
    for term in terms:
        body = sp.Rational(term.coefficient.numerator, term.coefficient.denominator)
        body = sp.Mul(body, *(symbol(name) ** power for name, power in term.powers))
        for (name, place), power in term.entries.items():
            body *= sp.IndexedBase(name)[tuple(number(at) for at in place)] ** power
        for delta in term.deltas:
            body *= KroneckerDelta(number(delta), 0)
        # A bound may use other dummies: those must be summed further out.
        left, limits = dict(term.bounds), []
        while left:
            ready = sorted(d for d in left if not (left[d].variables & left.keys()))
            assert ready, "bounds depend on each other in a circle"
            limits += [(symbol(d), 0, number(left.pop(d)) - 1) for d in ready]
        total += Sum(body, *reversed(limits)) if limits else body
    return total


def evaluated(expr, env):
    """The exact value, with entries and scalars that depend only on their name and place."""

    def value(atom):
        rng = random.Random(str(atom))
        return Fraction(rng.randint(-30, 30) or 31, rng.randint(1, 7))

    return Evaluator(SETTING, value, lambda number: number)(expr, env)


@pytest.mark.parametrize("seed", range(12))
def test_a_normal_form_has_the_value_of_its_expression_at_every_size(seed):
    """Every rule is met by random sums, deltas, supports and bounds; most forms do change."""
    grammar = Grammar(seed)
    moved, total = 0, 0
    while total < 50:
        expr = grammar.expression()
        language = Language(SETTING)
        read = language.read(expr, {})
        form = list(normal_form(read, language).values())
        total += 1
        moved += sorted(map(key_of, read)) != sorted(map(key_of, form))
        back = as_expression(form, language)
        for sizes in SIZES:
            for row, column in itertools.product(range(sizes[n]), range(sizes[m])):
                env = {**sizes, a: row, b: column}
                assert evaluated(expr, env) == evaluated(back, env), (expr, back, env)
    assert moved > total // 4


OPERATORS = [
    Differentiate(x[a]),
    Differentiate(A[a, b]),
    Differentiate(p),
    Expect(D[i], sp.symbols("m_1:5", positive=True)),
    OneHot(A[i, j]),
]


@pytest.mark.parametrize("op", OPERATORS, ids=str)
def test_an_operator_gives_the_same_at_symbolic_sizes_as_exactly(op):
    """The exact level proves what the index level computes."""
    grammar = Grammar(str(op))
    compared = 0
    while compared < 25:
        expr = grammar.expression()
        language = Language(SETTING)
        try:
            form = normal_form(applied(op, expr, SETTING, language), language)
        except UnreadableError:
            continue
        back = as_expression(form.values(), language)
        if back == 0 or back == expr:
            continue
        compared += 1
        found = judge(expr, Step("op", back, "", op), SETTING, SIZES[:4], "op").finding
        assert found.verdict.reaches(Verdict.PROVED_AT), (expr, back, found)


# --- the parts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(10))
def test_a_fact_that_is_called_certain_holds_at_every_point(seed):
    """Random inequalities in three integers of a box; some goals do follow."""
    rng = random.Random(seed)

    def form():
        items = [(((name, 1),), rng.randint(-3, 3)) for name in "abc"]
        return Whole.of(
            [*items, ((("a", 1), ("b", 1)), rng.choice((0, 0, 1, -1))), ((), rng.randint(-4, 4))]
        )

    def value(target, point):
        return target.replaced({name: Whole.number(at) for name, at in point.items()}).constant

    box = [Whole.variable(name) + Whole.number(4) for name in "abc"]
    box += [Whole.number(4) - Whole.variable(name) for name in "abc"]
    points = [dict(zip("abc", at, strict=True)) for at in itertools.product(range(-4, 5), repeat=3)]
    certain = 0
    for _ in range(30):
        known = [form() for _ in range(rng.randint(0, 3))]
        goal = form() + Whole.number(rng.randint(0, 20))
        if Facts([*box, *known]).nonnegative(goal):
            certain += 1
            allowed = [at for at in points if all(value(fact, at) >= 0 for fact in known)]
            assert all(value(goal, at) >= 0 for at in allowed), (known, goal)
    assert certain > 0


def test_rounding_makes_a_strict_inequality_of_integers_certain():
    """2 a >= 1 means a >= 1."""
    twice = Whole.variable("a") * Whole.number(2) - Whole.number(1)
    assert Facts([twice]).positive(Whole.variable("a"))
    assert not Facts([twice]).positive(Whole.variable("a") - Whole.number(1))
    assert not Facts([]).nonnegative(Whole.variable("a"))


@pytest.mark.parametrize("power", range(6))
def test_a_sum_of_powers_is_a_polynomial_in_its_length(power):
    """At every length, zero included."""
    for length in range(7):
        terms = power_sum(power, Whole.number(length))
        total = sum((term.coefficient for term in terms), start=Fraction(0))
        assert total == sum(at**power for at in range(length))


def random_term(rng, names):
    """A term whose dummies are hard to tell apart."""
    dummies = [Whole.variable(name) for name in names]
    entries = {("A", (rng.choice(dummies), rng.choice(dummies))): 1 for _ in range(4)}
    deltas = frozenset({rng.choice(dummies) - rng.choice(dummies) + Whole.number(1)})
    return Term(Fraction(1), (), entries, deltas, dict.fromkeys(names, Whole.variable("n")))


def renamed(term, names):
    values = {old: Whole.variable(new) for old, new in names.items()}
    (moved,) = term.replaced(values)
    flipped = frozenset(-delta for delta in moved.deltas)
    bounds = {names[dummy]: bound for dummy, bound in moved.bounds.items()}
    return Term(moved.coefficient, moved.powers, moved.entries, flipped, bounds)


def test_the_key_of_a_term_depends_on_the_term_only():
    """Renamed dummies give the same key; equal keys are found only for such terms."""
    rng = random.Random(0)
    names = [f"%{number}" for number in range(4)]
    terms = [random_term(rng, names) for _ in range(30)]
    for term in terms:
        shuffled = rng.sample(names, len(names))
        assert key_of(renamed(term, dict(zip(names, shuffled, strict=True)))) == key_of(term)

    def exactly(term):
        return (
            frozenset(term.entries.items()),
            frozenset(delta.either_sign() for delta in term.deltas),
        )

    for first, second in itertools.combinations(terms, 2):
        orders = itertools.permutations(names)
        same = any(
            exactly(renamed(first, dict(zip(names, order, strict=True)))) == exactly(second)
            for order in orders
        )
        assert same == (key_of(first) == key_of(second))


def test_many_equal_factors_are_named_without_trying_all_orders():
    """(sum x)^12 has 12! ways to name its dummies."""
    total = Sum(x[i], (i, 0, n - 1))
    step = Step("power", total**5 * total**7, "")
    assert equal_at_all_sizes(total**12, step, SETTING).equal


def test_too_much_work_is_left_open():
    """Twenty factors of two terms are a million terms."""
    power = sum((z[at] for at in range(2)), start=sp.S.Zero) ** 20
    found = equal_at_all_sizes(power, Step("power", power, ""), SETTING)
    assert not found.equal
    assert "TooMuchWorkError" in found.reason
    power = z[0] ** 1000
    assert not equal_at_all_sizes(power, Step("power", power, ""), SETTING).equal


def test_a_range_that_is_the_old_one_otherwise_written_ends_the_rewriting():
    """Inside this term n = m, so either range may be written for the other, but not for ever."""
    entry = A[a, n - 1 - a] * A[n - 1, n - 1] * y[a]
    expr = Sum(entry, (j, 0, n - m), (a, 0, n - 1))
    language = Language(SETTING)
    assert len(normal_form(language.read(expr, {}), language)) == 1
