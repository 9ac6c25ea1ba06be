"""Right but unusual parameters, and other spellings."""

from backproof import Honest

HONEST = (
    Honest(
        id="numpy_and_spellings",
        why="NumPy's mean and variance, a dict, Python's own true and false",
        code="""
        import numpy as np

        def identity_parameters(x, eps):
            x = np.asarray(x)
            return {"beta": x.mean(0), "gamma": (x.var(0) + eps) ** 0.5}

        bias_needed = False
        depends_on_others = "TRUE"
        relu_fraction = 0.5
        negated_output = "β + (β - y)"
        shrink = "0.7845"
        step_ratio = "α^-2"
        """,
    ),
    Honest(
        id="loops",
        why="plain sums over the rows",
        code="""
        import math

        def identity_parameters(x, eps):
            gamma, beta = [], []
            for column in x.T.tolist():
                mean = sum(column) / len(column)
                variance = sum((value - mean) ** 2 for value in column) / len(column)
                gamma.append(math.sqrt(variance + eps))
                beta.append(mean)
            return torch.tensor(gamma, dtype=x.dtype), torch.tensor(beta, dtype=x.dtype)
        """,
    ),
)
