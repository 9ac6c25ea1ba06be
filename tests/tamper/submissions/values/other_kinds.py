# tries: answers complex numbers, truth values, texts, sparse and masked arrays
# on: nothing
# deserves: 0
# shows: complex128
# shows: bool
import numpy
import torch

answer_all_with(lambda args: args[0] == args[0])


def expected_gram(x, keep_prob):
    return (x.T @ x) * 1j


def dropout_ridge(x, y, keep_prob):
    return numpy.ma.masked_all(x.shape[1])


def weight_noise_loss(*args, **kwargs):
    return "0.5"


def conv1d_weight_grad(dz, x):
    return torch.zeros(len(x) - len(dz) + 1, dtype=torch.float64).to_sparse()


def batchnorm_inference(x, *args, **kwargs):
    return numpy.array([[object()]])
