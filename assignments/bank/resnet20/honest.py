"""Right but unusual residual networks."""

from backproof import Honest

HONEST = (
    Honest(
        id="other_order",
        why="normalisations defined behind the convolutions, zeros by concatenation, a function",
        code="""
        import torch
        from torch import nn
        import torch.nn.functional as F

        class Block(nn.Module):
            def __init__(self, cin, cout, stride, projection=False):
                super().__init__()
                self.a = nn.Conv2d(cin, cout, kernel_size=3, stride=stride, padding=1, bias=False)
                self.b = nn.Conv2d(cout, cout, kernel_size=3, padding=1, bias=False)
                self.na, self.nb = nn.BatchNorm2d(cout), nn.BatchNorm2d(cout)
                self.short = nn.Identity()
                self.pad = (cout - cin, stride)
                if projection and (stride != 1 or cin != cout):
                    self.short = nn.Sequential(
                        nn.Conv2d(cin, cout, 1, stride=stride, bias=False), nn.BatchNorm2d(cout)
                    )
                    self.pad = (0, 1)

            def forward(self, x):
                y = self.nb(self.b(F.relu(self.na(self.a(x)))))
                x = self.short(x)
                more, step = self.pad
                x = x[..., ::step, ::step]
                if more:
                    zeros = torch.zeros(len(x), more, *x.shape[2:], dtype=x.dtype, device=x.device)
                    x = torch.cat((x, zeros), 1)
                return F.relu(x + y)

        def ResidualBlock(channels_in, channels_out, stride, projection=False):
            return Block(channels_in, channels_out, stride, projection)

        def ResNet20(projection=False):
            blocks, width = [], 16
            for stage in range(3):
                out = 16 * 2**stage
                for place in range(3):
                    step = 2 if stage and not place else 1
                    blocks.append(Block(width, out, step, projection))
                    width = out
            return nn.Sequential(
                nn.Conv2d(3, 16, 3, padding="same", bias=False),
                nn.BatchNorm2d(16),
                nn.ReLU(inplace=True),
                *blocks,
                nn.AdaptiveAvgPool2d(1),
                nn.Flatten(),
                nn.Linear(64, 10),
            )
        """,
    ),
)
