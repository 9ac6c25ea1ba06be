"""Data sets: the right images, or a sentence that says what is missing and what to do."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from backproof_reference import data

SHARED = Path(__file__).parents[3] / "shared" / "data" / "mnist"


def test_the_digits_are_images_from_zero_to_one_with_their_labels() -> None:
    """1438 to learn from and 359 to test with, every class in both."""
    found = data.digits()
    images, labels = found.train()
    test_images, test_labels = found.test()

    assert images.shape == (1438, 1, 8, 8)
    assert test_images.shape == (359, 1, 8, 8)
    assert (images.min(), images.max()) == (0.0, 1.0)
    assert images.dtype == np.float64
    assert set(labels) == set(test_labels) == set(range(10))
    assert found.channels == 1


def test_chosen_images_come_in_the_chosen_order() -> None:
    found = data.digits()
    images, labels = found.train([5, 2, 2])

    assert np.array_equal(images[1], images[2])
    assert labels.tolist() == [found.train_labels[5], found.train_labels[2], found.train_labels[2]]


def test_without_a_folder_the_small_run_takes_the_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(data.FOLDER, raising=False)
    data.photographs.cache_clear()

    assert data.photographs() is data.digits()


def test_a_folder_without_cifar_leaves_the_small_run_to_the_digits(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(data.FOLDER, str(tmp_path))
    data.photographs.cache_clear()

    assert data.photographs() is data.digits()
    data.photographs.cache_clear()


def test_no_folder_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(data.FOLDER, raising=False)

    with pytest.raises(data.DataError, match="export BACKPROOF_DATA="):
        data.mnist()


def test_an_empty_folder_is_named_with_the_command_that_fills_it(tmp_path: Path) -> None:
    with pytest.raises(data.DataError) as caught:
        data.cifar10(tmp_path)

    assert str(tmp_path / "cifar-10-batches-py") in str(caught.value)
    assert "there is no data_batch_1" in str(caught.value)
    assert "python -m backproof_reference.data cifar10" in str(caught.value)


def test_a_damaged_file_is_named_with_both_checksums(tmp_path: Path) -> None:
    """It is never read: CIFAR-10's files are pickles."""
    batch = tmp_path / "cifar-10-batches-py" / "data_batch_1"
    batch.parent.mkdir()
    batch.write_bytes(b"not the published file")

    with pytest.raises(data.DataError) as caught:
        data.cifar10(tmp_path)

    assert str(batch) in str(caught.value)
    assert "damaged or another file: its MD5 is " in str(caught.value)
    assert data.CIFAR10_FILES["cifar-10-batches-py/data_batch_1"] in str(caught.value)


def test_a_damaged_cifar_is_not_silently_replaced_by_the_digits(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "cifar-10-batches-py").mkdir()
    (tmp_path / "cifar-10-batches-py" / "data_batch_1").write_bytes(b"")
    monkeypatch.setenv(data.FOLDER, str(tmp_path))
    data.photographs.cache_clear()

    with pytest.raises(data.DataError, match="damaged"):
        data.photographs()
    data.photographs.cache_clear()


def test_a_download_that_fails_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refused(self: object) -> None:
        raise RuntimeError("no route to host")

    monkeypatch.setattr("torchvision.datasets.MNIST.download", refused)

    with pytest.raises(data.DataError, match=r"could not be downloaded to .* no route to host"):
        data.mnist(tmp_path, download=True)


def test_the_command_names_the_data_sets(capsys: pytest.CaptureFixture[str]) -> None:
    assert data.main(["imagenet"]) == 4
    assert "mnist or cifar10" in capsys.readouterr().err


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the four files of MNIST")
def test_mnist_is_read_from_the_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for packed in SHARED.glob("*.gz"):
        (raw / packed.stem).write_bytes(gzip.decompress(packed.read_bytes()))
    monkeypatch.setenv(data.FOLDER, str(tmp_path))

    assert data.main(["mnist"]) == 0
    found = data.mnist()
    images, labels = found.test([0])

    assert "60000 + 10000 images" in capsys.readouterr().out
    assert found.train_pixels.shape == (60000, 1, 28, 28)
    assert (images.shape, labels.tolist()) == ((1, 1, 28, 28), [7])
