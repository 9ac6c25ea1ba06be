"""Convolution layers as deep learning has them: cross-correlation, the kernel is not flipped."""

import torch


def conv2d_forward(
    x: torch.Tensor,
    w: torch.Tensor,
    b: torch.Tensor,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    groups: int = 1,
) -> torch.Tensor:
    """Two-dimensional convolution layer (cross-correlation plus bias), zero padding on all sides.

    The hyper-parameters hold for both axes. Height and width, and the two kernel sizes, may
    differ. Rows and columns of x that no kernel position reaches are ignored. With ``groups`` = Q,
    the channels are cut into Q consecutive blocks and block q of the output sees block q of x only.

    Shapes:
        x: (N, C, H, W); w: (O, C / groups, K_H, K_W); b: (O,).
        Returns (N, O, H_out, W_out), with H_out and W_out as in ``torch.nn.Conv2d``.

    Raises:
        ValueError: if a hyper-parameter is out of range, the channels do not fit ``groups``, or
            the dilated kernel is larger than the padded input.

    Source:
        Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016,
        relationships 6 and 15; torch.nn.Conv2d.
    """
    rows, cols = _output_size(x, w, stride, padding, dilation, groups)
    n, out_channels = x.shape[0], w.shape[0]
    padded = _grouped(_pad(x, padding), groups)
    kernel = w.reshape(groups, out_channels // groups, *w.shape[1:])
    out = x.new_zeros(n, groups, out_channels // groups, rows, cols)
    for u in range(w.shape[2]):
        for v in range(w.shape[3]):
            seen = padded[..., _taps(u, rows, stride, dilation), _taps(v, cols, stride, dilation)]
            out = out + torch.einsum("nqcij,qtc->nqtij", seen, kernel[..., u, v])
    return out.reshape(n, out_channels, rows, cols) + b.reshape(1, -1, 1, 1)


def conv2d_backward(
    dout: torch.Tensor,
    x: torch.Tensor,
    w: torch.Tensor,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    groups: int = 1,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Gradients of a scalar loss through ``conv2d_forward`` with the same hyper-parameters.

    Gradients have the shape of the variable they belong to (denominator layout). Entries of x that
    no kernel position reaches have gradient zero.

    Shapes:
        dout: (N, O, H_out, W_out), the gradient of the loss with respect to the layer's output;
        x: (N, C, H, W); w: (O, C / groups, K_H, K_W).
        Returns ``(dx, dw, db)``: (N, C, H, W), (O, C / groups, K_H, K_W), (O,).

    Raises:
        ValueError: as ``conv2d_forward``, and if dout has not the shape of the layer's output.

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, equations 9.11 and 9.13;
        Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016, chapter 4.
    """
    rows, cols = _output_size(x, w, stride, padding, dilation, groups)
    expected = (x.shape[0], w.shape[0], rows, cols)
    if tuple(dout.shape) != expected:
        raise ValueError(f"dout must have shape {expected}, got {tuple(dout.shape)}")
    padded = _grouped(_pad(x, padding), groups)
    upstream = _grouped(dout, groups)
    kernel = w.reshape(groups, w.shape[0] // groups, *w.shape[1:])
    dkernel = torch.zeros_like(kernel)
    dpadded = torch.zeros_like(padded)
    for u in range(w.shape[2]):
        for v in range(w.shape[3]):
            # One kernel tap multiplies one strided window of x: its weight gradient gathers from
            # that window, its input gradient scatters back into the very same window.
            window = (..., _taps(u, rows, stride, dilation), _taps(v, cols, stride, dilation))
            dkernel[..., u, v] = torch.einsum("nqtij,nqcij->qtc", upstream, padded[window])
            dpadded[window] += torch.einsum("nqtij,qtc->nqcij", upstream, kernel[..., u, v])
    height, width = x.shape[2], x.shape[3]
    inner = dpadded[..., padding : padding + height, padding : padding + width]
    return inner.reshape(x.shape), dkernel.reshape(w.shape), dout.sum(dim=(0, 2, 3))


def conv1d_weight_grad(dz: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Weight gradient of the one-channel layer Z_i = sum_{j=0}^{K-1} W_j X_{i+j}, no padding.

    Indices start at 0 and the stride is 1; K follows from the two lengths.

    Shapes:
        dz: (N - K + 1,), the gradient of the loss with respect to Z; x: (N,). Returns (K,).

    Raises:
        ValueError: if dz is empty or longer than x.

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, equation 9.11 (one dimension).
    """
    if not 1 <= dz.shape[0] <= x.shape[0]:
        raise ValueError(f"dz must have 1 to {x.shape[0]} entries (length of x), got {dz.shape[0]}")
    # The valid cross-correlation of x with dz: row j of the windows is x[j : j + len(dz)].
    return x.unfold(0, dz.shape[0], 1) @ dz


def _output_size(
    x: torch.Tensor, w: torch.Tensor, stride: int, padding: int, dilation: int, groups: int
) -> tuple[int, int]:
    for name, value, least in (
        ("stride", stride, 1),
        ("padding", padding, 0),
        ("dilation", dilation, 1),
        ("groups", groups, 1),
    ):
        if value < least:
            raise ValueError(f"{name} must be at least {least}, got {value}")
    if x.shape[1] != w.shape[1] * groups or w.shape[0] % groups:
        raise ValueError(
            f"groups={groups} does not fit {x.shape[1]} input channels and a kernel of shape "
            f"{tuple(w.shape)}"
        )
    rows, cols = (
        (x.shape[axis] + 2 * padding - dilation * (w.shape[axis] - 1) - 1) // stride + 1
        for axis in (2, 3)
    )
    if rows < 1 or cols < 1:
        raise ValueError(
            f"kernel {tuple(w.shape[2:])} with dilation {dilation} is larger than the input "
            f"{tuple(x.shape[2:])} padded by {padding}"
        )
    return rows, cols


def _taps(offset: int, count: int, stride: int, dilation: int) -> slice:
    """The padded positions that kernel offset ``offset`` meets; a remainder is left out."""
    first = dilation * offset
    return slice(first, first + stride * (count - 1) + 1, stride)


def _pad(x: torch.Tensor, padding: int) -> torch.Tensor:
    n, channels, height, width = x.shape
    padded = x.new_zeros(n, channels, height + 2 * padding, width + 2 * padding)
    padded[:, :, padding : padding + height, padding : padding + width] = x
    return padded


def _grouped(x: torch.Tensor, groups: int) -> torch.Tensor:
    return x.reshape(x.shape[0], groups, x.shape[1] // groups, *x.shape[2:])
