"""What a derivation proved is what graders evaluate, print and compare typed answers with."""

import dataclasses
import json

import numpy as np
import pytest
import sympy as sp
import torch
from sympy import Sum
from torch.nn import functional

from backproof.answers.deciding import decide
from backproof.answers.verdicts import Ruling
from backproof.model.vocabulary import ArraySymbol, IndexSymbol, Vocabulary
from backproof_reference import record
from backproof_reference.derivations import ALL, get
from backproof_reference.handouts.typed import NoTypedFormError, typed
from backproof_reference.prove import Derivation, Setting, evaluate, vectorised
from backproof_reference.results import Result, result

EVERY = [pytest.param(derivation, id=derivation.id) for derivation in ALL]


@pytest.fixture(autouse=True)
def _own_record(tmp_path_factory, monkeypatch):
    """The record of this test run is shared by these tests and with nobody else."""
    home = tmp_path_factory.getbasetemp() / "record"
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))


def drawn(derivation):
    """Values at the sizes of the oracle, and what they give without the derivation."""
    oracle = derivation.oracle
    generator = torch.Generator().manual_seed(8)
    values = {
        name: torch.rand(shape, generator=generator, dtype=torch.float64) * 0.8 + 0.1
        for name, shape in oracle.shapes.items()
    }
    values = oracle.prepare(values) if oracle.prepare else values
    sizes = {str(symbol): size for symbol, size in oracle.sizes.items()}
    return {**values, **sizes}, oracle.expected(values).detach()


@pytest.mark.parametrize("derivation", EVERY)
def test_torch_gives_what_the_oracle_computes_without_the_derivation(derivation):
    """All free indices at once, with the axes of the oracle."""
    values, expected = drawn(derivation)
    found = Result(derivation).torch(values)
    assert found.shape == expected.shape
    within = max(1e-11, derivation.oracle.tolerance)  # that of an oracle that is itself inexact
    torch.testing.assert_close(found, expected, rtol=within, atol=within)


@pytest.mark.parametrize("derivation", EVERY)
def test_numpy_gives_the_same_numbers_as_the_evaluation_entry_by_entry(derivation):
    """The vectorised evaluation means what the checked one means, at every free index."""
    values, _ = drawn(derivation)
    of = Result(derivation)
    found = of.numpy(values)
    assert found.dtype == np.float64
    tensors = {name: value for name, value in values.items() if isinstance(value, torch.Tensor)}
    for place in list(np.ndindex(found.shape))[:40]:
        env = {**derivation.oracle.sizes, **dict(zip(of.axes, place, strict=True))}
        slowly = evaluate(of.expr, derivation.setting, env, tensors)
        assert found[place] == pytest.approx(slowly, rel=1e-12, abs=1e-12)


def test_sizes_follow_from_arrays_with_a_support_and_contradictions_are_refused():
    """Nothing is guessed: what is missing, unknown or contradictory is named."""
    dx = result("batchnorm.dx")
    x, g = np.random.default_rng(0).normal(size=(2, 7))
    scalars = {"gamma": 1.5, "epsilon": 1e-3}
    assert dx.numpy(x=x, g=g, **scalars).shape == (7,)
    assert np.array_equal(dx.numpy(x=x, g=g, m=7, **scalars), dx.numpy({"x": x, "g": g}, **scalars))
    with pytest.raises(ValueError, match=r"g has the shape \(6,\), these sizes want \(7,\)"):
        dx.numpy(x=x, g=g[:6], **scalars)
    with pytest.raises(ValueError, match="needs a value of 'epsilon'"):
        dx.numpy(x=x, g=g, gamma=1.5)
    with pytest.raises(ValueError, match=r"has no \['eps'\], only \["):
        dx.numpy(x=x, g=g, gamma=1.5, eps=1e-3)
    with pytest.raises(ValueError, match="violate 'the batch has m >= 2 rows'"):
        dx.numpy(x=x[:1], g=g[:1], **scalars)
    with pytest.raises(ValueError, match="give the sizes N, K"):
        result("conv1d.dw").numpy(dz=g)


def test_an_array_read_where_it_has_no_entry_is_an_error_not_a_zero():
    """Only a declared support means zero outside."""
    dw = result("conv1d.dw")
    with pytest.raises(IndexError, match="is read outside dz"):
        dw.numpy(x=np.ones(7), dz=np.ones(4), K=3)


