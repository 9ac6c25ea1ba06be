"""The checked expressions, run as code: convolution bit for bit, batch norm to 1e-12."""

import random

import numpy as np
import pytest
import sympy as sp
import torch
from sympy import KroneckerDelta, Sum
from torch.nn import functional

from backproof_reference.derivations import (
    ALL,
    batch_statistics,
    batchnorm,
    batchnorm2d,
    conv,
    conv1d,
    conv1d_layer,
    conv_forms,
    conv_toeplitz,
    get,
)
from backproof_reference.prove import Setting, evaluate, evaluate_all
from backproof_reference.prove.evaluate import NotRationalError

CHUNKS = range(14)
CONFIGURATIONS = 30  # in each chunk: 420 in all


def integers(generator, *shape):
    """Small integers in float64: every sum is exact, in whatever order it is taken."""
    return torch.from_numpy(generator.integers(-4, 5, shape).astype(np.float64))


def evaluated(expr, setting, sizes, axes, values):
    """An expression over all its free indices, as an array."""
    tensors = {name: torch.as_tensor(value).to(torch.float64) for name, value in values.items()}
    return evaluate_all(expr, setting, sizes, tensors, axes).numpy()


def run(id, step, sizes, axes, values):
    """One checked step of a derivation as an array."""
    derivation = get(id)
    return evaluated(derivation.result(step), derivation.setting, sizes, axes, values)


def draw_1d(rng, groups=True):
    """Sizes of a random one-dimensional layer that has at least one output."""
    while True:
        sizes = conv1d_layer.layer(
            N=rng.randint(1, 3),
            Q=rng.randint(1, 3) if groups else 1,
            T=rng.randint(1, 3),
            C=rng.randint(1, 3),
            L=rng.randint(1, 9),
            K=rng.randint(1, 4),
            s=rng.randint(1, 3),
            d=rng.randint(1, 3),
            P=rng.randint(0, 3),
        )
        if sizes[conv1d_layer.LO] >= 1:
            return sizes


def draw_2d(rng, groups=True):
    """Sizes of a random two-dimensional layer that has at least one output."""
    while True:
        sizes = conv.layer(
            N=rng.randint(1, 2),
            Q=rng.randint(1, 2) if groups else 1,
            T=rng.randint(1, 2),
            C=rng.randint(1, 2),
            H=rng.randint(1, 6),
            V=rng.randint(1, 6),
            K_H=rng.randint(1, 3),
            K_V=rng.randint(1, 3),
            s=rng.randint(1, 3),
            d=rng.randint(1, 2),
            P=rng.randint(0, 2),
        )
        if min(sizes[conv.HO], sizes[conv.VO]) >= 1:
            return sizes


def gradients(layer, at, extent, kernel, out, module, generator):
    """Random integer tensors and what autograd makes of them, with the group axis split off."""
    N, Q, T, C = (at[size] for size in (module.N, module.Q, module.T, module.C))
    values = {
        "X": integers(generator, N, Q, C, *extent),
        "W": integers(generator, Q, T, C, *kernel),
        "B": integers(generator, Q, T),
        "G": integers(generator, N, Q, T, *out),
    }
    leaf = {name: values[name].clone().requires_grad_() for name in "XWB"}
    options = (at[module.stride], at[module.padding], at[module.dilation], Q)
    y = layer(leaf["X"].flatten(1, 2), leaf["W"].flatten(0, 1), leaf["B"].flatten(), *options)
    found = torch.autograd.grad(y, list(leaf.values()), values["G"].flatten(1, 2))
    return values, dict(zip("XWB", found, strict=True))


@pytest.mark.parametrize("chunk", CHUNKS)
def test_one_dimensional_convolution_equals_autograd_bit_for_bit(chunk):
    """Weight, bias and input gradient, the latter in each of its forms, at any hyper-parameters."""
    rng, generator, m = random.Random(chunk), np.random.default_rng(chunk), conv1d_layer
    for _ in range(CONFIGURATIONS):
        at = draw_1d(rng)
        values, want = gradients(
            functional.conv1d, at, (at[m.L],), (at[m.K],), (at[m.LO],), m, generator
        )
        dw = run("conv1d.layer_dw", None, at, (m.q0, m.t0, m.c0, m.u0), values)
        db = run("conv1d.layer_db", None, at, (m.q0, m.t0), values)
        assert np.array_equal(dw, want["W"].numpy()), at
        assert np.array_equal(db, want["B"].numpy()), at
        for form in ("scatter", "gather", "flip"):
            dx = run("conv1d.layer_dx", form, at, (m.n0, m.q0, m.c0, m.y0), values)
            assert np.array_equal(dx, want["X"].numpy()), (form, at)


