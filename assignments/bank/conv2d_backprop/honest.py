"""Right but unusual convolutions."""

from backproof import Honest

HONEST = (
    Honest(
        id="products_and_autograd",
        why="products of shifted views forward, autograd through them backward, and torch's own "
        "convolution only in a test that is not asked for",
        code="""
        import torch.nn.functional as F

        # F.conv2d, torch.conv2d and nn.Conv2d do the same, but they are not to be used.
        NOT_USED = "torch.nn.functional.conv2d"

        def conv2d(padded, w, i, j, size, stride, dilation):
            rows = slice(i * dilation, i * dilation + stride * (size[0] - 1) + 1, stride)
            columns = slice(j * dilation, j * dilation + stride * (size[1] - 1) + 1, stride)
            return torch.einsum("nchw,oc->nohw", padded[..., rows, columns], w[..., i, j])

        def conv2d_forward(x, w, b, stride=1, padding=0, dilation=1, groups=1):
            padded = F.pad(x, (padding,) * 4)
            size = [(padded.shape[a] - dilation * (w.shape[a] - 1) - 1) // stride + 1
                    for a in (2, 3)]
            parts = [
                sum(conv2d(block, kernel, i, j, size, stride, dilation)
                    for i in range(w.shape[2]) for j in range(w.shape[3]))
                for block, kernel in zip(padded.chunk(groups, 1), w.chunk(groups))
            ]
            return torch.cat(parts, 1) + b[:, None, None]

        def test_against_torch():
            x, w, b = torch.randn(2, 3, 7, 6), torch.randn(4, 3, 3, 2), torch.randn(4)
            torch.testing.assert_close(conv2d_forward(x, w, b), F.conv2d(x, w, b))

        test_against_torch()

        def conv2d_backward(dout, x, w, stride=1, padding=0, dilation=1, groups=1):
            x, w = x.detach().requires_grad_(), w.detach().requires_grad_()
            b = torch.zeros(w.shape[0], dtype=w.dtype, device=w.device, requires_grad=True)
            with torch.enable_grad():
                out = conv2d_forward(x, w, b, stride, padding, dilation, groups)
            return torch.autograd.grad(out, (x, w, b), dout)

        def conv1d_weight_grad(dz, x):
            return torch.stack([(dz * window).sum() for window in x.unfold(0, len(dz), 1)])
        """,
    ),
    Honest(
        id="im2col",
        why="unfold and fold, one matrix product per group",
        code="""
        import torch.nn.functional as F

        def conv2d_forward(x, w, b, stride=1, padding=0, dilation=1, groups=1):
            n, c = x.shape[:2]
            size = [(x.shape[a] + 2 * padding - dilation * (w.shape[a] - 1) - 1) // stride + 1
                    for a in (2, 3)]
            columns = F.unfold(x, w.shape[2:], dilation, padding, stride)
            columns = columns.reshape(n, groups, -1, columns.shape[-1])
            rows = w.reshape(groups, w.shape[0] // groups, -1)
            out = torch.matmul(rows, columns).reshape(n, w.shape[0], *size)
            return out + b[:, None, None]

        def conv2d_backward(dout, x, w, stride=1, padding=0, dilation=1, groups=1):
            n = len(x)
            columns = F.unfold(x, w.shape[2:], dilation, padding, stride)
            columns = columns.reshape(n, groups, -1, columns.shape[-1])
            upstream = dout.reshape(n, groups, w.shape[0] // groups, -1)
            rows = w.reshape(groups, w.shape[0] // groups, -1)
            dw = (upstream @ columns.transpose(-1, -2)).sum(0).reshape(w.shape)
            dcolumns = (rows.transpose(-1, -2) @ upstream).reshape(n, -1, columns.shape[-1])
            dx = F.fold(dcolumns, x.shape[2:], w.shape[2:], dilation, padding, stride)
            return dx, dw, dout.flatten(2).sum(-1).sum(0)
        """,
    ),
    Honest(
        id="numpy_pixel_loops",
        why="NumPy with a Python loop over every output pixel, renamed parameters, returns a dict",
        code="""
        import numpy as np

        def _windows(image, kernel, stride, padding, dilation):
            image = np.pad(image, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
            span = [dilation * (k - 1) + 1 for k in kernel]
            for p in range((image.shape[2] - span[0]) // stride + 1):
                for q in range((image.shape[3] - span[1]) // stride + 1):
                    yield p, q, (
                        slice(None), slice(None),
                        slice(stride * p, stride * p + span[0], dilation),
                        slice(stride * q, stride * q + span[1], dilation),
                    )

        def conv2d_forward(image, kernel, bias, stride=1, padding=0, dilation=1, groups=1):
            image, kernel, bias = map(np.array, (image, kernel, bias))
            padded = np.pad(image, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
            places = list(_windows(image, kernel.shape[2:], stride, padding, dilation))
            out = np.zeros((len(image), len(kernel), places[-1][0] + 1, places[-1][1] + 1))
            block_out, block_in = len(kernel) // groups, image.shape[1] // groups
            for p, q, window in places:
                seen = padded[window]
                for o in range(len(kernel)):
                    first = o // block_out * block_in
                    out[:, o, p, q] = (seen[:, first:first + block_in] * kernel[o]).sum((1, 2, 3))
            return out + bias[None, :, None, None]

        def conv2d_backward(grad, image, kernel, stride=1, padding=0, dilation=1, groups=1):
            grad, image, kernel = map(np.array, (grad, image, kernel))
            padded = np.pad(image, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
            dx, dw = np.zeros_like(padded), np.zeros_like(kernel)
            block_out, block_in = len(kernel) // groups, image.shape[1] // groups
            for p, q, window in _windows(image, kernel.shape[2:], stride, padding, dilation):
                for o in range(len(kernel)):
                    first = o // block_out * block_in
                    part = (window[0], slice(first, first + block_in), *window[2:])
                    g = grad[:, o, p, q][:, None, None, None]
                    dw[o] += (g * padded[part]).sum(0)
                    dx[part] += g * kernel[o]
            inner = dx[:, :, padding:padding + image.shape[2], padding:padding + image.shape[3]]
            return {"dx": inner, "dw": dw, "db": grad.sum((0, 2, 3))}
        """,
    ),
    Honest(
        id="fourier",
        why="weight gradient in one dimension by the fast Fourier transform, rounding included",
        code="""
        def conv1d_weight_grad(dz, x):
            n = 2 * len(x)
            spectrum = torch.fft.rfft(x, n) * torch.fft.rfft(dz, n).conj()
            return torch.fft.irfft(spectrum, n)[: len(x) - len(dz) + 1]
        """,
    ),
    Honest(
        id="written_out",
        why="one dimension by two plain loops, returning a list of numbers",
        code="""
        def conv1d_weight_grad(dz, x):
            K = len(x) - len(dz) + 1
            result = [0.0] * K
            for j in range(K):
                for i in range(len(dz)):
                    result[j] += float(dz[i]) * float(x[i + j])
            return result
        """,
    ),
)
