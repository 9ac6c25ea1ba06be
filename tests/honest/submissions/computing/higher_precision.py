# odd: works in double precision, and hands doubles back
_conv, _forward, _backward, _dropout = conv2d_forward, batchnorm_forward, batchnorm_backward, dropout


def conv2d_forward(x, w, b, *options, **named):
    return _conv(x.double(), w.double(), b.double(), *options, **named)


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    return _forward(x.double(), gamma.double(), beta.double(), eps)


def batchnorm_backward(dout, cache):
    return _backward(dout.double(), cache)