def test_batchnorm_equals_autograd_to_round_off_and_can_be_differentiated():
    """A batch of 300 rows, in one call; the gradient of the gradient is autograd's too."""
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(300, generator=generator, dtype=torch.float64).requires_grad_()
    g = torch.randn(300, generator=generator, dtype=torch.float64)
    gamma, eps = torch.tensor(1.3, dtype=torch.float64), torch.tensor(1e-5, dtype=torch.float64)
    out = functional.batch_norm(
        x[:, None], None, None, gamma[None], torch.zeros(1).double(), True, 0.1, float(eps)
    )
    (expected,) = torch.autograd.grad(out[:, 0], x, g, create_graph=True)
    found = result("batchnorm.dx").torch(x=x, g=g, gamma=gamma, epsilon=eps)
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)
    twice = [torch.autograd.grad(side.square().sum(), x)[0] for side in (found, expected)]
    torch.testing.assert_close(*twice, rtol=1e-9, atol=1e-9)


def random_layer(generator):
    """Sizes of a small convolution layer that has at least one output."""
    while True:
        pick = {name: int(generator.integers(1, 4)) for name in ("K_H", "K_V", "s", "d")}
        pick |= {name: int(generator.integers(1, 3)) for name in ("N", "Q", "T", "C")}
        pick |= {"H": int(generator.integers(2, 6)), "V": int(generator.integers(2, 6))}
        pick["P"] = int(generator.integers(0, 3))
        for out, size, kernel in (("H_o", "H", "K_H"), ("V_o", "V", "K_V")):
            span = pick["d"] * (pick[kernel] - 1) + 1
            pick[out] = (pick[size] + 2 * pick["P"] - span) // pick["s"] + 1
        if min(pick["H_o"], pick["V_o"]) > 0:
            return pick


@pytest.mark.parametrize("seed", range(4))
def test_convolution_gradients_equal_autograd_bit_for_bit_on_whole_numbers(seed):
    """100 random layers a seed; whole numbers leave no rounding to hide behind."""
    generator = np.random.default_rng(seed)

    def whole(*shape):
        return torch.from_numpy(generator.integers(-9, 10, shape)).double().requires_grad_()

    for _ in range(100):
        at = random_layer(generator)
        n, q, t, c = (at[size] for size in "NQTC")
        x, w = whole(n, q, c, at["H"], at["V"]), whole(q, t, c, at["K_H"], at["K_V"])
        g = whole(n, q, t, at["H_o"], at["V_o"])
        out = functional.conv2d(
            x.flatten(1, 2), w.flatten(0, 1), None, at["s"], at["P"], at["d"], q
        )
        dx, dw = torch.autograd.grad(out, (x, w), g.flatten(1, 2))
        given = {"X": x.detach(), "W": w.detach(), "G": g.detach(), **at}
        assert torch.equal(result("conv.dx").torch(given), dx), at
        assert torch.equal(result("conv.dw").torch(given), dw), at


BATCH = Vocabulary(
    symbols={"m": "int[2, 6]", "gamma": "positive", "epsilon": "positive", "r": "positive"},
    arrays=(ArraySymbol(name="x", shape=("m",)), ArraySymbol(name="g", shape=("m",))),
    indices=(IndexSymbol(name="a", low="0", high="m - 1"),),
)
REGRESSION = Vocabulary(
    symbols={"N": "int[1, 4]", "d": "int[1, 4]", "p": "unit", "lambda": "positive"},
    arrays=(
        ArraySymbol(name="X", shape=("N", "d")),
        ArraySymbol(name="y", shape=("N",)),
        ArraySymbol(name="w", shape=("d",)),
        ArraySymbol(name="Gamma", shape=("d",)),
        ArraySymbol(name="v", shape=("d",)),
    ),
    indices=(IndexSymbol(name="a", low="0", high="d - 1"),),
)
CONV = Vocabulary(
    symbols={"N": "int[4, 6]", "K": "int[1, 4]"},
    arrays=(ArraySymbol(name="dz", shape=("N - K + 1",)), ArraySymbol(name="x", shape=("N",))),
    indices=(IndexSymbol(name="k0", low="0", high="K - 1"),),
)
BY_HAND = {
    "batchnorm.variance": (BATCH, "2 (x[a] - sum(s=0, m-1, x[s])/m) / m"),
    "batchnorm.dbeta": (BATCH, "sum(n=0, m-1, g[n])"),
    "batchnorm.sum_dx": (BATCH, "0"),
    "conv1d.dw": (CONV, "sum(t=k0, N-K+k0, dz[t-k0] x[t])"),
    "dropout.loss": (
        REGRESSION,
        "sum(k=0,N-1,(y[k] - p*sum(j=0,d-1,X[k,j] w[j]))^2)"
        " - (p^2 - p)*sum(k=0,N-1,sum(j=0,d-1,(X[k,j] w[j])^2))",
    ),
    "tikhonov.ridge": (
        REGRESSION,
        "sum(j=0,d-1,Gamma[j]^2 v[j]^2) + sum(i=0,N-1,(sum(j=0,d-1,X[i,j] v[j]) - y[i])^2)",
    ),
    "tikhonov.column_norm": (REGRESSION, "lambda/(1/p - 1)"),
}


