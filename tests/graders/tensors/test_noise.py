"""The noise of an oracle."""

import numpy as np
import torch

from backproof.tensors import evaluate, noise_of

UNIT = 2.0**-53


def test_noise_is_at_least_the_rounding_of_the_result() -> None:
    """An oracle that does not react to its inputs still allows its result to be rounded."""
    inputs = {"x": np.array([3.0, -8.0])}

    def constant(x: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"out": torch.tensor([5.0, -40.0])}

    noise = noise_of(constant, inputs, evaluate(constant, inputs), UNIT)

    assert noise == {"out": 40.0 * UNIT}


def test_cancellation_raises_the_noise() -> None:
    """Where large numbers cancel, no implementation can be accurate, and noise says so."""
    inputs = {"x": np.array([1e6 + 1.0, 1e6])}

    def difference(x: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"out": x[0] - x[1]}

    noise = noise_of(difference, inputs, evaluate(difference, inputs), UNIT)

    assert noise["out"] > 1e5 * UNIT


def test_whole_numbers_and_options_are_not_moved() -> None:
    """Integer arrays and plain options reach the oracle as they are."""
    inputs = {"labels": np.array([0, 1]), "stride": 2}

    def oracle(labels: torch.Tensor, stride: int) -> dict[str, torch.Tensor]:
        assert labels.dtype == torch.int64
        assert stride == 2
        return {"out": labels.double()}

    assert noise_of(oracle, inputs, evaluate(oracle, inputs), UNIT) == {"out": UNIT}


def test_the_oracle_cannot_change_the_inputs() -> None:
    """An oracle that works in place does so on its own copy."""
    inputs = {"x": np.ones(3)}

    evaluate(lambda x: {"out": x.zero_()}, inputs)

    assert inputs["x"].tolist() == [1, 1, 1]
