# odd: dropped entries are negative zeros
import torch

_dropout = dropout


def dropout(x, drop_prob, training=True):
    out = _dropout(x, drop_prob, training)
    return torch.where(out == 0, -torch.zeros_like(out), out)
