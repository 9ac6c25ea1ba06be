"""What SymPy's own machinery gets wrong or leaves open must not come in by another door."""

import ast
import importlib
import pkgutil

import pytest
import sympy as sp
from sympy import KroneckerDelta, Sum, stats

from backproof_reference import prove
from backproof_reference.prove import (
    Definition,
    Differentiate,
    Expect,
    Setting,
    Step,
    Substitute,
    Verdict,
)
from backproof_reference.prove.judge import judge

n = sp.Symbol("n", integer=True, positive=True)
a, i, j, k = sp.symbols("a i j k", integer=True)
p, r = sp.symbols("p r", positive=True)
x, w, z = (sp.IndexedBase(name) for name in ("x", "w", "z"))
FREE = Setting(ranges={a: (sp.S.Zero, n - 1)})
SIZES = ({n: 1}, {n: 2}, {n: 3})


def upto(index):
    return (index, 0, n - 1)


def verdict(start, expr, op=None, setting=FREE):
    """What all levels say together about one step."""
    return judge(start, Step("only", expr, "", op), setting, SIZES, "only").verdict


FORBIDDEN = {
    "simplify", "nsimplify", "equals", "doit", "sympify", "parse_expr", "lambdify", "together",
    "solve", "integrate", "subs", "stats", "eval", "exec",
}  # fmt: skip


@pytest.mark.parametrize("name", [module.name for module in pkgutil.iter_modules(prove.__path__)])
def test_no_function_that_has_to_be_believed_is_used(name):
    """Polynomial arithmetic is all that is taken from SymPy: none of these names is read."""
    module = importlib.import_module(f"{prove.__name__}.{name}")
    with open(module.__file__, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    used |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    used |= {
        alias.name.split(".")[-1]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert not used & FORBIDDEN


vector = sp.MatrixSymbol("v", 3, 1)
NOT_INDEX_NOTATION = {
    "an entry of a matrix symbol": vector[0, 0],
    "a trace": sp.Trace(vector * vector.T),
    "a derivative that is not carried out": sp.Derivative(p**2, p),
    "an integral": sp.Integral(p, p),
    "a case distinction": sp.Piecewise((p, sp.Symbol("q") > 0), (r, True)),
    "a random variable": stats.Normal("u", 0, 1),
    "an expectation": stats.Expectation(stats.Normal("u", 0, 1) ** 2),
    "an absolute value": sp.Abs(sp.Symbol("t")),
    "a product over an index": sp.Product(x[i], (i, 0, n - 1)),
    "infinity": sp.oo,
    "not a number": sp.nan,
    "a circle's number": sp.pi,
}


@pytest.mark.parametrize("name", NOT_INDEX_NOTATION)
def test_what_is_not_index_notation_is_undecided_even_against_itself(name):
    """SymPy would call x - x zero without asking what x is."""
    expr = NOT_INDEX_NOTATION[name]
    found = verdict(expr, expr)
    assert not found.reaches(Verdict.PROVED_AT), found


def test_a_normal_variable_is_averaged_by_its_moments_at_any_number_of_features():
    """sympy.stats needs more than a minute for three independent normal variables."""
    start = (p - Sum((w[j] + z[j]) * x[j], upto(j))) ** 2
    error = p - Sum(w[j] * x[j], upto(j))
    noise = Expect(z[i], (sp.S.Zero, r * w[i] ** 2))
    right = error**2 + r * Sum(w[j] ** 2 * x[j] ** 2, upto(j))
    assert verdict(start, right, noise) is Verdict.PROVED_ALL_SIZES
    assert verdict(start, error**2, noise) is Verdict.REFUTED


def test_the_batch_variance_has_its_gradient_without_evaluating_a_sum():
    """``doit`` on the same expression ends in a TypeError or in nested case distinctions."""
    mean = Sum(x[k], upto(k)) / n
    variance = Sum((x[j] - mean) ** 2, upto(j)) / n
    gradient = Differentiate(x[a])
    assert verdict(variance, 2 / n * (x[a] - mean), gradient) is Verdict.PROVED_ALL_SIZES
    assert verdict(variance, sp.S.Zero, gradient) is Verdict.REFUTED


def test_a_square_root_is_known_by_its_square_only():
    """sqrt(v^2) is |v|: neither v nor -v, and SymPy's ``equals`` answers None."""
    v = sp.Symbol("v", real=True)
    root = Setting(definitions=(Definition(r, sp.Rational(1, 2), v**2 + p),))
    assert verdict(r**2, v**2 + p, setting=root) is Verdict.PROVED_ALL_SIZES
    plain = Setting(definitions=(Definition(r, sp.Rational(1, 2), v**2),))
    for wrong in (v, -v):
        assert verdict(r, wrong, setting=plain) is Verdict.REFUTED


def test_a_delta_is_not_contracted_beyond_the_range_of_its_sum():
    """SymPy's own contraction gives a case distinction that is easily dropped."""
    wider = Setting(ranges={a: (sp.S.Zero, n)})
    start = Sum(KroneckerDelta(i, a) * x[i], upto(i))
    assert verdict(start, x[a]) is Verdict.PROVED_ALL_SIZES
    assert verdict(start, x[a], setting=wider) is Verdict.REFUTED


@pytest.mark.parametrize("integer", [True, None])
def test_an_index_of_a_sum_is_never_replaced_like_a_symbol(integer):
    """Writing p for b in b sum_b p x_b would turn the factor p into an index."""
    b = sp.Symbol("b", integer=integer)
    start = b * Sum(p * x[b], (b, 0, n - 1))
    captured = p * Sum(k * x[k], (k, 0, n - 1))
    assert verdict(start, captured, Substitute(b, p)) is Verdict.UNDECIDED
