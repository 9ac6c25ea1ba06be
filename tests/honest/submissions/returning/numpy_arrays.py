# odd: works in numpy from beginning to end
import numpy as np


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    x, gamma, beta = (np.asarray(t) for t in (x, gamma, beta))
    mean, var = x.mean(0), x.var(0)
    z = (x - mean) / np.sqrt(var + eps)
    return gamma * z + beta, dict(z=z, gamma=gamma, std=np.sqrt(var + eps))


def batchnorm_backward(dout, cache):
    dout, z, N = np.asarray(dout), cache["z"], len(dout)
    dz = dout * cache["gamma"]
    dx = (N * dz - dz.sum(0) - z * (dz * z).sum(0)) / (N * cache["std"])
    return dx, (dout * z).sum(0), dout.sum(0)


def dropout(x, drop_prob, training=True):
    x = np.asarray(x)
    keep = np.random.default_rng().random(x.shape) >= drop_prob
    return x * keep / x.dtype.type(1 - drop_prob) if training else x.copy()
