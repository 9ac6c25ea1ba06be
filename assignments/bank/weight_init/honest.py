"""Right but unusual ways to variances and weights."""

from backproof import Honest

HONEST = (
    Honest(
        id="torch_fans",
        why="torch's own functions, a tensor as the variance",
        code="""
        from torch.nn import init

        def initial_variance(shape, scheme):
            weight = torch.empty(shape, dtype=torch.float64)
            fan_in, fan_out = init._calculate_fan_in_and_fan_out(weight)
            if scheme == "xavier":
                return torch.tensor(2.0 / (fan_in + fan_out), dtype=torch.float64)
            gain = init.calculate_gain("relu") if scheme == "kaiming" else 3**-0.5
            return torch.tensor(gain**2 / fan_in, dtype=torch.float64)

        def kaiming_weights(draws):
            return draws * (2 / draws[0].numel()) ** 0.5

        first_loss = 2.3026
        """,
    ),
    Honest(
        id="numpy",
        why="NumPy, the median of shapes by products",
        code="""
        import numpy as np

        def initial_variance(weight_shape, kind):
            fan_in = np.prod(weight_shape) / weight_shape[0]
            fan_out = np.prod(weight_shape) / weight_shape[1]
            return {
                "default": (1 / np.sqrt(fan_in)) ** 2 / 3,
                "xavier": 2 / (fan_in + fan_out),
                "kaiming": 2 / fan_in,
            }[kind]

        def kaiming_weights(draws):
            z = draws.numpy()
            return z * np.sqrt(2.0 / np.prod(z.shape[1:]))
        """,
    ),
)
