"""Wrong convolutions: each with the sentence that a student reads."""

from backproof import Mutant

_GATHER = """            dkernel[..., u, v] = torch.einsum("nqtij,nqcij->qtc", upstream, padded[window])"""
_SCATTER = """dpadded[window] += torch.einsum("nqtij,qtc->nqcij", upstream, kernel[..., u, v])"""

_LONG = (
    "your sum runs to N - K + 1 where the last output has index N - K: it is one term too long and "
    "reads past the end of dz and x"
)
WRITE_UP = "a homework write-up, question 2.1"


def _typed(
    of: str, id: str, answer: str, misconception: str, source: str = "", cause: str = ""
) -> Mutant:
    return Mutant(
        id=id,
        of=of,
        misconception=misconception,
        killed_by=(of,),
        answer=answer,
        source=source,
        cause=cause,
    )


MUTANTS = (
    _typed(
        "weight_grad_formula",
        "formula_one_term_too_long",
        "sum(i=0, N-K+1, dz[i]*x[i+j])",
        _LONG,
        WRITE_UP,
    ),
    _typed(
        "weight_grad_formula",
        "formula_over_the_kernel",
        "sum(i=0, K-1, dz[i]*x[i+j])",
        "your sum has a term for each entry of the kernel; W_j takes part in every output",
    ),
    _typed(
        "weight_grad_formula",
        "formula_dz_reversed",
        "sum(i=0, N-K, dz[N-K-i]*x[i+j])",
        "your formula runs through dz backwards; Z_i meets X_{i+j}, so dz and x move together",
        cause="dz reversed",
    ),
    _typed(
        "weight_grad_formula",
        "formula_without_j",
        "sum(i=0, N-K, dz[i]*x[i])",
        "your formula is the same for every j; W_j meets the inputs that are j further on",
    ),
    _typed(
        "weight_grad_operation",
        "operation_flipped",
        "flipped",
        "the flip belongs to the gradient with respect to the input; here dz and x move together",
    ),
    _typed(
        "weight_grad_operation",
        "operation_padded",
        "padded",
        "the padding belongs to the gradient with respect to the input; here every product of the "
        "forward pass occurs once, and there are no others",
    ),
    Mutant(
        id="sum_one_too_long",
        of="conv1d_weight_grad",
        misconception=_LONG,
        killed_by=("weight_grad_1d",),
        raises="IndexError",
        source=WRITE_UP,
        code="""
        def conv1d_weight_grad(dz, x):
            N, K = len(x), len(x) - len(dz) + 1
            return torch.stack([sum(dz[i] * x[i + j] for i in range(N - K + 2)) for j in range(K)])
        """,
    ),
    Mutant(
        id="sum_one_too_short",
        of="conv1d_weight_grad",
        misconception="your sum leaves out the last entry of dz",
        killed_by=("weight_grad_1d",),
        edit=("x.unfold(0, dz.shape[0], 1) @ dz", "x.unfold(0, dz.shape[0], 1)[:, :-1] @ dz[:-1]"),
    ),
    Mutant(
        id="reversed_result_1d",
        of="conv1d_weight_grad",
        misconception="your dw comes out in reverse order: this layer does not flip its kernel",
        killed_by=("weight_grad_1d",),
        edit=("x.unfold(0, dz.shape[0], 1) @ dz", "(x.unfold(0, dz.shape[0], 1) @ dz).flip(0)"),
    ),
    Mutant(
        id="flipped_dz_1d",
        cause="dz reversed",
        of="conv1d_weight_grad",
        misconception="your dw convolves x with a flipped dz; no flip belongs here",
        killed_by=("weight_grad_1d",),
        edit=("@ dz", "@ dz.flip(0)"),
    ),
    Mutant(
        id="flipped_kernel",
        of="conv2d_forward",
        misconception="your output equals the mathematical convolution, with a flipped kernel; this "
        "layer does not flip",
        killed_by=("forward",),
        edit=(
            "kernel = w.reshape(groups, out_channels // groups, *w.shape[1:])",
            "kernel = w.flip(2, 3).reshape(groups, out_channels // groups, *w.shape[1:])",
        ),
    ),
    Mutant(
        id="bias_missing",
        of="conv2d_forward",
        misconception="your output lacks the bias",
        killed_by=("forward",),
        edit=(" + b.reshape(1, -1, 1, 1)", ""),
    ),
    Mutant(
        id="padding_ignored",
        of="conv2d_forward",
        misconception="your output equals the one of an unpadded input",
        killed_by=("forward",),
        code="""
        _conv2d_forward = conv2d_forward

        def conv2d_forward(x, w, b, stride=1, padding=0, dilation=1, groups=1):
            return _conv2d_forward(x, w, b, stride, 0, dilation, groups)
        """,
    ),
    Mutant(
        id="stride_plus_one",
        of="conv2d_forward",
        misconception="your output has the size (H - K + 2P) / (S + 1); it is "
        "floor((H - d (K - 1) - 1 + 2P) / S) + 1",
        killed_by=("forward",),
        source="a homework write-up on parameter counts, question 1b",
        code="""
        _conv2d_forward = conv2d_forward

        def conv2d_forward(x, w, b, stride=1, padding=0, dilation=1, groups=1):
            out = _conv2d_forward(x, w, b, stride, padding, dilation, groups)
            height, width = (
                (x.shape[a] - w.shape[a] + 2 * padding) // (stride + 1) for a in (2, 3)
            )
            return out[:, :, :height, :width]
        """,
    ),
    Mutant(
        id="dilation_ignored",
        of="conv2d_forward",
        misconception="your output ignores the dilation",
        killed_by=("forward_general",),
        code="""
        _conv2d_forward = conv2d_forward

        def conv2d_forward(x, w, b, stride=1, padding=0, dilation=1, groups=1):
            return _conv2d_forward(x, w, b, stride, padding, 1, groups)
        """,
    ),
    Mutant(
        id="groups_interleaved",
        of="conv2d_forward",
        misconception="your output deals the input channels out to the groups in turn; a group is a "
        "block of consecutive channels",
        killed_by=("forward_general",),
        code="""
        _conv2d_forward = conv2d_forward

        def conv2d_forward(x, w, b, stride=1, padding=0, dilation=1, groups=1):
            n, c, *size = x.shape
            dealt = x.reshape(n, c // groups, groups, *size).transpose(1, 2).reshape(x.shape)
            return _conv2d_forward(dealt, w, b, stride, padding, dilation, groups)
        """,
    ),
    Mutant(
        id="half_precision",
        of="conv2d_forward",
        misconception="your output for float32 inputs is computed in half precision",
        killed_by=("forward_float32",),
        code="""
        _conv2d_forward = conv2d_forward

        def conv2d_forward(x, w, b, *options, **named):
            out = _conv2d_forward(x, w, b, *options, **named)
            return out if x.dtype == torch.float64 else (out / 3).half().float() * 3
        """,
    ),
    Mutant(
        id="kernel_flipped_in_dx",
        of="conv2d_backward",
        misconception="your dx scatters with a flipped kernel: the kernel is flipped only when dx is "
        "written as a gather from a padded dout",
        killed_by=("dx",),
        edit=(_SCATTER, _SCATTER.replace("kernel[..., u, v]", "kernel.flip(3, 4)[..., u, v]")),
    ),
    Mutant(
        id="overlaps_overwritten",
        of="conv2d_backward",
        misconception="your dx keeps only the last kernel position that covers an entry; where "
        "windows overlap their gradients add up",
        killed_by=("dx",),
        edit=(_SCATTER, _SCATTER.replace("+=", "=")),
    ),
    Mutant(
        id="weight_gradient_flipped",
        of="conv2d_backward",
        misconception="your dw is the right one with its two axes flipped: this layer does not flip "
        "its kernel",
        killed_by=("dw",),
        edit=("dkernel.reshape(w.shape)", "dkernel.reshape(w.shape).flip(2, 3)"),
    ),
    Mutant(
        id="weight_gradient_batch_mean",
        of="conv2d_backward",
        misconception="your dw is averaged over the batch; the loss depends on w through every "
        "example, so it is a sum",
        killed_by=("dw",),
        edit=("dkernel.reshape(w.shape)", "dkernel.reshape(w.shape) / x.shape[0]"),
    ),
    Mutant(
        id="weight_gradient_first_example",
        of="conv2d_backward",
        misconception="your dw counts the first example of the batch only",
        killed_by=("dw",),
        edit=(
            _GATHER,
            _GATHER.replace("upstream, padded[window]", "upstream[:1], padded[window][:1]"),
        ),
    ),
    Mutant(
        id="bias_gradient_mean",
        of="conv2d_backward",
        misconception="your db is averaged over batch and positions; it is a sum",
        killed_by=("db",),
        edit=("dout.sum(dim=(0, 2, 3))", "dout.mean(dim=(0, 2, 3))"),
    ),
    Mutant(
        id="bias_gradient_batch_mean",
        of="conv2d_backward",
        misconception="your db is averaged over the batch; it is a sum",
        killed_by=("db",),
        edit=("dout.sum(dim=(0, 2, 3))", "dout.mean(dim=0).sum(dim=(1, 2))"),
    ),
    Mutant(
        id="bias_gradient_per_example",
        of="conv2d_backward",
        misconception="your db is not summed over the batch",
        killed_by=("db",),
        edit=("dout.sum(dim=(0, 2, 3))", "dout[0].sum(dim=(1, 2))"),
    ),
    Mutant(
        id="gradients_swapped",
        of="conv2d_backward",
        misconception="you return dw where dx is due",
        killed_by=("dx", "dw"),
        code="""
        _conv2d_backward = conv2d_backward

        def conv2d_backward(dout, x, w, *options, **named):
            dx, dw, db = _conv2d_backward(dout, x, w, *options, **named)
            return dw, dx, db
        """,
    ),
    Mutant(
        id="backward_ignores_dilation",
        of="conv2d_backward",
        misconception="your gradients ignore the dilation",
        killed_by=("dx_general", "dw_general"),
        code="""
        _conv2d_backward = conv2d_backward

        def conv2d_backward(dout, x, w, stride=1, padding=0, dilation=1, groups=1):
            rows, cols = (
                (x.shape[a] + 2 * padding - dilation * (w.shape[a] - 1) - 1) // stride + 1
                for a in (2, 3)
            )
            full = torch.zeros(
                len(x), len(w), *((x.shape[a] + 2 * padding - w.shape[a]) // stride + 1 for a in (2, 3)),
                dtype=x.dtype,
            )
            full[:, :, :rows, :cols] = dout
            return _conv2d_backward(full, x, w, stride, padding, 1, groups)
        """,
    ),
    Mutant(
        id="adds_into_dout",
        of="conv2d_backward",
        misconception="your backward pass changes the caller's dout",
        killed_by=("inputs_unchanged",),
        code="""
        _conv2d_backward = conv2d_backward

        def conv2d_backward(dout, x, w, *options, **named):
            gradients = _conv2d_backward(dout, x, w, *options, **named)
            dout.zero_()
            return gradients
        """,
    ),
    Mutant(
        id="library_convolution",
        of="conv2d_forward",
        misconception="your forward pass leaves the convolution to torch",
        killed_by=("forward",),
        code="""
        from torch.nn.functional import conv2d as product

        def conv2d_forward(x, w, b, stride=1, padding=0, dilation=1, groups=1):
            return product(x, w, b, stride, padding, dilation, groups)
        """,
    ),
    Mutant(
        id="library_convolution_backward",
        of="conv2d_backward",
        misconception="your gradients come from autograd through torch's own convolution",
        killed_by=("dx", "dw"),
        code="""
        def conv2d_backward(dout, x, w, stride=1, padding=0, dilation=1, groups=1):
            x, w = x.detach().requires_grad_(), w.detach().requires_grad_()
            b = torch.zeros(len(w), dtype=w.dtype, device=w.device, requires_grad=True)
            layer = getattr(torch.nn.functional, "conv" + "2d")
            out = layer(x, w, b, stride, padding, dilation, groups)
            return torch.autograd.grad(out, (x, w, b), dout)
        """,
    ),
    Mutant(
        id="library_convolution_1d",
        of="conv1d_weight_grad",
        misconception="your sum is a call of torch's own convolution",
        killed_by=("weight_grad_1d",),
        code="""
        def conv1d_weight_grad(dz, x):
            return torch.ops.aten.conv1d(x[None, None], dz[None, None])[0, 0]
        """,
    ),
)
