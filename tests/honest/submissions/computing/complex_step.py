# odd: a gradient by complex numbers, and Fourier transforms
import torch

_inference = batchnorm_inference


def conv1d_weight_grad(dz, x):
    size = len(dz) + len(x)
    product = torch.fft.ifft(torch.fft.fft(x, size) * torch.fft.fft(dz, size).conj())
    return product.real[: len(x) - len(dz) + 1]


def batchnorm_inference(x, gamma, beta, running_mean, running_var, eps=1e-5):
    wide = torch.complex(x, torch.zeros_like(x))
    return _inference(wide, gamma, beta, running_mean, running_var, eps).real
