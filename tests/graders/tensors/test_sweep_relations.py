"""Sweeps and final claims, held against what numbers of images allow."""

from typing import Any

import numpy as np
import pytest

from backproof.model import Mismatch, MismatchKind, Returned, Value
from backproof.tensors import RELATIONS

SIZES = (980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009)
NAMES = {"sweep": "sweep", "images": "images", "collapsed": "collapsed"}
PUBLISHED = [0.9806, 0.9758, 0.9719, 0.9679, 0.9674, 0.9592, 0.9468, 0.9059, 0.8795, 0.1135]
SWEEP = np.array([[step / 10, share] for step, share in enumerate(PUBLISHED)])


def judged(relation: str, parameters: dict[str, Any], **outputs: Any) -> Mismatch | None:
    values = {
        name: Value(form="none")
        if given is None
        else Value(form="array", array=np.asarray(given), dtype=str(np.asarray(given).dtype))
        for name, given in outputs.items()
    }
    return RELATIONS[relation]({}, Returned(values=values), parameters)


def log(sweep: Any = SWEEP, images: Any = 10_000, least: int = 10) -> Mismatch | None:
    limits = NAMES | {"least": least, "classes": 10}
    return judged("sweep_log", limits, sweep=sweep, images=images)


def collapsed(said: Any, sweep: Any = SWEEP, images: Any = 10_000) -> Mismatch | None:
    limits = NAMES | {"classes": 10, "sizes": SIZES}
    return judged("sweep_collapsed", limits, sweep=sweep, images=images, collapsed=said)


def final(share: Any, loss: Any, images: Any = 10_000) -> Mismatch | None:
    names = {"share": "share", "loss": "loss", "images": "images", "classes": 10}
    return judged("final_claim", names, share=share, loss=loss, images=images)


def test_the_published_sweep_can_have_been_measured() -> None:
    """In single precision, with more runs, and on a test set of another size, too."""
    assert log() is None
    assert log(SWEEP.astype(np.float32)) is None
    assert (
        log([[p, n / 359] for p, n in zip(range(2), (300, 40), strict=True)], 359, least=2) is None
    )


@pytest.mark.parametrize(
    ("sweep", "images", "says"),
    [
        (SWEEP[1:], 10_000, "9 settings, at least 10"),
        (SWEEP[[0] * 10], 10_000, "1 settings, at least 10"),
        (SWEEP * [1, 100], 10_000, "settings and shares are from 0 to 1"),
        (np.add(SWEEP, [0, 0.00003]), 10_000, "is no whole number of images"),
        (SWEEP, 359, "0.9806 of 359 images is no whole number of images"),
        (SWEEP[:, 0], 10_000, "a row of two numbers for each run"),
        (SWEEP * [1, np.nan], 10_000, "not finite"),
        (None, 10_000, "holds no numbers"),
        (SWEEP, 99.5, "at least 100 test images"),
        (SWEEP, 1, "at least 100 test images"),
        (SWEEP[::-1] * [-1, 1] + [1, 0], 10_000, "at 1 everything is dropped"),
    ],
)
def test_what_no_run_gives_is_said(sweep: Any, images: Any, says: str) -> None:
    found = log(sweep, images)

    assert found is not None
    assert says in found.observed


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ([], "0.1135, the 1135 images of class 1, as if all were of this class: it has collapsed"),
        ([0.8, 0.9], "at 0.8 your share is 0.8795: far more than guessing"),
        ([0.9, 0.95], "0.95 is no setting of your log"),
        (None, "holds no numbers"),
    ],
)
def test_a_collapse_is_to_be_seen(said: Any, says: str) -> None:
    """0.1135 is no accuracy of 11 %: all images get the class with 1135 of them."""
    assert collapsed([0.9]) is None
    assert collapsed(np.float32(0.9)) is None
    found = collapsed(said)

    assert found is not None
    assert says in found.observed


def test_guessing_on_a_test_set_that_is_not_known_is_said_as_such() -> None:
    found = collapsed([], [[0.1, 0.9], [0.9, 0.11]], 1000)

    assert found is not None
    assert "your share is 0.11, as by guessing: it has collapsed" in found.observed


def test_a_wrong_image_costs_at_least_ln_2() -> None:
    """The bound of the course's own log: 0.0522 at 92.47 %, where it prints 0.0086."""
    assert final(0.9914, 0.0288) is None
    assert final(0.9247, 0.0522) is None  # as it is rounded
    assert final(1.0, 0.0) is None
    found = final(0.9247, 0.0086)

    assert found is not None
    assert "753 of 10000 images are wrong" in found.observed
    assert "the mean is 0.05219 or more, yours 0.0086" in found.observed


@pytest.mark.parametrize(
    ("share", "loss", "says"),
    [
        (0.99145, 0.03, "0.99145 of 10000 images is no whole number"),
        (99.14, 0.03, "from 0 to 1"),
        (-0.5, 0.9, "from 0 to 1"),
        (0.1135, 2.3, "the final network has collapsed"),
        (0.99, None, "holds no numbers"),
        ([0.99, 0.98], 0.1, "must be one number"),
    ],
)
def test_a_final_claim_that_is_none_is_refused(share: Any, loss: Any, says: str) -> None:
    found = final(share, loss)

    assert found is not None
    assert says in found.observed


@pytest.mark.parametrize("step", [0.0, 0.01])
def test_shares_in_equal_steps_wait_for_a_person(step: float) -> None:
    """In whatever order they stand; those of one network at ten settings never do."""
    shares = [[setting / 10, 0.9 - step * setting] for setting in (3, 1, 2, 0, 4, 5, 6, 7, 8, 9)]
    found = log(shares)
    assert found is not None
    assert found.kind is MismatchKind.UNCHECKABLE
    assert "as far from the one before" in found.observed
