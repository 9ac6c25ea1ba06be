"""Right nets that are not ours."""

from backproof import Honest

HONEST = (
    Honest(
        id="larger_weights",
        why="weights above 1, a negative bias, plain lists and numbers",
        code="""
        def or_unit():
            return [3, 2.5], -1

        def and_unit():
            return [[2.0, 2.0]], [-2.0]

        def xor_net():
            return [[1, -1], [-1, 1]], [0, 0], [[1, 1]], [0]
        """,
    ),
    Honest(
        id="rounded",
        why="NumPy, weights that are not exact in binary, a spare hidden unit",
        code="""
        import numpy as np

        def or_unit():
            return np.array([1.1, 1.3]), np.float32(-0.1)

        def and_unit():
            return np.array([0.7, 0.6]) * 10, np.array([-7.0])

        def xor_net():
            w1 = np.array([[0.1, 0.1], [0.3, 0.3], [0.0, 0.0]])
            return w1, np.array([0.0, -0.3, 0.0]), np.array([10, -20 / 3, 5.0]), 0.0
        """,
    ),
    Honest(
        id="output_relu_does_the_rest",
        why="the output unit's own ReLU cuts off what would be negative",
        code="""
        def xor_net():
            return torch.ones(2, 2), torch.tensor([0.0, -1.0]), torch.tensor([2.0, -5.0]), torch.tensor(-1.0)
        """,
    ),
)
