"""Reports of other runs, written in other ways."""

from backproof import Honest

HONEST = (
    Honest(
        id="lists_in_a_dictionary",
        why="CIFAR-10, two decimals, whole gaps, capital letters, a different number of epochs each",
        code="""
        def training_report():
            return {
                "sizes": [50000, 10000],
                "base_log": [[45.10, 44.00], [60.24, 57.03], [76.62, 64.14]],
                "base_gap": 12,
                "batchnorm_log": [[55.3, 53.2], [80.08, 65.04]],
                "batchnorm_gap": 15.04,
                "batchnorm_train": "Rose",
                "batchnorm_test": "rose ",
                "dropout_log": [[50.012, 49.5], [70.1, 63.9], [73.55, 64.8], [75.258, 65.73]],
                "dropout_gap": 9.5,
                "dropout_train": "FELL",
                "dropout_test": "rose",
            }
        """,
    ),
    Honest(
        id="computed_from_counts",
        why="percentages computed from counts of images, with all digits of single precision",
        code="""
        import numpy as np

        def training_report():
            n = np.array([1000, 90])
            logs = [
                np.float32(100) * np.array(counts, dtype=np.float32) / n.astype(np.float32)
                for counts in ([[300, 25], [501, 47]], [[420, 40], [777, 61]], [[777, 61], [777, 61]])
            ]
            gaps = [np.float32(log[-1, 0] - log[-1, 1]) for log in logs]
            base, batchnorm, dropout = zip(logs, gaps)
            return (n, *base, *batchnorm, "rose", "rose", *dropout, "same", "same")
        """,
    ),
)
