# odd: every parameter is keyword-only and in another order
_forward, _backward, _inference = batchnorm_forward, batchnorm_backward, batchnorm_inference


def batchnorm_forward(*, eps=1e-5, beta, gamma, x):
    return _forward(x, gamma, beta, eps)


def batchnorm_backward(*, cache, dout):
    return _backward(dout, cache)


def batchnorm_inference(*, running_var, running_mean, eps=1e-5, beta, gamma, x):
    return _inference(x, gamma, beta, running_mean, running_var, eps)
