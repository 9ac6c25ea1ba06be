"""Every wrong formula of five graded homework write-ups is a mistake that a derivation refuses."""

import pytest

from backproof_reference.derivations import get
from backproof_reference.prove import Verdict

# What was written, and the derivation and mutant that are about it.
WRONG_FORMULAS = {
    "EECS182 1a: w = (x^T x) x^T y, the inverse missing": ("least_norm.fits", "no-inverse"),
    "EECS182 1b: the solution of a net with a bias": ("least_norm.minimum", "bias-counted"),
    "EECS182 1f: w = (1.1, 11), without the factor 1/2 of two inputs": (
        "two_weights.limit",
        "not-shared",
    ),
    "EECS182 1g: no jump at p = 0": ("two_weights.limit", "least-norm"),
    "EECS182 2b: w = w_hat / p": ("tikhonov.dropout", "map-inverted"),
    "EECS182 2d: columns of length 1": ("tikhonov.column_length", "unit-length"),
    "EECS182 5b: momentum needs less memory than SGD": (
        "optimizer_memory.momentum",
        "less-than-sgd",
    ),
    "CS155 1D: OR with a bias of 1 and more": ("relu_nets.or", "bias-of-one"),
    "CS155 1E: XOR as OR minus AND": ("relu_nets.xor", "or-minus-and"),
    "ECE661 1.8: the cost of separable layers as a product": ("mobilenet.separable", "product"),
    "ECE661 lab2: a subgradient step gives zeros": (
        "regularization.l1_gradient_cycle",
        "lands-on-zero",
    ),
    "Tehran 1.1: the off-diagonal of E[P^T P]": ("dropout.gram", "cases-swapped"),
    "Tehran 1.4: beta = lam^(1/2) Gamma": ("tikhonov.ridge", "beta-not-inverted"),
    "Tehran 1.5: Gamma_jj as the sum of the entries": ("tikhonov.column_length", "sum-of-entries"),
    "Tehran 1.6: the sign of the residual": ("weight_noise.constant_gradient", "sign"),
    "Tehran 1.6: the sign of its mean": ("weight_noise.constant_gradient", "sign-of-mean"),
    "Tehran 1.7: the factor 1/2 lost": ("weight_noise.loss", "half-lost"),
    "Tehran 2.1: the upper limit N - K + 1": ("conv1d.dw", "upper-limit"),
    "Tehran 3.1a: 1/s for the slope of the deviation": ("batchnorm.dx", "variance-for-deviation"),
    "Tehran 3.1a: the mean of the own row only": ("batchnorm.dx", "own-row-only"),
    "Tehran 3.1b: x^T dy": ("batchnorm.dgamma", "raw-input"),
    "Tehran 6.2c: n_j missing": ("center_loss.center_gradient", "count-missing"),
    "ComS573 1b: (W - K + 2 P) / (S + 1)": ("conv1d.output_size", "stride-plus-one"),
    "ComS573 2d: larger batches vary more": ("batch_statistics.mean_variance", "grows-with-batch"),
    "ComS573 3c: the kernel not flipped": ("conv1d.rows_backward", "not-flipped"),
}


@pytest.mark.parametrize("formula", WRONG_FORMULAS)
def test_a_wrong_formula_of_a_write_up_is_refuted_with_a_counterexample(formula, examined):
    """By name, so that none is lost when a derivation is rewritten."""
    id, mutant = WRONG_FORMULAS[formula]
    (report,) = [report for report in examined(get(id)).mutants if report.name == mutant]
    assert report.verdict is Verdict.REFUTED
    assert report.finding.counterexample is not None
