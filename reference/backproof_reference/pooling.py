"""Two-dimensional max and average pooling, forward and backward."""

from typing import Any

import torch


def maxpool2d_forward(
    x: torch.Tensor, kernel: tuple[int, int], stride: int, padding: int = 0
) -> tuple[torch.Tensor, Any]:
    """The largest entry of every window; padding is never chosen.

    Among equal maxima of a window the first one in row-major order is chosen, as in
    ``torch.nn.functional.max_pool2d``. (``torch.amax`` would split the gradient evenly.)

    Shapes:
        x: (N, C, H, W); kernel: (K_H, K_W).
        Returns ``(out, cache)``: out is (N, C, H_out, W_out) with H_out =
        floor((H + 2 padding - K_H) / stride) + 1 and W_out alike; cache is whatever
        ``maxpool2d_backward`` needs.

    Raises:
        ValueError: if a hyper-parameter is out of range or the kernel is larger than the padded
            input.

    Source:
        torch.nn.MaxPool2d; Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 9.3.
    """
    windows = _windows(x, kernel, stride, padding, float("-inf"))
    taps = windows.flatten(4)
    chosen = taps.argmax(dim=4)
    out = taps.gather(4, chosen[..., None])[..., 0]
    return out, (chosen, tuple(x.shape), kernel, stride, padding)


def maxpool2d_backward(dout: torch.Tensor, cache: Any) -> torch.Tensor:
    """Input gradient of a scalar loss through ``maxpool2d_forward``.

    Every upstream gradient goes to the one position that was chosen, unscaled; a position that
    several overlapping windows chose gets their sum, one that none chose gets zero.

    Shapes:
        dout: (N, C, H_out, W_out), the gradient of the loss with respect to ``out``; cache: as
        returned by ``maxpool2d_forward``. Returns dx: (N, C, H, W).

    Source:
        torch.nn.MaxPool2d; the derivation ``pooling.max_backward`` of this package.
    """
    chosen, (n, channels, height, width), kernel, stride, padding = cache
    padded_width = width + 2 * padding
    device = dout.device
    top = torch.arange(dout.shape[2], device=device)[:, None] * stride
    left = torch.arange(dout.shape[3], device=device)[None, :] * stride
    rows = top + torch.div(chosen, kernel[1], rounding_mode="floor")
    places = rows * padded_width + left + chosen % kernel[1]
    padded = dout.new_zeros(n, channels, (height + 2 * padding) * padded_width)
    padded.scatter_add_(2, places.flatten(2), dout.flatten(2))
    padded = padded.reshape(n, channels, height + 2 * padding, padded_width)
    return padded[..., padding : padding + height, padding : padding + width]


def avgpool2d_forward(
    x: torch.Tensor, kernel: tuple[int, int], stride: int, padding: int = 0
) -> torch.Tensor:
    """The mean of every window; padding counts as zeros, so every window is divided by K_H K_W.

    Shapes:
        x: (N, C, H, W); kernel: (K_H, K_W). Returns (N, C, H_out, W_out), as for max pooling.

    Raises:
        ValueError: as ``maxpool2d_forward``.

    Source:
        torch.nn.AvgPool2d with count_include_pad=True, its default.
    """
    return _windows(x, kernel, stride, padding, 0.0).mean(dim=(4, 5))


def avgpool2d_backward(
    dout: torch.Tensor,
    size: tuple[int, int],
    kernel: tuple[int, int],
    stride: int,
    padding: int = 0,
) -> torch.Tensor:
    """Input gradient of a scalar loss through ``avgpool2d_forward``.

    Every upstream gradient is spread over its window, 1 / (K_H K_W) to each position; where windows
    overlap, the shares add up.

    Shapes:
        dout: (N, C, H_out, W_out), the gradient of the loss with respect to the layer's output;
        size: (H, W) of the input; kernel: (K_H, K_W). Returns dx: (N, C, H, W).

    Raises:
        ValueError: if dout has not the shape of the layer's output.

    Source:
        torch.nn.AvgPool2d; the derivation ``pooling.average_backward`` of this package.
    """
    rows, cols = _pooled_size(size, kernel, stride, padding)
    if tuple(dout.shape[2:]) != (rows, cols):
        raise ValueError(
            f"dout must have {rows} rows and {cols} columns, got shape {tuple(dout.shape)}"
        )
    (height, width), (n, channels) = size, dout.shape[:2]
    padded = dout.new_zeros(n, channels, height + 2 * padding, width + 2 * padding)
    share = dout / (kernel[0] * kernel[1])
    for u in range(kernel[0]):
        for v in range(kernel[1]):
            down = slice(u, u + stride * (rows - 1) + 1, stride)
            across = slice(v, v + stride * (cols - 1) + 1, stride)
            padded[..., down, across] += share
    return padded[..., padding : padding + height, padding : padding + width]


