"""Right but unusual Tikhonov forms."""

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

        tikhonov_factor = "sqrt(1 - p) / sqrt(p)"
        w_from_w_hat = "w_hat · p"
        x_tilde = "λ^0.5 * X @ inv(Γ)"
        """,
    ),
    Honest(
        id="numpy_normal_equations",
        why="NumPy's solver, keyword-only, other order",
        code="""
        import numpy as np

        def dropout_ridge(*, keep_prob, y, x):
            x, y = x.numpy(), y.numpy()
            norms = np.linalg.norm(x, axis=0)
            return np.linalg.solve(
                x.T @ x + (1 - keep_prob) / keep_prob * np.diag(norms**2), x.T @ y
            )
        """,
    ),
)
