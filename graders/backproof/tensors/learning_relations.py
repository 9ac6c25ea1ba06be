"""What was learnt, and what is said of it: recomputed accuracy, and the claims of a run log.

Everything here is judged from plain data. An accuracy is computed from predictions for inputs whose
labels the submission never had; a log can only be held against what is claimed of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproof.model import Inputs, Mismatch, MismatchKind, Returned

DIRECTIONS = ("rose", "fell", "same")
_SETS = ("training", "test")

Log = NDArray[np.float64]


class _Unusable(Exception):  # noqa: N818  not an error of ours
    """Data that a claim cannot be held against; the text says why."""


def _wrong(output: str, observed: str) -> Mismatch:
    return Mismatch(kind=MismatchKind.VALUE, output=output, observed=observed)


# --- accuracy ---------------------------------------------------------------------------------


def accuracy(inputs: Inputs, returned: Returned, parameters: Mapping[str, Any]) -> Mismatch | None:
    """At least the share `least` of the labels `hidden_labels`, both withheld, is predicted.

    Expects an output `scores`, (N, classes), where `classes` is an input if there is one of that
    name: the largest of a row is the prediction. `least` must come from a measurement of honest
    runs, which the problem states. Parameter `logits`, if true: rows that are all probabilities,
    or that a ReLU has cut off at 0, are refused, however right.
    """
    labels = np.asarray(inputs["hidden_labels"])
    array = returned.values["scores"].array
    if array is None or array.ndim != 2 or len(array) != len(labels):
        found = None if array is None else array.shape
        return _wrong("scores", f"the scores have the shape {found} for {len(labels)} inputs")
    classes = int(inputs.get("classes", array.shape[1]))
    if array.shape[1] != classes:
        return _wrong("scores", f"each input has {array.shape[1]} scores, for {classes} classes")
    if not np.isfinite(array).all():
        return _wrong("scores", "the scores are not finite: training has diverged")
    if parameters.get("logits") and _are_probabilities(array):
        floor = math.log(math.e + array.shape[1] - 1) - 1
        return _wrong(
            "scores",
            "the scores are probabilities, with the sum 1: cross-entropy, which applies "
            f"softmax again, cannot get below {floor:.2f}",
        )
    predicted = array.argmax(axis=1)
    if parameters.get("logits") and len(set(predicted.tolist())) > 1 and _is_cut_off(array):
        return _wrong(
            "scores",
            "no score is negative, and many are 0: behind a ReLU, a class with a negative logit "
            "never learns",
        )
    right, count = int((predicted == labels).sum()), len(labels)
    if right >= float(inputs["least"]) * count:
        return None
    share = f"{right} of {count} inputs that were held back are classified rightly"
    return _wrong("scores", _collapse(predicted, labels) or share)


def trained_apart(
    inputs: Inputs, returned: Returned, parameters: Mapping[str, Any]
) -> Mismatch | None:
    """As `accuracy`, for a network that was trained elsewhere, and on the training images.

    A network that knows the judged images better than those that it should have learnt from was
    trained on the judged ones: the shares are compared, at four standard deviations. Whoever learns
    from both is not seen.

    Expects another output `own_scores`, for the images of the withheld labels `own_labels`.
    """
    fault = accuracy(inputs, returned, parameters)
    if fault is not None:
        return fault
    labels = [np.asarray(inputs[name]) for name in ("hidden_labels", "own_labels")]
    arrays = [returned.values[name].array for name in ("scores", "own_scores")]
    shares, counts = [], []
    for array, truth in zip(arrays, labels, strict=True):
        if array is None or array.ndim != 2 or len(array) != len(truth):
            return _wrong("own_scores", f"there are no scores for {len(truth)} training images")
        shares.append(float((array.argmax(axis=1) == truth).mean()))
        counts.append(len(truth))
    both = (shares[0] * counts[0] + shares[1] * counts[1]) / sum(counts)
    spread = math.sqrt(both * (1 - both) * (1 / counts[0] + 1 / counts[1]))
    if shares[0] - shares[1] <= 4 * spread:
        return None
    observed = (
        f"{shares[0]:.1%} of the images that were to be kept for testing are classified rightly, "
        f"and {shares[1]:.1%} of those to train on: a person asks whether they were swapped"
    )
    return _for_a_person("scores", observed)


def _are_probabilities(scores: Log) -> bool:
    # Rows of single precision add up to 1 within a rounding error for each class.
    rows = scores.sum(axis=1)
    return bool(scores.min() >= 0 and np.abs(rows - 1).max() <= 1e-6 * scores.shape[1])


def _is_cut_off(scores: Log) -> bool:
    return bool(scores.min() == 0 and (scores == 0).mean() > 0.1)


def _collapse(predicted: NDArray[Any], labels: NDArray[Any]) -> str:
    """What is wrong with predictions that leave out classes; empty where none is left out."""
    found, classes = sorted(set(predicted.tolist())), set(labels.tolist())
    if len(found) == 1:
        return f"every input gets the class {found[0]}: the network has collapsed"
    if never := len(classes - set(found)):
        right = int((predicted == labels).sum())
        return (
            f"{never} of {len(classes)} classes are never predicted, and {right} of {len(labels)} "
            "inputs that were held back are classified rightly: the network has collapsed"
        )
    return ""


# --- run logs -----------------------------------------------------------------------------------


def run_log(inputs: Inputs, returned: Returned, parameters: Mapping[str, Any]) -> Mismatch | None:
    """A log of accuracies is one that a run can have produced. Parameters:

    log: name of the output, (epochs, 2), training and test accuracy in percent.
    sizes: name of the output that holds the sizes of the two sets. classes: how many there are.
    others: names of outputs that hold the logs of other networks; may be left out.

    A single row is no log: whether its numbers came from a run is for a person to ask. So it is for
    a log that is that of another network, too, and for numbers as no run gives them by itself.
    """
    name = str(parameters["log"])
    try:
        log = _log(returned, name)
        faults = list(_log_faults(log, _sizes(returned, str(parameters["sizes"])), parameters))
    except _Unusable as error:
        return _wrong(name, str(error))
    if faults:
        return _wrong(name, faults[0])
    if len(log) == 1:
        observed = (
            f"`{name}` has a single row: final numbers, without the epochs before them, cannot be "
            "checked; a person asks for the log, the architecture and the seed"
        )
        return _for_a_person(name, observed)
    return _doubted(returned, name, parameters)


def _for_a_person(output: str, observed: str) -> Mismatch:
    return Mismatch(kind=MismatchKind.UNCHECKABLE, output=output, observed=observed)


def _doubted(
    returned: Returned, name: str, parameters: Mapping[str, Any], output: str = ""
) -> Mismatch | None:
    """What a person has to ask about a log that has no fault; `output` is what is said of it."""
    log = _log(returned, name)
    for other in parameters.get("others", ()):
        try:
            same = other != name and np.array_equal(log, _log(returned, other))
        except _Unusable:
            continue
        if same:
            observed = f"`{name}` and `{other}` hold the same numbers, for two different networks"
            return _for_a_person(output or name, f"{observed}: a person asks for the runs")
    if reason := made_up(log):
        return _for_a_person(output or name, f"`{name}`: {reason}: a person asks for the run")
    return None


def made_up(rows: Log) -> str:
    """Why numbers look as if nobody had measured them; empty if they do not.

    rows: (rows, 2 columns or 1).
    """
    steps = np.diff(rows, axis=0)
    if len(rows) > 2 and np.ptp(steps, axis=0).max() < 1e-9:
        return "every row is as far from the one before as the next"
    if len(rows) > 1 and rows.shape[1] == 2 and np.array_equal(rows[:, 0], rows[:, 1]):
        return "both accuracies are equal in every row"
    return ""


def _end_of_log(returned: Returned, name: str, parameters: Mapping[str, Any]) -> list[float]:
    """The last row of a log, of which something is claimed; a slip in an earlier row is no matter.

    Nothing is read off numbers that no run ends with, or off a network that has learnt nothing.
    """
    log = _log(returned, name)
    epochs = range(len(log) - 1, len(log))
    try:
        sizes = _sizes(returned, str(parameters["sizes"]))
    except _Unusable:  # which `run_log` says, once
        sizes, epochs = (1, 1), range(0)
    if fault := next(_log_faults(log, sizes, parameters, epochs), ""):
        raise _Unusable(f"`{name}` shows nothing: {fault}")
    return [float(value) for value in log[-1]]


def _log_faults(
    log: Log,
    sizes: tuple[int, int],
    parameters: Mapping[str, Any],
    epochs: range | None = None,
) -> Iterator[str]:
    """What no run gives; `epochs` are those whose numbers are looked at, all by default."""
    for column, size in enumerate(sizes):
        for epoch in range(len(log)) if epochs is None else epochs:
            value = float(log[epoch, column])
            if not counts_images(value, size):
                yield (
                    f"in epoch {epoch + 1}, {value!r} % of {size} {_SETS[column]} images is no "
                    "whole number of images"
                )
    chance = 100 / int(parameters["classes"])
    best = float(log[:, 1].max())
    if best < 1.5 * chance:
        yield (
            f"the test accuracy never gets beyond {best:g} %; one class for all images gives about "
            f"{chance:g} %: the network has collapsed"
        )
    if len(log) > 2 and len(set(log[:, 1].tolist())) == 1:
        yield f"the test accuracy is {log[0, 1]:g} % in every epoch: no network stands still"


def log_gap(inputs: Inputs, returned: Returned, parameters: Mapping[str, Any]) -> Mismatch | None:
    """A stated gap is the training less the test accuracy of the last epoch.

    Parameters: those of `run_log`, and `gap`, name of an output. The gap is shown by its digits,
    rounded or cut off: 12.5, 12.4 and 12 show 12.48, and 13 does not.
    """
    name = str(parameters["gap"])
    try:
        last = _end_of_log(returned, str(parameters["log"]), parameters)
        stated = _number(returned, name)
    except _Unusable as error:
        return _wrong(name, str(error))
    train, test = (Fraction(repr(value)) for value in last)
    gap = train - test
    # The log's own digits were rounded, the gap was perhaps computed before that.
    room = sum((_unit(value) for value in last), Fraction(0)) / 2
    if _shows(stated, gap, room):
        return _doubted(returned, str(parameters["log"]), parameters, name)
    log_says = f"your log ends with {float(train):g} % and {float(test):g} %"
    if gap and _shows(-stated, gap, room):
        return _wrong(name, f"your gap has the wrong sign: {log_says}")
    return _wrong(name, f"your gap is {stated:g} points, but {log_says}")


def log_direction(
    inputs: Inputs, returned: Returned, parameters: Mapping[str, Any]
) -> Mismatch | None:
    """A claim that an accuracy rose or fell, against the last rows of two logs. Parameters:

    log, before: names of the two logs. column: 0 for training, 1 for test accuracy.
    said: name of the claim, one of `DIRECTIONS`. sizes, classes, others: as in `run_log`.
    """
    name, column = str(parameters["said"]), int(parameters["column"])
    try:
        after, before = (
            _end_of_log(returned, str(parameters[key]), parameters) for key in ("log", "before")
        )
        said = _direction(returned, name)
    except _Unusable as error:
        return _wrong(name, str(error))
    now, then = after[column], before[column]
    found = "same" if now == then else "rose" if now > then else "fell"
    if said == found:
        logs = (str(parameters[key]) for key in ("log", "before"))
        doubts = (_doubted(returned, log, parameters, name) for log in logs)
        return next((doubt for doubt in doubts if doubt), None)
    change = f"{found} from {then:g} % to {now:g} %" if found != "same" else f"stayed at {now:g} %"
    claimed = {"same": "stayed the same"}.get(said, said)
    what = f"the {_SETS[column]} accuracy"
    return _wrong(name, f"you say that {what} {claimed}; by your own numbers it {change}")


def _log(returned: Returned, name: str) -> Log:
    array = returned.values[name].array
    if array is None or array.dtype.kind not in "fiu":
        raise _Unusable(f"`{name}` holds no numbers: a row for each epoch, as [[76.6, 64.1], ...]")
    if array.ndim == 1 and array.size == 2:
        array = array[None]
    if array.ndim != 2 or array.shape[1] != 2 or not len(array):
        raise _Unusable(
            f"`{name}` has the shape {array.shape}: a row of two numbers for each epoch"
        )
    log = _shown(array)
    if not np.isfinite(log).all() or log.min() < 0 or log.max() > 100:
        raise _Unusable(f"`{name}` holds numbers that are no percentages, from 0 to 100")
    if log.max() <= 1:
        raise _Unusable(f"no number of `{name}` is above 1: accuracies are in percent, as in 64.1")
    return log


def _sizes(returned: Returned, name: str) -> tuple[int, int]:
    array = returned.values[name].array
    if array is None or array.shape != (2,) or array.dtype.kind not in "fiu":
        raise _Unusable(f"`{name}` must be the numbers of training and of test images")
    train, test = (float(size) for size in array.tolist())
    if not (train.is_integer() and test.is_integer() and 0 < test < 1e9 and 0 < train < 1e9):
        raise _Unusable(f"`{name}` holds {train:g} and {test:g}, which count no images")
    return int(train), int(test)


def _number(returned: Returned, name: str) -> float:
    array = returned.values[name].array
    if array is None or array.size != 1 or array.dtype.kind not in "fiu":
        raise _Unusable(f"`{name}` is not stated: type one number")
    number = float(_shown(array).reshape(()))
    if not np.isfinite(number):
        raise _Unusable(f"`{name}` is {number}")
    return number


def _direction(returned: Returned, name: str) -> str:
    said = returned.values[name].text.strip().casefold()
    if returned.values[name].form != "text" or said not in DIRECTIONS:
        raise _Unusable(f"`{name}` is not one of: {', '.join(DIRECTIONS)}")
    return said


def _shown(array: NDArray[Any]) -> Log:
    """Numbers without the digits that only rounding errors have put there."""
    digits = 10 if array.dtype.itemsize > 4 or array.dtype.kind != "f" else 6
    flat = [float(f"{float(value):.{digits}g}") for value in array.ravel()]
    return np.array(flat, dtype=np.float64).reshape(array.shape)


def counts_images(percent: float, size: int) -> bool:
    """Whether these digits may show the share of a whole number of `size` images."""
    least = Fraction(repr(percent)) - _unit(percent) / 2
    images = math.ceil(least * size / 100)  # others that the digits could show are further up
    return _shows(percent, Fraction(100 * images, size))


def _shows(shown: float, exact: Fraction, room: Fraction = Fraction(0)) -> bool:
    """Whether the digits of `shown` are those of `exact`, rounded or cut off.

    room: how far `exact` itself may be off.
    """
    digits, unit = Fraction(repr(shown)), _unit(shown)
    if abs(digits - exact) <= unit / 2 + room:
        return True
    beyond = exact - digits if exact > 0 else digits - exact
    return digits * exact >= 0 and 0 <= beyond < unit + room


def _unit(value: float) -> Fraction:
    """One unit of the last digit that is shown of a number."""
    digits = repr(value).partition("e")[0].partition(".")[2]
    return Fraction(1) if digits in ("", "0") else Fraction(1, 10 ** len(digits))
