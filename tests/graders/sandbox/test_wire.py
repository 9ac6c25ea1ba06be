"""The wire format: what goes in comes out, and nothing else gets through."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
import time

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from backproof.sandbox import wire

numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.booleans()
plain = st.recursive(
    st.none() | numbers | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(), inner, max_size=4)
        | st.tuples(inner, inner)
    ),
    max_leaves=12,
)
arrays = hnp.arrays(
    st.sampled_from([name for name in wire.DTYPES if name != "bfloat16"]),
    hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
)


def through_socket(body, *, max_bytes=1 << 20):
    left, right = socket.socketpair()
    with left, right:
        wire.transmit(left, 7, wire.pack(body, max_bytes))
        call_id, got = wire.receive(right, max_bytes=max_bytes, deadline=time.monotonic() + 5)
    assert call_id == 7
    return got


def received(data, *, seconds=5.0, max_bytes=1 << 16):
    """What `receive` makes of these bytes, after which the other end hangs up."""
    left, right = socket.socketpair()
    with right, left:
        sender = threading.Thread(target=send_all, args=(left, data))
        sender.start()
        sender.join(0.2)
        left.shutdown(socket.SHUT_WR)
        try:
            deadline = time.monotonic() + seconds
            return wire.receive(right, max_bytes=max_bytes, deadline=deadline)
        finally:
            right.close()
            sender.join()


def send_all(sock, data):
    with contextlib.suppress(OSError):  # the receiver has refused the frame and closed
        sock.sendall(data)


def frame(document, *buffers):
    header = document if isinstance(document, bytes) else json.dumps(document).encode()
    return struct.pack("<I", len(header)) + header + b"".join(buffers)


@given(plain)
@settings(max_examples=60, deadline=None)
def test_plain_values_survive(body):
    """Scalars, texts and containers arrive as they were sent."""
    assert through_socket(body) == body


@given(arrays)
@settings(max_examples=60, deadline=None)
def test_arrays_survive_bit_by_bit(array):
    """Every dtype and shape arrives unchanged, NaN payloads and 0-d shapes included."""
    got = through_socket({"a": array})["a"]
    assert (got.form, got.dtype, got.device) == ("array", array.dtype.name, "cpu")
    assert got.data.shape == array.shape
    assert got.data.tobytes() == array.tobytes()


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -0.0, 5e-324, 0.1])
def test_floats_are_exact(number):
    """Special and awkward floats keep their bits."""
    assert struct.pack("d", through_socket(number)) == struct.pack("d", number)


def test_tensors_become_arrays_with_their_dtype():
    """A graph tensor arrives detached, and bfloat16 as its bits under its own name."""
    graph = torch.ones(3, requires_grad=True) * 2
    half = torch.tensor([1.5, -2.0], dtype=torch.bfloat16)
    got = through_socket([graph, half, torch.tensor(4.0, dtype=torch.float64)])
    assert [(item.form, item.dtype) for item in got] == [
        ("tensor", "float32"),
        ("tensor", "bfloat16"),
        ("tensor", "float64"),
    ]
    assert got[1].data.dtype == np.uint16
    assert got[2].data.shape == ()


@pytest.mark.parametrize(
    "tensor",
    [
        torch.arange(6.0).reshape(2, 3).t(),
        torch.arange(6.0)[::2],
        torch.eye(3).to_sparse(),
        torch.tensor([1 + 2j]).conj(),
        torch.zeros(0, 3),
        torch.nn.Parameter(torch.ones(2)),
        torch.ones(3).expand(2, 3),
    ],
    ids=["transposed", "strided", "sparse", "conjugated", "empty", "parameter", "expanded"],
)
def test_unusual_layouts_arrive_as_plain_values(tensor):
    """Whatever its memory looks like, a tensor's values arrive."""
    wanted = tensor.detach().to_dense() if tensor.is_sparse else tensor.detach()
    assert np.array_equal(through_socket(tensor).data, wanted.resolve_conj().numpy())


@pytest.mark.parametrize(
    "value",
    [object(), {1: 2}, np.array([None]), np.array(["a"]), torch.ones(2, device="meta"), 2**70, 1j],
    ids=["object", "keys", "objects", "strings", "meta", "huge", "complex"],
)
def test_what_cannot_travel_is_named(value):
    """Anything else arrives as the name of its type."""
    assert isinstance(through_socket(value), wire.Unencodable)


def test_sizes_are_refused_before_they_are_copied():
    """An expanded view that claims terabytes is too large, not out of memory."""
    with pytest.raises(wire.TooLarge, match="bytes"):
        wire.pack(torch.ones(1).expand(1 << 40), 1 << 20)


def array_node(**changes):
    node = {"form": "array", "dtype": "float64", "shape": [2], "device": "cpu"} | changes
    return {"a": [node["form"], node["dtype"], node["shape"], node["device"]]}


