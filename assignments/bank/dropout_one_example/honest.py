"""Right but unusual solutions for one example with dropout."""

from backproof import Honest

HONEST = (
    Honest(
        id="numpy_and_pseudo_inverse",
        why="NumPy, the pseudo-inverse, least squares over all masks, keyword-only, another run",
        code="""
        import itertools
        import numpy as np

        def least_norm_weights(x, y):
            return np.linalg.pinv(x.numpy()[None]) @ np.array([y])

        def dropout_rows(*, drop_prob, x):
            keep = np.array(list(itertools.product((True, False), repeat=len(x))))
            chances = np.where(keep, 1 - drop_prob, drop_prob).prod(axis=1)
            return {"chances": chances, "rows": keep * x.numpy() / (1 - drop_prob)}

        def dropout_minimiser(x, y, drop_prob):
            table = dropout_rows(x=x, drop_prob=drop_prob)
            root = np.sqrt(table["chances"])
            return np.linalg.lstsq(root[:, None] * table["rows"], root * y, rcond=None)[0]

        def dropout_runs():
            return {"large_batch": [[0.3746, 3.4873]], "small_batch": np.array([0.5473, 3.4697])}

        ols_formula = "w = y X^T inv(X X^T)"
        ols_w1 = "1.0891"
        where_adam_differs = "only at p = 0"
        """,
    ),
    Honest(
        id="modules_and_autograd",
        why="torch's layers, optimizer and autograd; the mean as a matrix power",
        code="""
        def masked_descent(x, y, kept, drop_prob, learning_rate):
            layer = torch.nn.Linear(len(x), 1, bias=False, dtype=x.dtype)
            torch.nn.init.zeros_(layer.weight)
            optimizer = torch.optim.SGD(layer.parameters(), lr=learning_rate)
            for masks in kept:
                optimizer.zero_grad()
                out = layer(masks * x / (1 - drop_prob))
                torch.nn.functional.mse_loss(out, torch.full_like(out, y)).backward()
                optimizer.step()
            return layer.weight.squeeze(0)

        def descend(x, y, learning_rate, steps):
            everything = torch.ones(steps, 1, len(x), dtype=x.dtype)
            return masked_descent(x, y, everything, 0.0, learning_rate)

        def mean_weights(x, y, drop_prob, learning_rate, steps):
            gram = torch.outer(x, x) + drop_prob / (1 - drop_prob) * torch.diag(x * x)
            end = torch.linalg.solve(gram, y * x)
            shrink = torch.eye(len(x), dtype=x.dtype) - 2 * learning_rate * gram
            return end - torch.linalg.matrix_power(shrink, steps) @ end

        def dropout_minimiser(x, y, drop_prob):
            gram = torch.outer(x, x) + drop_prob / (1 - drop_prob) * torch.diag(x**2)
            return torch.linalg.inv(gram) @ (y * x)

        dropout_share_ratio = 1
        one_minimiser_without = False
        w1_of_p = "w1 = (1.1 - 1.1 p)/(2 - p)"
        """,
    ),
)