@pytest.mark.parametrize("chunk", CHUNKS)
def test_two_dimensional_convolution_equals_autograd_bit_for_bit(chunk):
    """Weight, bias and input gradient, the latter in each of its forms, at any hyper-parameters."""
    rng, generator, m = random.Random(100 + chunk), np.random.default_rng(chunk), conv
    for _ in range(CONFIGURATIONS):
        at = draw_2d(rng)
        extent, kernel, out = (at[m.H], at[m.V]), (at[m.KH], at[m.KV]), (at[m.HO], at[m.VO])
        values, want = gradients(functional.conv2d, at, extent, kernel, out, m, generator)
        dw = run("conv.dw", None, at, (m.q0, m.t0, m.c0, m.u0, m.v0), values)
        db = run("conv.db", None, at, (m.q0, m.t0), values)
        assert np.array_equal(dw, want["W"].numpy()), at
        assert np.array_equal(db, want["B"].numpy()), at
        for form in ("scatter", "gather", "flip"):
            dx = run("conv.dx", form, at, (m.n0, m.q0, m.c0, m.y0, m.z0), values)
            assert np.array_equal(dx, want["X"].numpy()), (form, at)


@pytest.mark.parametrize("chunk", CHUNKS)
def test_the_matrix_of_a_convolution_equals_autograd_bit_for_bit(chunk):
    """Y = A X, and dX = A^T dY with the entries of A or gathered from the stuffed gradient."""
    rng, generator, m = random.Random(200 + chunk), np.random.default_rng(chunk), conv1d_layer
    for _ in range(CONFIGURATIONS):
        at = draw_1d(rng, groups=False)
        values, want = gradients(
            functional.conv1d, at, (at[m.L],), (at[m.K],), (at[m.LO],), m, generator
        )
        plain = {"X": values["X"][:, 0], "W": values["W"][0], "G": values["G"][:, 0]}
        options = (None, at[m.stride], at[m.padding], at[m.dilation])
        y = run("conv1d.toeplitz", None, at, (m.n0, m.t0, conv_toeplitz.p0), plain)
        assert np.array_equal(y, functional.conv1d(plain["X"], plain["W"], *options).numpy()), at
        for form in ("entries", "gather"):
            dx = run("conv1d.toeplitz_dx", form, at, (m.n0, m.c0, m.y0), plain)
            assert np.array_equal(dx, want["X"][:, 0].numpy()), (form, at)


@pytest.mark.parametrize("chunk", CHUNKS)
def test_the_matrix_of_a_two_dimensional_convolution_equals_autograd_bit_for_bit(chunk):
    """Y = A X, and dX = A^T dY with the entries of A or gathered from the stuffed gradient."""
    rng, generator, m = random.Random(300 + chunk), np.random.default_rng(chunk), conv
    f = conv_forms
    for _ in range(CONFIGURATIONS):
        at = draw_2d(rng, groups=False)
        extent, kernel, out = (at[m.H], at[m.V]), (at[m.KH], at[m.KV]), (at[m.HO], at[m.VO])
        values, want = gradients(functional.conv2d, at, extent, kernel, out, m, generator)
        plain = {"X": values["X"][:, 0], "W": values["W"][0], "G": values["G"][:, 0]}
        options = (None, at[m.stride], at[m.padding], at[m.dilation])
        y = run("conv.toeplitz", None, at, (m.n0, m.t0, f.p0, f.r0), plain)
        assert np.array_equal(y, functional.conv2d(plain["X"], plain["W"], *options).numpy()), at
        for form in ("entries", "gather"):
            dx = run("conv.toeplitz_dx", form, at, (m.n0, m.c0, m.y0, m.z0), plain)
            assert np.array_equal(dx, want["X"][:, 0].numpy()), (form, at)


