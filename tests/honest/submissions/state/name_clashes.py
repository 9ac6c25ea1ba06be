# odd: its own names hide built-in ones and ours
import torch

input, id, type_, list_, key, expected = 1, 2, 3, 4, 5, 6
inputs = "hidden"
_inference = batchnorm_inference


def values(x):
    return x


def worker(x):
    return values(x)


def batchnorm_inference(x, gamma, beta, running_mean, running_var, eps=1e-5):
    max = min = sum = abs = None
    return worker(_inference(x, gamma, beta, running_mean, running_var, eps))
