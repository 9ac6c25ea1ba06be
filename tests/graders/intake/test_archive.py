"""A hostile archive is refused in words, and nothing of it is written."""

import io
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from backproof.intake.archive import CLASS, STUDENT, Bounds, checked_parts, opened, unpack
from backproof.model import BackproofError


def packed(*members: tuple[str | zipfile.ZipInfo, bytes]) -> io.BytesIO:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content, zipfile.ZIP_DEFLATED)
    return data


def special(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = mode << 16
    return info


def refused(data: io.BytesIO, words: str, bounds: Bounds = STUDENT) -> None:
    with pytest.raises(BackproofError, match=words), opened(data, bounds):
        pass


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../hw.py", "leads out"),
        ("a/../../hw.py", "leads out"),
        ("a\\..\\..\\hw.py", "leads out"),
        ("/etc/hw.py", "absolute"),
        ("\\\\server\\hw.py", "absolute"),
        ("C:\\hw.py", "absolute"),
        ("a\x1b[2J.py", "control characters"),
        ("a\u202ey.py", "control characters"),
        ("a\nb.py", "control characters"),
        ("x/" * 30 + "hw.py", "too long"),
        ("x" * 2000 + ".py", "too long"),
    ],
)
def test_a_path_that_is_none_of_a_students_is_refused(name: str, words: str) -> None:
    refused(packed((name, b"x")), words)


def test_harmless_odd_paths_are_read() -> None:
    assert checked_parts("./a//b/hw.py") == ("a", "b", "hw.py")
    assert checked_parts("a\\b\\hw.py") == ("a", "b", "hw.py")
    assert checked_parts("a..b/..c.py") == ("a..b", "..c.py")
    assert checked_parts("u\u0308.py") == ("\u00fc.py",)


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        (stat.S_IFLNK | 0o777, "a link"),
        (stat.S_IFCHR | 0o666, "a device or a pipe"),
        (stat.S_IFIFO | 0o666, "a device or a pipe"),
    ],
)
def test_links_and_devices_are_refused(mode: int, words: str) -> None:
    refused(packed((special("hw.py", mode), b"/etc/passwd")), words)


def test_a_name_with_a_zero_byte_is_refused() -> None:
    """Python would cut it, and others would not: it would have two names."""
    data = packed(("hw.py_.txt", b"x"))
    refused(io.BytesIO(data.getvalue().replace(b"hw.py_", b"hw.py\0")), "control characters")


def test_a_name_in_utf8_without_the_flag_is_read() -> None:
    data = packed(("ae.py", b"x")).getvalue().replace(b"ae.py", b"\xc3\xa9.py")
    with opened(io.BytesIO(data), STUDENT) as (_, entries):
        assert [entry.parts for entry in entries] == [("é.py",)]


def test_a_name_that_says_utf8_and_is_not_is_refused() -> None:
    data = packed(("é.py", b"x")).getvalue().replace("é".encode(), b"\xff\xfe")
    refused(io.BytesIO(data), "no zip archive that can be read")


@pytest.mark.parametrize("data", [b"", b"PK", b"x" * 1000, b"PK\x05\x06" + bytes(10)])
def test_what_is_no_archive_is_refused(data: bytes, tmp_path: Path) -> None:
    refused(io.BytesIO(data), "no zip archive")
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(BackproofError, match="no zip archive"), opened(tmp_path / "a.zip", CLASS):
        pass


def test_half_an_archive_is_refused() -> None:
    whole = packed(("hw.py", b"x" * 1000)).getvalue()
    refused(io.BytesIO(whole[len(whole) // 2 :]), "no zip archive|corrupt|Bad")


def test_too_many_files_are_refused() -> None:
    few = Bounds(entries=10, index_bytes=1 << 20, total_bytes=1 << 20)
    refused(packed(*((f"{n}.py", b"") for n in range(11))), "holds 11 files; at most 10", few)


def test_a_list_of_names_too_long_to_read_is_not_read() -> None:
    """The size stands at the end of the archive; a small one that lies is refused by zipfile."""
    few = Bounds(entries=10, index_bytes=100, total_bytes=1 << 20)
    refused(packed(*((f"{n}.py", b"") for n in range(11))), "list of names", few)
    data = bytearray(packed(("hw.py", b"x")).getvalue())
    struct.pack_into("<I", data, len(data) - 22 + 12, 0xFFFFFFFF)
    refused(io.BytesIO(bytes(data)), "its end is broken")


def test_what_unpacks_to_too_much_in_total_is_refused() -> None:
    few = Bounds(entries=10, index_bytes=1 << 20, total_bytes=1 << 20)
    refused(packed(("a.py", bytes(1 << 20)), ("b.py", b"x")), "unpacks to 1 MiB", few)


def unpacked(data: io.BytesIO, max_bytes: int) -> bytes:
    to = io.BytesIO()
    with opened(data, STUDENT) as (archive, (entry,)):
        unpack(archive, entry, to, max_bytes)
    return to.getvalue()


def test_a_file_comes_out_as_it_went_in() -> None:
    assert unpacked(packed(("hw.py", b"x = 1\n" * 100)), 1 << 20) == b"x = 1\n" * 100


def test_a_bomb_is_refused() -> None:
    """By what it says of itself; and by what comes out of it, when it lies."""
    with pytest.raises(BackproofError, match="zip bomb"):
        unpacked(packed(("hw.py", bytes(8 << 20))), 64 << 20)
    with pytest.raises(BackproofError, match="is 8 MiB; at most 1"):
        unpacked(packed(("hw.py", bytes(8 << 20))), 1 << 20)
    lying = packed(("hw.py", bytes(8 << 20))).getvalue()
    small = lying.replace(struct.pack("<I", 8 << 20), struct.pack("<I", 1000))
    assert small != lying
    with pytest.raises(BackproofError, match=r"cannot be unpacked|unpacks to more"):
        unpacked(io.BytesIO(small), 64 << 20)


def test_a_password_is_worded() -> None:
    data = bytearray(packed(("hw.py", b"x")).getvalue())
    data[6] |= 1
    data[data.rfind(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(BackproofError, match="password"):
        unpacked(io.BytesIO(bytes(data)), 1 << 20)


@pytest.mark.parametrize("method", [9, 12, 14, 93, 99])
def test_a_method_that_is_unknown_or_whose_data_is_broken_is_worded(method: int) -> None:
    data = bytearray(packed(("hw.py", b"x" * 100)).getvalue())
    struct.pack_into("<H", data, 8, method)
    struct.pack_into("<H", data, data.rfind(b"PK\x01\x02") + 10, method)
    with pytest.raises(BackproofError, match="cannot be unpacked"):
        unpacked(io.BytesIO(bytes(data)), 1 << 20)


def test_broken_contents_are_worded() -> None:
    data = bytearray(packed(("hw.py", bytes(range(256)) * 4)).getvalue())
    data[45] ^= 0xFF
    with pytest.raises(BackproofError, match="cannot be unpacked"):
        unpacked(io.BytesIO(bytes(data)), 1 << 20)
