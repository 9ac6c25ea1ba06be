"""Center loss, its gradients and the update of its centres; centres on a regular simplex."""

import math

import torch


def center_loss(
    features: torch.Tensor, centers: torch.Tensor, labels: torch.Tensor
) -> torch.Tensor:
    """Half the sum of squared distances of the features from the centre of their class.

    The sum runs over the batch; it is not divided by the number of examples.

    Shapes:
        features: (N, D); centers: (K, D); labels: (N,), integers in 0 .. K - 1. Returns ().

    Source:
        Wen, Zhang, Li and Qiao, "A Discriminative Feature Learning Approach for Deep Face
        Recognition", ECCV 2016, equation 2.
    """
    return (features - centers[labels]).square().sum() / 2


def center_loss_backward(
    features: torch.Tensor, centers: torch.Tensor, labels: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Gradients of ``center_loss`` with respect to the features and to the centres.

    The gradient of a centre is n_j c_j minus the sum of the n_j features of its class; a class
    without examples has gradient zero. ``center_update`` is another quantity.

    Shapes:
        as for ``center_loss``. Returns ``(dfeatures, dcenters)``: (N, D), (K, D).

    Source:
        Wen, Zhang, Li and Qiao, "A Discriminative Feature Learning Approach for Deep Face
        Recognition", ECCV 2016, equation 3 (features); the derivation
        ``center_loss.center_gradient`` of this package (centres).
    """
    dfeatures = features - centers[labels]
    return dfeatures, torch.zeros_like(centers).index_add_(0, labels, -dfeatures)


def center_loss_weight_grad(
    inputs: torch.Tensor, weight: torch.Tensor, centers: torch.Tensor, labels: torch.Tensor
) -> torch.Tensor:
    """Gradient of ``center_loss`` with respect to W, for features x_i = W u_i.

    Shapes:
        inputs: (N, M), the u_i; weight: (D, M); centers: (K, D); labels: (N,). Returns (D, M).

    Source:
        The derivation ``center_loss.weight_gradient`` of this package.
    """
    return (inputs @ weight.T - centers[labels]).T @ inputs


def center_update(
    features: torch.Tensor, centers: torch.Tensor, labels: torch.Tensor
) -> torch.Tensor:
    """What the paper subtracts (times a rate) from the centres: the gradient over 1 + n_j.

    Subtracted in full, it makes a centre the mean of itself and the n_j features of its class.

    Shapes:
        as for ``center_loss``. Returns (K, D).

    Source:
        Wen, Zhang, Li and Qiao, "A Discriminative Feature Learning Approach for Deep Face
        Recognition", ECCV 2016, equation 4.
    """
    _, gradient = center_loss_backward(features, centers, labels)
    counts = torch.bincount(labels, minlength=centers.shape[0]).to(gradient.dtype)
    return gradient / (1 + counts[:, None])


def simplex_centers(count: int, dim: int) -> torch.Tensor:
    """Unit vectors with all pairwise cosines -1 / (count - 1): the vertices of a regular simplex.

    No ``count`` unit vectors can have a smaller largest cosine. They sum to zero, so they fit into
    count - 1 dimensions; further coordinates are zero.

    Shapes:
        Returns (count, dim) in float64.

    Raises:
        ValueError: if count < 2 or dim < count - 1.

    Source:
        The derivations ``simplex.cosine`` and ``simplex.bound`` of this
        package; the basis is that of Helmert.
    """
    if count < 2 or dim < count - 1:
        raise ValueError(
            f"at least 2 centres in at least count - 1 dimensions, got count={count}, dim={dim}"
        )
    centers = torch.zeros(count, dim, dtype=torch.float64)
    scale = math.sqrt(count / (count - 1))
    for axis in range(1, count):
        # An orthonormal basis of the vectors that sum to zero, read column by column.
        length = math.sqrt(axis * (axis + 1))
        centers[:axis, axis - 1] = scale / length
        centers[axis, axis - 1] = -axis * scale / length
    return centers
