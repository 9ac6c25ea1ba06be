"""Files of weights: what is read, and what is refused before anything of it is believed."""

import io
import json
import os
import pickle
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backproof.loading import read_submission
from backproof.loading import weights as weights_module
from backproof.loading.weights import read_weights, weights_beside, weights_in
from backproof.model import BackproofError

ARRAYS = {
    "1.weight": np.arange(6, dtype=np.float32).reshape(2, 3) - 2.5,
    "1.bias": np.array([0.25, -1.0]),
    "steps": np.array(7),
    "flags": np.array([True, False]),
}


def as_safetensors(arrays: dict[str, Any]) -> bytes:
    kinds = {"float32": "F32", "float64": "F64", "int64": "I64", "bool": "BOOL"}
    header, body = {"__metadata__": {"by": "a test"}}, b""
    for name, array in arrays.items():
        data = array.tobytes()
        header[name] = {
            "dtype": kinds[array.dtype.name],
            "shape": list(array.shape),
            "data_offsets": [len(body), len(body) + len(data)],
        }  # type: ignore[dict-item]
        body += data
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def handed_in(folder: Path, data: bytes, suffix: str = ".npz") -> Path:
    (folder / f"hw.weights{suffix}").write_bytes(data)
    return folder / "hw.py"


def npz(**arrays: Any) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def archive(members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return stream.getvalue()


def npy(header: str, data: bytes = b"") -> bytes:
    text = header.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


@pytest.mark.parametrize("kind", ["savez", "compressed", "safetensors", "fortran"])
def test_arrays_come_back_with_their_names_types_and_shapes(tmp_path: Path, kind: str) -> None:
    suffix = ".safetensors" if kind == "safetensors" else ".npz"
    stream = io.BytesIO()
    if kind == "compressed":
        np.savez_compressed(stream, **ARRAYS)  # type: ignore[arg-type]
    elif kind == "fortran":
        np.savez(stream, **{k: np.asarray(a, order="F") for k, a in ARRAYS.items()})  # type: ignore[arg-type]
    data = {"savez": npz(**ARRAYS), "safetensors": as_safetensors(ARRAYS)}.get(kind)

    found = read_weights(handed_in(tmp_path, data or stream.getvalue(), suffix), "weights")

    assert list(found) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert found[name].dtype == array.dtype
        assert found[name].shape == array.shape
        assert np.array_equal(found[name], array)


def test_each_submission_of_a_class_has_its_own_file(tmp_path: Path) -> None:
    """In one folder for all: the file's name begins with that of the submission."""
    for name, value in (("anna", 1.0), ("ben", 2.0)):
        (tmp_path / f"{name}.py").write_text("x = 1\n")
        (tmp_path / f"{name}.weights.npz").write_bytes(npz(w=np.array([value])))
    anna, ben = (read_submission(tmp_path / f"{name}.py") for name in ("anna", "ben"))

    assert anna.weights is not None
    assert ben.weights is not None
    assert anna.weights("weights")["w"].tolist() == [1.0]
    assert ben.weights("weights")["w"].tolist() == [2.0]


def test_the_digest_is_of_the_weights_too(tmp_path: Path) -> None:
    """A report says which file it judged."""
    path = tmp_path / "hw.py"
    path.write_text("x = 1\n")
    alone = read_submission(path).digest
    handed_in(tmp_path, npz(w=np.zeros(2)))
    zeros = read_submission(path).digest
    handed_in(tmp_path, npz(w=np.ones(2)))

    assert len({alone, zeros, read_submission(path).digest}) == 3


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BackproofError, match=r"no file hw.weights.npz or hw.weights.safetensors"):
        read_weights(tmp_path / "hw.py", "weights")


def test_two_files_of_one_name_are_not_guessed_from(tmp_path: Path) -> None:
    handed_in(tmp_path, npz(w=np.zeros(2)))
    with pytest.raises(BackproofError, match="which one is it"):
        read_weights(handed_in(tmp_path, as_safetensors({}), ".safetensors"), "weights")


