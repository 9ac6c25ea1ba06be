"""Right but unusual answers on CNN and MLP."""

from backproof import Honest

HONEST = (
    Honest(
        id="numpy",
        why="NumPy, whole numbers as counts, a dictionary, fewer images",
        code="""
        import numpy as np

        def kernel_orientation(kernels):
            kernels = kernels.numpy()
            return {"columns": kernels.mean(1).var(1), "rows": kernels.mean(2).var(1)}

        def confusion_matrix(labels, predicted, classes):
            counts = np.zeros((classes, classes), dtype=int)
            np.add.at(counts, (labels.numpy(), predicted.numpy()), 1)
            return counts

        def permute_first_layer(weight, order):
            new = torch.empty_like(weight)
            for place, pixel in enumerate(order.tolist()):
                new[:, place] = weight[:, pixel]
            return new

        def edge_report():
            return {
                "cnn_log": [[80.0, 72.5], [100, 97.5]],
                "mlp_log": [[66.67, 62.5]] * 2 + [[100, 70]],
                "sizes": [30, 40],
            }

        culprit = "The freezing"
        welch_t = "0.574"
        """,
    ),
)
