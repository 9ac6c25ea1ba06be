"""Right but unusual ways to prepare images."""

from backproof import Honest

HONEST = (
    Honest(
        id="numpy",
        why="NumPy all through",
        code="""
        import numpy as np

        def channel_statistics(images):
            x = images.numpy() / 255
            inside = np.stack([image.reshape(-1, x.shape[-1]).std(axis=0) for image in x])
            return {
                "mean": x.mean((0, 1, 2)), "std": x.std((0, 1, 2)), "image_std": inside.mean(0)
            }

        def normalise(images, mean, std):
            x = np.moveaxis(images.numpy(), -1, 1) / 255
            return (x - mean.numpy()[:, None, None]) / std.numpy()[:, None, None]

        def crop_and_flip(images, rows, columns, flips, padding):
            images = np.asarray(images)
            n, h, w, c = images.shape
            big = np.zeros((n, h + 2 * padding, w + 2 * padding, c), images.dtype)
            big[:, padding : padding + h, padding : padding + w] = images
            out = [
                big[k, r : r + h, s : s + w][:, :: -1 if f else 1]
                for k, (r, s, f) in enumerate(zip(rows.tolist(), columns.tolist(), flips.tolist()))
            ]
            return np.stack(out)

        def make_batch(images, mean, std, rows, columns, flips, padding, training):
            if training:
                images = torch.from_numpy(crop_and_flip(images, rows, columns, flips, padding))
            return normalise(images, mean, std)
        """,
    ),
    Honest(
        id="variance_by_squares",
        why="the mean of the squares less the squared mean, advanced indexing",
        code="""
        def channel_statistics(images):
            x = images.double() / 255
            mean = x.mean((0, 1, 2))
            std = ((x**2).mean((0, 1, 2)) - mean**2).sqrt()
            own = x.mean((1, 2))
            return mean, std, ((x**2).mean((1, 2)) - own**2).sqrt().mean(0)

        def crop_and_flip(images, rows, columns, flips, padding):
            n, h, w, _ = images.shape
            padded = images.new_zeros(n, h + 2 * padding, w + 2 * padding, images.shape[3])
            padded[:, padding : padding + h, padding : padding + w] = images
            i = rows[:, None, None] + torch.arange(h)[None, :, None]
            across = torch.arange(w).expand(n, w).clone()
            across[flips == 1] = across[flips == 1].flip(1)
            j = columns[:, None, None] + across[:, None, :]
            return padded[torch.arange(n)[:, None, None], i, j]
        """,
    ),
)
