"""No formula is typed twice: what the bank expects comes from a checked derivation, or says whence."""

import inspect
from pathlib import Path

import pytest

from backproof.answer_key import typed_key
from backproof.answers import Ruling, mark
from backproof.loading import load_problem
from backproof.model import Check, Expected, OracleKind, Problem, TypedAnswer
from backproof_reference import derivations

BANK = Path(__file__).parents[2] / "assignments" / "bank"
PROBLEMS = [load_problem(path.parent) for path in sorted(BANK.glob("*/problem.py"))]
CHECKS = [
    pytest.param(problem, check, id=f"{problem.name}/{check.id}")
    for problem in PROBLEMS
    for check in problem.checks
]
EXPLICIT = (OracleKind.REFERENCE, OracleKind.RELATION, OracleKind.PERSON)


@pytest.mark.parametrize(("problem", "check"), CHECKS)
def test_every_expected_answer_is_derived_or_names_an_independent_source(
    problem: Problem, check: Check
) -> None:
    """A derivation of the library that passes, or a book, a paper, a property, a person."""
    if check.oracle.kind in EXPLICIT:
        assert check.oracle.provenance or check.oracle.kind is not OracleKind.REFERENCE
        return
    assert check.oracle.kind is OracleKind.PROVEN
    for name in check.oracle.provenance:
        assert derivations.get(name).id == name


EXCEPTIONS = {
    # The minimiser solves the normal equations, and alpha and beta solve an identity: the
    # derivation proves the equation, so the oracle is its solution and not the expression itself.
    "dropout_tikhonov": ("ridge_solution", "alpha", "beta"),
    "dropout_layers": ("identity", "channel_identity"),
}
"""Checks whose expected values follow from a derivation without being its last expression."""


PROVEN_CODE = [
    pytest.param(check.oracle, id=f"{problem.name}/{check.id}")
    for problem in PROBLEMS
    for check in problem.checks
    if isinstance(check.oracle, Expected)
    and check.oracle.kind is OracleKind.PROVEN
    and check.id not in EXCEPTIONS.get(problem.name, ())
]


@pytest.mark.parametrize("oracle", PROVEN_CODE)
def test_proven_code_answers_are_computed_from_the_checked_expression(oracle: Expected) -> None:
    """The oracle's own source asks `result(...)`, not the reference that students are compared to."""
    source = inspect.getsource(oracle.compute)

    assert "result(" in source or ".torch(" in source, source


def test_the_exceptions_satisfy_the_equations_that_are_derived() -> None:
    """The gradient that is proved vanishes at the reference's minimiser; the scales cancel."""
    import torch

    from backproof_reference import dropout
    from backproof_reference.results import result

    torch.manual_seed(1)
    x, y = torch.randn(9, 4, dtype=torch.float64), torch.randn(9, dtype=torch.float64)
    keep = 0.3
    weights = dropout.dropout_ridge(x, y, keep)
    gamma = ((1 - keep) / keep) ** 0.5 * x.norm(dim=0)
    slope = result("tikhonov.normal_equations").torch(X=x, y=y, v=weights, Gamma=gamma)
    alpha, beta = dropout.ridge_rescaling(gamma, 2.5)

    assert slope.abs().max() < 1e-12
    assert torch.allclose(alpha * beta, torch.ones(4, dtype=torch.float64), rtol=1e-14)
    ridge = ((y - (x * beta) @ (alpha * weights)) ** 2).sum() + 2.5 * ((alpha * weights) ** 2).sum()
    plain = ((y - x @ weights) ** 2).sum() + ((gamma * weights) ** 2).sum()
    assert torch.allclose(ridge, plain, rtol=1e-14)


def test_the_typed_factor_is_the_root_that_the_derivation_names() -> None:
    """c in Gamma = c Gamma_hat, printed from the checked derivation, is the answer of the bank."""
    from backproof_reference.handouts.typed import typed

    derivation = derivations.get("tikhonov.dropout")
    root = next(d for d in derivation.setting.definitions if str(d.symbol) == "c")
    problem = next(problem for problem in PROBLEMS if problem.name == "dropout_tikhonov")
    check = next(check for check in problem.checks if check.id == "tikhonov_factor")
    assert isinstance(check.oracle, TypedAnswer)

    text = typed(root.symbol, derivation.setting, ())

    assert mark(text, typed_key(problem, check, check.oracle)).ruling is Ruling.CORRECT
