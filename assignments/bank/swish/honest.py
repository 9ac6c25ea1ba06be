"""Right but unusual ways to write Swish."""

from backproof import Honest

HONEST = (
    Honest(
        id="tanh",
        why="the sigmoid by tanh, the other form of the derivative",
        code="""
        def swish(x, beta=1.0):
            return x * (1 + torch.tanh(beta * x / 2)) / 2

        def swish_backward(dout, x, beta=1.0):
            s = (1 + torch.tanh(beta * x / 2)) / 2
            return dout * (s + beta * x * s * (1 - s))
        """,
    ),
    Honest(
        id="numpy",
        why="NumPy, with both signs apart",
        code="""
        import numpy as np

        def _gate(z):
            e = np.exp(-np.abs(z))
            return np.where(z >= 0, 1 / (1 + e), e / (1 + e))

        def swish(values, beta=1.0):
            values = values.numpy()
            return values * _gate(beta * values)

        def swish_backward(upstream, values, beta=1.0):
            values, upstream = values.numpy(), upstream.numpy()
            gate = _gate(beta * values)
            return upstream * gate * (1 + beta * values * (1 - gate))

        slope_at_0 = 0.5
        """,
    ),
)
