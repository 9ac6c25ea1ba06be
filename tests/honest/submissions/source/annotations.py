# odd: annotations that name nothing, overloads, generics and protocols
from __future__ import annotations

import dataclasses
import enum
import typing
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from nowhere import Array

T = TypeVar("T")


class Mode(enum.Enum):
    TRAIN = 1


@dataclasses.dataclass(frozen=True, slots=True)
class Box(Generic[T]):
    content: T
    mode: Mode = Mode.TRAIN


_inference = batchnorm_inference


def batchnorm_inference(
    x: "Array[N, D]", gamma: 'Missing["D"]', beta: Unknown, running_mean: 3, running_var: "(", eps: float = 1e-5
) -> "Array | Nothing":
    assert typing.get_type_hints(Box)
    return Box(_inference(x, gamma, beta, running_mean, running_var, eps)).content
