"""Batch normalisation: asks, checks and designed cases.

The cases follow the power rules of batch normalisation: at least five rows, eps as large as the
variance (or the variance as small as eps), no standardised x, gamma away from 1, beta away from 0,
dout with a mean, N different from D.
"""

from typing import Any

import numpy as np
import torch

from backproof import (
    OWN_BATCH_NORM,
    Call,
    Case,
    Check,
    Expected,
    FunctionAsk,
    OracleKind,
    Probe,
    Relation,
    Visibility,
)
from backproof_reference import batchnorm as reference
from backproof_reference.derivations import batchnorm as derivations
from backproof_reference.results import result

ASKS = (
    FunctionAsk(reference=reference.batchnorm_forward),
    FunctionAsk(reference=reference.batchnorm_backward),
    FunctionAsk(reference=reference.batchnorm_inference),
)
DERIVATIONS = derivations.DERIVATIONS


def _batch(
    rng: np.random.Generator, rows: int, features: int, mean: float, std: float
) -> dict[str, Any]:
    return {
        "x": mean + std * rng.standard_normal((rows, features)) * rng.uniform(0.7, 1.4, features),
        "gamma": rng.uniform(1.3, 2.6, features) * rng.choice((-1.0, 1.0), features),
        "beta": rng.uniform(0.4, 1.5, features),
        "dout": 0.6 + rng.standard_normal((rows, features)),
    }


def _running(rng: np.random.Generator, rows: int, eps: float | None) -> dict[str, Any]:
    """Running variances of the size of eps; None leaves eps to its default, 1e-5."""
    batch = _batch(rng, rows, 4, mean=1.0, std=1.5)
    del batch["dout"]
    return batch | {
        "running_mean": rng.uniform(-2.0, -0.5, 4),
        "running_var": rng.uniform(0.2, 0.6, 4) * (3e-5 if eps is None else max(eps, 0.5)),
        **({} if eps is None else {"eps": eps}),
    }


TRAINING = (
    Case(
        id="eps_half",
        why="eps = 0.5, about half the variance: where it stands matters",
        build=lambda rng: _batch(rng, 6, 4, mean=2.0, std=1.0) | {"eps": 0.5},
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="default_eps",
        why="eps left to its default, and a variance of the same size",
        build=lambda rng: _batch(rng, 5, 3, mean=0.004, std=0.003),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="eps_large",
        why="eps = 0.9 and few rows: biased and unbiased variance differ",
        build=lambda rng: _batch(rng, 7, 5, mean=-1.5, std=0.8) | {"eps": 0.9},
    ),
    Case(
        id="default_eps_hidden",
        why="default eps, variance of the same size",
        build=lambda rng: _batch(rng, 8, 3, mean=-0.005, std=0.003),
    ),
    Case(
        id="more_features_than_rows",
        why="more features than rows, tensors that are views with gaps",
        build=lambda rng: _batch(rng, 5, 9, mean=3.0, std=1.2) | {"eps": 0.25},
        strided=True,
    ),
)
FAR_MEAN = (
    Case(
        id="far_mean",
        why="a mean 1000 times the spread: E[x^2] - E[x]^2 cancels",
        build=lambda rng: _batch(rng, 9, 4, mean=1000.0, std=1.0) | {"eps": 0.1},
    ),
)
INFERENCE = (
    Case(
        id="running",
        why="running statistics far from those of the batch",
        build=lambda rng: _running(rng, 6, eps=0.5),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="running_default_eps",
        why="eps left to its default, and a running variance of the same size",
        build=lambda rng: _running(rng, 5, eps=None),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="running_default_eps_hidden",
        why="default eps, running variance of the same size",
        build=lambda rng: _running(rng, 7, eps=None),
    ),
    Case(
        id="one_row",
        why="a batch of a single row, which has no variance of its own",
        build=lambda rng: _running(rng, 1, eps=0.3),
    ),
    Case(
        id="running_views",
        why="tensors that are views with gaps",
        build=lambda rng: _running(rng, 5, eps=0.9),
        strided=True,
    ),
)


def _train(x: Any, gamma: Any, beta: Any, dout: Any, eps: float = 1e-5) -> dict[str, Any]:
    """The layer from its definition, its gradients from the checked expressions, by feature."""
    out, _ = reference.batchnorm_forward(x, gamma, beta, eps)
    dx, dgamma, dbeta = [], [], []
    for feature in range(x.shape[1]):
        batch = {"x": x[:, feature], "g": dout[:, feature]}
        dx.append(DX.torch(**batch, gamma=gamma[feature], epsilon=eps))
        dgamma.append(DGAMMA.torch(**batch, epsilon=eps))
        dbeta.append(DBETA.torch(g=dout[:, feature], m=len(x)))
    return {
        "out": out,
        "dx": torch.stack(dx, dim=1),
        "dgamma": torch.stack(dgamma),
        "dbeta": torch.stack(dbeta),
    }


