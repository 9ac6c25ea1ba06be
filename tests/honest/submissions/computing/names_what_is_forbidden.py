# odd: names, and tests itself against, functions that its question does not allow
import torch
import torch.nn.functional as F
from torch.nn.functional import batch_norm, conv2d  # noqa: F401


def _difference():
    """Compares with torch.nn.functional.conv2d."""
    x, w, b = torch.randn(2, 3, 6, 5), torch.randn(4, 3, 2, 3), torch.randn(4)
    return (F.conv2d(x, w, b) - conv2d_forward(x, w, b)).abs().max()


print("difference:", _difference())
if __name__ == "__main__":
    print(batch_norm(torch.randn(4, 3), None, None, training=True))
