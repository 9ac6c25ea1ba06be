"""Right but unusual: other roads to the same derivatives."""

from backproof import Honest

HONEST = (
    Honest(
        id="plain_python",
        why="math, plain numbers and a list, other parameter names",
        code="""
        import math

        def bias_gradients(start, weights, biases):
            value, units = start, []
            for weight, bias in zip(weights.tolist(), biases.tolist()):
                value = 1 / (1 + math.exp(-(weight * value + bias)))
                units.append((weight, value * (1 - value)))
            return [
                math.prod([units[k][1]] + [w * slope for w, slope in units[k + 1 :]])
                for k in range(len(units))
            ]
        """,
    ),
    Honest(
        id="forward_mode",
        why="carries all derivatives along from the first layer to the last, in NumPy",
        code="""
        import numpy as np

        def bias_gradients(x, w, b):
            w, b = w.numpy(), b.numpy()
            carried, a = np.zeros(len(b)), x
            for layer in range(len(b)):
                a = 1 / (1 + np.exp(-(w[layer] * a + b[layer])))
                carried *= w[layer]
                carried[layer] = 1.0
                carried = carried * a * (1 - a)
            return carried
        """,
    ),
    Honest(
        id="difference_from_one",
        why="1 - s written as the sigmoid of -z, cumulative products",
        code="""
        def bias_gradients(x, w, b):
            z, a = torch.zeros_like(b), x
            for layer in range(len(b)):
                z[layer] = w[layer] * a + b[layer]
                a = torch.sigmoid(z[layer])
            slopes = torch.sigmoid(z) * torch.sigmoid(-z)
            factors = torch.cat([slopes[:1] * 0 + 1, slopes.flip(0)[:-1] * w.flip(0)[:-1]])
            return factors.cumprod(0).flip(0) * slopes
        """,
    ),
)
