"""Center loss: one-hot labels, the gradients, and how the paper's update differs from them.

B_ij = 1 if example i has label j, else 0. A class has n_j = sum_i B_ij examples, maybe none.
"""

import sympy as sp
import torch
from sympy import Sum

from backproof_reference.derivations.conv import upto
from backproof_reference.prove import (
    Assumption,
    Definition,
    Derivation,
    Differentiate,
    Expr,
    Mutant,
    OneHot,
    Oracle,
    Setting,
    Sizes,
    Step,
    Substitute,
    Values,
)

m, K, d, D = sp.symbols("m K d D", integer=True, positive=True)
i, j, k, h = sp.symbols("i j k h", integer=True)
i0, j0, k0, h0 = sp.symbols("i0 j0 k0 h0", integer=True)
B, x, c, W, U = (sp.IndexedBase(name) for name in ("B", "x", "c", "W", "u"))
labels_of, n = sp.IndexedBase("labels"), sp.IndexedBase("n")
q = sp.IndexedBase("q", positive=True)

SETTING = Setting(
    ranges={
        i0: (sp.S.Zero, m - 1),
        j0: (sp.S.Zero, K - 1),
        k0: (sp.S.Zero, d - 1),
        h0: (sp.S.Zero, D - 1),
    },
    support={"x": (m, d), "c": (K, d), "W": (d, D), "u": (m, D)},
    definitions=(
        Definition(labels_of[i], sp.S.One, Sum(B[i, j], upto(j, K))),
        Definition(n[j], sp.S.One, Sum(B[i, j], upto(i, m))),
        Definition(q[j], sp.S.NegativeOne, 1 + Sum(B[i, j], upto(i, m))),
    ),
    one_hot="B",
)
SIZES: tuple[Sizes, ...] = (
    {m: 1, K: 2, d: 1, D: 2},
    {m: 2, K: 2, d: 2, D: 2},
    {m: 3, K: 2, d: 1, D: 1},
)
ONE_LABEL = Assumption(
    text="every example has exactly one label: each row of B has one 1 and zeros elsewhere",
    kind="convention",
)
HALF = Assumption(
    text="the loss carries the factor 1/2 and is summed over the batch", kind="convention"
)
ONE_OF_EACH = Substitute(labels_of[i], sp.S.One)
LABELS = (2, 0, 2, 2, 0)  # unequal classes, two of them empty
ORACLE_SIZES: Sizes = {m: 5, K: 4, d: 3, D: 2}
SHAPES: dict[str, tuple[int, ...]] = {"x": (5, 3), "c": (4, 3), "W": (3, 2), "u": (5, 2)}


def batch(body: Expr) -> Expr:
    """The sum over all examples i."""
    return Sum(body, upto(i, m))


def classes(body: Expr) -> Expr:
    """The sum over all classes j."""
    return Sum(body, upto(j, K))


def features(body: Expr) -> Expr:
    """The sum over all features k."""
    return Sum(body, upto(k, d))


def own_center(example: Expr, feature: Expr) -> Expr:
    """One coordinate of the centre of an example's class."""
    return classes(B[example, j] * c[j, feature])


def image(example: Expr, feature: Expr) -> Expr:
    """x = W u, one coordinate of one example."""
    return Sum(W[feature, h] * U[example, h], upto(h, D))


loss = batch(classes(B[i, j] * features((x[i, k] - c[j, k]) ** 2))) / 2
weight_loss = batch(classes(B[i, j] * features((image(i, k) - c[j, k]) ** 2))) / 2


def _labelled(values: Values) -> Values:
    one_hot = torch.zeros(len(LABELS), 4, dtype=torch.float64)
    for example, label in enumerate(LABELS):
        one_hot[example, label] = 1
    return {**values, "B": one_hot}


def _loss(values: Values) -> torch.Tensor:
    """Half the squared distances, example by example."""
    return (
        torch.stack(
            [
                (values["x"][example] - values["c"][label]).square().sum()
                for example, label in enumerate(LABELS)
            ]
        ).sum()
        / 2
    )


