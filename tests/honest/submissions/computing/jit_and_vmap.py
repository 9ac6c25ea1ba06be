# odd: uses vmap, func.grad and scripted functions
import torch


def weight_noise_loss(w, x, y, alpha):
    return 0.5 * ((y - w @ x).square() + alpha * (w * x).square().sum())


def batchnorm_inference(x, gamma, beta, running_mean, running_var, eps=1e-5):
    def row(v):
        return gamma * (v - running_mean) / torch.sqrt(running_var + eps) + beta

    return torch.vmap(row)(x)


def conv1d_weight_grad(dz, x):
    def loss(w):
        return sum(dz[i] * (w @ x[i : i + len(w)]) for i in range(len(dz)))

    return torch.func.grad(loss)(x.new_zeros(len(x) - len(dz) + 1))
