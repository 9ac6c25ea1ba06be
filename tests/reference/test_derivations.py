"""Every derivation is proved at its declared level, and refuses every known mistake."""

import dataclasses

import pytest
import torch

from backproof_reference.batchnorm import batchnorm_backward, batchnorm_forward
from backproof_reference.derivations import ALL, batchnorm, get
from backproof_reference.dropout import expected_dropout_loss, weight_noise_loss
from backproof_reference.prove import Verdict, evaluate

DERIVATIONS = [pytest.param(derivation, id=derivation.id) for derivation in ALL]
STEPS = [
    pytest.param(derivation, step.name, id=f"{derivation.id}: {step.name}")
    for derivation in ALL
    for step in derivation.steps
]
MUTANTS = [
    pytest.param(derivation, mutant.id, id=f"{derivation.id}: {mutant.id}")
    for derivation in ALL
    for mutant in derivation.mutants
]


@pytest.mark.parametrize(("derivation", "step"), STEPS)
def test_every_step_is_proved_at_the_declared_level_and_size(derivation, step, examined):
    """Numerical agreement alone would not do."""
    (report,) = [report for report in examined(derivation).report.steps if report.name == step]
    assert report.verdict.reaches(derivation.level), examined(derivation).report
    assert report.verdict.reaches(Verdict.PROVED_AT), examined(derivation).report
    assert report.sizes == derivation.sizes


@pytest.mark.parametrize("derivation", DERIVATIONS)
def test_the_declared_level_is_the_one_that_is_reached(derivation, examined):
    """Neither a silent downgrade nor a stale excuse."""
    assert examined(derivation).report.level is derivation.level, examined(derivation).report
    assert examined(derivation).report.passed


@pytest.mark.parametrize("derivation", DERIVATIONS)
def test_the_checked_expression_equals_torch(derivation, examined):
    """The last expression, evaluated as it stands, agrees with autograd or full enumeration."""
    assert examined(derivation).report.oracle.passed, examined(derivation).report


@pytest.mark.parametrize(("derivation", "mutant"), MUTANTS)
def test_every_known_mistake_is_refuted_by_a_counterexample(derivation, mutant, examined):
    """The counterexample gives values at which the two sides really differ."""
    (report,) = [report for report in examined(derivation).mutants if report.name == mutant]
    assert report.verdict is Verdict.REFUTED, report.finding
    counterexample = report.finding.counterexample
    assert counterexample.left != counterexample.right
    assert counterexample.values or counterexample.sizes  # plain counts have no values
    assert str(counterexample).startswith("at ")


def test_ids_are_distinct_and_name_their_module():
    """``get`` finds each derivation, and its id says where it is written."""
    assert len({derivation.id for derivation in ALL}) == len(ALL)
    assert all(get(derivation.id) is derivation for derivation in ALL)


def test_an_unknown_id_is_refused_with_the_known_ones():
    """The message lists what there is."""
    with pytest.raises(
        KeyError, match=r"no derivation 'batchnorm\.dz'; there are .*batchnorm\.dx, "
    ):
        get("batchnorm.dz")


def test_the_reference_function_equals_the_checked_input_gradient_of_batchnorm():
    """The code and the proof describe the same thing."""
    generator = torch.Generator().manual_seed(3)
    x, g = torch.randn(2, 6, 1, generator=generator, dtype=torch.float64) * 3 + 2
    gamma, beta, eps = (torch.tensor(value, dtype=torch.float64) for value in (1.7, 0.3, 0.01))
    _, cache = batchnorm_forward(x, gamma.reshape(1), beta.reshape(1), eps.item())
    dx, _, _ = batchnorm_backward(g, cache)
    expr = get("batchnorm.dx").result()
    values = {"x": x[:, 0], "g": g[:, 0], "gamma": gamma, "beta": beta, "epsilon": eps}
    for row in range(6):
        env = {batchnorm.m: 6, batchnorm.a: row}
        proved = evaluate(expr, batchnorm.SETTING, env, values)
        assert proved == pytest.approx(dx[row].item(), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("id", ["dropout.loss", "weight_noise.loss"])
def test_the_reference_function_equals_the_checked_expectation(id):
    """The code and the proof describe the same thing."""
    generator = torch.Generator().manual_seed(4)
    derivation = get(id)
    shapes = derivation.oracle.shapes
    values = {
        name: torch.rand(shape, generator=generator, dtype=torch.float64)
        for name, shape in shapes.items()
    }
    proved = evaluate(derivation.result(), derivation.setting, derivation.oracle.sizes, values)
    if id == "dropout.loss":
        keep = values["p"].item()
        coded = expected_dropout_loss(values["X"], values["y"], values["w"], keep)
    else:
        alpha = values["alpha"].item()
        coded = weight_noise_loss(values["w"], values["x"], values["y_0"], alpha)
    assert proved == pytest.approx(coded.item(), rel=1e-12)


def test_a_derivation_with_one_wrong_step_fails_as_a_whole():
    """Its report says which step, where and why, and it hands out no result."""
    good = get("batchnorm.dx")
    wrong = dataclasses.replace(good.steps[1], expr=good.mutants[0].expr)
    bad = dataclasses.replace(good, mutants=good.mutants[1:], steps=(good.steps[0], wrong))
    report = bad.check()
    assert not report.passed
    assert [step.verdict for step in report.steps] == [Verdict.PROVED_ALL_SIZES, Verdict.REFUTED]
    assert not report.oracle.passed
    assert report.level is Verdict.REFUTED
    assert "closed form: refuted by a counterexample" in str(report)
    with pytest.raises(ValueError, match=r"batchnorm\.dx: FAILED"):
        bad.result()


def test_a_result_is_handed_out_by_the_name_of_its_step():
    """The last step is the default; an unknown name lists the known ones."""
    derivation = get("batchnorm.dx")
    assert derivation.result() == derivation.result("closed form") == derivation.steps[1].expr
    assert derivation.result("chain rule") == derivation.steps[0].expr
    with pytest.raises(
        KeyError, match=r"no step 'open form', only \['chain rule', 'closed form'\]"
    ):
        derivation.result("open form")
