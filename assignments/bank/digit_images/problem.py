"""Images of digits as a table of inputs, and their labels as a table of targets.

The images of the cases are whole numbers of 8 bits, as they are published: no case but one has an
entry of 255, so that a division by the largest entry that happens to be there shows. One class, the
last, has no example.
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
)

MNIST = "LeCun, Bottou, Bengio and Haffner 1998, Gradient-Based Learning, section III-A"
FILES = "LeCun, Cortes and Burges, The MNIST database of handwritten digits, file formats"
ONE_HOT = "Murphy, Machine Learning: A Probabilistic Perspective, section 2.3.2"
SCALE = "LeCun, Bottou, Orr and Müller 1998, Efficient BackProp, section 4.3"


def images_to_rows(images: torch.Tensor) -> torch.Tensor:
    """Each image as one row of numbers from 0 to 1.

    The pixels of an image follow each other row by row. An entry of 255 becomes 1, and one of 0 stays
    0, whatever else there is in the images.

    Shapes:
        images: (N, H, W), whole numbers from 0 to 255 (uint8). Returns (N, H W), real numbers.

    Source:
        LeCun, Bottou, Orr and Müller, "Efficient BackProp", 1998, section 4.3.
    """
    return images.reshape(len(images), -1) / 255


def one_hot(labels: torch.Tensor, classes: int) -> torch.Tensor:
    """Each label as a row with a 1 in its own column and 0 in all others.

    There is a column for each class, also for one without an example.

    Shapes:
        labels: (N,), whole numbers from 0 to classes - 1.
        Returns (N, classes), numbers and not truth values: a loss has to compute with them.

    Source:
        Murphy, "Machine Learning: A Probabilistic Perspective", 2012, section 2.3.2.
    """
    columns = labels.new_tensor(range(classes))
    return (labels[:, None] == columns).float()


COUNT = NumberField(demand=NumberDemand(whole=True), domain="positive")
MEANINGS = (
    "brightness of a pixel",
    "amount of one colour in a pixel",
    "probability of ink",
    "class of a pixel",
)


def _count(name: str, prompt: str, *answers: str) -> AnswerAsk:
    return AnswerAsk(name=name, prompt=prompt, field=COUNT, answer=answers[0], also=answers[1:])


ASKS = (
    AnswerAsk(
        name="libraries",
        prompt="libraries and their versions",
        field=TextField(),
        answer="Python 3.11, torch 2.5.1, torchvision 0.20.1",
    ),
    _count("train_images", "images for training", "60000", "60,000", "6*10^4"),
    _count("test_images", "images for testing", "10000", "10,000", "10^4"),
    _count("image_rows", "height of an image", "28", "28.0", "4*7"),
    _count("image_columns", "width of an image", "28", "28.0", "4*7"),
    AnswerAsk(
        name="entry_meaning",
        prompt="what an entry stands for",
        field=ChoiceField(options=MEANINGS),
        answer=MEANINGS[0],
        also=(MEANINGS[0].capitalize(), MEANINGS[0].upper()),
    ),
    _count("largest_entry", "the largest entry that there can be", "255", "255.0", "2^8 - 1"),
    _count("input_rows", "rows of the table of inputs", "60000", "60,000", "6*10^4"),
    _count("input_columns", "columns of the table of inputs", "784", "28*28", "784.0"),
    _count("target_rows", "rows of the table of targets", "60000", "60,000", "6*10^4"),
    _count("target_columns", "columns of the table of targets", "10", "10.0", "9 + 1"),
    FunctionAsk(reference=images_to_rows),
    FunctionAsk(reference=one_hot),
)
ROLES = {"images": Role.SAMPLES}


def _images(rng: np.random.Generator, shape: tuple[int, int, int], brightest: int) -> Any:
    """Dark and bright pixels in no order; the brightest and a black one are there."""
    values = rng.integers(1, brightest, shape)
    values.flat[rng.permutation(values.size)[:3]] = (0, brightest, 1)
    return {"images": values.astype(np.uint8)}


IMAGES = (
    Case(
        id="small_images",
        why="images that are higher than wide; the brightest pixel is 241",
        build=lambda rng: _images(rng, (3, 4, 2), 241),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="full_range",
        why="images with a pixel of 255",
        build=lambda rng: _images(rng, (4, 3, 5), 255),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="wide",
        why="images that are wider than high; the brightest pixel is 203",
        build=lambda rng: _images(rng, (6, 5, 8), 203),
    ),
    Case(
        id="dark",
        why="few and dark images, larger ones",
        build=lambda rng: _images(rng, (2, 14, 9), 47),
    ),
)


def _labels(*labels: int, classes: int) -> dict[str, Any]:
    return {"labels": np.array(labels), "classes": classes}


LABELS = (
    Case(
        id="all_classes",
        why="all classes, some of them twice",
        build=lambda _: _labels(2, 0, 3, 3, 1, 0, 3, classes=4),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="no_last_class",
        why="no example of the last class",
        build=lambda _: _labels(1, 0, 2, 1, 1, classes=4),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="digits",
        why="ten classes, no example of the first one and the last two",
        build=lambda _: _labels(7, 4, 4, 1, 2, 7, 3, 5, 4, 6, 1, classes=10),
    ),
    Case(
        id="two_classes",
        why="two classes, and the last one only",
        build=lambda _: _labels(1, 1, 1, classes=2),
    ),
    Case(
        id="unsorted_classes",
        why="first labels that are large",
        build=lambda _: _labels(5, 3, 5, 0, 1, 2, 0, 5, 3, classes=7),
    ),
)


def _rows(images: Any) -> dict[str, Any]:
    """Pixel by pixel."""
    count, height, width = images.shape
    rows = np.zeros((count, height * width))
    for (n, i, j), brightness in np.ndenumerate(images.numpy()):
        rows[n, i * width + j] = int(brightness) / 255
    return {"rows": rows}


def _targets(labels: Any, classes: int) -> dict[str, Any]:
    return {"targets": torch.nn.functional.one_hot(labels, classes)}


def _typed(
    name: str, question: str, claim: str, expects: str, read: str, points: float, **oracle: Any
) -> Check:
    oracle = {"kind": OracleKind.REFERENCE, "provenance": (read,)} | oracle
    return Check(
        id=name,
        question=question,
        claim=claim,
        expects=expects,
        read=read,
        points=points,
        probe=Probe(answer=name),
        oracle=TypedAnswer(**oracle),
    )


def _sizes(name: str, claim: str, expects: str, read: str = MNIST, points: float = 0.5) -> Check:
    return _typed(name, "sizes", f"{name} {claim}", expects, read, points)


def _table(name: str, claim: str, expects: str, **oracle: Any) -> Check:
    return _typed(name, "tables", f"{name} {claim}", expects, ONE_HOT, 0.5, **oracle)


ROWS = Probe(calls=(Call(function="images_to_rows", takes=("images",), returns=("rows",)),))
TARGETS = Probe(
    calls=(Call(function="one_hot", takes=("labels", "classes"), returns=("targets",)),)
)
ONE_EACH = "one row for each image"
CHECKS = (
    _typed(
        "libraries",
        "libraries",
        "libraries names the libraries and their versions",
        "the names and numbers that one would need to run it again",
        "Pineau et al. 2021, Improving Reproducibility in Machine Learning Research",
        1,
        kind=OracleKind.PERSON,
        provenance=(),
        rubric=("a library for networks with its version number",),
    ),
    _sizes("train_images", "counts the images for training", "the number in the file's header"),
    _sizes("test_images", "counts the images for testing", "the number in the file's header"),
    _sizes("image_rows", "is the height of an image", "rows of pixels"),
    _sizes("image_columns", "is the width of an image", "columns of pixels"),
    _sizes(
        "entry_meaning",
        "says what an entry stands for",
        "what you see when you draw the numbers as an image",
        points=1,
    ),
    _sizes(
        "largest_entry",
        "is the largest number that an entry can be",
        "the largest whole number of 8 bits, from 0 on",
        FILES,
        1,
    ),
    _table("input_rows", "counts the rows of the inputs", ONE_EACH, rule="train_images"),
    _table(
        "input_columns",
        "counts the columns of the inputs",
        "one column for each pixel",
        rule="image_rows*image_columns",
    ),
    _table("target_rows", "counts the rows of the targets", ONE_EACH, rule="train_images"),
    _table("target_columns", "counts the columns of the targets", "one column for each class"),
    Check(
        id="images_to_rows",
        question="code",
        claim="rows holds one image in each row, from 0 to 1",
        expects="pixels of an image one row behind the other, each divided by the largest there can be",
        read=SCALE,
        points=2,
        probe=ROWS,
        cases=IMAGES,
        dtype="float32",
        oracle=Expected(compute=_rows, kind=OracleKind.REFERENCE, provenance=(SCALE,)),
    ),
    Check(
        id="one_hot",
        question="code",
        claim="targets holds a 1 for the class of each example, and 0 elsewhere",
        expects="a column for each class, also for a class without examples",
        read=ONE_HOT,
        points=1,
        probe=TARGETS,
        cases=LABELS,
        oracle=Expected(
            compute=_targets,
            kind=OracleKind.REFERENCE,
            provenance=("torch.nn.functional.one_hot", ONE_HOT),
        ),
    ),
    Check(
        id="inputs_unchanged",
        question="code",
        claim="the caller's images are left as they were",
        expects="images hold after the call what they held before",
        read="torch documentation, in-place operations on tensors",
        points=0,
        probe=ROWS,
        outputs=(),
        cases=IMAGES[:1],
        oracle=Relation(name="inputs_unchanged"),
        needs=("images_to_rows",),
    ),
)
