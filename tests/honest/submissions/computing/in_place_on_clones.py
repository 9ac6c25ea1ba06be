# odd: works in place, on copies
import copy

_inference = batchnorm_inference


def batchnorm_inference(x, gamma, beta, running_mean, running_var, eps=1e-5):
    x, running_var = x.clone(), copy.deepcopy(running_var)
    x -= running_mean
    x /= running_var.add_(eps).sqrt_()
    x.mul_(gamma).add_(beta)
    return x
