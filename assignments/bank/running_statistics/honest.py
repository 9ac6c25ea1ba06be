"""Right but unusual running statistics."""

from backproof import Honest

HONEST = (
    Honest(
        id="the_layer_itself",
        why="torch's own layer, fed batch by batch",
        code="""
        from torch import nn

        def running_statistics(batches, momentum=0.1):
            layer = nn.BatchNorm1d(batches.shape[2], momentum=momentum, dtype=batches.dtype)
            for batch in batches:
                layer(batch)
            return layer.running_mean, layer.running_var
        """,
    ),
    Honest(
        id="weights_of_the_batches",
        why="the recursion unrolled into weights, NumPy; numbers from loops",
        code="""
        import numpy as np

        def running_statistics(batches, momentum=0.1):
            x = batches.numpy()
            weight = momentum * (1 - momentum) ** np.arange(len(x))[::-1]
            left = (1 - momentum) ** len(x)
            return weight @ x.mean(1), left + weight @ x.var(1, ddof=1)

        def run(stored, statistics):
            for value in statistics:
                stored = 0.9 * stored + 0.1 * value
            return stored

        sorted_mean = run(0, [-3] * 50 + [3] * 50)
        sorted_variance = run(1, [1] * 100)
        alternating_mean = run(0, [-3, 3] * 50)
        alternating_variance = 1
        shuffled_variance = run(1, [10] * 100)
        total_variance = np.var([-4, -2, 2, 4])
        test_value = (-3 - sorted_mean) / sorted_variance**0.5
        """,
    ),
)
