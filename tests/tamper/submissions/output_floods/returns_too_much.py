# tries: returns more than anyone can store: large, expanded, nested, and many
# on: nothing
# deserves: 0
# shows: is too large
# shows: GiB
import torch

answer_all_with(lambda args: torch.ones(1).expand(1 << 45))


def conv2d_forward(*args, **kwargs):
    return torch.ones(3000, 3000)


def dropout(*args, **kwargs):
    nested = []
    for _ in range(100_000):
        nested = [nested]
    return nested


def batchnorm_inference(*args, **kwargs):
    return {str(number): torch.ones(1) for number in range(100_000)}


def conv1d_weight_grad(*args, **kwargs):
    raise MemoryError("GiB")
