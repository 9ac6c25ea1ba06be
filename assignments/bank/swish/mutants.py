"""Wrong values, slopes and limits of Swish."""

from backproof import Mutant


def _says(of: str, answer: str, id: str, misconception: str) -> Mutant:
    return Mutant(
        id=f"{of}_{id}", of=of, misconception=misconception, killed_by=(of,), answer=answer
    )


def _edit(of: str, id: str, misconception: str, old: str, new: str, *killed_by: str) -> Mutant:
    return Mutant(
        id=f"{of}_{id}",
        of=of,
        misconception=misconception,
        killed_by=killed_by or (of,),
        edit=(old, new),
    )


RETURN = "dout * (scaled + gate * (1 - scaled))"
MUTANTS = (
    _edit("swish", "no_beta", "you left beta out", "beta * x)", "x)"),
    _edit("swish", "no_x", "this is the sigmoid alone", "return x * ", "return "),
    _edit(
        "swish",
        "beta_outside",
        "beta belongs into the sigmoid",
        "x * torch.sigmoid(beta * x)",
        "beta * x * torch.sigmoid(x)",
    ),
    _edit("swish", "tanh", "you use tanh; the gate is a sigmoid", "torch.sigmoid", "torch.tanh"),
    _edit(
        "swish",
        "library",
        "you call torch's own Swish",
        "x * torch.sigmoid(beta * x)",
        "torch.nn.functional.silu(beta * x) / beta",
    ),
    _edit(
        "swish_backward",
        "sigmoid_only",
        "the product rule has two terms: the sigmoid depends on x as well",
        RETURN,
        "dout * gate",
    ),
    _edit(
        "swish_backward",
        "slope_only",
        "the product rule has two terms: the factor x has a derivative as well",
        RETURN,
        "dout * scaled * (1 - gate)",
    ),
    _edit(
        "swish_backward",
        "inner_derivative",
        "the inner derivative of the sigmoid of beta x is beta",
        RETURN,
        "dout * (gate + x * gate * (1 - gate))",
    ),
    _edit(
        "swish_backward",
        "beta_misplaced",
        "beta goes with f in both places, not with the sigmoid",
        RETURN,
        "dout * (x * gate + beta * gate * (1 - x * gate))",
    ),
    _edit("swish_backward", "no_upstream", "you left dout out", "return dout * ", "return "),
    Mutant(
        id="swish_backward_overflow",
        of="swish_backward",
        misconception="your exponential overflows far to the left, and gives what is no number",
        killed_by=("far_out",),
        code="""
        def swish_backward(dout, x, beta=1.0):
            e = torch.exp(-beta * x)
            return dout * (1 + e + beta * x * e) / (1 + e) ** 2
        """,
    ),
    Mutant(
        id="swish_backward_autograd",
        of="swish_backward",
        misconception="you let autograd find the gradient",
        killed_by=("swish_backward",),
        code="""
        def swish_backward(dout, x, beta=1.0):
            leaf = x.detach().requires_grad_()
            (leaf * torch.sigmoid(beta * leaf)).backward(dout)
            return leaf.grad
        """,
    ),
    _says("swish_slope", "s", "sigmoid_only", "the sigmoid depends on x as well"),
    _says("swish_slope", "beta*f*(1 - s)", "slope_only", "the factor x has a derivative as well"),
    _says("swish_slope", "f + s*(1 - f)", "no_beta", "the inner derivative is beta"),
    _says("swish_slope", "f + beta*s*(1 - f)", "beta_misplaced", "beta goes with f, not with s"),
    _says("minimum_at", "-0.278", "value", "this is the value there; where it lies is asked for"),
    _says("minimum_at", "-2.40", "slope", "there the slope is least"),
    _says("minimum", "-1.28", "place", "this is where it lies; the value is asked for"),
    _says("minimum", "0.000", "relu", "Swish falls below 0, unlike ReLU"),
    _says("slope_at_0", "1/4", "sigmoid", "this is the slope of the sigmoid at 0"),
    _says("slope_at_0", "1", "identity", "at 0 the gate is half open"),
    _says("slope_max", "1.00", "one", "the curve is steeper than 1 before it comes near the line"),
    _says("slope_max", "0.500", "at_0", "this is the slope at 0"),
    _says("small_beta", "x", "identity", "the gate is half open: the sigmoid of 0 is 1/2"),
    _says("small_beta", "0", "zero", "the sigmoid of 0 is 1/2, not 0"),
    _says("large_beta", "identity", "identity", "for negative x the gate closes"),
    _says("large_beta", "step", "step", "that is the gate; x is multiplied by it"),
    _says("large_beta", "sigmoid", "sigmoid", "the gate becomes steeper and steeper"),
)
