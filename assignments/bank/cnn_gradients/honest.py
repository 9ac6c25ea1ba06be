"""Right but unusual gradients."""

from backproof import Honest

HONEST = (
    Honest(
        id="autograd",
        why="torch's layers and autograd; ties shared equally",
        code="""
        def _windows(x, kernel, stride, padding):
            x = torch.nn.functional.pad(x, [padding] * 4, value=-1e300)
            return x.unfold(2, kernel[0], stride).unfold(3, kernel[1], stride)

        def maxpool2d_input_grad(dout, x, kernel, stride, padding=0):
            leaf = x.clone().requires_grad_()
            out = _windows(leaf, kernel, stride, padding).amax(dim=(4, 5))
            return torch.autograd.grad(out, leaf, dout)[0]

        def avgpool2d_input_grad(*, stride, kernel, x, dout, padding=0):
            leaf = x.clone().requires_grad_()
            out = torch.nn.functional.avg_pool2d(leaf, tuple(kernel), stride, padding)
            return torch.autograd.grad(out, leaf, dout)[0]

        kernel_grad = "sum(s=0, n-k, sum(t=0, n-k, dy[s,t] x[s+h, t+l]))"
        sgd_step = "w - dw eta"
        """,
    ),
    Honest(
        id="numpy_loops",
        why="NumPy, loops over windows, all to the first of several largest pixels",
        code="""
        import numpy as np

        def _loop(dout, x, kernel, stride, padding, share):
            around = [(0, 0), (0, 0), (padding, padding), (padding, padding)]
            dout, x = dout.numpy(), np.pad(x.numpy(), around, constant_values=-np.inf)
            dx = np.zeros_like(x)
            for n, c, i, j in np.ndindex(*dout.shape):
                rows = slice(i * stride, i * stride + kernel[0])
                columns = slice(j * stride, j * stride + kernel[1])
                dx[n, c, rows, columns] += share(x[n, c, rows, columns]) * dout[n, c, i, j]
            stop = -padding if padding else None
            return dx[:, :, padding:stop, padding:stop]

        def _first(window):
            chosen = np.zeros_like(window)
            chosen[np.unravel_index(window.argmax(), window.shape)] = 1
            return chosen

        def maxpool2d_input_grad(dout, x, kernel, stride, padding=0):
            return _loop(dout, x, kernel, stride, padding, _first)

        def avgpool2d_input_grad(dout, x, kernel, stride, padding=0):
            return _loop(dout, x, kernel, stride, padding, lambda window: 1 / window.size)

        def weight_gradient_std(image_size, kernel_size, input_std, gradient_std):
            outputs = (image_size - kernel_size + 1) ** 2
            return np.sqrt(outputs * input_std**2 * gradient_std**2)

        max_sum = "dy"
        avg_any = "0.25 dy"
        """,
    ),
)