class Harmful:
    """A pickle that would write a file when it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


def test_no_pickle_is_ever_loaded(tmp_path: Path) -> None:
    """Neither as the file itself, nor as an array of objects inside."""
    trap = tmp_path / "loaded"
    plain = pickle.dumps(Harmful(trap))
    inside = npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", plain)

    for data in (plain, archive({"w.npy": inside}), archive({"data.pkl": plain})):
        with pytest.raises(
            BackproofError, match=r"no file of np\.savez|no plain numbers|cannot be read"
        ):
            read_weights(handed_in(tmp_path, data), "weights")
    assert not trap.exists()


FLOATS = "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (archive({"w.npy": b"weights"}), "cannot be read"),
        (archive({"w.npy": npy(FLOATS % "(1,)", bytes(4))}, zipfile.ZIP_LZMA), "another way"),
        (b"", "no file of np.savez"),
        (b"PK\x03\x04" + bytes(40), "no file of np.savez"),
        (b"PK\x05\x06" + b"\xff" * 18, "no file of np.savez|cannot be read"),
        (npz(w=np.array(["text"])), "no plain numbers"),
        (npz(w=np.array([1j])), "no plain numbers"),
        (npz(w=np.zeros(2, dtype=[("a", "f4")])), "no plain numbers"),
        (archive({"w.npy": npy(FLOATS % "(1000000000000,)")}), "does not fit its shape"),
        (archive({"w.npy": npy(FLOATS % "(-1, -1)", bytes(4))}), "impossible shape"),
        (archive({"w.npy": npy(FLOATS % "(3,)", bytes(11))}), "does not fit its shape"),
        (archive({"w.npy": npy(FLOATS % ("(" + "1," * 40 + ")"), bytes(4))}), "impossible shape"),
        (archive({"w.npy": npy("{'shape': __import__('os')}")}), "cannot be read"),
        (archive({"w.npy": npy("[" * 5000)}), "cannot be read"),
        (archive({"w.npy": b"\x93NUMPY\x09\x00"}), "unknown version"),
        (archive({"w.npy": npy(FLOATS % "(1,)", bytes(4)), "w": b"x"}), "two arrays|cannot be read"),
        (archive({f"w{i}": npy(FLOATS % "(1,)", bytes(4)) for i in range(1001)}), "more than 1000"),
        (archive({"w.npy": bytes(17 << 20)}, zipfile.ZIP_DEFLATED), "unpacks to more than 16 MiB"),
    ],
)  # fmt: skip
def test_a_hostile_archive_is_refused(tmp_path: Path, data: bytes, says: str) -> None:
    with pytest.raises(BackproofError, match=says) as caught:
        read_weights(handed_in(tmp_path, data), "weights")

    assert str(caught.value).startswith("hw.weights.npz ")


def test_a_bomb_that_lies_about_its_size_is_not_unpacked(tmp_path: Path) -> None:
    """What a member says of itself is not believed, nor how much it would be."""
    data = archive({"w.npy": bytes(40 << 20)}, zipfile.ZIP_DEFLATED)
    assert len(data) < 100_000
    true, small = struct.pack("<I", 40 << 20), struct.pack("<I", 1000)

    with pytest.raises(BackproofError, match=r"cannot be read: Bad CRC|more than 16 MiB"):
        read_weights(handed_in(tmp_path, data.replace(true, small)), "weights")


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ({"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}, "does not fit its shape"),
        (
            {"w": {"dtype": "F32", "shape": [2], "data_offsets": [8, 16]}},
            "does not lie in the file",
        ),
        (
            {"w": {"dtype": "F32", "shape": [2], "data_offsets": [-8, 0]}},
            "does not lie in the file",
        ),
        (
            {"w": {"dtype": "F32", "shape": [1.5], "data_offsets": [0, 8]}},
            "does not lie in the file",
        ),
        ({"w": {"dtype": "F32", "shape": [True, 2], "data_offsets": [0, 8]}}, "does not lie"),
        ({"w": {"dtype": "BF16", "shape": [4], "data_offsets": [0, 8]}}, "not read here"),
        ({"w": {"dtype": ["F32"], "shape": [2], "data_offsets": [0, 8]}}, "not read here"),
        ({"w": {"shape": [2]}}, "without dtype"),
        ({"w": 3}, "without dtype"),
        ([1, 2], "names no arrays"),
    ],
)
def test_a_hostile_safetensors_file_is_refused(tmp_path: Path, header: Any, says: str) -> None:
    text = json.dumps(header).encode()
    data = struct.pack("<Q", len(text)) + text + bytes(8)

    with pytest.raises(BackproofError, match=says):
        read_weights(handed_in(tmp_path, data, ".safetensors"), "weights")


@pytest.mark.parametrize(
    "data", [b"", b"short", struct.pack("<Q", 1 << 62) + b"{}", bytes(8) + b"{"]
)
def test_a_header_that_is_none_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(BackproofError, match=r"no safetensors file|cannot be read"):
        read_weights(handed_in(tmp_path, data, ".safetensors"), "weights")


def test_links_and_large_files_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").write_bytes(npz(w=np.zeros(2)))
    (tmp_path / "hw.weights.npz").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BackproofError, match="is a link, which is not followed"):
        read_weights(tmp_path / "hw.py", "weights")

    (tmp_path / "hw.weights.npz").unlink()
    monkeypatch.setattr(weights_module, "MAX_BYTES", 1000)
    with pytest.raises(BackproofError, match="at most 0 are read"):
        read_weights(handed_in(tmp_path, npz(w=np.zeros(500))), "weights")


def test_weights_are_found_by_their_names(tmp_path: Path) -> None:
    """Those of others, and of nobody, are not; one look into the folder serves a whole class."""
    for name in (
        "a.w.npz",
        "a.v.safetensors",
        "ab.w.npz",
        "a.npz",
        "a.w.txt",
        "A.w.npz",
        "b.w.npz",
    ):
        (tmp_path / name).write_bytes(b"")
    among = weights_in(tmp_path)

    for known in (None, among):
        found = weights_beside(tmp_path / "a.py", known)
        assert [path.name for path in found] == ["a.v.safetensors", "a.w.npz"]
    assert weights_beside(tmp_path / "c.py", among) == []
    assert weights_beside(tmp_path / "nowhere" / "a.py") == []
