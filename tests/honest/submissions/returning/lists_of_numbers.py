# odd: returns nested lists of Python numbers
_forward, _backward, _inference = batchnorm_forward, conv2d_backward, batchnorm_inference


def conv2d_backward(dout, x, w, *options, **named):
    return [made.tolist() for made in _backward(dout, x, w, *options, **named)]


def batchnorm_inference(*args, **named):
    return _inference(*args, **named).tolist()


def weight_noise_loss(w, x, y, alpha):
    pairs = [(float(a), float(b)) for a, b in zip(w, x)]
    return ((float(y) - sum(a * b for a, b in pairs)) ** 2 + alpha * sum((a * b) ** 2 for a, b in pairs)) / 2