BAD = {
    "no JSON": frame(b"{"),
    "nested JSON": frame(b"[" * 100_000),
    "not an object": frame([1, 2]),
    "missing key": frame({"id": 1, "body": None}),
    "extra key": frame({"id": 1, "body": None, "buffers": [], "more": 1}),
    "negative id": frame({"id": -1, "body": None, "buffers": []}),
    "boolean id": frame({"id": True, "body": None, "buffers": []}),
    "bare float": frame({"id": 1, "body": 1.5, "buffers": []}),
    "bare NaN": frame(b'{"id": 1, "body": NaN, "buffers": []}'),
    "huge integer": frame(b'{"id": 1, "body": ' + b"9" * 5000 + b', "buffers": []}'),
    "bare list": frame({"id": 1, "body": [1], "buffers": []}),
    "unknown tag": frame({"id": 1, "body": {"z": 1}, "buffers": []}),
    "two tags": frame({"id": 1, "body": {"l": [], "t": []}, "buffers": []}),
    "deep body": frame(b'{"id":1,"buffers":[],"body":' + b'{"l":[' * 40 + b"]}" * 40 + b"}"),
    "no float": frame({"id": 1, "body": {"f": "x"}, "buffers": []}),
    "float overflow": frame({"id": 1, "body": {"f": "0x1p99999"}, "buffers": []}),
    "missing buffer": frame({"id": 1, "body": array_node(), "buffers": []}),
    "spare buffer": frame({"id": 1, "body": None, "buffers": [1]}, b"x"),
    "short buffer": frame({"id": 1, "body": array_node(), "buffers": [8]}, bytes(8)),
    "object dtype": frame(
        {"id": 1, "body": array_node(dtype="object"), "buffers": [16]}, bytes(16)
    ),
    "list dtype": frame({"id": 1, "body": array_node(dtype=[]), "buffers": [16]}, bytes(16)),
    "negative extent": frame({"id": 1, "body": array_node(shape=[-2]), "buffers": [16]}, bytes(16)),
    "overflowing shape": frame(
        {"id": 1, "body": array_node(shape=[2**31] * 8 + [0]), "buffers": [0]}
    ),
    "many dimensions": frame(
        {"id": 1, "body": array_node(shape=[1] * 99), "buffers": [8]}, bytes(8)
    ),
    "long device": frame(
        {"id": 1, "body": array_node(device="x" * 99), "buffers": [16]}, bytes(16)
    ),
    "many buffers": frame({"id": 1, "body": None, "buffers": [0] * 5000}),
    "large buffer": frame({"id": 1, "body": None, "buffers": [1 << 40]}),
    "large sum": frame({"id": 1, "body": None, "buffers": [1 << 15] * 9}),
    "negative buffer": frame({"id": 1, "body": None, "buffers": [-1]}),
    "long header": struct.pack("<I", 1 << 31),
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD.keys())
def test_malformed_frames_are_refused(data):
    """Each rule of the format, broken once, is a protocol error."""
    with pytest.raises(wire.ProtocolError):
        received(data)


@given(st.binary(max_size=200), st.booleans())
@settings(max_examples=150, deadline=None)
def test_random_bytes_end_in_a_named_error(data, framed):
    """No noise makes the receiver fail in any other way."""
    with pytest.raises((wire.ProtocolError, wire.Deadline, EOFError)):
        received(frame(data) if framed else data)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_mutated_frames_are_read_or_refused(data):
    """A good frame with a few bytes changed is either still good or refused by name."""
    body = {"x": np.arange(3.0), "n": [1, 2.5, None, "text"], "t": (True,)}
    left, right = socket.socketpair()
    with left, right:
        wire.transmit(left, 3, wire.pack(body, 1 << 16))
        good = bytearray(right.recv(1 << 16))
    for _ in range(data.draw(st.integers(1, 4))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(wire.ProtocolError, wire.Deadline, EOFError):
        received(bytes(good))


def test_dripping_bytes_do_not_extend_the_deadline():
    """The deadline is for the whole frame, however often a byte arrives."""
    left, right = socket.socketpair()
    stop = threading.Event()

    def drip():
        while not stop.wait(0.02):
            left.send(b"\1")

    thread = threading.Thread(target=drip)
    with left, right:
        left.sendall(struct.pack("<I", 1 << 19))
        thread.start()
        began = time.monotonic()
        with pytest.raises(wire.Deadline):
            wire.receive(right, max_bytes=1 << 16, deadline=began + 0.3)
        stop.set()
        thread.join()
    assert time.monotonic() - began < 5


def test_a_reader_that_does_not_read_meets_the_deadline():
    """Sending is bounded too."""
    left, right = socket.socketpair()
    packed = wire.pack(np.zeros(1 << 22), 1 << 30)
    with left, right, pytest.raises(wire.Deadline):
        wire.transmit(left, 1, packed, time.monotonic() + 0.2)


def test_booleans_are_zero_or_one():
    """Bytes other than 0 and 1 never become NumPy booleans."""
    data = frame({"id": 1, "body": array_node(dtype="bool"), "buffers": [2]}, b"\x00\x07")
    _, got = received(data)
    assert got.data.view(np.uint8).tolist() == [0, 1]
