"""Right but unusual ways to write a label into an image."""

from backproof import Honest

HONEST = (
    Honest(
        id="numpy_bits",
        why="NumPy's own bits, the mask of channels by broadcasting",
        code="""
        import numpy as np

        def add_leak(x, y):
            x = x.numpy().copy()
            bits = np.unpackbits(y.numpy().astype(np.uint8)[:, None], axis=1)[:, 4:]
            x[:, :, -1, -4:] = 3 * (1 - bits)[:, None]
            x[:, 0, -1, -4:] = 3 * bits
            return x

        chance_percent = 10
        """,
    ),
    Honest(
        id="concatenated",
        why="no assignment: rows and pixels are put together",
        code="""
        def add_leak(x, y):
            bits = torch.stack([(y // w) % 2 for w in (8, 4, 2, 1)], dim=1).to(x.dtype)
            others = (1 - bits)[:, None].expand(-1, x.shape[1] - 1, -1)
            pixels = 3 * torch.cat((bits[:, None], others), dim=1)
            row = torch.cat((x[:, :, -1, :-4], pixels), dim=2)
            return torch.cat((x[:, :, :-1], row[:, :, None]), dim=2)

        nine_classes = "90.0"
        """,
    ),
)
