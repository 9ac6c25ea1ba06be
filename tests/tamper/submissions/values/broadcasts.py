# tries: returns one number, one row and an extra axis where a whole array is asked for
# deserves: 27
# shows: shape
import torch


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    return beta.mean(), None


def conv2d_forward(*args, **kwargs):
    return torch.zeros(1, 1, 1, 1, dtype=torch.float64)


def batchnorm_inference(x, *args, **kwargs):
    return x[None]
