"""Image data sets: scikit-learn's digits by default, MNIST and CIFAR-10 where the user has them.

The larger sets lie in the folder that the environment variable BACKPROOF_DATA names, laid out as
torchvision lays them out. Nothing is downloaded unless it is asked for:

    python -m backproof_reference.data cifar10
"""

from __future__ import annotations

import functools
import hashlib
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FOLDER = "BACKPROOF_DATA"

MNIST_FILES = {
    "MNIST/raw/train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "MNIST/raw/train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "MNIST/raw/t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "MNIST/raw/t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}
CIFAR10_FILES = {
    "cifar-10-batches-py/data_batch_1": "c99cafc152244af753f735de768cd75f",
    "cifar-10-batches-py/data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
    "cifar-10-batches-py/data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
    "cifar-10-batches-py/data_batch_4": "634d18415352ddfa80567beed471001a",
    "cifar-10-batches-py/data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
    "cifar-10-batches-py/test_batch": "40351d587109b95175f43aff81a1287e",
    "cifar-10-batches-py/batches.meta": "5ff9c542aee3614f3951f8cda6e48888",
}
"""Files of the published data sets, below the folder, and their MD5 checksums."""


class DataError(Exception):
    """A data set that is not there or is damaged: the text says what, where, and what to do."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ImageSet:
    """A data set of small images, whole numbers as they were published.

    train_pixels, test_pixels: (N, C, H, W), uint8, from 0 to `brightest`.
    train_labels, test_labels: (N,), int64, from 0 to classes - 1.
    """

    name: str
    classes: int
    brightest: int
    train_pixels: NDArray[np.uint8]
    train_labels: NDArray[np.int64]
    test_pixels: NDArray[np.uint8]
    test_labels: NDArray[np.int64]

    @property
    def channels(self) -> int:
        """Channels of an image."""
        return int(self.train_pixels.shape[1])

    def train(self, chosen: Any = slice(None)) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Chosen training images, (N, C, H, W) from 0 to 1, and their labels, (N,)."""
        return self.train_pixels[chosen] / self.brightest, self.train_labels[chosen]

    def test(self, chosen: Any = slice(None)) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Chosen test images, (N, C, H, W) from 0 to 1, and their labels, (N,)."""
        return self.test_pixels[chosen] / self.brightest, self.test_labels[chosen]


@functools.cache
def digits() -> ImageSet:
    """1797 handwritten digits of 8 x 8 pixels, every fifth of them for testing.

    Source:
        Alpaydin and Kaynak 1998, UCI optical recognition of handwritten digits (its test set), as
        bundled with scikit-learn.

    Raises:
        DataError: scikit-learn is not installed.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise DataError(
            "the digits come with scikit-learn, which is not installed: pip install scikit-learn"
        ) from None
    bunch = load_digits()
    pixels = bunch.images.astype(np.uint8)[:, None]
    labels = bunch.target.astype(np.int64)
    is_test = np.arange(len(labels)) % 5 == 4
    return ImageSet(
        name="digits",
        classes=10,
        brightest=16,
        train_pixels=pixels[~is_test],
        train_labels=labels[~is_test],
        test_pixels=pixels[is_test],
        test_labels=labels[is_test],
    )


def mnist(folder: Path | None = None, *, download: bool = False) -> ImageSet:
    """60000 + 10000 handwritten digits of 28 x 28 pixels.

    folder: where it lies; by default what BACKPROOF_DATA names.
    download: get it if it is not there, with a progress bar.

    Source:
        LeCun, Bottou, Bengio and Haffner 1998.

    Raises:
        DataError: it is not there, damaged, or could not be downloaded.
    """
    train, test = _torchvision("MNIST", folder, MNIST_FILES, download)
    return ImageSet(
        name="MNIST",
        classes=10,
        brightest=255,
        train_pixels=train.data.numpy()[:, None],
        train_labels=train.targets.numpy().astype(np.int64),
        test_pixels=test.data.numpy()[:, None],
        test_labels=test.targets.numpy().astype(np.int64),
    )


def cifar10(folder: Path | None = None, *, download: bool = False) -> ImageSet:
    """50000 + 10000 photographs of 32 x 32 pixels in three colours; parameters as for `mnist`.

    Source:
        Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images.

    Raises:
        DataError: it is not there, damaged, or could not be downloaded.
    """
    train, test = _torchvision("CIFAR10", folder, CIFAR10_FILES, download)
    return ImageSet(
        name="CIFAR-10",
        classes=10,
        brightest=255,
        train_pixels=train.data.transpose(0, 3, 1, 2),
        train_labels=np.array(train.targets, dtype=np.int64),
        test_pixels=test.data.transpose(0, 3, 1, 2),
        test_labels=np.array(test.targets, dtype=np.int64),
    )


SETS: Mapping[str, Callable[..., ImageSet]] = {"mnist": mnist, "cifar10": cifar10}


@functools.cache
def photographs() -> ImageSet:
    """CIFAR-10 where the user has it, the digits otherwise: for small runs of convolutional nets.

    Raises:
        DataError: CIFAR-10 is there but damaged, or there is no data set at all.
    """
    folder = data_folder()
    if folder is not None and (folder / next(iter(CIFAR10_FILES))).exists():
        return cifar10(folder)
    return digits()


def data_folder() -> Path | None:
    """The folder that BACKPROOF_DATA names; None if it names none."""
    named = os.environ.get(FOLDER, "")
    return Path(named).expanduser() if named else None


def _torchvision(
    kind: str, folder: Path | None, files: Mapping[str, str], download: bool
) -> tuple[Any, Any]:
    """torchvision's training and test set, once the files are known to be the published ones."""
    home = folder or data_folder()
    if home is None:
        raise DataError(
            f"{kind} lies in a folder that you name: set {FOLDER}, as in `export {FOLDER}=~/data`"
        )
    try:
        from torchvision import datasets
    except ImportError:
        raise DataError(
            f"{kind} is read by torchvision, which is not installed: pip install torchvision"
        ) from None
    made: Callable[..., Any] = getattr(datasets, kind)
    if download and not all((home / name).exists() for name in files):
        try:
            made(home, download=True)
        except (OSError, RuntimeError) as error:
            raise DataError(
                f"{kind} could not be downloaded to {home}: {error}. Copy it there from a machine "
                "that may, or do without: the digits need no network"
            ) from error
    for name, checksum in files.items():
        _verify(home / name, checksum, kind)
    return made(home, train=True), made(home, train=False)


def _verify(file: Path, checksum: str, kind: str) -> None:
    get = f"`python -m backproof_reference.data {kind.lower()}` downloads it"
    if not file.exists():
        raise DataError(f"{kind} is not in {file.parent}: there is no {file.name}; {get}")
    with file.open("rb") as stream:
        found = hashlib.file_digest(stream, "md5").hexdigest()
    if found != checksum:
        raise DataError(
            f"{file} is damaged or another file: its MD5 is {found}, that of the published file "
            f"{checksum}. Delete it; {get} again"
        )


def main(arguments: list[str]) -> int:
    """Download a data set and check it."""
    if len(arguments) != 1 or arguments[0] not in SETS:
        print(f"name one data set: {' or '.join(SETS)}", file=sys.stderr)
        return 4
    try:
        found = SETS[arguments[0]](download=True)
    except DataError as error:
        print(error, file=sys.stderr)
        return 1
    counts = f"{len(found.train_labels)} + {len(found.test_labels)}"
    print(f"{found.name}: {counts} images in {data_folder()}, checksums right")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
