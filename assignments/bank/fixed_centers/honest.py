"""Right but unusual centers."""

from backproof import Honest

HONEST = (
    Honest(
        id="cholesky_of_the_gram_matrix",
        why="a factor of the matrix of cosines, NumPy, single precision at the end",
        code="""
        import numpy as np

        def evenly_distributed_centers(n, dim):
            gram = (np.eye(n) * n - 1) / (n - 1)
            values, vectors = np.linalg.eigh(gram)
            flat = (vectors * np.sqrt(np.abs(values)))[:, 1:]
            out = np.zeros((n, dim), dtype=np.float32)
            out[:, dim - n + 1 :] = flat
            return out
        """,
    ),
    Honest(
        id="charges_that_repel",
        why="an iteration: repelling charges, run until they rest",
        code="""
        def evenly_distributed_centers(n, dim):
            generator = torch.Generator().manual_seed(1)
            v = torch.randn(n, dim, dtype=torch.float64, generator=generator)
            for _ in range(600):
                v = torch.nn.functional.normalize(v, dim=1)
                apart = v[:, None] - v
                distances = apart.norm(dim=2) + torch.eye(n)
                v = v + 0.5 / n * (apart / distances[:, :, None] ** 3).sum(dim=1)
            return torch.nn.functional.normalize(v, dim=1)
        """,
    ),
    Honest(
        id="by_induction",
        why="one point at the pole, the others below it, again and again; a list of lists",
        code="""
        import math

        def evenly_distributed_centers(n, dim):
            if n == 2:
                return torch.tensor([[1.0], [-1.0]]).double() @ torch.eye(1, dim).double()
            below = evenly_distributed_centers(n - 1, dim - 1) * math.sqrt(1 - 1 / (n - 1) ** 2)
            rows = [[1.0] + [0.0] * (dim - 1)]
            rows += [[-1 / (n - 1)] + row for row in below.tolist()]
            return torch.tensor(rows, dtype=torch.float64)
        """,
    ),
)
