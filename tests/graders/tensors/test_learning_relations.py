"""Accuracies that are recomputed, and logs that are held against what is claimed of them."""

from typing import Any

import numpy as np
import pytest

from backproof.model import Mismatch, MismatchKind, Returned, Value
from backproof.tensors import RELATIONS

LABELS = np.array([0, 1, 2, 0, 1, 2, 0, 1, 2, 0])


def value(given: Any) -> Value:
    if isinstance(given, str):
        return Value(form="text", text=given)
    if given is None:
        return Value(form="none")
    array = np.asarray(given)
    return Value(form="array", array=array, dtype=str(array.dtype))


def judged(relation: str, parameters: dict[str, Any], **outputs: Any) -> Mismatch | None:
    returned = Returned(values={name: value(given) for name, given in outputs.items()})
    inputs = {"hidden_labels": LABELS} | parameters
    return RELATIONS[relation](inputs, returned, parameters)


# --- accuracy --------------------------------------------------------------------------------


def scores(predicted: Any) -> Any:
    return np.eye(3)[np.asarray(predicted)] * 4 - 1


def test_the_accuracy_is_computed_from_the_scores() -> None:
    wrong = LABELS.copy()
    wrong[:3] = (wrong[:3] + 1) % 3

    assert judged("accuracy", {"least": 0.7}, scores=scores(wrong)) is None
    found = judged("accuracy", {"least": 0.75}, scores=scores(wrong))
    assert found is not None
    assert found.observed == "7 of 10 inputs that were held back are classified rightly"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (scores([1] * 10), "every input gets the class 1: the network has collapsed"),
        (
            scores([0, 1, 1, 0, 1, 1, 0, 1, 1, 0]),
            "1 of 3 classes are never predicted, and 7 of 10 inputs that were held back",
        ),
        (np.full((10, 3), np.nan), "training has diverged"),
        (scores(LABELS)[:9], "the shape (9, 3) for 10 inputs"),
        (LABELS, "the shape (10,) for 10 inputs"),
        (None, "the shape None"),
    ],
)
def test_what_is_no_prediction_is_said(given: Any, says: str) -> None:
    found = judged("accuracy", {"least": 0.8}, scores=given)

    assert found is not None
    assert says in found.observed


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        (np.eye(3)[LABELS], True),
        (np.eye(3)[LABELS] * 4, True),
        (np.eye(3)[LABELS] * 4 + 0.5, False),
        (np.eye(3, dtype=np.float32)[LABELS] * np.float32(0.7) + np.float32(0.1), True),
        (np.eye(3)[LABELS] - 1e-3, False),
        (np.eye(3)[LABELS] + 1e-3, False),
    ],
)
def test_where_logits_are_asked_for_probabilities_are_refused(given: Any, refused: bool) -> None:
    """However right they are: softmax before the cross-entropy floors the loss."""
    assert judged("accuracy", {"least": 1.0}, scores=given) is None

    found = judged("accuracy", {"least": 1.0, "logits": True}, scores=given)

    assert (found is not None) == refused
    if found is not None:
        # ln(e + 2) - 1 is the floor
        assert "cannot get below 0.55" in found.observed or "behind a ReLU" in found.observed


# --- run logs --------------------------------------------------------------------------------

LOG = {"log": "log", "sizes": "sizes", "classes": 10}
SIZES = [50000, 10000]
GOOD = [[45.104, 44.1], [60.25, 57.03], [76.62, 64.14]]


@pytest.mark.parametrize(
    ("log", "sizes"),
    [
        (GOOD, SIZES),
        (np.array(GOOD, dtype=np.float32), SIZES),
        ([[51, 49], [60, 55]], SIZES),
        ([[62.674, 100 * 3 / 11], [80.002, 100 * 7 / 11]], [50000, 11]),
        ([[51.0, 27.27], [60.0, 63.6]], [100, 11]),
    ],
)
def test_a_log_that_a_run_can_have_produced_passes(log: Any, sizes: list[int]) -> None:
    """In single precision, in whole percents, with all digits, with digits cut off or rounded."""
    assert judged("run_log", LOG, log=log, sizes=sizes) is None