def avgpool2d_weights(channels: int, kernel: tuple[int, int]) -> torch.Tensor:
    """The depthwise convolution kernel that averages: 1 / (K_H K_W) at every tap.

    Convolved with ``groups=channels``, the stride and the padding of the pooling layer and no bias,
    it gives the output of ``avgpool2d_forward``.

    Shapes:
        kernel: (K_H, K_W). Returns (channels, 1, K_H, K_W) in float64.

    Source:
        The derivation ``pooling.average_as_convolution`` of this package.
    """
    return torch.full((channels, 1, *kernel), 1 / (kernel[0] * kernel[1]), dtype=torch.float64)


def maxima_are_unique(
    x: torch.Tensor, kernel: tuple[int, int], stride: int, padding: int = 0
) -> bool:
    """Whether every window has one largest entry, so that max pooling is differentiable at x.

    Shapes:
        x: (N, C, H, W); kernel: (K_H, K_W).

    Raises:
        ValueError: as ``maxpool2d_forward``.

    Source:
        The assumption of the derivation ``pooling.max_backward`` of this package.
    """
    taps = _windows(x, kernel, stride, padding, float("-inf")).flatten(4)
    return bool(((taps == taps.amax(dim=4, keepdim=True)).sum(dim=4) == 1).all())


def _windows(
    x: torch.Tensor, kernel: tuple[int, int], stride: int, padding: int, outside: float
) -> torch.Tensor:
    """All windows, (N, C, H_out, W_out, K_H, K_W)."""
    n, channels, height, width = x.shape
    _pooled_size((height, width), kernel, stride, padding)
    padded = x.new_full((n, channels, height + 2 * padding, width + 2 * padding), outside)
    padded[:, :, padding : padding + height, padding : padding + width] = x
    return padded.unfold(2, kernel[0], stride).unfold(3, kernel[1], stride)


def _pooled_size(
    size: tuple[int, int], kernel: tuple[int, int], stride: int, padding: int
) -> tuple[int, int]:
    if min(kernel) < 1 or stride < 1:
        raise ValueError(f"kernel and stride must be at least 1, got {kernel} and {stride}")
    if not 0 <= 2 * padding <= min(kernel):
        # With more, a window could hold nothing but padding.
        raise ValueError(f"padding must lie between 0 and half of the kernel {kernel}: {padding}")
    rows, cols = (
        (extent + 2 * padding - taps) // stride + 1
        for extent, taps in zip(size, kernel, strict=True)
    )
    if rows < 1 or cols < 1:
        raise ValueError(f"kernel {kernel} is larger than the input {size} padded by {padding}")
    return rows, cols


def maxpool2d_input_grad(
    dout: torch.Tensor, x: torch.Tensor, kernel: tuple[int, int], stride: int, padding: int = 0
) -> torch.Tensor:
    """The gradient of a scalar loss with respect to the input of max pooling.

    Padding on every side is never the largest. Where several entries of a window are, any share of
    its gradient may go to each of them.

    Shapes:
        dout: (N, C, H_out, W_out), the gradient of the loss with respect to the layer's output;
        x: (N, C, H, W), the layer's input; kernel: (K_H, K_W), the size of a window.
        Returns dx: (N, C, H, W).

    Source:
        torch.nn.MaxPool2d; Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 9.3.
    """
    _, cache = maxpool2d_forward(x, kernel, stride, padding)
    return maxpool2d_backward(dout, cache)


def avgpool2d_input_grad(
    dout: torch.Tensor, x: torch.Tensor, kernel: tuple[int, int], stride: int, padding: int = 0
) -> torch.Tensor:
    """The gradient of a scalar loss with respect to the input of average pooling.

    Padding on every side counts as zeros.

    Shapes:
        dout: (N, C, H_out, W_out), the gradient of the loss with respect to the layer's output;
        x: (N, C, H, W), the layer's input; kernel: (K_H, K_W), the size of a window.
        Returns dx: (N, C, H, W).

    Source:
        torch.nn.AvgPool2d; Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 9.3.
    """
    return avgpool2d_backward(dout, (x.shape[2], x.shape[3]), kernel, stride, padding)
