"""Right but unusual poolings."""

from backproof import Honest

HONEST = (
    Honest(
        id="torch_layers",
        why="torch's own pooling, a concatenation as the shift",
        code="""
        def pool_and_shift(x, kernel):
            pool = torch.nn.MaxPool1d(kernel)
            moved = torch.zeros_like(x)
            moved[:, 1:] = x[:, :-1]
            return [pool(x), pool(moved)]

        unchanged = "(k - 1) k^-1"
        pooling_learns = False
        """,
    ),
    Honest(
        id="loops",
        why="lists of Python numbers, a dictionary",
        code="""
        def pool_and_shift(x, kernel):
            def pool(rows):
                windows = range(len(rows[0]) // kernel)
                return [[max(row[kernel * i : kernel * (i + 1)]) for i in windows] for row in rows]

            rows = x.tolist()
            return {"after": pool([[0.0, *row[:-1]] for row in rows]), "before": pool(rows)}

        moves_with_stride = True
        """,
    ),
)