@pytest.mark.parametrize("chunk", CHUNKS)
def test_a_plain_convolution_equals_autograd_bit_for_bit(chunk):
    """Stride 1 and no padding: the full convolution with the flipped kernel, and rows as a matrix."""
    rng, generator = random.Random(400 + chunk), np.random.default_rng(chunk)
    m, t = conv1d, conv_toeplitz
    for _ in range(CONFIGURATIONS):
        rows, kernel = rng.randint(1, 3), rng.randint(1, 5)
        length = rng.randint(kernel, 9)
        x, w = integers(generator, rows, length), integers(generator, kernel)
        dz = integers(generator, rows, length - kernel + 1)
        leaves = [x.clone().requires_grad_(), w.clone().requires_grad_()]
        y = functional.conv1d(leaves[0].unsqueeze(1), leaves[1].reshape(1, 1, -1)).squeeze(1)
        dx, dw = torch.autograd.grad(y, leaves, dz)
        at, values = {t.N: rows, t.L: length, t.K: kernel}, {"X": x, "w": w, "G": dz}
        assert np.array_equal(
            run("conv1d.rows_as_matrix", None, at, (t.n0, t.p0), values), y.detach().numpy()
        )
        for form in ("entries", "full convolution", "flip"):
            found = run("conv1d.rows_backward", form, at, (t.n0, t.y0), values)
            assert np.array_equal(found, dx.numpy()), (form, at)
        at = {m.N: length, m.K: kernel}
        single = {"x": x[0], "w": w, "dz": dz[0]}
        assert np.array_equal(run("conv1d.dx", None, at, (m.m0,), single), dx[0].numpy())
        if rows == 1:
            assert np.array_equal(run("conv1d.dw", None, at, (m.k0,), single), dw.numpy())


@pytest.mark.parametrize("chunk", CHUNKS)
def test_a_plain_image_convolution_equals_autograd_bit_for_bit(chunk):
    """Stride 1 and no padding: full convolution for the input, valid correlation for the kernel."""
    rng, generator, m, f = (
        random.Random(500 + chunk),
        np.random.default_rng(chunk),
        conv,
        conv_forms,
    )
    for _ in range(CONFIGURATIONS):
        at = {size: rng.randint(1, 3) for size in (m.N, m.T, m.C, m.KH, m.KV)}
        at |= {m.H: rng.randint(at[m.KH], 6), m.V: rng.randint(at[m.KV], 6)}
        values = {
            "X": integers(generator, at[m.N], at[m.C], at[m.H], at[m.V]),
            "W": integers(generator, at[m.T], at[m.C], at[m.KH], at[m.KV]),
        }
        leaves = [value.clone().requires_grad_() for value in values.values()]
        y = functional.conv2d(*leaves)
        values["G"] = integers(generator, *y.shape)
        dx, dw = torch.autograd.grad(y, leaves, values["G"])
        for form in ("full convolution", "flip"):
            found = run("conv.dx_full", form, at, (m.n0, m.c0, m.y0, m.z0), values)
            assert np.array_equal(found, dx.numpy()), (form, at)
        found = run("conv.dw_valid", None, at, (f.t0, m.c0, m.u0, m.v0), values)
        assert np.array_equal(found, dw.numpy()), at


def relative_error(found, want):
    """The largest error, relative to the largest entry."""
    return (np.abs(found - want.numpy()).max() / want.abs().max()).item()


# From far above the variance of the data to far below it; two rows and no eps have no gradient.
BATCHES = [(rows, eps) for rows in (2, 3, 5, 17, 64) for eps in (10.0, 1e-1, 1e-3)]
BATCHES += [(rows, 1e-5) for rows in (3, 5, 17, 64)]


@pytest.mark.parametrize(("rows", "eps"), BATCHES)
def test_batch_norm_equals_autograd_to_twelve_digits(rows, eps):
    """Data with a mean far from 0 and a variance far from 1, against torch's own layer."""
    generator, b = torch.Generator().manual_seed(rows), batchnorm
    x = 3 * torch.randn(rows, generator=generator, dtype=torch.float64) + 2
    g = torch.randn(rows, generator=generator, dtype=torch.float64)
    gamma, beta = (torch.tensor(value, dtype=torch.float64) for value in (1.7, -0.4))
    leaves = [leaf.clone().requires_grad_() for leaf in (x, gamma, beta)]
    y = functional.batch_norm(
        leaves[0].unsqueeze(1),
        None,
        None,
        *(leaf.reshape(1) for leaf in leaves[1:]),
        training=True,
        eps=eps,
    )
    want = torch.autograd.grad(y.squeeze(1), leaves, g)
    values = {"x": x, "g": g, "gamma": gamma, "beta": beta}
    values["epsilon"] = torch.tensor(eps, dtype=torch.float64)
    for id, axes, expected in zip(
        ("batchnorm.dx", "batchnorm.dgamma", "batchnorm.dbeta"), ((b.a,), (), ()), want, strict=True
    ):
        assert relative_error(run(id, None, {b.m: rows}, axes, values), expected) < 1e-12, id


