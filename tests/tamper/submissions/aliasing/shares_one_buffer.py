# tries: returns the same memory for every output and every call
# deserves: 28
# shows: one buffer for all
import torch

buffer = torch.zeros(1000, dtype=torch.float64)


def conv2d_backward(dout, x, w, *options, **named):
    print("one buffer for all")
    return tuple(buffer[: t.numel()].view(t.shape) for t in (x, w, dout[0, :, 0, 0]))


def dropout(x, drop_prob, training=True):
    return x
