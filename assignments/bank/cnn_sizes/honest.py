"""Right sizes, computed."""

from backproof import Honest

HONEST = (
    Honest(
        id="computed",
        why="sizes read off torch's layers",
        code="""
        layer = torch.nn.Conv2d(3, 8, 5)
        parameters = sum(p.numel() for p in layer.parameters())
        _, output_channels, output_height, output_width = layer(torch.zeros(1, 3, 32, 32)).shape
        rows_unpadded = torch.nn.Conv2d(1, 1, 8)(torch.zeros(1, 1, 20, 20)).shape[2]
        rows_of_zeros = float(20 - rows_unpadded)
        """,
    ),
)
