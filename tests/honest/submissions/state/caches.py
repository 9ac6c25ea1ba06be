# odd: keeps globals, memoises by value and counts calls
import functools

history = []
_forward, _backward = batchnorm_forward, batchnorm_backward


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    global last
    out, last = _forward(x, gamma, beta, eps)
    history.append(out)
    return out, None


def batchnorm_backward(dout, cache):
    assert cache is None
    return _backward(dout, last)


@functools.lru_cache
def scale(lam):
    return lam**0.5


def ridge_rescaling(gamma, lam):
    return gamma / scale(lam), scale(lam) / gamma