@pytest.mark.parametrize("id", BY_HAND)
def test_a_formula_written_by_hand_is_correct_against_the_typed_form(id):
    """The text of a result is the expected answer of a problem as it stands."""
    vocabulary, by_hand = BY_HAND[id]
    assert decide(by_hand, result(id).text, vocabulary).verdict is Ruling.CORRECT


@pytest.mark.parametrize("id", BY_HAND)
def test_every_mutant_is_wrong_against_the_typed_form(id):
    """The mistakes that the derivation refutes lose the mark in a typed answer as well."""
    vocabulary, _ = BY_HAND[id]
    derivation = get(id)
    last = derivation.steps[-1].name
    mutants = [mutant for mutant in derivation.mutants if mutant.step == last]
    assert mutants
    for mutant in mutants:
        wrong = typed(mutant.expr, derivation.setting)
        assert decide(wrong, result(id).text, vocabulary).verdict is Ruling.WRONG, wrong


def test_the_named_root_of_batchnorm_may_stand_by_its_name_or_be_written_out():
    """Written out, the answer needs no definition of r."""
    by_hand = "gamma r/m * (m g[a] - sum(i=0,m-1,g[i]) - r^2 (x[a] - sum(j=0,m-1,x[j])/m)"
    by_hand += " * sum(i=0,m-1,g[i] (x[i] - sum(j=0,m-1,x[j])/m)))"
    dx = result("batchnorm.dx")
    assert decide(by_hand, dx.text_with(("r",)), BATCH).verdict is Ruling.CORRECT
    deviation = "sqrt(epsilon + sum(i=0,m-1,(x[i] - sum(j=0,m-1,x[j])/m)^2)/m)"
    written_out = by_hand.replace("r^2", f"1/{deviation}^2 *").replace(
        "gamma r/m", f"gamma/m/{deviation}"
    )
    assert decide(written_out, dx.text, BATCH).verdict is Ruling.CORRECT
    assert (
        decide(written_out.replace("epsilon", "2*epsilon"), dx.text, BATCH).verdict is Ruling.WRONG
    )


@pytest.mark.parametrize(
    ("id", "why"),
    [
        ("conv.dx", "no function delta"),
        ("conv1d.dx", r"at N = 5, K = 2, dz\[-1\] has a negative index; a typed answer"),
    ],
)
def test_what_typed_answers_cannot_say_is_refused(id, why):
    """A grader would find no value where the derivation means zero."""
    with pytest.raises(NoTypedFormError, match=why):
        print(result(id).text)


def test_latex_of_a_result():
    """Greek letters, named roots, fractions before what is long."""
    assert result("batchnorm.dbeta").latex == r"\sum_{i=0}^{m - 1} g_{i}"
    assert result("weight_noise.loss").latex.startswith(r"\frac{\alpha}{2} \, \sum_{j=0}^{d - 1}")
    assert result("tikhonov.column_norm").latex == r"\frac{\lambda \, p}{1 - p}"


def broken():
    """Batch norm's input gradient with its last step replaced by a known mistake."""
    good = get("batchnorm.dx")
    wrong = dataclasses.replace(good.steps[1], expr=good.mutants[0].expr)
    return dataclasses.replace(good, mutants=good.mutants[1:], steps=(good.steps[0], wrong))


def test_a_derivation_that_does_not_pass_hands_out_nothing():
    """Neither a number, nor LaTeX, nor a typed answer."""
    bad = Result(broken())
    for ask in (lambda: bad.latex, lambda: bad.text, lambda: bad.expr, lambda: bad.axes):
        with pytest.raises(ValueError, match=r"batchnorm\.dx: FAILED"):
            ask()
    with pytest.raises(ValueError, match=r"batchnorm\.dx: FAILED"):
        bad.numpy(x=np.ones(3), g=np.ones(3), gamma=1.0, epsilon=1.0)


