"""Everything right, nothing as usual: it must get full marks."""

import sys
import warnings
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F

print("loading", __name__, file=sys.stderr)
warnings.warn("this is only a warning", stacklevel=1)
torch.set_grad_enabled(True)
Pair = __import__("collections").namedtuple("Pair", "alpha beta")


def expected_gram(*, keep_prob, x):
    draws = np.where(np.eye(x.shape[1]), keep_prob, keep_prob**2)
    return (np.asarray(x).T @ np.asarray(x)) * draws


def expected_dropout_loss(x, y, w_hat, keep_prob):
    second = torch.as_tensor(expected_gram(x=x, keep_prob=keep_prob))
    return (y @ y - 2 * keep_prob * (y @ x @ w_hat) + w_hat @ second @ w_hat).item()


tikhonov_factor = " ( (1 - p) / p ) ** 0.5 "
w_from_w_hat = "w_hat * p"
x_tilde = "√(λ) · X · inv(Γ)".replace("√", "sqrt")


def dropout_ridge(features, target, p):
    leftover = (1 - p) / p
    gram = features.mT @ features
    return torch.linalg.solve(gram + leftover * torch.diag(gram.diag()), features.mT @ target)


def ridge_rescaling(gamma, lam):
    alpha = gamma.div(lam**0.5)
    return Pair(beta=alpha.reciprocal(), alpha=alpha)


def weight_noise_loss(w, x, y, alpha):
    terms = [float(a) * float(b) for a, b in zip(w, x, strict=True)]
    return ((float(y) - sum(terms)) ** 2 + alpha * sum(t * t for t in terms)) / 2


def dropout(x, drop_prob, training=True):
    return F.dropout(x.clone().requires_grad_(), p=drop_prob, training=training)


def conv1d_weight_grad(dz, x):
    return [
        float(sum(dz[i] * x[i + j] for i in range(len(dz)))) for j in range(len(x) - len(dz) + 1)
    ]


def _convolution(x, w, b, stride=1, padding=0, dilation=1, groups=1):
    sizes = zip(x.shape[2:], w.shape[2:], strict=True)
    rows, columns = ((s + 2 * padding - dilation * (k - 1) - 1) // stride + 1 for s, k in sizes)
    unfolded = F.unfold(x, w.shape[2:], dilation=dilation, padding=padding, stride=stride)
    unfolded = unfolded.unflatten(1, (groups, -1))
    out = w.reshape(groups, len(w) // groups, -1) @ unfolded
    return out.reshape(len(x), len(w), rows, columns) + b[:, None, None]


conv2d_forward = partial(_convolution)


def conv2d_forward(x, w, b, *options, _layer=conv2d_forward, **named):
    return _layer(x, w, b, *options, **named)


def conv2d_backward(dout, x, w, *options, **named):
    def loss(x, w, b):
        return (conv2d_forward(x, w, b, *options, **named) * dout).sum()

    grads = torch.func.grad(loss, argnums=(0, 1, 2))(x, w, dout.new_zeros(len(w)))
    return dict(zip(("dx", "dw", "db"), grads, strict=True))


class batchnorm_forward:
    """A class that is called like a function: its instances unpack into (out, cache)."""

    def __new__(cls, x, gamma, beta, eps=1e-5):
        double = x.double()
        z = (double - double.mean(0)) / (double.var(0, correction=0) + eps).sqrt()
        return (gamma * z + beta).to(x.dtype), (double, gamma, eps)


def batchnorm_backward(dout, cache):
    x, gamma, eps = cache
    N = x.shape[0]
    centring = torch.eye(N, dtype=x.dtype) - 1 / N
    z = centring @ x
    root = (z.pow(2).mean(0) + eps).sqrt()
    g = dout.double() * gamma
    dx = (centring @ g) / root - z * (z * g).mean(0) / root**3
    return dx, (dout * z / root).sum(0).numpy(), dout.sum(0).tolist()


batchnorm_inference = lambda x, gamma, beta, running_mean, running_var, eps=1e-5: torch.addcmul(  # noqa: E731
    beta, gamma, (x - running_mean) * torch.rsqrt(running_var + eps)
)
