"""Wrong gradients of ReLU: each with the sentence that a student reads."""

from backproof import Mutant

_BOTH = ("dx", "dx_float32")

MUTANTS = (
    Mutant(
        id="at_zero",
        of="relu_backward",
        misconception="your gradient at x = 0 is 1; the course's convention is 0",
        killed_by=("dx",),
        edit=("x > 0", "x >= 0"),
    ),
    Mutant(
        id="mask_from_dout",
        of="relu_backward",
        misconception="your dx keeps the positive entries of dout; whether an entry passes depends "
        "on x, and a negative gradient passes as well",
        killed_by=_BOTH,
        edit=("x > 0", "dout > 0"),
    ),
    Mutant(
        id="without_dout",
        of="relu_backward",
        misconception="your dx is the derivative of ReLU alone; the chain rule multiplies it by "
        "dout",
        killed_by=_BOTH,
        edit=("dout * (x > 0)", "(x > 0).to(x.dtype)"),
    ),
    Mutant(
        id="times_output",
        of="relu_backward",
        misconception="your dx multiplies dout by ReLU's output; it is ReLU's derivative that "
        "belongs there",
        killed_by=_BOTH,
        edit=("(x > 0)", "x.clamp(min=0)"),
    ),
    Mutant(
        id="sign",
        of="relu_backward",
        misconception="your dx is -dout where x is negative; ReLU is constant there",
        killed_by=_BOTH,
        edit=("(x > 0)", "x.sign()"),
    ),
)
