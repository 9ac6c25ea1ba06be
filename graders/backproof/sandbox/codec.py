"""Values as data: a tree for JSON, and raw buffers for arrays. Never pickle.

A body is a tree of None, booleans, 64-bit integers, strings and:

    {"f": hex}                             float (hexadecimal, so NaN and infinities are exact)
    {"l": [..]}, {"t": [..]}, {"d": {..}}  list, tuple, dictionary with text keys
    {"a": [form, dtype, shape, device]}    array, the next buffer holds its bytes
    {"u": name}                            a value of that type, which cannot travel
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_BUFFERS = 4096
MAX_DEPTH = 32
MAX_DIMENSIONS = 32
MAX_EXTENT = 1 << 31

# bfloat16 has no NumPy type: its bits travel, and the name beside them says what they are.
DTYPES = {name: np.dtype(name) for name in ("bool", "uint8", "uint16", "uint32", "uint64")}
DTYPES |= {name: np.dtype(name) for name in ("int8", "int16", "int32", "int64")}
DTYPES |= {name: np.dtype(name) for name in ("float16", "float32", "float64")}
DTYPES |= {name: np.dtype(name) for name in ("complex64", "complex128")}
_NAMES = {dtype: name for name, dtype in DTYPES.items()}  # faster than asking a dtype its name
DTYPES |= {"bfloat16": np.dtype("uint16")}


class ProtocolError(Exception):
    """A frame that does not follow the rules."""


class TooLarge(ProtocolError):  # noqa: N818  a kind of ProtocolError
    """A value that is larger than its receiver allows."""


@dataclass(frozen=True, slots=True, eq=False)
class Array:
    """An array that travels. `form` is "tensor" or "array", `data` the bits when bfloat16."""

    form: str
    dtype: str
    device: str
    data: NDArray[Any]


@dataclass(frozen=True, slots=True)
class Unencodable:
    """Stands for a value that cannot travel."""

    type_name: str


@dataclass(frozen=True, slots=True)
class Packed:
    """A body that is ready to be sent."""

    node: Any
    buffers: tuple[memoryview, ...]


# --- values to nodes ------------------------------------------------------------------------


def pack(body: Any, max_bytes: int) -> Packed:
    """Turn a body into nodes and buffers; raise `TooLarge` beyond `max_bytes`."""
    encoder = _Encoder(max_bytes)
    node = encoder.node(body, 0)
    return Packed(node, tuple(encoder.buffers))


class _Encoder:
    def __init__(self, max_bytes: int) -> None:
        self.buffers: list[memoryview] = []
        self._max_bytes = max_bytes
        self._used = 0

    def node(self, value: Any, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise TooLarge(f"a value is nested deeper than {MAX_DEPTH} levels")
        # Exact types: a NumPy float64 is a Python float too, but it has a dtype to keep.
        kind = type(value)
        if kind is str or kind is bool or value is None:
            return value
        if kind is dict or kind is list or kind is tuple:
            return self._container(value, depth)
        if kind is int:
            return value if -(1 << 63) <= value < 1 << 63 else {"u": "int beyond 64 bits"}
        if kind is float:
            return {"f": value.hex()}
        if isinstance(value, np.ndarray | np.generic):
            return self._array(_from_numpy(value))
        torch = sys.modules.get("torch")
        if torch is not None and isinstance(value, torch.Tensor):
            return self._array(_from_tensor(value, self._max_bytes))
        if isinstance(value, Array | Unencodable):
            return self._array(value)
        return self._container(value, depth)

    def _container(self, value: Any, depth: int) -> Any:
        if isinstance(value, list):
            return {"l": [self.node(item, depth + 1) for item in value]}
        if isinstance(value, tuple):
            return {"t": [self.node(item, depth + 1) for item in value]}
        if isinstance(value, dict) and all(type(key) is str for key in value):
            return {"d": {key: self.node(item, depth + 1) for key, item in value.items()}}
        return {"u": type(value).__name__[:200]}

    def _array(self, value: Array | Unencodable) -> Any:
        if isinstance(value, Unencodable):
            return {"u": value.type_name[:200]}
        self._used += value.data.nbytes
        if self._used > self._max_bytes or len(self.buffers) >= MAX_BUFFERS:
            raise TooLarge(f"more than {self._max_bytes} bytes or {MAX_BUFFERS} arrays")
        # reshape(-1) because neither an empty nor a 0-d array can be viewed as bytes directly.
        flat = value.data.reshape(-1).view(np.uint8)
        self.buffers.append(flat.data if flat.size else memoryview(b""))
        return {"a": [value.form, value.dtype, list(value.data.shape), value.device]}


def _from_numpy(value: NDArray[Any] | np.generic) -> Array | Unencodable:
    name = _NAMES.get(value.dtype) or value.dtype.name
    if name not in DTYPES or value.ndim > MAX_DIMENSIONS:
        return Unencodable(f"array of {name}")
    # asarray keeps 0-d arrays 0-d (ascontiguousarray does not) and drops subclasses.
    return Array("array", name, "cpu", np.asarray(value, dtype=DTYPES[name], order="C"))


def _from_tensor(tensor: Any, max_bytes: int) -> Array | Unencodable:
    torch = sys.modules["torch"]
    name = str(tensor.dtype).removeprefix("torch.")
    if name not in DTYPES or tensor.ndim > MAX_DIMENSIONS:
        return Unencodable(f"tensor of {name}")
    # An expanded view may claim terabytes: look at its size before copying it.
    size = tensor.numel() * tensor.element_size()
    if size > max_bytes:
        raise TooLarge(f"a tensor of shape {tuple(tensor.shape)} has {size} bytes")
    try:
        plain = tensor.detach()
        if plain.layout is not torch.strided:
            plain = plain.to_dense()
        plain = plain.as_subclass(torch.Tensor).cpu().resolve_conj().resolve_neg().contiguous()
        is_bits = name == "bfloat16"
        data = plain.view(torch.int16).numpy().view(np.uint16) if is_bits else plain.numpy()
    except (RuntimeError, TypeError, ValueError, AttributeError) as error:
        if "memory" in str(error):
            raise
        return Unencodable(f"tensor without readable values ({name}, {tensor.device})")
    return Array("tensor", name, str(tensor.device), data)


# --- nodes to values ------------------------------------------------------------------------


def unpack(node: Any, buffers: Iterator[NDArray[np.uint8]], depth: int = 0) -> Any:
    """Check a node from outside and turn it into values; raise `ProtocolError`."""
    if depth > MAX_DEPTH:
        raise ProtocolError("nested too deeply")
    if node is None or type(node) is bool:
        return node
    if type(node) is str:
        return node.encode("utf-8", "replace").decode("utf-8")
    if type(node) is int:
        return integer(node, -(1 << 63), (1 << 63) - 1)
    if type(node) is not dict or len(node) != 1:
        raise ProtocolError("not a node")
    ((tag, content),) = node.items()
    if tag == "f" and type(content) is str:
        try:
            return float.fromhex(content)
        except (ValueError, OverflowError):
            raise ProtocolError("not a hexadecimal float") from None
    if tag == "u" and type(content) is str:
        return Unencodable(unpack(content[:200], buffers))
    if tag == "a" and type(content) is list:
        return _array_from(content, buffers)
    if tag in ("l", "t") and type(content) is list:
        items = [unpack(item, buffers, depth + 1) for item in content]
        return items if tag == "l" else tuple(items)
    if tag == "d" and type(content) is dict:
        return {unpack(k, buffers): unpack(v, buffers, depth + 1) for k, v in content.items()}
    raise ProtocolError("unknown node")


def _array_from(content: list[Any], buffers: Iterator[NDArray[np.uint8]]) -> Array:
    if len(content) != 4:
        raise ProtocolError("an array needs form, dtype, shape and device")
    form, dtype, shape, device = content
    if form not in ("tensor", "array") or type(dtype) is not str or dtype not in DTYPES:
        raise ProtocolError("unknown form or dtype of array")
    if type(device) is not str or len(device) > 32:
        raise ProtocolError("not a device")
    if type(shape) is not list or len(shape) > MAX_DIMENSIONS:
        raise ProtocolError("not a shape")
    extents = tuple(integer(extent, 0, MAX_EXTENT) for extent in shape)
    raw = next(buffers, None)
    if raw is None or math.prod(extents) * DTYPES[dtype].itemsize != raw.size:
        raise ProtocolError("the shape does not fit the bytes")
    try:
        # Bytes other than 0 and 1 are no booleans: NumPy must never see them as such.
        data = (raw != 0) if dtype == "bool" else raw.view(DTYPES[dtype])
        return Array(form, dtype, unpack(device, buffers), data.reshape(extents))
    except ValueError as error:
        raise ProtocolError(f"not an array: {error}") from None


def integer(value: Any, low: int, high: int) -> int:
    """A whole number from outside, within bounds; raises `ProtocolError`."""
    if type(value) is not int or not low <= value <= high:
        raise ProtocolError("not an integer in range")
    return value


def copy(body: Any, max_bytes: int) -> Any:
    """What the other end of a socket would receive for this body."""
    return copy_packed(pack(body, max_bytes))


def copy_packed(packed: Packed) -> Any:
    """As `copy`, for a body that is already packed."""
    # The buffers are copied, since the receiver of a frame owns its arrays.
    return unpack(packed.node, iter([np.frombuffer(b, np.uint8).copy() for b in packed.buffers]))
