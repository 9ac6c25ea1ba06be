# odd: returns tensors that still belong to a graph, and parameters
import torch

_forward, _inference = batchnorm_forward, batchnorm_inference


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    x.requires_grad_(True)
    return _forward(x, gamma, beta, eps)


def batchnorm_inference(*args, **named):
    return torch.nn.Parameter(_inference(*args, **named))


def expected_dropout_loss(x, y, w_hat, keep_prob, _loss=expected_dropout_loss):
    return _loss(x, y, torch.nn.Parameter(w_hat), keep_prob)
