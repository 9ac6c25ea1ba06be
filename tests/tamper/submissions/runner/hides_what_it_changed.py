# tries: hands its function other memory than the grader's report is made of, and changes the inputs
# deserves: 39
# shows: the inputs are overwritten
import numpy

from backproof.sandbox import values

values.is_changed = lambda now, before: False
handed_over = values.placed
right = conv2d_backward
seen = []


def placed(memory, start, place):
    tensor = handed_over(memory, start, place)
    seen.append(tensor)
    # What a comparison in this process would look at is a copy from now on.
    return tensor


values.placed = placed


def conv2d_backward(dout, x, w, *options, **named):
    made = right(dout, x, w, *options, **named)
    print("the inputs are overwritten")
    kept = [tensor.clone() for tensor in seen]
    for tensor in (dout, x, w):
        tensor.zero_()
    for tensor, copy in zip(seen, kept):
        tensor.data = copy
    return made
