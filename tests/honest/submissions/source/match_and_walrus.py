# odd: match statements, assignment expressions, positional-only parameters, star expressions
import torch


def ridge_rescaling(gamma, lam, /):
    if (root := lam**0.5) <= 0:
        raise ValueError
    return *(pair := [gamma / root, root / gamma]),


def dropout(x, drop_prob, training=True):
    match (training, drop_prob):
        case (False, _) | (_, 0 | 0.0):
            return x.clone()
        case (True, float(p)):
            return torch.where(torch.rand_like(x) < p, 0, x / (1 - p))
