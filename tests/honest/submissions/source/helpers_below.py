# odd: helpers stand below the functions that use them, and one import fails
try:
    import a_package_of_the_lab
except ImportError:
    a_package_of_the_lab = None

import another_package_that_is_not_installed


def batchnorm_inference(x, gamma, beta, running_mean, running_var, eps=1e-5):
    return scaled(normalised(x, running_mean, running_var, eps), gamma, beta)


def scaled(z, gamma, beta):
    return z * gamma + beta


def normalised(x, mean, var, eps):
    return (x - mean) / (var + eps) ** Constants.HALF


class Constants:
    HALF = 0.5
