"""Right but unusual tables."""

from backproof import Honest

HONEST = (
    Honest(
        id="torch_functions",
        why="flatten, float and one_hot of torch, whose result is whole numbers",
        code="""
        def images_to_rows(images):
            return images.flatten(1).float().div(255)

        def one_hot(labels, classes):
            return torch.nn.functional.one_hot(labels, num_classes=classes)

        input_columns = 28 ** 2
        entry_meaning = "Brightness of a pixel"
        """,
    ),
    Honest(
        id="numpy",
        why="NumPy, double precision, other parameter names, an identity matrix that is indexed",
        code="""
        import numpy as np

        def images_to_rows(x):
            x = np.asarray(x)
            return x.reshape(x.shape[0], x.shape[1] * x.shape[2]).astype("float64") * (1 / 255)

        def one_hot(y, n):
            return np.eye(n)[np.asarray(y)]
        """,
    ),
    Honest(
        id="loops",
        why="nested lists of Python numbers",
        code="""
        def images_to_rows(images):
            return [[pixel / 255 for row in image for pixel in row] for image in images.tolist()]

        def one_hot(labels, classes):
            return [[1 if label == c else 0 for c in range(classes)] for label in labels.tolist()]
        """,
    ),
    Honest(
        id="scatter",
        why="writes ones into a table of zeros; images joined row by row",
        code="""
        def images_to_rows(images):
            rows = torch.empty(images.shape[0], images.shape[1:].numel())
            for n, image in enumerate(images):
                rows[n] = torch.cat([row for row in image]).to(torch.float32) / 255.0
            return rows

        def one_hot(labels, classes):
            return torch.zeros(len(labels), classes).scatter_(1, labels.unsqueeze(1), 1.0)
        """,
    ),
)
