"""ReLU's gradient: asks, checks and designed cases.

No entry of dout is 0 and both its signs occur at every sign of x, so that a mask taken from dout
shows. Half of the values of x lie below 1 in size, half above; at 1 itself ReLU and its derivative
agree.
"""

import math
from typing import Any

import numpy as np
import torch

from backproof import Call, Case, Check, Expected, FunctionAsk, OracleKind, Probe, Visibility


def relu_backward(dout: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Gradient of a scalar loss through ReLU, with respect to ReLU's input.

    Shapes:
        dout: any shape, the gradient of the loss with respect to ReLU's output; x: the same
        shape, ReLU's input.
        Returns dx, of the same shape.

    Source:
        Goodfellow, Bengio and Courville, Deep Learning, section 6.3.
    """
    return dout * (x > 0)


ASKS = (FunctionAsk(reference=relu_backward),)
DERIVATIONS = ()
BOOK = "Goodfellow, Bengio and Courville, Deep Learning, section 6.3"


def _inputs(rng: np.random.Generator, *shape: int, zeros: int = 0) -> dict[str, Any]:
    """Signs of x and dout in all four combinations, scattered; ``zeros`` entries of x are 0."""
    index = rng.permutation(math.prod(shape)).reshape(shape)
    size = np.where(index // 4 % 2, rng.uniform(1.5, 3.0, shape), rng.uniform(0.2, 0.7, shape))
    x = size * np.where(index % 2, 1.0, -1.0)
    x[index < zeros] = 0.0
    return {"x": x, "dout": rng.uniform(0.3, 2.0, shape) * np.where(index // 2 % 2, 1.0, -1.0)}


SIGNS = (
    Case(
        id="both_signs",
        why="positive and negative x, each with positive and negative dout",
        build=lambda rng: _inputs(rng, 3, 4),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="images",
        why="four axes of different sizes",
        build=lambda rng: _inputs(rng, 2, 3, 5, 4),
    ),
)
ZEROS = (
    Case(
        id="zeros",
        why="entries of x that are exactly 0, three axes",
        build=lambda rng: _inputs(rng, 2, 3, 4, zeros=4),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="zeros_in_views",
        why="entries that are exactly 0, tensors that are views with gaps",
        build=lambda rng: _inputs(rng, 5, 6, zeros=6),
        strided=True,
    ),
)


def _dx(dout: Any, x: Any) -> dict[str, Any]:
    return {"dx": relu_backward(dout, x)}


def _check(id: str, claim: str, points: float, cases: tuple[Case, ...], dtype: str) -> Check:
    return Check(
        id=id,
        question="dx",
        claim=claim,
        expects="dx passes dout on, or blocks it, entry by entry: the sign of x decides, and "
        "where x is 0 it is blocked",
        read=BOOK,
        points=points,
        probe=Probe(calls=(Call(function="relu_backward", takes=("dout", "x"), returns=("dx",)),)),
        outputs=("dx",),
        cases=cases,
        oracle=Expected(compute=_dx, kind=OracleKind.REFERENCE, provenance=(BOOK,)),
        dtype=dtype,
    )


CHECKS = (
    _check(
        "dx", "dx is the gradient of the loss with respect to x", 3, (*SIGNS, *ZEROS), "float64"
    ),
    _check("dx_float32", "dx is right for float32 inputs", 1, SIGNS, "float32"),
)
