"""Right but unusual losses and gradients of weight noise."""

from backproof import Honest

HONEST = (
    Honest(
        id="bias_and_variance",
        why="the mean of a square as squared mean plus variance, plain floats, indices renamed",
        code="""
        def weight_noise_loss(w, x, y, alpha):
            mean, variance = float(w @ x), float(alpha * ((w * x) ** 2).sum())
            return ((y - mean) ** 2 + variance) / 2

        grad_held = "x[j]*(sum(l=1, n, x[l]*(delta[l] + w[l])) - y)"
        mean_grad_path = "-y x[j] + x[j] sum(m=1, n, x[m] w[m]) + α x[j] x[j] w[j]"
        gamma_entry = "x_k*α^0.5"
        alpha_of_p = "-1 + p^-1"
        """,
    ),
    Honest(
        id="second_moments",
        why="E[J] from the moments of the noisy weights, NumPy",
        code="""
        import numpy as np

        def weight_noise_loss(w, x, y, alpha):
            w, x = w.numpy(), x.numpy()
            second = np.outer(w, w) + np.diag(alpha * w**2)
            return 0.5 * (y * y - 2 * y * x @ w + x @ second @ x)
        """,
    ),
)