@pytest.mark.parametrize(
    ("log", "sizes", "says"),
    [
        ([[50.0, 40.0], [60.0, 64.1437]], SIZES, "epoch 2, 64.1437 % of 10000 test images is no whole"),
        ([[50.0, 97.3], [60.0, 97.49]], [1438, 100], "97.3 % of 100 test images is no whole number"),
        ([[50.0, 40.0], [60.1249, 41.0]], [800, 100], "60.1249 % of 800 training images is no whole"),
        ([[50.0, 10.0], [60.0, 10.2]], SIZES, "never gets beyond 10.2 %"),
        ([[50.0, 40.0], [60.0, 40.0], [70.0, 40.0]], SIZES, "40 % in every epoch"),
        ([[0.5, 0.4], [0.6, 0.5]], SIZES, "accuracies are in percent"),
        ([[50.0, 40.0], [60.0, 101.0]], SIZES, "no percentages"),
        ([[50.0, 40.0], [60.0, np.nan]], SIZES, "no percentages"),
        ([50.0, 40.0, 60.0], SIZES, "a row of two numbers for each epoch"),
        ("76.62, 64.14", SIZES, "holds no numbers"),
        (None, SIZES, "holds no numbers"),
        (GOOD, [50000, -1], "count no images"),
        (GOOD, None, "must be the numbers of training and of test images"),
    ],
)  # fmt: skip
def test_a_log_that_no_run_has_produced_is_refused(log: Any, sizes: Any, says: str) -> None:
    """60.125 % of 800 is shown by all its digits: nobody writes 60.1249 for it."""
    found = judged("run_log", LOG, log=log, sizes=sizes)

    assert found is not None
    assert found.kind is MismatchKind.VALUE
    assert says in found.observed


def test_final_numbers_alone_wait_for_a_person() -> None:
    """Neither right nor wrong: there is nothing to hold them against."""
    for log in ([[76.62, 64.14]], [76.62, 64.14]):
        found = judged("run_log", LOG, log=log, sizes=SIZES)

        assert found is not None
        assert found.kind is MismatchKind.UNCHECKABLE
        assert "a person asks for the log, the architecture and the seed" in found.observed


GAP = LOG | {"gap": "gap"}


@pytest.mark.parametrize("gap", [12.48, 12.5, 12.4, 12, 12.480001, np.float32(12.48)])
def test_a_gap_is_as_near_as_its_digits_say(gap: Any) -> None:
    """Rounded, or cut off."""
    assert judged("log_gap", GAP, log=GOOD, sizes=SIZES, gap=gap) is None


@pytest.mark.parametrize(
    ("gap", "says"),
    [
        (15.04, "your gap is 15.04 points, but your log ends with 76.62 % and 64.14 %"),
        (-12.48, "your gap has the wrong sign"),
        (-12, "your gap has the wrong sign"),
        (13, "your gap is 13 points"),
        (12.6, "your gap is 12.6 points"),
        (10, "your gap is 10 points"),
        (None, "`gap` is not stated"),
        (float("inf"), "`gap` is inf"),
    ],
)
def test_a_gap_that_the_log_does_not_show_is_refused(gap: Any, says: str) -> None:
    found = judged("log_gap", GAP, log=GOOD, sizes=SIZES, gap=gap)

    assert found is not None
    assert says in found.observed


def test_a_small_gap_is_not_one_point() -> None:
    """Rounded it is 0, and so it is cut off; a gap below 0 likewise."""
    for sign in (1, -1):
        log = [[60.0, 50.0], [64.6484, 64.624][::sign]]
        for gap, right in ((0.0, True), (0.02 * sign, True), (1.0 * sign, False)):
            found = judged("log_gap", GAP, log=log, sizes=[512 * 359] * 2, gap=gap)
            assert (found is None) is right


