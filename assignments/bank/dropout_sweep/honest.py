"""Right but unusual networks and reports."""

from backproof import Honest

HONEST = (
    Honest(
        id="functional_and_residual",
        why="functional dropout, a shortcut, global average pooling, batch normalisation after ReLU",
        code="""
        import torch.nn.functional as F

        class Net(nn.Module):
            def __init__(self, classes, p):
                super().__init__()
                self.p = p
                self.first = nn.Conv2d(1, 24, 3, padding=1)
                self.norms = nn.ModuleList(nn.BatchNorm2d(24) for _ in range(3))
                self.second, self.third = (nn.Conv2d(24, 24, 3, padding=1) for _ in range(2))
                self.head = nn.Linear(24 * 4, classes)

            def forward(self, x):
                x = self.norms[0](F.relu(self.first(x)))
                x = F.max_pool2d(x + self.norms[1](F.relu(self.second(x))), 2)
                x = F.adaptive_avg_pool2d(self.norms[2](F.relu(self.third(x))), 2).flatten(1)
                return self.head(F.dropout(x, self.p, self.training))

        def make_cnn(height, width, classes, drop_prob):
            return Net(classes, drop_prob)

        def sweep_report():
            log = {k / 12: n for k, n in enumerate((331, 330, 327, 320, 319, 311, 300, 290, 200, 91, 60, 41))}
            return {
                "images": 359,
                "sweep": [[p, n / 359] for p, n in log.items()],
                "collapsed": [11 / 12],
                "final_share": 352 / 359,
                "final_loss": 0.07,
            }
        """,
    ),
    Honest(
        id="whole_channels",
        why="dropout of whole channels, and of nothing else",
        code="""
        def make_cnn(height, width, classes, drop_prob):
            return nn.Sequential(
                nn.LazyConv2d(16, 3, padding=1), nn.LazyBatchNorm2d(), nn.ReLU(),
                nn.Dropout2d(drop_prob), nn.LazyConv2d(32, 2, stride=2), nn.LazyBatchNorm2d(),
                nn.ReLU(), nn.Flatten(), nn.LazyLinear(classes),
            )
        """,
    ),
    Honest(
        id="published_table",
        why="ten values from 0 to 0.9, four digits, single precision, the collapse named",
        code="""
        import numpy as np

        def make_cnn(height, width, classes, drop_prob):
            return nn.Sequential(
                nn.LazyConv2d(8, 3, padding="same"), nn.LazyBatchNorm2d(), nn.ReLU(),
                nn.Dropout2d(drop_prob), nn.LazyConv2d(16, 2, stride=2), nn.LazyBatchNorm2d(),
                nn.ReLU(), nn.Flatten(), nn.Dropout(drop_prob), nn.LazyLinear(classes),
            )

        def sweep_report():
            shares = [.9806, .9758, .9719, .9679, .9674, .9592, .9468, .9059, .8795, .1135]
            sweep = np.stack([np.arange(10) / 10, np.array(shares)], 1).astype(np.float32)
            return 10_000, sweep, np.array([0.9], dtype=np.float32), 0.9914, np.float32(0.0288)
        """,
    ),
)
