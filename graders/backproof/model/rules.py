"""Rules of a question: what a solution has to do itself, and so may not leave to a library."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """What a check's functions may not call. Naming it, or an own function of its name, is fine.

    demand: what the question asks for ("write the convolution yourself").
    without: what does not count, in words ("the convolutions of torch, NumPy and SciPy").
    names: where that is found in Python, `*` for any letters ("torch.nn.functional.conv*"). Those
        that are functions written in Python are also put out of reach while a check runs.
    operators: the same in torch's dispatcher ("aten::*conv2d*"), through which all else goes:
        layers, aliases, methods, compiled functions, threads.
    """

    demand: str
    without: str
    names: tuple[str, ...]
    operators: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The rule as a student reads it."""
        return f"{self.demand}, without {self.without}"


OWN_CONVOLUTION = Rule(
    demand="write the convolution yourself",
    without="the convolutions of torch, NumPy and SciPy",
    names=(
        "torch.nn.functional.conv[0-9_]*",
        "torch.conv[0-9_]*",
        "torch.convolution",
        "torch.*_convolution",
        "torch.nn.*Conv[0-9T]*",
        "torch.nn.grad.conv*",
        "torch.ops.*conv*",
        "torch._C._nn.*conv*",
        "numpy.convolve",
        "numpy.correlate",
        "scipy.signal.*convolve*",
        "scipy.signal.correlate*",
        "scipy.ndimage.convolve*",
        "scipy.ndimage.correlate*",
    ),
    operators=("*conv[0-9_]*", "*convolution*"),
)
OWN_BATCH_NORM = Rule(
    demand="write the normalisation yourself",
    without="the normalisation layers and functions of torch",
    names=(
        "torch.nn.functional.*_norm",
        "torch.*batch_norm*",
        "torch.*layer_norm",
        "torch.*group_norm",
        "torch.*instance_norm",
        "torch.nn.*BatchNorm*",
        "torch.nn.*LayerNorm",
        "torch.nn.*GroupNorm",
        "torch.nn.*InstanceNorm*",
        "torch.ops.*_norm*",
    ),
    operators=("*batch_norm*", "*layer_norm*", "*group_norm*", "*instance_norm*"),
)
OWN_GRADIENT = Rule(
    demand="write the gradient yourself",
    without="automatic differentiation",
    names=(
        "torch.autograd.grad",
        "torch.autograd.backward",
        "torch.autograd.functional.*",
        "torch.autograd.graph._engine_run_backward",
        "torch.Tensor.backward",
        "torch.func.grad*",
        "torch.func.jac*",
        "torch.func.*vjp",
        "torch.func.jvp",
    ),
    operators=("*::_make_dual",),
)
