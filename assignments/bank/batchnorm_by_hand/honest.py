"""Right matrices, computed rather than typed."""

from backproof import Honest

HONEST = (
    Honest(
        id="computed",
        why="NumPy computes the matrices, a list turned into text is the answer",
        code="""
        import numpy as np

        _Z = np.array([[12, 14, 14, 12], [0, 10, 10, 0], [-5, 5, 5, -5.0]])
        _mean, _variance = _Z.mean(axis=1, keepdims=True), _Z.var(axis=1, keepdims=True)
        _hat = (_Z - _mean) / np.sqrt(_variance)
        bn_means, bn_variances = str(_mean.tolist()), str(_variance.tolist())
        bn_normalised = str(_hat.tolist())
        bn_output = str((_hat + np.array([[0], [-10], [10]])).tolist())
        """,
    ),
    Honest(
        id="over_lines",
        why="one row in each line, as a matrix is written",
        code='''
        bn_normalised = """[[-1, 1, 1, -1],
                            [-1, 1, 1, -1],
                            [-1, 1, 1, -1]]"""
        bn_output = """Z_tilde = [
            [ -1,  1,  1,  -1],
            [-11, -9, -9, -11],
            [  9, 11, 11,   9]
        ]"""
        ''',
    ),
)
