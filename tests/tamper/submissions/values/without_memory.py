# tries: answers with tensors that have a shape and no values
# on: nothing
# deserves: 0
# shows: meta
import torch

answer_all_with(lambda args: args[0].to("meta"))


def batchnorm_inference(x, *args, **kwargs):
    return torch.quantize_per_tensor(x.float(), 0.1, 10, torch.quint8)


def conv1d_weight_grad(dz, x):
    return torch.nested.nested_tensor([dz, x])
