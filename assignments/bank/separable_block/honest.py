"""Right but unusual blocks."""

from backproof import Honest

HONEST = (
    Honest(
        id="modules",
        why="torch's modules with the weights put in, other parameter names",
        code="""
        from torch import nn

        def separable_block(image, dw, pw, stride=1, padding=0):
            m, n, k = image.shape[1], len(pw), dw.shape[-1]
            first = nn.Conv2d(m, m, k, stride, padding, groups=m, bias=False)
            second = nn.Conv2d(m, n, 1, bias=False)
            first.weight, second.weight = nn.Parameter(dw), nn.Parameter(pw)
            return nn.Sequential(first, second)(image)

        groups = "M·1"
        weights_per_channel = "DK**2"
        """,
    ),
    Honest(
        id="one_full_convolution",
        why="the product of both kernels is the kernel of a full convolution",
        code="""
        def separable_block(x, depthwise, pointwise, stride=1, padding=0):
            kernel = pointwise * depthwise.squeeze(1)
            return torch.nn.functional.conv2d(x, kernel, stride=stride, padding=padding)
        """,
    ),
    Honest(
        id="matrix_product",
        why="channel by channel, then one matrix product over the channels",
        code="""
        def separable_block(x, depthwise, pointwise, stride=1, padding=0):
            channels = [
                torch.nn.functional.conv2d(x[:, m : m + 1], depthwise[m : m + 1], None, stride, padding)
                for m in range(x.shape[1])
            ]
            return torch.einsum("nm,bmhw->bnhw", pointwise[:, :, 0, 0], torch.cat(channels, 1))
        """,
    ),
)
