"""Images on their way into a network: statistics, normalisation, crops and flips.

Height and width differ, no image is like its mirror image, and the channels have means and
standard deviations of their own. Random choices are inputs.
"""

from typing import Any

import numpy as np
import torch

from backproof import (
    AnswerAsk,
    Call,
    Case,
    Check,
    ChoiceField,
    Expected,
    FormulaField,
    FunctionAsk,
    NumberDemand,
    NumberField,
    OracleKind,
    Probe,
    Relation,
    Role,
    TextField,
    TypedAnswer,
    Visibility,
    Vocabulary,
)
from backproof_reference.derivations import normalization
from backproof_reference.results import result

DERIVATIONS = normalization.DERIVATIONS
ROLES = {
    "images": Role.PLAIN,
    "rows": Role.PLAIN,
    "columns": Role.PLAIN,
    "flips": Role.PLAIN,
    "std": Role.PLAIN,
    "mean": Role.PLAIN,
}
TRANSFORMS = "torchvision documentation, transforms: ToTensor, Normalize, RandomCrop"
BOOK = "Goodfellow, Bengio and Courville, Deep Learning, section 12.2.1"


def channel_statistics(
    images: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Mean and standard deviations of each channel, of the pixels divided by 255.

    All standard deviations are biased (divided by the number of pixels).

    Shapes:
        images: (N, H, W, C), whole numbers from 0 to 255. Returns, (C,) each: the mean of all pixels
        of all images; their standard deviation; and the mean over the images of the standard
        deviation within each image.

    Source:
        torchvision.transforms.Normalize.
    """
    x = images.double() / 255
    means = x.mean(dim=(0, 1, 2))
    stds = x.std(dim=(0, 1, 2), unbiased=False)
    return means, stds, x.std(dim=(1, 2), unbiased=False).mean(dim=0)


def normalise(images: torch.Tensor, mean: torch.Tensor, std: torch.Tensor) -> torch.Tensor:
    """Images for a network: channels first, pixels divided by 255, then normalised by channel.

    ``mean`` and ``std`` are those of pixels divided by 255.

    Shapes:
        images: (N, H, W, C), whole numbers from 0 to 255; mean, std: (C,). Returns (N, C, H, W), of
        the dtype of mean.

    Source:
        torchvision.transforms.ToTensor and Normalize.
    """
    return ((images.to(mean.dtype) / 255 - mean) / std).permute(0, 3, 1, 2)


def crop_and_flip(
    images: torch.Tensor,
    rows: torch.Tensor,
    columns: torch.Tensor,
    flips: torch.Tensor,
    padding: int,
) -> torch.Tensor:
    """Crops of padded images, some of them mirrored: image by image, by given choices.

    Each image is padded by ``padding`` zeros on all four sides. The crop has the size of the image,
    and begins at the given row and column of the padded image. Where ``flips`` is 1, it is then
    mirrored, left to right. The result is a new tensor.

    Shapes:
        images: (N, H, W, C); rows, columns: (N,), whole numbers from 0 to 2 padding; flips: (N,), 0
        or 1. Returns the shape of images.

    Source:
        torchvision.transforms.RandomCrop and RandomHorizontalFlip.
    """
    height, width = images.shape[1:3]
    padded = torch.nn.functional.pad(images, (0, 0, padding, padding, padding, padding))
    crops = []
    for image, row, column, flip in zip(padded, rows, columns, flips, strict=True):
        crop = image[row : row + height, column : column + width]
        crops.append(crop.flip(1) if flip else crop)
    return torch.stack(crops)


def make_batch(
    images: torch.Tensor,
    mean: torch.Tensor,
    std: torch.Tensor,
    rows: torch.Tensor,
    columns: torch.Tensor,
    flips: torch.Tensor,
    padding: int,
    training: bool,
) -> torch.Tensor:
    """A mini-batch for a network: augmented for training, and as it is for validation.

    For training, the images are cropped and flipped, as by ``crop_and_flip``, and then normalised,
    as by ``normalise``. For validation they are normalised alone.

    Shapes:
        images: (N, H, W, C), whole numbers from 0 to 255; the others as there. Returns
        (N, C, H, W), of the dtype of mean.

    Source:
        torchvision.transforms.Compose.
    """
    if training:
        images = crop_and_flip(images, rows, columns, flips, padding)
    return normalise(images, mean, std)


FORMULA = Vocabulary(
    symbols={"x": "unit", "v": "positive", "mu": "unit", "sigma": "positive"},
)
LONG = NumberField(demand=NumberDemand(minimum_digits=3), domain="positive")


def _ask(name: str, field: Any, prompt: str, answer: str, *also: str) -> AnswerAsk:
    return AnswerAsk(name=name, prompt=prompt, field=field, answer=answer, also=also)


ASKS = (
    FunctionAsk(reference=channel_statistics),
    FunctionAsk(reference=normalise),
    _ask(
        "normalised",
        FormulaField(vocabulary=FORMULA),
        "of a value between 0 and 1",
        "(x - mu)/sigma",
        "x/sigma - mu/sigma",
        "-(mu - x)/sigma",
    ),
    _ask(
        "normalised_pixel",
        FormulaField(vocabulary=FORMULA),
        "of a pixel",
        "(v/255 - mu)/sigma",
        "(v - 255*mu)/(255*sigma)",
        "v/(255*sigma) - mu/sigma",
    ),
    _ask(
        "normalise_words",
        TextField(),
        "transforms for training and validation",
        "RandomCrop(32, padding=4), flip, ToTensor, Normalize(mean, (.2470, .2435, .2616)); for "
        "validation the last two alone",
    ),
    _ask("unit_variance", ChoiceField(options=("A", "B")), "the set", "B", "b", " B "),
    _ask("red_std", LONG, "standard deviation of red", "0.2470/0.2023", "1.22", "1.221"),
    _ask("red_white", LONG, "a red pixel of 255", "(1 - 0.4914)/0.2470", "2.06", "2.0591"),
    _ask("red_forgotten", LONG, "without ToTensor", "(255 - 0.4914)/0.2470", "1030", "1030.4"),
    FunctionAsk(reference=crop_and_flip),
    FunctionAsk(reference=make_batch),
)


def _case(id: str, why: str, build: Any, *, public: bool = False, strided: bool = False) -> Case:
    visibility = Visibility.PUBLIC if public else Visibility.HIDDEN
    return Case(id=id, why=why, build=build, visibility=visibility, strided=strided)


def _pixels(rng: np.random.Generator, *shape: int) -> Any:
    """Channels and images of different brightness and contrast."""
    images, channels = shape[0], shape[3]
    low = rng.integers(0, 90, (images, 1, 1, channels))
    high = rng.integers(140, 256, (images, 1, 1, channels))
    return rng.integers(low, high, shape)


def _images(*shape: int) -> Any:
    return lambda rng: {"images": _pixels(rng, *shape)}


def _constants(rng: np.random.Generator, channels: int) -> dict[str, Any]:
    return {"mean": rng.uniform(0.3, 0.6, channels), "std": rng.uniform(0.15, 0.35, channels)}


def _normal(*shape: int) -> Any:
    return lambda rng: {"images": _pixels(rng, *shape), **_constants(rng, shape[3])}


def _choices(rng: np.random.Generator, images: int, padding: int) -> dict[str, Any]:
    """The first and the last place are among them, and both kinds of flips."""
    rows, columns = rng.integers(0, 2 * padding + 1, (2, images))
    rows[:3], columns[:3] = (0, 2 * padding, padding), (2 * padding, 1, 0)
    flips = np.arange(images) % 2
    flips[-1] = 1
    return {"rows": rows, "columns": columns, "flips": flips, "padding": padding}


def _crops(padding: int, *shape: int) -> Any:
    return lambda rng: {"images": _pixels(rng, *shape), **_choices(rng, shape[0], padding)}


def _batches(training: bool, padding: int, *shape: int) -> Any:
    return lambda rng: {
        **_crops(padding, *shape)(rng),
        **_constants(rng, shape[3]),
        "training": training,
    }


STATISTICS = (
    _case("few", "three channels, two images", _images(2, 3, 4, 3), public=True),
    _case("more", "more images, two channels", _images(5, 4, 6, 2), strided=True),
    _case("one_channel", "a single channel", _images(4, 5, 3, 1)),
)
NORMAL = (
    _case("small", "three channels, two images", _normal(2, 4, 6, 3), public=True),
    _case("four_channels", "four channels, wide images", _normal(3, 2, 5, 4), strided=True),
    _case("tall", "two channels, tall images", _normal(4, 7, 3, 2)),
)
CROPS = (
    _case("padded_by_2", "first and last places, both flips", _crops(2, 4, 4, 5, 3), public=True),
    _case("padded_by_3", "a wider border, two channels", _crops(3, 6, 5, 4, 2), strided=True),
    _case("padded_by_1", "a narrow border", _crops(1, 5, 3, 6, 4)),
)
BATCHES = (
    _case("for_training", "augmented", _batches(True, 2, 4, 3, 4, 3), public=True),
    _case("for_validation", "not augmented", _batches(False, 2, 4, 3, 4, 2), public=True),
    _case("training_graded", "augmented, two channels", _batches(True, 3, 6, 4, 5, 2)),
    _case("validation_graded", "not augmented, four channels", _batches(False, 1, 5, 5, 3, 4)),
)


def _statistics(images: Any) -> dict[str, Any]:
    """From sums of squares within and between the images."""
    x = images.double().flatten(1, 2) / 255
    mean = x.sum(dim=(0, 1)) / (x.shape[0] * x.shape[1])
    total = [result("normalization.total_variance").torch(X=x[..., c]) for c in range(x.shape[2])]
    own = x.sum(dim=1, keepdim=True) / x.shape[1]
    inside = ((x - own).square().sum(dim=1) / x.shape[1]).sqrt()
    return {
        "mean": mean,
        "std": torch.stack(total).sqrt(),
        "image_std": inside.sum(dim=0) / x.shape[0],
    }


def _normalised(images: Any, mean: Any, std: Any) -> dict[str, Any]:
    """Channel by channel."""
    channels = [(images[..., c] - 255 * mean[c]) / (255 * std[c]) for c in range(len(mean))]
    return {"x": torch.stack(channels, dim=1)}


def _cropped(images: Any, rows: Any, columns: Any, flips: Any, padding: int) -> dict[str, Any]:
    """Pixel by pixel: where each comes from, or 0."""
    out = torch.zeros_like(images)
    n, height, width = images.shape[:3]
    for k in range(n):
        for i in range(height):
            for j in range(width):
                row = i + int(rows[k]) - padding
                column = (width - 1 - j if flips[k] else j) + int(columns[k]) - padding
                if 0 <= row < height and 0 <= column < width:
                    out[k, i, j] = images[k, row, column]
    return {"crops": out}


def _batch(images: Any, mean: Any, std: Any, training: bool, **choices: Any) -> dict[str, Any]:
    if training:
        images = _cropped(images, **choices)["crops"]
    return _normalised(images, mean, std)


def _code(
    function: str,
    question: str,
    claim: str,
    expects: str,
    takes: tuple[str, ...],
    returns: tuple[str, ...],
    cases: tuple[Case, ...],
    compute: Any,
    *,
    proven: str = "",
    needs: tuple[str, ...] = (),
    points: float = 2,
) -> Check:
    return Check(
        id=function,
        question=question,
        claim=f"{function} {claim}",
        expects=expects,
        read=TRANSFORMS,
        points=points,
        probe=Probe(calls=(Call(function=function, takes=takes, returns=returns),)),
        outputs=returns,
        cases=cases,
        oracle=Expected(
            compute=compute,
            kind=OracleKind.PROVEN if proven else OracleKind.REFERENCE,
            provenance=(proven or TRANSFORMS,),
        ),
        needs=needs,
    )


def _typed(name: str, question: str, claim: str, expects: str, proven: str = "") -> Check:
    return Check(
        id=name,
        question=question,
        claim=f"{name} {claim}",
        expects=expects,
        read=TRANSFORMS,
        points=1,
        probe=Probe(answer=name),
        oracle=TypedAnswer(
            kind=OracleKind.PROVEN if proven else OracleKind.REFERENCE,
            provenance=(proven or TRANSFORMS,),
        ),
    )


CHOICES = ("rows", "columns", "flips", "padding")
CHECKS = (
    _code(
        "channel_statistics",
        "statistics",
        "returns the mean and both standard deviations of each channel",
        "over all pixels of a channel; and within each image first, then over the images",
        ("images",),
        ("mean", "std", "image_std"),
        STATISTICS,
        _statistics,
        proven="normalization.total_variance",
    ),
    _code(
        "normalise",
        "normalise",
        "returns normalised images, channels first",
        "pixels divided by 255 before the mean is taken away, each channel with its own constants",
        ("images", "mean", "std"),
        ("x",),
        NORMAL,
        _normalised,
    ),
    _typed(
        "normalised",
        "normalise",
        "normalises a value",
        "mean 0 and standard deviation 1 afterwards",
    ),
    _typed(
        "normalised_pixel",
        "normalise",
        "normalises a pixel",
        "the pixel on the scale that mean and deviation are given in",
    ),
    Check(
        id="normalise_words",
        question="normalise",
        claim="normalise_words lists the transforms",
        expects="an order and constants, for training and for validation",
        read=TRANSFORMS,
        points=1,
        probe=Probe(answer="normalise_words"),
        oracle=TypedAnswer(
            kind=OracleKind.PERSON,
            rubric=(
                "ToTensor comes before Normalize, and the constants are named (either set)",
                "for validation there is no augmentation, and the constants are those of training",
                "brightness, contrast and saturation are not what is normalised",
            ),
        ),
    ),
    _typed(
        "unit_variance",
        "constants",
        "is the set that gives unit variance",
        "what the variance of all pixels consists of",
        "normalization.total_variance",
    ),
    _typed(
        "red_std",
        "constants",
        "is the standard deviation of red afterwards",
        "the standard deviation of all pixels, divided by a constant",
    ),
    _typed("red_white", "constants", "is the normalised value", "your formula for pixels"),
    _typed(
        "red_forgotten",
        "constants",
        "is the value without ToTensor",
        "mean and deviation are on another scale than the pixel",
    ),
    _code(
        "crop_and_flip",
        "augment",
        "returns the crops, mirrored where they are to be",
        "zeros where a crop reaches beyond its image, and the left-hand side on the right in mirrors",
        ("images", *CHOICES),
        ("crops",),
        CROPS,
        _cropped,
        points=3,
    ),
    Check(
        id="images_unchanged",
        question="augment",
        claim="the caller's images are left as they were",
        expects="images hold after the call what they held before",
        read="torch documentation, in-place operations on tensors",
        points=1,
        probe=Probe(
            calls=(Call(function="crop_and_flip", takes=("images", *CHOICES), returns=("crops",)),)
        ),
        outputs=(),
        cases=CROPS[:1],
        oracle=Relation(name="inputs_unchanged"),
        needs=("crop_and_flip",),
    ),
    _code(
        "make_batch",
        "batches",
        "augments for training, and for training alone",
        "validation images that are normalised and nothing else; black borders that are normalised too",
        ("images", "mean", "std", *CHOICES, "training"),
        ("x",),
        BATCHES,
        _batch,
        needs=("normalise", "crop_and_flip"),
    ),
)
