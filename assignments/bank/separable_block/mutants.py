"""Wrong blocks, each with the sentence that a student reads."""

from backproof import Mutant


def _block(id: str, misconception: str, code: str, raises: str = "") -> Mutant:
    return Mutant(
        id=id,
        of="separable_block",
        misconception=misconception,
        killed_by=("separable_block",),
        raises=raises,
        code=f"""
        from torch.nn.functional import conv2d

        def separable_block(x, depthwise, pointwise, stride=1, padding=0):
            {code}
        """,
    )


def _wrong(of: str, id: str, answer: str, misconception: str) -> Mutant:
    return Mutant(id=id, of=of, misconception=misconception, killed_by=(of,), answer=answer)


_FIRST = "conv2d(x, depthwise, stride=stride, padding=padding, groups=x.shape[1])"
MUTANTS = (
    _block(
        "without_groups",
        "your depthwise convolution has no groups: every kernel would reach over all channels, and "
        "its weights have one",
        "return conv2d(conv2d(x, depthwise, stride=stride, padding=padding), pointwise)",
        raises="RuntimeError",
    ),
    _block(
        "depthwise_alone",
        "the pointwise convolution is missing: the channels are never mixed",
        f"return {_FIRST}",
    ),
    _block(
        "one_kernel_for_all",
        "your depthwise convolution uses the first kernel for all channels",
        "kernels = depthwise[:1].expand_as(depthwise)\n"
        "            first = conv2d(x, kernels, stride=stride, padding=padding, groups=x.shape[1])\n"
        "            return conv2d(first, pointwise)",
    ),
    _block(
        "summed_before_mixing",
        "your depthwise convolution adds up the channels: each keeps its own result",
        f"first = {_FIRST}.sum(1, keepdim=True).expand(-1, x.shape[1], -1, -1)\n"
        "            return conv2d(first, pointwise)",
    ),
    _block(
        "flipped_depthwise",
        "your depthwise convolution flips its kernels; this layer does not",
        "first = conv2d(x, depthwise.flip(2, 3), stride=stride, padding=padding, "
        "groups=x.shape[1])\n            return conv2d(first, pointwise)",
    ),
    _block(
        "transposed_depthwise",
        "your depthwise kernels are transposed",
        "first = conv2d(x, depthwise.mT, stride=stride, padding=padding, groups=x.shape[1])\n"
        "            return conv2d(first, pointwise)",
    ),
    _block(
        "without_stride",
        "your block ignores the stride",
        "first = conv2d(x, depthwise, padding=padding, groups=x.shape[1])\n"
        "            return conv2d(first, pointwise)",
    ),
    _block(
        "without_padding",
        "your block ignores the padding",
        "first = conv2d(x, depthwise, stride=stride, groups=x.shape[1])\n"
        "            return conv2d(first, pointwise)",
    ),
    _block(
        "pointwise_padded_too",
        "your pointwise convolution is padded, too: stride and padding belong to the depthwise one",
        f"return conv2d({_FIRST}, pointwise, padding=padding)",
    ),
    _block(
        "stride_twice",
        "your pointwise convolution has the stride, too: it belongs to the depthwise one",
        f"return conv2d({_FIRST}, pointwise, stride=stride)",
    ),
    _block(
        "relu_between",
        "there is a ReLU in your block; this one has none",
        f"return conv2d({_FIRST}.relu(), pointwise)",
    ),
    _wrong(
        "groups",
        "one_group",
        "1",
        "with one group every kernel reaches over all input channels: that is a full convolution",
    ),
    _wrong(
        "groups",
        "groups_of_outputs",
        "N",
        "the depthwise convolution has M channels in and out; N enters with the pointwise one",
    ),
    _wrong("groups", "groups_of_pairs", "M*N", "there is one group for each input channel"),
    _wrong(
        "weights_per_channel",
        "weights_over_all_channels",
        "M*D_K^2",
        "this is a kernel over all channels, or all kernels together; each has one channel",
    ),
    _wrong(
        "weights_per_channel",
        "weights_of_a_side",
        "D_K",
        "a kernel has D_K rows of D_K entries",
    ),
)
