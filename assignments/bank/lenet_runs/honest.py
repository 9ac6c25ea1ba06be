"""Right but unusual reports."""

from backproof import Honest

HONEST = (
    Honest(
        id="other_runs",
        why="dictionaries, tensors, other sizes, validation above training, rounded digits",
        code="""
        import numpy as np
        import torch

        def lenet_report():
            return {
                "sizes": torch.tensor([10000, 1000]),
                "base_log": np.array([[40.1, 39.9], [70.25, 61.5]]),
                "base_gap": 8.75,
                "augmented_log": [[41.0, 45.5], [60.13, 64.1]],
                "batchnorm_log": torch.tensor([[50.0, 51.0], [66.0, 69.4]]),
                "swish_log": [[50, 52], [67, 69]],
            }

        def sweep_report():
            rates = torch.linspace(20, 60, 8)[:, None].round() + torch.tensor([1.0, 0.0])
            return [45000, 5000], rates, [[50.0, 50.02], [70.0, 70.4], [71, 71], [72, 71], [73, 70]]

        def resnet_report():
            return {"resnet_log": [[99.99, 91.0], [100, 91.4]], "sizes": [50000, 10000]}

        images_right = 4533
        chance_rate = "1.0"
        """,
    ),
)
