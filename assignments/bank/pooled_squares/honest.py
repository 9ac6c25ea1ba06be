"""Right but unusual: matrices computed, poolings by other roads."""

from backproof import Honest

HONEST = (
    Honest(
        id="torch_layers",
        why="torch's own layers, the matrices computed with them: text, a tensor, lists of rows",
        code="""
        def average_pool(x, kernel, stride):
            return torch.nn.AvgPool2d(kernel, stride)(x)

        def max_pool(x, kernel, stride):
            return torch.nn.MaxPool2d(kernel_size=kernel, stride=stride)(x)

        _square = torch.ones(1, 1, 3, 3)
        for _n, _pad in enumerate([(0, 1, 0, 1), (1, 0, 0, 1), (1, 0, 1, 0), (0, 1, 1, 0)], 1):
            _image = torch.nn.functional.pad(_square, _pad)
            globals()[f"average_{_n}"] = str(average_pool(_image, 2, 2)[0, 0].tolist())
            globals()[f"maximum_{_n}"] = str(max_pool(_image, 2, 2)[0, 0].tolist())
        average_2 = average_pool(torch.nn.functional.pad(_square, (1, 0, 0, 1)), 2, 2)[0, 0]
        average_3, average_4 = [[0.25, 0.5], [0.5, 1]], [[0.5, 0.25], [1, 0.5]]
        noise_average, noise_maximum, missing_pixels = 0.25, 1.0, 1
        """,
    ),
    Honest(
        id="loops",
        why="plain loops, other parameter names, nested lists",
        code="""
        def _pool(images, window, step, reduce):
            rows, columns = window
            height, width = images.shape[2:]
            return [
                [
                    [
                        [
                            reduce(
                                channel[i + u][j + v] for u in range(rows) for v in range(columns)
                            )
                            for j in range(0, width - columns + 1, step)
                        ]
                        for i in range(0, height - rows + 1, step)
                    ]
                    for channel in image
                ]
                for image in images.tolist()
            ]

        def average_pool(images, window, step):
            return _pool(images, window, step, lambda seen: sum(seen := [*seen]) / len(seen))

        def max_pool(images, window, step):
            return _pool(images, window, step, max)
        """,
    ),
    Honest(
        id="numpy_windows",
        why="NumPy's sliding windows; averages as a convolution",
        code="""
        import numpy as np

        def average_pool(x, kernel, stride):
            channels = x.shape[1]
            w = torch.full((channels, 1, *kernel), 1 / (kernel[0] * kernel[1]), dtype=x.dtype)
            return torch.nn.functional.conv2d(x, w, stride=stride, groups=channels)

        def max_pool(x, kernel, stride):
            windows = np.lib.stride_tricks.sliding_window_view(x.numpy(), tuple(kernel), axis=(2, 3))
            return windows[:, :, ::stride, ::stride].max(axis=(4, 5))
        """,
    ),
)
