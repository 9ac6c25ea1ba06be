# odd: projections, einsum and solving in other ways
import torch


def batchnorm_backward(dout, cache, _original=batchnorm_backward):
    x_hat, gamma, inv_std = cache
    N = len(dout)
    eye = torch.eye(N, dtype=dout.dtype)
    jacobian = eye[:, :, None] - 1 / N - torch.einsum("nd,md->nmd", x_hat, x_hat) / N
    dx = torch.einsum("nmd,md->nd", jacobian, dout) * gamma * inv_std
    return dx, torch.einsum("nd,nd->d", dout, x_hat), torch.ones(N, dtype=dout.dtype) @ dout


def dropout_ridge(x, y, keep_prob):
    penalty = ((1 - keep_prob) / keep_prob) ** 0.5 * x.norm(dim=0)
    rows = torch.cat([x, penalty.diag()])
    return torch.linalg.lstsq(rows, torch.cat([y, y.new_zeros(len(penalty))])[:, None]).solution[:, 0]
