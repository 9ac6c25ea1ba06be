"""Right but unusual dropout layers."""

from backproof import Honest

HONEST = (
    Honest(
        id="torch_layers",
        why="torch's own layers, keyword-only, other order",
        code="""
        from torch import nn

        def dropout(*, training=True, x, drop_prob):
            return nn.functional.dropout(x, p=drop_prob, training=training)

        def spatial_dropout(*, training=True, x, drop_prob):
            return nn.Dropout2d(drop_prob).train(training)(x)

        gaussian_unit = "Nothing"
        """,
    ),
    Honest(
        id="loops_over_channels",
        why="a loop over examples and channels, negative zeros, own random numbers",
        code="""
        import random

        def spatial_dropout(x, drop_prob, training=True):
            out = x.clone()
            for example in out if training else ():
                for channel in example:
                    channel *= -0.0 if random.random() < drop_prob else 1 / (1 - drop_prob)
            return out
        """,
    ),
    Honest(
        id="uniform_comparison",
        why="mask from uniform numbers, masked_fill, negative zeros, a module underneath",
        code="""
        class Drop(torch.nn.Module):
            def __init__(self, p):
                super().__init__()
                self.p = p

            def forward(self, x):
                if not self.training:
                    return x
                dropped = torch.rand(x.shape) < self.p
                return x.masked_fill(dropped, -0.0) / (1 - self.p)

        def dropout(x, drop_prob, training=True):
            layer = Drop(drop_prob)
            layer.train(training)
            return layer(x)
        """,
    ),
    Honest(
        id="numpy_generator",
        why="NumPy's generator, float64 mask on float32 data",
        code="""
        import numpy as np

        generator = np.random.default_rng()

        def dropout(x, drop_prob, training=True):
            if not training or drop_prob == 0:
                return x
            keep = generator.binomial(1, 1 - drop_prob, size=tuple(x.shape))
            return x.double() * torch.from_numpy(keep) / (1 - drop_prob)
        """,
    ),
)