@pytest.mark.parametrize(
    ("log", "says"),
    [
        ([[10.0, 10.0]], "has collapsed"),
        ([[50.0, 40.0], [60.0, 40.0], [70.0, 40.0]], "no network stands still"),
        ([[50.0, 40.0], [60.0, 50.0071]], "no whole number of images"),
    ],
)
def test_nothing_is_read_off_a_log_that_shows_nothing(log: Any, says: str) -> None:
    """A subtraction of invented numbers is worth nothing, however right it is."""
    gap = round(log[-1][0] - log[-1][1], 4)

    found = judged("log_gap", GAP, log=log, sizes=SIZES, gap=gap)
    told = judged("log_direction", CLAIM, after=log, before=GOOD, sizes=SIZES, said="fell")

    assert found is not None
    assert told is not None
    assert says in found.observed
    assert says in told.observed


def test_a_slip_in_an_earlier_row_or_in_the_sizes_is_deducted_where_it_is() -> None:
    """The claim is about the last row, which is as it was."""
    slip = [[45.10401, 44.1], *GOOD[1:]]

    assert judged("run_log", LOG, log=slip, sizes=SIZES) is not None
    assert judged("log_gap", GAP, log=slip, sizes=SIZES, gap=12.48) is None
    assert judged("log_gap", GAP, log=GOOD, sizes=None, gap=12.48) is None


CLAIM = LOG | {"log": "after", "before": "before", "column": 1, "said": "said"}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [(65.04, 65.73, "rose"), (65.04, 64.0, " Fell "), (65.04, 65.04, "same")],
)
def test_a_direction_that_the_numbers_show_passes(before: float, after: float, said: str) -> None:
    logs = {"before": [[80.0, before]], "after": [[75.0, after]]}

    assert judged("log_direction", CLAIM, said=said, sizes=SIZES, **logs) is None


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ("fell", "the test accuracy fell; by your own numbers it rose from 65.04 % to 65.73 %"),
        ("same", "the test accuracy stayed the same; by your own numbers it rose"),
        ("improved", "`said` is not one of: rose, fell, same"),
        (None, "`said` is not one of"),
    ],
)
def test_a_direction_against_the_numbers_is_refused(said: Any, says: str) -> None:
    logs = {"before": [[80.08, 65.04]], "after": [[75.258, 65.73]]}
    found = judged("log_direction", CLAIM, said=said, sizes=SIZES, **logs)

    assert found is not None
    assert says in found.observed


COPIES = LOG | {"others": ("log", "other_log", "lost_log")}


@pytest.mark.parametrize(
    ("log", "other", "says"),
    [
        (GOOD, GOOD, "`log` and `other_log` hold the same numbers"),
        ([[50.0, 40.0], [60.0, 45.0], [70.0, 50.0]], None, "as far from the one before"),
        ([[50.5, 50.5], [62.5, 62.5]], None, "both accuracies are equal in every row"),
    ],
)
def test_numbers_that_look_as_if_nobody_had_measured_them_wait(
    log: Any, other: Any, says: str
) -> None:
    """The log, and what is read off it: neither right nor wrong before a person has asked."""
    outputs = {"log": log, "other_log": other, "lost_log": None, "sizes": [1000, 200]}
    if other is GOOD:
        outputs["sizes"] = SIZES
    last = np.asarray(log)[-1]
    found = judged("run_log", COPIES, **outputs)
    gap = judged("log_gap", COPIES | {"gap": "gap"}, gap=last[0] - last[1], **outputs)
    claim = {"said": "said", "column": 0, "before": "log"}
    said = judged("log_direction", COPIES | claim, said="same", **outputs)
    for mismatch, output in ((found, "log"), (gap, "gap"), (said, "said")):
        assert mismatch is not None
        assert mismatch.kind is MismatchKind.UNCHECKABLE
        assert mismatch.output == output
        assert says in mismatch.observed
    wrong = judged("log_gap", COPIES | {"gap": "gap"}, gap=90.0, **outputs)
    assert wrong is not None
    assert wrong.kind is MismatchKind.VALUE


def test_logs_that_differ_in_one_number_are_two_logs() -> None:
    other = np.array(GOOD) + np.eye(len(GOOD), 2)
    assert judged("run_log", COPIES, log=GOOD, other_log=other, lost_log=None, sizes=SIZES) is None
