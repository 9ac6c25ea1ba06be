"""Arrays into a student's function and back out of it (runs beside the student's code)."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from backproof.model import Fault
from backproof.sandbox import wire
from backproof.sandbox.failure import Failed

# --- in -------------------------------------------------------------------------------------


def fresh(value: Any, dtype: torch.dtype, device: str, strided: bool) -> Any:
    """A new copy of one input: arrays become tensors, floating ones of the wanted dtype."""
    if isinstance(value, wire.Array):
        tensor = torch.from_numpy(value.data.copy())
        if tensor.is_floating_point():
            tensor = tensor.to(dtype)
        elif tensor.is_complex():
            tensor = tensor.to(torch.complex64 if dtype is torch.float32 else torch.complex128)
        tensor = tensor.to(device)
        return _non_contiguous(tensor) if strided else tensor
    if isinstance(value, dict):
        return {key: fresh(item, dtype, device, strided) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(fresh(item, dtype, device, strided) for item in value)
    return value


def placed(memory: NDArray[np.uint8], start: int, place: list[Any]) -> torch.Tensor:
    """An input that lies in memory already (see `arena.Place`), without copying it."""
    offset, size, dtype, shape, axis = place
    extents = list(shape)
    if axis is not None:
        extents[axis] *= 2
    raw = memory[start + offset : start + offset + size]
    tensor = torch.from_numpy(raw.view(dtype).reshape(extents))
    return tensor if axis is None else tensor[(*[slice(None)] * axis, slice(None, None, 2))]


def _non_contiguous(tensor: torch.Tensor) -> torch.Tensor:
    """An equal tensor that is every second entry of a larger one, where its shape allows it."""
    axis = max((axis for axis, extent in enumerate(tensor.shape) if extent > 1), default=None)
    if axis is None:
        return tensor
    shape = list(tensor.shape)
    shape[axis] *= 2
    base = torch.zeros(shape, dtype=tensor.dtype, device=tensor.device)
    index = (*[slice(None)] * axis, slice(None, None, 2))
    base[index] = tensor
    return base[index]


def entry(value: Any, index: int) -> Any:
    """One entry along the first axis of an input, as it stands in a request."""
    if isinstance(value, wire.Array):
        data = value.data[index : index + 1]
        return wire.Array(value.form, value.dtype, value.device, data.reshape(data.shape[1:]))
    return value[index]


def is_changed(now: Any, before: Any) -> bool:
    """Whether an input differs from its fresh copy, bit by bit, so that NaN equals NaN."""
    if isinstance(before, torch.Tensor):
        if not isinstance(now, torch.Tensor):
            return True
        if now.shape != before.shape or now.dtype != before.dtype or now.device != before.device:
            return True
        return not torch.equal(_bits(now), _bits(before))
    if isinstance(before, dict):
        if not isinstance(now, dict) or set(now) != set(before):
            return True
        return any(is_changed(now[key], before[key]) for key in before)
    if isinstance(before, list | tuple):
        if not isinstance(now, list | tuple) or len(now) != len(before):
            return True
        return any(is_changed(a, b) for a, b in zip(now, before, strict=True))
    both_nan = now != now and before != before
    return type(now) is not type(before) or not (now == before or both_nan)


def _bits(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8)


# --- out ------------------------------------------------------------------------------------


def _is_array(value: Any) -> bool:
    return isinstance(value, torch.Tensor | np.ndarray) and value.ndim > 0


def match(
    value: Any, returns: tuple[str, ...], keeps: tuple[str, ...], what: str
) -> dict[str, Any]:
    """The values that `what` ("`forward`") returned, by the names that are asked for."""
    if not returns:
        return {}
    if isinstance(value, dict) and all(key in value for key in returns):
        return {key: value[key] for key in returns}
    if len(returns) == 1:
        if value is None and returns[0] not in keeps:
            text = f"{what} returned None; {_asked(returns)}. Is a `return` missing?"
            raise Failed(Fault.STRUCTURE, text)
        if isinstance(value, tuple) and len(value) > 1 and any(map(_is_array, value)):
            raise Failed(Fault.STRUCTURE, f"{what} returned {_shown(value)}; {_asked(returns)}")
        return {returns[0]: _single(value)}
    if isinstance(value, list | tuple) and len(value) == len(returns):
        return dict(zip(returns, value, strict=True))
    raise Failed(Fault.STRUCTURE, f"{what} returned {_shown(value)}; {_asked(returns)}")


def _single(value: Any) -> Any:
    """Unwrap (y,) and [y]; a list of one number, or of one row of numbers, is itself the value."""
    if isinstance(value, list | tuple) and len(value) == 1:
        is_data = isinstance(value[0], bool | int | float | complex | np.generic | list)
        return value if isinstance(value, list) and is_data else value[0]
    return value


def _asked(returns: tuple[str, ...]) -> str:
    verb = "value is" if len(returns) == 1 else "values are"
    return f"{len(returns)} {verb} asked for: {', '.join(returns)}"


def _shown(value: Any) -> str:
    if value is None:
        return "None"
    if isinstance(value, dict):
        return f"a dictionary with the keys {', '.join(map(repr, list(value)[:10]))}"[:200]
    if isinstance(value, list | tuple):
        kinds = ", ".join(type(item).__name__ for item in value[:10])
        return f"{len(value)} value{'s' * (len(value) != 1)} ({kinds})"
    return f"1 value ({type(value).__name__})"


def plain(value: Any) -> Any:
    """A returned value in a form that travels: sequences of numbers become one array."""
    if isinstance(value, complex):
        return np.asarray(value)
    if not isinstance(value, list | tuple):
        return value
    try:
        if value and all(isinstance(item, torch.Tensor) for item in value):
            return torch.stack([item.detach() for item in value])
        array = np.array(_without_tensors(value, 0))
    except (ValueError, TypeError, RuntimeError, RecursionError) as error:
        if "memory" in str(error):
            raise
        return wire.Unencodable(type(value).__name__)
    return array if array.dtype.name in wire.DTYPES else wire.Unencodable(type(value).__name__)


def _without_tensors(value: Any, depth: int) -> Any:
    if depth > wire.MAX_DEPTH:
        raise ValueError("nested too deeply")
    if isinstance(value, torch.Tensor):
        return value.detach().cpu().numpy()
    if isinstance(value, list | tuple):
        return [_without_tensors(item, depth + 1) for item in value]
    return value


def stack(rounds: list[dict[str, Any]], what: str) -> dict[str, Any]:
    """Outputs of repeated calls, stacked along a new first axis."""
    return {name: _stack([each[name] for each in rounds], name, what) for name in rounds[0]}


def _stack(items: list[Any], name: str, what: str) -> Any:
    numeric = (torch.Tensor, np.ndarray, np.generic, int, float)
    odd = next((item for item in items if not isinstance(item, numeric)), None)
    if odd is not None or any(item is None for item in items):
        return odd
    shapes = sorted({tuple(np.shape(item)) for item in items})
    kinds = sorted({str(getattr(item, "dtype", type(item).__name__)) for item in items})
    if len(shapes) > 1 or len(kinds) > 1:
        seen = " and ".join(map(str, (shapes if len(shapes) > 1 else kinds)[:2]))
        raise Failed(
            Fault.STRUCTURE,
            f"{what} returned `{name}` as {seen} for the same inputs",
        )
    if all(isinstance(item, torch.Tensor) for item in items):
        return torch.stack([item.detach() for item in items])
    return np.stack([np.asarray(item) for item in items])
