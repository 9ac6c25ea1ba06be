# odd: returns named tuples and dataclasses that unpack
import dataclasses
from typing import NamedTuple

import torch


class Gradients(NamedTuple):
    dx: torch.Tensor
    dw: torch.Tensor
    db: torch.Tensor


@dataclasses.dataclass
class Cache:
    content: tuple
    extra: dict = dataclasses.field(default_factory=dict)


_conv, _forward, _backward = conv2d_backward, batchnorm_forward, batchnorm_backward


def conv2d_backward(dout, x, w, stride=1, padding=0, dilation=1, groups=1):
    return Gradients(*_conv(dout, x, w, stride, padding, dilation, groups))


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    out, cache = _forward(x, gamma, beta, eps)
    return out, Cache(cache)


def batchnorm_backward(dout, cache):
    return list(_backward(dout, cache.content))
