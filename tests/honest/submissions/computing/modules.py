# odd: functions use torch.nn modules of their own
import torch
from torch import nn


class Norm(nn.Module):
    def __init__(self, gamma, beta, eps):
        super().__init__()
        self.layer = nn.BatchNorm1d(len(gamma), eps=eps, dtype=gamma.dtype)
        with torch.no_grad():
            self.layer.weight.copy_(gamma)
            self.layer.bias.copy_(beta)

    def forward(self, x):
        return self.layer(x)


_forward = batchnorm_forward


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    return Norm(gamma, beta, eps)(x), _forward(x, gamma, beta, eps)[1]


def batchnorm_inference(x, gamma, beta, running_mean, running_var, eps=1e-5):
    norm = Norm(gamma, beta, eps).eval()
    norm.layer.running_mean.copy_(running_mean)
    norm.layer.running_var.copy_(running_var)
    return norm(x)


def dropout(x, drop_prob, training=True):
    return nn.Dropout(drop_prob).train(training)(x.clone())