@pytest.mark.parametrize("shape", [(2, 1, 1, 1), (1, 3, 2, 2), (2, 3, 4, 1), (4, 2, 3, 5)])
@pytest.mark.parametrize("eps", [1.0, 1e-2])
def test_batch_norm_of_images_equals_autograd_to_twelve_digits(shape, eps):
    """Every channel by itself, over images and positions."""
    generator, b = torch.Generator().manual_seed(sum(shape)), batchnorm2d
    x, g = torch.randn(2, *shape, generator=generator, dtype=torch.float64)
    x, channels = 3 * x + 2, shape[1]
    gamma, beta = torch.randn(2, channels, generator=generator, dtype=torch.float64) + 1
    leaves = [leaf.clone().requires_grad_() for leaf in (x, gamma, beta)]
    y = functional.batch_norm(leaves[0], None, None, *leaves[1:], training=True, eps=eps)
    want = torch.autograd.grad(y, leaves, g)
    values = {"x": x, "g": g, "gamma": gamma, "beta": beta}
    values["epsilon"] = torch.tensor(eps, dtype=torch.float64)
    sizes = dict(zip((b.N, b.C, b.H, b.V), shape, strict=True))
    for name, axes, expected in zip(
        ("dx", "dgamma", "dbeta"), (b.here, (b.c0,), (b.c0,)), want, strict=True
    ):
        found = run(f"batchnorm2d.{name}", None, sizes, axes, values)
        assert relative_error(found, expected) < 1e-12, name


# --- worked examples ------------------------------------------------------------------------------


def test_two_rows_of_four_and_a_kernel_of_three_have_the_matrix_one_writes_down():
    """A is 4 x 8 with one block for each row; dX = A^T dY has the kernel (w3, w2, w1)."""
    t = conv_toeplitz
    at, w = {t.N: 2, t.L: 4, t.K: 3}, torch.tensor([1.0, 2.0, 3.0])
    units = torch.eye(8).reshape(8, 2, 4)
    columns = [
        run("conv1d.rows_as_matrix", None, at, (t.n0, t.p0), {"X": unit, "w": w}).flatten()
        for unit in units
    ]
    assert np.stack(columns, axis=1).tolist() == [
        [1, 2, 3, 0, 0, 0, 0, 0],
        [0, 1, 2, 3, 0, 0, 0, 0],
        [0, 0, 0, 0, 1, 2, 3, 0],
        [0, 0, 0, 0, 0, 1, 2, 3],
    ]
    dy = torch.tensor([[5.0, 7.0], [-1.0, 4.0]])
    dx = run("conv1d.rows_backward", None, at, (t.n0, t.y0), {"G": dy, "w": w})
    assert np.array_equal(dx.flatten(), np.stack(columns, axis=1).T @ dy.numpy().flatten())
    padded = functional.pad(dy, (2, 2)).unsqueeze(1)
    flipped = functional.conv1d(padded, torch.tensor([[[3.0, 2.0, 1.0]]])).squeeze(1)
    assert np.array_equal(dx, flipped.numpy())


def test_batches_of_one_class_show_the_variance_within_the_class_only():
    """Classes at -3 and 3 with variance 1: sorted batches have variance 1, the data have 10."""
    b = batch_statistics
    z = torch.tensor([[-4.0, -2.0], [2.0, 4.0]])
    parts = [b.within, b.between, get("batch_statistics.total_variance").result()]
    sizes = {b.K: 2, b.m: 2}
    setting = get("batch_statistics.total_variance").setting
    assert [evaluated(part, setting, sizes, (), {"z": z}).item() for part in parts] == [1, 9, 10]


