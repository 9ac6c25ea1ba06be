"""Right but unusual dropouts and Tikhonov forms."""

from backproof import Honest

HONEST = (
    Honest(
        id="moments_and_normal_equations",
        why="expectations from first and second moments, ridge by the normal equations",
        code="""
        def expected_gram(x, keep_prob):
            n, d = x.shape
            second = torch.full((d, d), keep_prob**2, dtype=x.dtype)
            second.fill_diagonal_(keep_prob)
            return torch.einsum("ni,nj,ij->ij", x, x, second)

        def expected_dropout_loss(x, y, w_hat, keep_prob):
            return y @ y - 2 * keep_prob * y @ x @ w_hat + w_hat @ expected_gram(x, keep_prob) @ w_hat

        def dropout_ridge(x, y, keep_prob):
            gram = x.T @ x
            penalty = (1 - keep_prob) / keep_prob * torch.diag(torch.diag(gram))
            return torch.inverse(gram + penalty) @ x.T @ y

        def ridge_rescaling(gamma, lam):
            alpha = gamma * lam**-0.5
            return alpha, 1 / alpha

        def weight_noise_loss(w, x, y, alpha):
            return 0.5 * (y - torch.dot(w, x)) ** 2 + 0.5 * alpha * torch.sum(w**2 * x**2)

        tikhonov_factor = "sqrt(1 - p) / sqrt(p)"
        w_from_w_hat = "w_hat · p"
        x_tilde = "λ^0.5 * X @ inv(Γ)"
        """,
    ),
    Honest(
        id="torch_layers",
        why="torch's own dropout, NumPy elsewhere, keyword-only, other order",
        code="""
        import numpy as np
        from torch import nn

        def dropout(*, training=True, x, drop_prob):
            return nn.functional.dropout(x, p=drop_prob, training=training)

        def dropout_ridge(*, keep_prob, y, x):
            x, y = x.numpy(), y.numpy()
            norms = np.linalg.norm(x, axis=0)
            return np.linalg.solve(
                x.T @ x + (1 - keep_prob) / keep_prob * np.diag(norms**2), x.T @ y
            )

        def weight_noise_loss(w, x, y, alpha):
            mean, variance = float(w @ x), float(alpha * ((w * x) ** 2).sum())
            return ((y - mean) ** 2 + variance) / 2
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
