# odd: functions use torch.nn modules of their own
import torch
from torch import nn


class Norm(nn.Module):
    def __init__(self, gamma, beta, eps):
        super().__init__()
        self.eps = eps
        self.weight, self.bias = nn.Parameter(gamma.clone()), nn.Parameter(beta.clone())
        self.register_buffer("running_mean", None)
        self.register_buffer("running_var", None)

    def forward(self, x):
        mean, var = self.running_mean, self.running_var
        if self.training:
            var, mean = torch.var_mean(x, dim=0, unbiased=False)
        return torch.addcmul(self.bias, self.weight, (x - mean) / torch.sqrt(var + self.eps))


_forward = batchnorm_forward


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    return Norm(gamma, beta, eps)(x), _forward(x, gamma, beta, eps)[1]


def batchnorm_inference(x, gamma, beta, running_mean, running_var, eps=1e-5):
    norm = Norm(gamma, beta, eps).eval()
    norm.running_mean, norm.running_var = running_mean.clone(), running_var.clone()
    return norm(x)


def dropout(x, drop_prob, training=True):
    return nn.Dropout(drop_prob).train(training)(x.clone())
