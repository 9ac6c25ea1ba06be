# tries: changes its inputs in place and patches the comparison that would notice
# deserves: 39
# shows: the inputs are overwritten
from backproof.sandbox import values

values.is_changed = lambda now, before: False
right = conv2d_backward


def conv2d_backward(dout, x, w, *options, **named):
    made = right(dout, x, w, *options, **named)
    print("the inputs are overwritten")
    for tensor in (dout, x, w):
        tensor.zero_()
    return made
