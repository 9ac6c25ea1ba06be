"""Right but unusual: the matrix computed, the gradient by other roads."""

from backproof import Honest

HONEST = (
    Honest(
        id="autograd",
        why="lets autograd differentiate torch's own convolution; the matrix text is computed",
        code="""
        import torch.nn.functional as F

        def conv_rows_input_grad(dy, w):
            x = torch.zeros(len(dy), dy.shape[1] + len(w) - 1, dtype=dy.dtype, requires_grad=True)
            y = F.conv1d(x[:, None], w[None, None])[:, 0]
            return torch.autograd.grad(y, x, dy)[0]

        _rows = []
        for _n in range(2):
            for _p in range(2):
                _row = ["0"] * 8
                _row[4 * _n + _p : 4 * _n + _p + 3] = ["w1", "w2", "w3"]
                _rows.append("[" + ", ".join(_row) + "]")
        conv_A = "[" + ", ".join(_rows) + "]"
        """,
    ),
    Honest(
        id="transposed_convolution",
        why="torch's transposed convolution",
        code="""
        def conv_rows_input_grad(dy, w):
            return torch.nn.functional.conv_transpose1d(dy[:, None], w[None, None])[:, 0]
        """,
    ),
    Honest(
        id="matrix",
        why="builds B and multiplies, in NumPy, with other parameter names",
        code="""
        import numpy as np

        def conv_rows_input_grad(upstream, kernel):
            upstream, kernel = np.asarray(upstream), np.asarray(kernel)
            size = upstream.shape[1]
            B = np.zeros((size + len(kernel) - 1, size))
            for p in range(size):
                B[p : p + len(kernel), p] = kernel
            return upstream @ B.T
        """,
    ),
    Honest(
        id="scatter_loops",
        why="plain loops, each output scatters to its inputs; returns a nested list",
        code="""
        def conv_rows_input_grad(dy, w):
            N, P, K = dy.shape[0], dy.shape[1], w.shape[0]
            dx = [[0.0] * (P + K - 1) for _ in range(N)]
            for n in range(N):
                for p in range(P):
                    for k in range(K):
                        dx[n][p + k] += float(w[k]) * float(dy[n, p])
            return dx
        """,
    ),
)