def _infer(**inputs: Any) -> dict[str, Any]:
    return {"out": reference.batchnorm_inference(**inputs)}


DX, DGAMMA, DBETA = map(result, ("batchnorm.dx", "batchnorm.dgamma", "batchnorm.dbeta"))
_FORWARD = Call(
    function="batchnorm_forward",
    takes=("x", "gamma", "beta", "eps"),
    returns=("out", "cache"),
    keeps=("cache",),
)
_BACKWARD = Call(
    function="batchnorm_backward", takes=("dout", "cache"), returns=("dx", "dgamma", "dbeta")
)
FORWARD = Probe(calls=(_FORWARD,))
BACKWARD = Probe(calls=(_FORWARD, _BACKWARD))
GRADIENTS = Expected(
    compute=_train,
    kind=OracleKind.PROVEN,
    provenance=("batchnorm.dx", "batchnorm.dgamma", "batchnorm.dbeta"),
)
PAPER = "Ioffe and Szegedy 2015, algorithm 1 and section 3"


def _gradient(id: str, of: str, **more: Any) -> dict[str, Any]:
    output = id.removesuffix("_float32")
    return {
        "id": id,
        "claim": f"{output} is the gradient of the loss with respect to {of}"
        + (", in float32" if output != id else ""),
        "expects": "the derivative through the whole layer: each row of x moves the mean and the "
        "variance of its feature, and so every row of the output",
        "read": PAPER,
        "probe": BACKWARD,
        "outputs": (output,),
        "cases": TRAINING,
        "oracle": GRADIENTS,
        **more,
    }


CHECKS = (
    Check(
        id="forward",
        question="forward",
        claim="out is x standardised over the mini-batch, scaled by gamma and shifted by beta",
        expects="each feature has mean beta and variance gamma^2 sigma^2 / (sigma^2 + eps), with "
        "the biased variance (divided by N) and eps inside the root",
        read=PAPER,
        points=3,
        probe=FORWARD,
        outputs=("out",),
        cases=TRAINING,
        oracle=GRADIENTS,
        forbids=(OWN_BATCH_NORM,),
    ),
    Check(
        id="forward_float32",
        question="forward",
        claim="out is right for float32 inputs",
        expects="rounding of the size of float32's last place, no more",
        read=PAPER,
        points=1,
        probe=FORWARD,
        outputs=("out",),
        cases=TRAINING,
        oracle=GRADIENTS,
        forbids=(OWN_BATCH_NORM,),
        dtype="float32",
        needs=("forward",),
    ),
    Check(
        id="forward_stable",
        question="forward",
        claim="out stays right when the mean is 1000 times the spread",
        expects="a variance computed from centred values: the difference of two large, nearly "
        "equal numbers has no correct digits left",
        read="Higham, Accuracy and Stability of Numerical Algorithms, section 1.9",
        points=1,
        probe=FORWARD,
        outputs=("out",),
        cases=FAR_MEAN,
        oracle=GRADIENTS,
        forbids=(OWN_BATCH_NORM,),
        dtype="float32",
        needs=("forward", "forward_float32"),
    ),
    Check(**_gradient("dx", "x", question="dx", points=4)),
    Check(
        **_gradient("dx_float32", "x", question="dx", points=1, dtype="float32", needs=("dx",))
        | {"expects": "rounding of the size of float32's last place, no more"}
    ),
    Check(
        **_gradient("dgamma", "gamma", question="dgamma", points=1)
        | {"expects": "one number per feature: how the loss answers to the scale of that feature"}
    ),
    Check(
        **_gradient("dbeta", "beta", question="dbeta", points=1)
        | {"expects": "one number per feature: how the loss answers to a shift of that feature"}
    ),
    Check(
        id="inputs_unchanged",
        question="forward",
        claim="the caller's tensors are left as they were",
        expects="x, gamma and beta hold after the call what they held before",
        read="torch documentation, in-place operations on tensors",
        points=1,
        probe=FORWARD,
        outputs=(),
        cases=TRAINING[:1],
        oracle=Relation(name="inputs_unchanged"),
        needs=("forward",),
    ),
    Check(
        id="inference",
        question="inference",
        claim="out is x standardised by the running statistics, scaled and shifted",
        expects="each row is treated on its own, whatever the rest of the batch holds",
        read="Ioffe and Szegedy 2015, algorithm 2",
        points=1,
        probe=Probe(
            calls=(
                Call(
                    function="batchnorm_inference",
                    takes=("x", "gamma", "beta", "running_mean", "running_var", "eps"),
                    returns=("out",),
                ),
            )
        ),
        outputs=("out",),
        cases=INFERENCE,
        oracle=Expected(
            compute=_infer,
            kind=OracleKind.REFERENCE,
            provenance=("Ioffe and Szegedy 2015, algorithm 2", "torch.nn.functional.batch_norm"),
        ),
        forbids=(OWN_BATCH_NORM,),
    ),
)