def test_an_unknown_derivation_or_step_is_refused_at_once():
    """Before anything is checked."""
    with pytest.raises(KeyError, match=r"no derivation 'batchnorm\.dz'"):
        result("batchnorm.dz")
    with pytest.raises(KeyError, match="no step 'open form'"):
        result("batchnorm.dx", "open form")


def test_a_check_is_not_repeated_once_it_is_on_record(monkeypatch, tmp_path):
    """Naming a result checks nothing; the first use does; the next process need not."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    calls = []
    original = Derivation.check
    monkeypatch.setattr(Derivation, "check", lambda self: calls.append(self.id) or original(self))
    fresh = get("batchnorm.dbeta")
    fresh.__dict__.pop("_report", None)
    first = Result(fresh)
    assert calls == []
    assert first.latex
    assert calls == ["batchnorm.dbeta"]
    fresh.__dict__.pop("_report", None)  # as in another process
    assert Result(fresh).latex
    assert calls == ["batchnorm.dbeta"]
    monkeypatch.setenv("BACKPROOF_RECORD", "off")
    assert Result(fresh).latex
    assert calls == ["batchnorm.dbeta"] * 2


def test_a_changed_copy_of_a_derivation_is_never_taken_from_the_record(monkeypatch, tmp_path):
    """The record knows ids; only the library's own objects may use it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    record.remember(get("batchnorm.dx"))
    assert record.passed(get("batchnorm.dx"))
    assert not record.passed(broken())
    with pytest.raises(ValueError, match="FAILED"):
        print(Result(broken()).expr)


@pytest.mark.parametrize(
    "content", ["", "{", json.dumps({"batchnorm.dx": 1}), json.dumps([1, None])]
)
def test_a_damaged_record_counts_as_none(content, monkeypatch, tmp_path):
    """Then everything is checked again."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    record.remember(get("batchnorm.dx"))
    (path,) = (tmp_path / "backproof").iterdir()
    path.write_text(content)
    assert not record.passed(get("batchnorm.dx"))
    record.remember(get("batchnorm.dx"))
    assert record.passed(get("batchnorm.dx"))


def test_without_a_place_to_write_results_still_work(monkeypatch, tmp_path):
    """A read-only home costs time, nothing else."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    assert result("batchnorm.dbeta").latex
    assert not record.passed(get("batchnorm.dbeta"))


def test_a_long_sum_is_added_up_in_pieces_with_the_same_result(monkeypatch):
    """What does not fit into the budget is split, at every level of nesting."""
    for id in ("batchnorm.dx", "dropout.loss", "conv1d.dx"):
        values, _ = drawn(get(id))
        whole = result(id).torch(values)
        monkeypatch.setattr(vectorised, "BUDGET", 2)
        torch.testing.assert_close(result(id).torch(values), whole, rtol=1e-13, atol=1e-13)
        monkeypatch.undo()


def test_a_sum_whose_bound_depends_on_another_index_reads_only_what_it_needs():
    """sum_{i=0}^{a} x_i x_{a-i} is a convolution of prefixes: x_{-1} is never wanted."""
    a, i = sp.symbols("a i", integer=True)
    n = sp.Symbol("n", integer=True, positive=True)
    x = sp.IndexedBase("x")
    setting = Setting(ranges={a: (sp.S.Zero, n - 1)})
    values = {"x": torch.tensor([2.0, 3.0, 5.0], dtype=torch.float64)}
    inside = Sum(x[i] * x[a - i], (i, 0, a))
    found = vectorised.evaluate_all(inside, setting, {n: 3}, values, (a,))
    assert found.tolist() == [4.0, 12.0, 29.0]
    empty = Sum(x[i], (i, 1, 0)) + Sum(1, (i, 0, a))
    assert vectorised.evaluate_all(empty, setting, {n: 3}, values, (a,)).tolist() == [1, 2, 3]
    with pytest.raises(IndexError, match="is read outside x"):
        vectorised.evaluate_all(Sum(x[a - i], (i, 0, n)), setting, {n: 3}, values, (a,))
    with pytest.raises(ValueError, match="p is a number, not an array"):
        vectorised.evaluate_all(sp.Symbol("p"), setting, {n: 3}, {"p": values["x"]}, (a,))


def test_a_plain_number_keeps_all_its_digits():
    """0.3 is not the single-precision number next to it."""
    found = result("dropout.gram").torch(X=torch.ones(1, 1), p=0.3)

    assert found.item() == 0.3