def test_the_mean_of_a_larger_batch_scatters_less():
    """From 2 rows to 256: the scatter falls with 1/m, the biased variance rises towards nu."""
    b = batch_statistics
    values = {"nu": torch.tensor(4.0), "mu": torch.tensor(1.0)}
    sizes = (2, 16, 256)
    scatter = [run("batch_statistics.mean_variance", None, {b.m: m}, (), values) for m in sizes]
    biased = [run("batch_statistics.biased_variance", None, {b.m: m}, (), values) for m in sizes]
    assert np.stack(scatter).tolist() == [2.0, 0.25, 0.015625]
    assert np.stack(biased).tolist() == [2.0, 3.75, 3.984375]


# --- the evaluation itself ------------------------------------------------------------------------


@pytest.mark.parametrize("derivation", [pytest.param(each, id=each.id) for each in ALL])
def test_all_entries_at_once_are_the_entries_one_by_one(derivation):
    """The array and the exact checker's own reading of an expression are two implementations."""
    oracle = derivation.oracle
    generator = torch.Generator().manual_seed(5)
    values = {
        name: torch.rand(shape, generator=generator, dtype=torch.float64) * 0.8 + 0.1
        for name, shape in oracle.shapes.items()
    }
    if oracle.prepare is not None:
        values = oracle.prepare(values)
    expr, setting = derivation.steps[-1].expr, derivation.setting
    found = evaluated(expr, setting, oracle.sizes, oracle.axes, values)
    places = list(np.ndindex(found.shape))
    for place in random.Random(0).sample(places, min(len(places), 12)):
        env = {**oracle.sizes, **dict(zip(oracle.axes, place, strict=True))}
        single = evaluate(expr, setting, env, values)
        assert found[place] == pytest.approx(single, rel=1e-12, abs=1e-13), place


n = sp.Symbol("n", integer=True, positive=True)
a, i, j = sp.symbols("a i j", integer=True)
p = sp.Symbol("p")
x, y = sp.IndexedBase("x"), sp.IndexedBase("y")
FREE = Setting(ranges={a: (sp.S.Zero, n - 1)})
ROW = {"x": np.array([2.0, 3.0, 5.0]), "p": np.array(0.5)}


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (Sum(x[j], (j, 0, a)), [2, 5, 10]),
        (Sum(x[j], (j, a, a - 1)), [0, 0, 0]),
        (Sum(p, (j, 0, n - 1)), [1.5, 1.5, 1.5]),
        (Sum(i * x[j], (i, 0, j), (j, 0, a)), [0, 3, 18]),
        (Sum(KroneckerDelta(i, a) * x[n - 1 - i], (i, 0, n - 1)), [5, 3, 2]),
        (Sum(KroneckerDelta(i, a) * x[i - 1], (i, 1, n - 1)), [0, 2, 3]),
        (Sum(KroneckerDelta(i, a) / x[i], (i, 0, n - 1)), [1 / 2, 1 / 3, 1 / 5]),
        (n * a + sp.Rational(1, 4), [0.25, 3.25, 6.25]),
    ],
)
def test_sums_deltas_and_indices_have_their_plain_meaning(expr, expected):
    """Also bounds that depend on other indices, and sums without a term."""
    assert evaluated(expr, FREE, {n: 3}, (a,), ROW).tolist() == pytest.approx(expected)


def test_an_entry_outside_its_array_is_zero_only_if_declared_so():
    """A negative index does not count from the end."""
    padded = Setting(ranges=FREE.ranges, support={"x": (n,)})
    assert evaluated(x[a - 1], padded, {n: 3}, (a,), ROW).tolist() == [0, 2, 3]
    for outside in (x[a - 1], x[a + 1]):
        with pytest.raises(IndexError, match=r"is read outside x, which has \(3,\)"):
            evaluated(outside, FREE, {n: 3}, (a,), ROW)


def test_arrays_that_do_not_fit_are_refused():
    """A support of another shape, another number of indices, a missing symbol, a function."""
    padded = Setting(ranges=FREE.ranges, support={"x": (n,)})
    with pytest.raises(IndexError, match="not that of its support"):
        evaluated(x[a], padded, {n: 2}, (a,), ROW)
    with pytest.raises(ValueError, match="x has 1 axes"):
        evaluated(x[a, a], FREE, {n: 3}, (a,), ROW)
    with pytest.raises(KeyError, match="y"):
        evaluated(y[a], FREE, {n: 3}, (a,), ROW)
    with pytest.raises(NotRationalError, match="exp"):
        evaluated(sp.exp(x[a]), FREE, {n: 3}, (a,), ROW)
