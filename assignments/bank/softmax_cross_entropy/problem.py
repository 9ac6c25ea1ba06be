"""Softmax cross-entropy: the gradient of the mean loss, and the loss at equal logits.

The cases follow the power rules of cross-entropy: N and C differ, every row has another level, a
row is wrong with great confidence (its label has a probability of 1e-13), labels repeat and leave a
class out. In single precision the logits are also so large that exp overflows, and so small that
all of a row underflow, in one batch, and one row spans more than exp can: only the largest logit of
its own row is of help.
"""

from typing import Any

import numpy as np
import torch

from backproof import (
    AnswerAsk,
    Call,
    Case,
    Check,
    Expected,
    FormulaField,
    FunctionAsk,
    OracleKind,
    Probe,
    Relation,
    TypedAnswer,
    Visibility,
    Vocabulary,
)
from backproof_reference.derivations import softmax
from backproof_reference.results import result


def softmax_cross_entropy_grad(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Gradient of the mean softmax cross-entropy with respect to the logits.

    Shapes:
        logits: (N, C); labels: (N,), integers in 0 .. C - 1.
        Returns dlogits: (N, C).

    Source:
        Goodfellow, Bengio and Courville, Deep Learning, section 6.2.2.3.
    """
    weights = (logits - logits.amax(dim=1, keepdim=True)).exp()
    probabilities = weights / weights.sum(dim=1, keepdim=True)
    targets = torch.zeros_like(logits).scatter(1, labels[:, None], 1.0)
    return (probabilities - targets) / logits.shape[0]


ASKS = (
    FunctionAsk(reference=softmax_cross_entropy_grad),
    AnswerAsk(
        name="initial_loss",
        prompt="L at equal logits",
        field=FormulaField(vocabulary=Vocabulary(symbols={"C": "int[2, 20]"}), labels=("L",)),
        answer="ln(C)",
        also=("log(C)", "-ln(1/C)", "L = ln(C^2)/2"),
    ),
)
DERIVATIONS = softmax.DERIVATIONS
BOOK = "Goodfellow, Bengio and Courville, Deep Learning, section 6.2.2.3"
NOTES = "Stanford CS231n course notes, Neural Networks Part 3, sanity checks"
WRONG_BY = 30.0
"""How far the logit of a confidently wrong example's label is below the largest of the others."""


def _logits(
    rng: np.random.Generator, rows: int, classes: int, shift: float = 0.0, wrong: int = 0
) -> dict[str, Any]:
    """Rows of different levels; ``wrong`` of them are confidently wrong.

    More than half of the labels are of one class, and one class has none.
    """
    most = rows // 2 + 1
    labels = np.append(np.zeros(most, dtype=int), 1 + np.arange(rows - most) % (classes - 2))
    labels = (rng.permutation(labels) + 2) % classes
    logits = shift + 1.2 * rng.standard_normal((rows, classes)) + rng.uniform(-1, 1, (rows, 1))
    for row in rng.permutation(rows)[:wrong]:
        others = np.delete(logits[row], labels[row])
        logits[row, labels[row]] = others.max() - WRONG_BY
    return {"logits": logits, "labels": labels}


def _far(rng: np.random.Generator, rows: int, classes: int) -> dict[str, Any]:
    """Rows about 100 times as far from 0 as usual, above and below it in turn; one is wide.

    In the wide row one logit is 120 below the others: exp of their distance is infinite in float32.
    """
    batch = _logits(rng, rows, classes)
    signs = np.where(rng.permutation(rows) % 2, 1.0, -1.0)
    batch["logits"] += (signs * rng.uniform(150.0, 250.0, rows))[:, None]
    batch["logits"][rng.integers(rows), rng.integers(classes)] -= 120.0
    return batch


ORDINARY = (
    Case(
        id="more_rows",
        why="more examples than classes: labels repeat, one class has no example",
        build=lambda rng: _logits(rng, 7, 4),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="shifted",
        why="all logits shifted by 3: only their differences count",
        build=lambda rng: _logits(rng, 3, 5, shift=3.0),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="shifted_views",
        why="shifted logits, tensors that are views with gaps",
        build=lambda rng: _logits(rng, 6, 8, shift=3.0),
        strided=True,
    ),
)
WRONG = (
    Case(
        id="confidently_wrong",
        why="the label of one row has a probability of about 1e-13",
        build=lambda rng: _logits(rng, 5, 3, wrong=1),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="two_wrong",
        why="two rows are wrong with great confidence, others are not",
        build=lambda rng: _logits(rng, 6, 9, wrong=2),
    ),
)
FAR = (
    Case(
        id="far_from_zero",
        why="rows near 200 and rows near -200: in float32 exp(200) is infinite, exp(-200) is 0",
        build=lambda rng: _far(rng, 4, 6),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="far_from_zero_hidden",
        why="rows near 200 and near -200, more examples than classes",
        build=lambda rng: _far(rng, 8, 3),
    ),
)


def _dlogits(logits: Any, labels: Any) -> dict[str, Any]:
    rows, classes = logits.shape
    targets = torch.nn.functional.one_hot(labels, classes)
    found = result("softmax.cross_entropy_gradient")
    return {"dlogits": found.torch(z=logits, y=targets, N=rows, C=classes)}


GRADIENT = Probe(
    calls=(
        Call(
            function="softmax_cross_entropy_grad",
            takes=("logits", "labels"),
            returns=("dlogits",),
        ),
    )
)


def _check(id: str, claim: str, expects: str, points: float, **more: Any) -> Check:
    fields: dict[str, Any] = {
        "id": id,
        "question": "gradient",
        "claim": claim,
        "expects": expects,
        "read": BOOK,
        "points": points,
        "probe": GRADIENT,
        "outputs": ("dlogits",),
        "cases": ORDINARY,
        "oracle": Expected(
            compute=_dlogits,
            kind=OracleKind.PROVEN,
            provenance=("softmax.cross_entropy_gradient",),
        ),
    }
    return Check(**fields | more)


CHECKS = (
    _check(
        "dlogits",
        "dlogits is the gradient of the mean cross-entropy with respect to the logits",
        "every row sums to zero, since a shift of all its logits does not change the loss, and only "
        "the entry at the label is negative",
        3,
    ),
    _check(
        "dlogits_wrong",
        "dlogits is right where an example is wrong with great confidence",
        "the more wrong an example is, the larger its gradient: it does not fade out",
        1,
        cases=WRONG,
        needs=("dlogits",),
    ),
    _check(
        "dlogits_float32",
        "dlogits is right for float32 inputs",
        "rounding of the size of float32's last place, no more",
        1,
        dtype="float32",
        needs=("dlogits",),
    ),
    _check(
        "dlogits_stable",
        "dlogits stays right for logits near 200 and near -200, in float32",
        "finite numbers: no exponential that overflows, and no sum of exponentials that is 0",
        1,
        read="Goodfellow, Bengio and Courville, Deep Learning, section 4.1",
        cases=FAR,
        dtype="float32",
        needs=("dlogits", "dlogits_float32"),
    ),
    Check(
        id="inputs_unchanged",
        question="gradient",
        claim="the caller's tensors are left as they were",
        expects="logits and labels hold after the call what they held before",
        read="torch documentation, in-place operations on tensors",
        points=1,
        probe=GRADIENT,
        outputs=(),
        cases=ORDINARY[:1],
        oracle=Relation(name="inputs_unchanged"),
        needs=("dlogits",),
    ),
    Check(
        id="initial_loss",
        question="initial",
        claim="initial_loss is the mean cross-entropy at equal logits",
        expects="what the loss makes of a label whose probability is that of every other class",
        read=NOTES,
        points=1,
        probe=Probe(answer="initial_loss"),
        oracle=TypedAnswer(kind=OracleKind.REFERENCE, provenance=(NOTES,)),
    ),
)