def _gradient(name: str, axes: tuple[Expr, ...]) -> Oracle:
    """Autograd through the loss; with W, through the features as well."""

    def expected(values: Values) -> torch.Tensor:
        leaf = {key: value.clone().requires_grad_() for key, value in values.items()}
        if name == "W":
            leaf["x"] = leaf["u"] @ leaf["W"].T
        return torch.autograd.grad(_loss(leaf), leaf[name])[0]

    return Oracle(
        sizes=ORACLE_SIZES, shapes=SHAPES, expected=expected, axes=axes, prepare=_labelled
    )


multiplied_out = (
    features(x[i, k] ** 2) * labels_of[i]
    - 2 * features(x[i, k] * own_center(i, k))
    + classes(B[i, j] * features(c[j, k] ** 2))
)
with_one_label = multiplied_out.xreplace({labels_of[i]: sp.S.One})


def distances(center: Expr) -> Expr:
    """Half the sum of squared distances from a centre."""
    return batch(features((x[i, k] - center) ** 2)) / 2


FORM = Derivation(
    id="center_loss.form",
    title="Center loss with one-hot labels",
    claim="1/2 sum_ij B_ij ||x_i - c_j||^2 = 1/2 sum_i ||x_i - (B c)_i||^2",
    assumptions=(ONE_LABEL, HALF),
    setting=SETTING,
    start=loss,
    steps=(
        Step("multiply out", batch(multiplied_out) / 2, "labels_i = sum_j B_ij"),
        Step("one label", batch(with_one_label) / 2, "every row of B sums to 1", ONE_OF_EACH),
        Step(
            "own centre",
            distances(own_center(i, k)),
            "B_ij B_il = 0 for j != l and B_ij^2 = B_ij: the sum of the centres may be squared",
            OneHot(B[i, j]),
        ),
    ),
    mutants=(
        Mutant(
            "all-centres",
            "Only the centre of the example's own class enters.",
            "own centre",
            distances(classes(c[j, k])),
        ),
        Mutant(
            "mean-centre",
            "Labels choose one centre; they do not average all of them.",
            "own centre",
            distances(classes(c[j, k]) / K),
        ),
        Mutant(
            "labels-counted",
            "Each example is counted once, not once for every class.",
            "one label",
            batch(multiplied_out.xreplace({labels_of[i]: K})) / 2,
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(sizes=ORACLE_SIZES, shapes=SHAPES, expected=_loss, prepare=_labelled),
)

to_center = x[i0, k0] - own_center(i0, k0)
FEATURE_GRADIENT = Derivation(
    id="center_loss.feature_gradient",
    title="Center loss: gradient of the features",
    claim="dL/dx_i = x_i - c_{y_i}",
    assumptions=(ONE_LABEL, HALF),
    setting=SETTING,
    start=loss,
    steps=(
        Step(
            "gradient",
            labels_of[i0] * x[i0, k0] - own_center(i0, k0),
            "the 2 of the square cancels the 1/2; labels_i = sum_j B_ij",
            Differentiate(x[i0, k0]),
        ),
        Step("one label", to_center, "every row of B sums to 1", ONE_OF_EACH),
    ),
    mutants=(
        Mutant("factor-two", "The 1/2 of the loss cancels the 2.", "one label", 2 * to_center),
        Mutant("sign", "The loss grows away from the centre.", "one label", -to_center),
        Mutant(
            "all-centres",
            "Only the centre of the example's own class pulls.",
            "one label",
            x[i0, k0] - classes(c[j, k0]),
        ),
    ),
    sizes=SIZES,
    oracle=_gradient("x", (i0, k0)),
)


def outer(row: Expr, column: Expr) -> Expr:
    """sum_i (x_i - c_{y_i}) u_i^T, one entry."""
    return batch((image(i, row) - own_center(i, row)) * U[i, column])


WEIGHT_GRADIENT = Derivation(
    id="center_loss.weight_gradient",
    title="Center loss: gradient of the weights",
    claim="dL/dW = sum_i (x_i - c_{y_i}) u_i^T for x_i = W u_i",
    assumptions=(ONE_LABEL, HALF),
    setting=SETTING,
    start=weight_loss,
    steps=(
        Step(
            "gradient",
            batch((labels_of[i] * image(i, k0) - own_center(i, k0)) * U[i, h0]),
            "dx_ik/dW_kh = u_ih; labels_i = sum_j B_ij",
            Differentiate(W[k0, h0]),
        ),
        Step("one label", outer(k0, h0), "every row of B sums to 1", ONE_OF_EACH),
    ),
    mutants=(
        Mutant(
            "transposed",
            "The gradient has the shape of W: the feature is the row, the input the column.",
            "one label",
            outer(h0, k0),
        ),
        Mutant(
            "input-missing",
            "Each distance is weighted with the input of its example.",
            "one label",
            batch(image(i, k0) - own_center(i, k0)),
        ),
        Mutant("factor-two", "The 1/2 of the loss cancels the 2.", "one label", 2 * outer(k0, h0)),
    ),
    sizes=SIZES,
    oracle=_gradient("W", (k0, h0)),
)

of_class = batch(B[i, j0] * x[i, k0])
center_gradient = n[j0] * c[j0, k0] - of_class
CENTER_GRADIENT = Derivation(
    id="center_loss.center_gradient",
    title="Center loss: gradient of the centres",
    claim="dL/dc_j = n_j c_j - sum_{i: y_i = j} x_i",
    assumptions=(HALF,),
    setting=SETTING,
    start=loss,
    steps=(
        Step(
            "gradient",
            center_gradient,
            "each of the n_j examples of the class pulls with c_j - x_i",
            Differentiate(c[j0, k0]),
        ),
    ),
    mutants=(
        Mutant(
            "count-missing",
            "c_j is subtracted once for every example of its class: it carries the factor n_j.",
            "gradient",
            c[j0, k0] - of_class,
        ),
        Mutant(
            "paper-update",
            "Dividing by 1 + n_j gives the update of the paper, which is not the gradient.",
            "gradient",
            q[j0] * center_gradient,
        ),
        Mutant(
            "mean",
            "The examples of a class add up; they are not averaged.",
            "gradient",
            center_gradient / n[j0],
        ),
        Mutant("sign", "The centre is pulled towards its class.", "gradient", -center_gradient),
    ),
    sizes=SIZES[1:],  # with one example, the sum over a class and its mean are the same
    oracle=_gradient("c", (j0, k0)),
)


def _means(values: Values) -> torch.Tensor:
    """The mean of each centre and the features of its class."""
    groups = [
        [values["c"][label], *(values["x"][at] for at in range(5) if LABELS[at] == label)]
        for label in range(4)
    ]
    return torch.stack([torch.stack(group).mean(dim=0) for group in groups])


UPDATE = Derivation(
    id="center_loss.update",
    title="The update of the centres is not their gradient",
    claim="c_j - (n_j c_j - sum x_i) / (1 + n_j) = (c_j + sum x_i) / (1 + n_j): one full step "
    "makes the centre the mean of itself and the features of its class",
    assumptions=(
        Assumption(text="the rate alpha of the update is 1", kind="convention"),
        Assumption(text="q_j = 1 / (1 + n_j)", kind="convention"),
    ),
    setting=SETTING,
    start=c[j0, k0] - q[j0] * center_gradient,
    steps=(
        Step("mean", q[j0] * (c[j0, k0] + of_class), "c_j - n_j c_j / (1 + n_j) = c_j / (1 + n_j)"),
    ),
    mutants=(
        Mutant(
            "gradient-step",
            "A full step along the gradient is not divided by 1 + n_j and overshoots.",
            "mean",
            c[j0, k0] - center_gradient,
        ),
        Mutant(
            "class-mean",
            "The old centre counts as one more member: an empty class stays where it is.",
            "mean",
            q[j0] * of_class,
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes=ORACLE_SIZES, shapes=SHAPES, expected=_means, axes=(j0, k0), prepare=_labelled
    ),
)

DERIVATIONS = (FORM, FEATURE_GRADIENT, WEIGHT_GRADIENT, CENTER_GRADIENT, UPDATE)
