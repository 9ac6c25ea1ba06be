"""A sweep over one setting, and the claims of a final run: what their own numbers allow.

The numbers are a student's own. Nobody can tell from them that a network was trained; but shares
of images are whole numbers of images, a wrong image costs at least ln 2, and guessing has a share.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproof.model import Inputs, Mismatch, MismatchKind, Returned
from backproof.tensors.learning_relations import counts_images, made_up

GUESSING = 1.5
"""Times the share of one class: what stays below that has not learnt to tell the images apart."""

LEAST_IMAGES = 100
"""Of a test set: shares of fewer images say nothing."""


class _Unusable(Exception):  # noqa: N818  not an error of ours
    """Data that a claim cannot be held against; the text says why."""


def sweep_log(inputs: Inputs, returned: Returned, parameters: Mapping[str, Any]) -> Mismatch | None:
    """A log of a sweep is one that runs can have produced. Parameters:

    sweep: name of the output, (runs, 2), the setting and the share of the test images, from 0 to 1,
        that are classified rightly. images: name of the output that holds their number.
    least: how many different settings there must be at least, all of them from 0 to 1.
    classes: how many there are. A setting of 1 leaves nothing to learn from: what is far beyond
        guessing there is no share of a run.

    Shares that are equal, or in equal steps, at all settings are for a person to ask about.
    """
    name = str(parameters["sweep"])
    try:
        sweep = _sweep(returned, name)
        images = _images(returned, str(parameters["images"]))
    except _Unusable as error:
        return _wrong(name, str(error))
    settings = sorted(set(sweep[:, 0].tolist()))
    if len(settings) < int(parameters["least"]):
        return _wrong(name, f"{len(settings)} settings, at least {parameters['least']} are due")
    for setting, share in sweep.tolist():
        if not _is_share(share, images):
            return _wrong(
                name,
                f"at {setting:g}, {share!r} of {images} images is no whole number of images",
            )
        if setting == 1 and share > 2 * GUESSING / int(parameters["classes"]):
            found = f"at 1 everything is dropped and nothing is learnt, but your share is {share:g}"
            return _wrong(name, found)
    if reason := made_up(sweep[np.argsort(sweep[:, 0], kind="stable")][:, 1:]):
        observed = f"the shares: {reason}; a person asks for the runs"
        return Mismatch(kind=MismatchKind.UNCHECKABLE, output=name, observed=observed)
    return None


def sweep_collapsed(
    inputs: Inputs, returned: Returned, parameters: Mapping[str, Any]
) -> Mismatch | None:
    """The settings at which a network only guesses are named, and no others. Parameters:

    sweep, images: as in `sweep_log`. collapsed: name of the output, the settings that are named.
    classes: how many there are. sizes: of the published test set's classes, so that the class that
        gets all images can be named.
    """
    name = str(parameters["collapsed"])
    try:
        sweep = _sweep(returned, str(parameters["sweep"]))
        images = _images(returned, str(parameters["images"]))
        said = set(_numbers(returned, name).ravel().tolist())
    except _Unusable as error:
        return _wrong(name, str(error))
    if foreign := sorted(said - set(sweep[:, 0].tolist())):
        return _wrong(name, f"{foreign[0]:g} is no setting of your log")
    sizes = [int(size) for size in parameters["sizes"]]
    for setting, share in sweep.tolist():
        guesses = share < GUESSING / int(parameters["classes"])
        if guesses and setting not in said:
            why = _one_class(round(share * images), images, sizes)
            return _wrong(name, f"at {setting:g} your share is {share:g}{why}: it has collapsed")
        if not guesses and setting in said:
            return _wrong(name, f"at {setting:g} your share is {share:g}: far more than guessing")
    return None


def final_claim(
    inputs: Inputs, returned: Returned, parameters: Mapping[str, Any]
) -> Mismatch | None:
    """A share of right images and a mean cross-entropy that one network can have. Parameters:

    share, loss, images: names of the outputs. classes: how many there are.

    An image that is classified wrongly has a probability of at most 1/2 for its own class, and
    costs at least ln 2.
    """
    name = str(parameters["loss"])
    try:
        images = _images(returned, str(parameters["images"]))
        share, loss = (_number(returned, str(parameters[key])) for key in ("share", "loss"))
    except _Unusable as error:
        return _wrong(name, str(error))
    if not _is_share(share, images):
        return _wrong(
            str(parameters["share"]),
            f"{share!r} of {images} images is no whole number of images, from 0 to 1",
        )
    if share < GUESSING / int(parameters["classes"]):
        found = f"a share of {share:g} is that of guessing: the final network has collapsed"
        return _wrong(str(parameters["share"]), found)
    wrong = images - round(share * images)
    least = wrong / images * math.log(2)
    # The digits of a loss may be rounded; half a unit of the third one is allowed.
    if loss * (1 + 5e-3) < least:
        return _wrong(
            name,
            f"{wrong} of {images} images are wrong, and each costs at least ln 2: the mean is "
            f"{least:.4g} or more, yours {loss:g}. Is a sum over batch means divided by images?",
        )
    return None


def _one_class(right: int, images: int, sizes: list[int]) -> str:
    if images == sum(sizes) and right in sizes:
        return f", the {right} images of class {sizes.index(right)}, as if all were of this class"
    return ", as by guessing"


def _is_share(share: float, images: int) -> bool:
    return 0 <= share <= 1 and counts_images(float(f"{100 * share:.10g}"), images)


def _numbers(returned: Returned, name: str) -> NDArray[np.float64]:
    array = returned.values[name].array
    if array is None or array.dtype.kind not in "fiu":
        raise _Unusable(f"`{name}` holds no numbers")
    flat = [float(f"{float(value):.6g}") for value in array.ravel()]
    found = np.array(flat, dtype=np.float64).reshape(array.shape)
    if not np.isfinite(found).all():
        raise _Unusable(f"`{name}` holds numbers that are not finite")
    return found


def _sweep(returned: Returned, name: str) -> NDArray[np.float64]:
    sweep = _numbers(returned, name)
    if sweep.ndim != 2 or sweep.shape[1] != 2 or not len(sweep):
        raise _Unusable(f"`{name}` has the shape {sweep.shape}: a row of two numbers for each run")
    if sweep.min() < 0 or sweep.max() > 1:
        raise _Unusable(f"`{name}` holds {sweep.max():g}: settings and shares are from 0 to 1")
    return sweep


def _images(returned: Returned, name: str) -> int:
    images = _number(returned, name)
    if not images.is_integer() or not LEAST_IMAGES <= images < 1e9:
        raise _Unusable(f"`{name}` is {images:g}: at least {LEAST_IMAGES} test images are due")
    return int(images)


def _number(returned: Returned, name: str) -> float:
    found = _numbers(returned, name)
    if found.size != 1:
        raise _Unusable(f"`{name}` must be one number")
    return float(found.reshape(()))


def _wrong(output: str, observed: str) -> Mismatch:
    return Mismatch(kind=MismatchKind.VALUE, output=output, observed=observed)
