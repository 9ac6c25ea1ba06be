# tries: asks for a tensor of a terabyte, and then keeps many smaller ones
# deserves: 39
# shows: ran out of memory
import torch


def batchnorm_inference(*args, **kwargs):
    kept = []
    try:
        kept.append(torch.ones(1 << 38))
    except RuntimeError:
        pass
    while True:
        kept.append(torch.ones(1 << 22))
