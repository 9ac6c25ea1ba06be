"""The answers of a homework write-up to questions 1 to 3, as a submission.

Formulas of the write-up stand here as small functions of the asked names. What it does not answer
is left out: 1.1 was never reduced to a result, and 2.2 to 2.5, the implementations, were not asked.
"""

import torch


# 1.2  ||y - p X w||^2 + p (1 - p) ||Gamma_hat w||^2
def expected_dropout_loss(x, y, w_hat, keep_prob):
    p = keep_prob
    gamma_hat = torch.diag(x.T @ x).sqrt()
    return ((y - p * x @ w_hat) ** 2).sum() + p * (1 - p) * ((gamma_hat * w_hat) ** 2).sum()


# 1.3  w = p w_hat, Gamma = sqrt((1 - p) / p) Gamma_hat
w_from_w_hat = "p * w_hat"
tikhonov_factor = "sqrt((1-p)/p)"


# 1.4  alpha_i = lambda^-0.5 Gamma_ii,  beta_i = lambda^0.5 Gamma_ii
def ridge_rescaling(gamma, lam):
    return lam**-0.5 * gamma, lam**0.5 * gamma


x_tilde = "X*sqrt(lam)*inv(Gamma)"


# 1.7  1/2 (y - sum w x)^2 + sum alpha w^2 x^2
def weight_noise_loss(w, x, y, alpha):
    return 0.5 * (y - (w * x).sum()) ** 2 + (alpha * w**2 * x**2).sum()


# 2.1  dL/dW_j = sum_{i=0}^{N-K+1} dL/dZ_i X_{i+j}
def conv1d_weight_grad(dz, x):
    N = len(x)
    K = N - len(dz) + 1
    dw = torch.zeros(K, dtype=x.dtype)
    for j in range(K):
        for i in range(0, N - K + 1 + 1):
            dw[j] += dz[i] * x[i + j]
    return dw


# The layer as question 3 gives it.
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mu, var = x.mean(0), x.var(0, unbiased=False)
    return gamma * (x - mu) / torch.sqrt(var + eps) + beta, (x, gamma)


# 3.1
def batchnorm_backward(dout, cache):
    x, gamma = cache
    m = len(x)
    mu, sigma = x.mean(0), x.var(0, unbiased=False).sqrt()
    dx = (
        1 / sigma * gamma * dout
        + 2 / m * (x - mu) / sigma * gamma * dout
        - 1 / (m * sigma) * gamma * (1 + 2 / m * (x - mu).sum(0)) * dout
    )
    dgamma = (x * dout).sum(0)
    dbeta = dout.sum(0)
    return dx, dgamma, dbeta
