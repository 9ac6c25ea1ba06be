# odd: returns tensors that are transposed, expanded, strided and flipped views
import torch

_conv, _inference, _gram = conv2d_forward, batchnorm_inference, expected_gram


def conv2d_forward(*args, **named):
    out = _conv(*args, **named)
    wide = torch.stack([out, out], dim=-1)
    return wide[..., 1]


def batchnorm_inference(*args, **named):
    return _inference(*args, **named).T.contiguous().T


def expected_gram(x, keep_prob):
    return _gram(x, keep_prob).flip(0).flip(0).to(memory_format=torch.contiguous_format).mT


def batchnorm_backward(dout, cache, _backward=batchnorm_backward):
    dx, dgamma, dbeta = _backward(dout, cache)
    return dx.flatten().unflatten(0, dx.shape), dgamma, dbeta.expand(1, -1)[0]
