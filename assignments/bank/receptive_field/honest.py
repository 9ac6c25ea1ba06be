"""Right but unusual receptive fields."""

from backproof import Honest

HONEST = (
    Honest(
        id="backwards",
        why="counts from each layer back to the image, other parameter names, returns a tensor",
        code="""
        import torch

        def receptive_fields(sizes, steps, spread=None):
            spread = spread or [1] * len(sizes)
            found = []
            for last in range(len(sizes)):
                width = 1
                for layer in range(last, -1, -1):
                    width = steps[layer] * (width - 1) + spread[layer] * (sizes[layer] - 1) + 1
                found.append(width)
            return torch.tensor(found)

        rows_seen = receptive_fields([3, 2, 3, 2], [2, 2, 2, 2])[-1]
        """,
    ),
    Honest(
        id="numpy",
        why="NumPy's cumulative sums and products, floats, changes the lists that it was handed",
        code="""
        import numpy as np

        def receptive_fields(kernels, strides, dilations=None):
            k = np.array(kernels, dtype=float)
            d = np.ones_like(k) if dilations is None else np.array(dilations)
            strides.insert(0, 1)
            strides.pop()
            return 1.0 + np.cumsum(d * (k - 1) * np.cumprod(strides))

        rows_seen = "21.0"
        """,
    ),
    Honest(
        id="gradients",
        why="the pixels with a gradient, from the first to the last, through torch's convolutions",
        code="""
        import torch

        def receptive_fields(kernels, strides, dilations=None):
            found = []
            for layers in range(1, len(kernels) + 1):
                x = torch.zeros(1, 1, 4000, dtype=torch.float64, requires_grad=True)
                out = x
                for layer in range(layers):
                    ones = torch.ones(1, 1, kernels[layer], dtype=torch.float64)
                    out = torch.nn.functional.conv1d(
                        out,
                        ones,
                        stride=strides[layer],
                        dilation=1 if dilations is None else dilations[layer],
                    )
                out[0, 0, 0].backward()
                seen = x.grad.flatten().nonzero().flatten()
                found.append(int(seen[-1] - seen[0]) + 1)
            return found

        rows_seen = "3 + 2*9"
        """,
    ),
)
