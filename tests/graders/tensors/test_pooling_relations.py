"""The gradient of max pooling at ties: every convention that shares it out is right."""

import numpy as np
import pytest
import torch

from backproof.model import Mismatch, Returned, Value
from backproof.tensors import RELATIONS

X = np.array([[[[3.0, 3.0, 1.0], [0.0, 3.0, 9.0], [5.0, 2.0, 5.0], [5.0, 4.0, 9.0]]]])
DOUT = np.array([[[[6.0], [-4.0]]]])


def judged(dx: object) -> Mismatch | None:
    value = Value(form="array", array=np.asarray(dx), dtype="float64")
    inputs = {"x": X, "dout": DOUT, "kernel": [2, 2]}
    return RELATIONS["maximum_shares"](inputs, Returned(values={"dx": value}), {})


def autograd(pool: object) -> np.ndarray:
    leaf = torch.tensor(X, requires_grad=True)
    (dx,) = torch.autograd.grad(pool(leaf), leaf, torch.tensor(DOUT))
    return dx.numpy()


def windows(x: torch.Tensor) -> torch.Tensor:
    return x.unfold(2, 2, 2).unfold(3, 2, 2)


def test_all_to_the_first_and_equal_shares_pass() -> None:
    """max_pool2d and amax differ at ties, and both are right."""
    first = autograd(lambda x: torch.nn.functional.max_pool2d(x, 2))
    shared = autograd(lambda x: windows(x).amax(dim=(4, 5)))

    assert not np.array_equal(first, shared)
    assert judged(first) is None
    assert judged(shared) is None


@pytest.mark.parametrize(
    ("dx", "says"),
    [
        ((X == 3) * 6.0 + (X == 5) * -4.0, "together they get 18"),
        (np.where((X == 3) & (np.arange(3) < 2), 6.0, 0.0), "together they get 18"),
        (np.zeros_like(X), "together they get 0"),
        (autograd(lambda x: torch.nn.functional.avg_pool2d(x, 2)), "not the largest"),
        (np.zeros((1, 1, 2, 2)), ""),
    ],
)
def test_what_is_not_shared_out_fails(dx: object, says: str) -> None:
    mismatch = judged(dx)

    assert mismatch is not None
    assert says in mismatch.observed


def test_an_entry_in_no_window_gets_nothing() -> None:
    dx = autograd(lambda x: torch.nn.functional.max_pool2d(x, 2))
    dx[0, 0, 0, 2] = 1

    mismatch = judged(dx)

    assert mismatch is not None
    assert "in no window" in mismatch.observed
