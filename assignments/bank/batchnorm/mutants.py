"""Wrong batch normalisations: each with the sentence that a student reads."""

from backproof import Mutant

# The checks in float32 are not run where those in float64 fail.
_FORWARD = ("forward",)
_DX = ("dx",)
_WRITE_UP = "a homework write-up, question 3.1"

# The write-ups keep x instead of x_hat, which the reference's cache does not hold.
_CACHE_X = """
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mu, var = x.mean(0), x.var(0, unbiased=False)
    s = torch.sqrt(var + eps)
    return gamma * (x - mu) / s + beta, (x, mu, var, s, gamma)


def batchnorm_backward(dout, cache):
    x, mu, var, s, gamma = cache
    m = len(x)
    x_hat = (x - mu) / s
    dgamma, dbeta = (dout * x_hat).sum(0), dout.sum(0)
    dx = gamma / s * (dout - dbeta / m - x_hat * dgamma / m)
    return dx, dgamma, dbeta
"""


def _with_x(old: str, new: str) -> str:
    assert _CACHE_X.count(old) == 1
    return _CACHE_X.replace(old, new)


MUTANTS = (
    Mutant(
        id="unbiased_variance",
        of="batchnorm_forward",
        misconception="your result equals the one with the unbiased variance (divided by N - 1); "
        "inside batch normalisation the variance is divided by N",
        killed_by=(*_FORWARD, *_DX, "dgamma"),
        cause="variance",
        edit=("centred.square().mean(dim=0)", "centred.square().sum(dim=0) / (x.shape[0] - 1)"),
    ),
    Mutant(
        id="unbiased_variance_throughout",
        of="batchnorm_forward",
        misconception="your result equals the one with the unbiased variance (divided by N - 1), "
        "forward and backward; inside batch normalisation the variance is divided by N",
        killed_by=(*_FORWARD, *_DX, "dgamma"),
        cause="variance",
        code="""
        def batchnorm_forward(x, gamma, beta, eps=1e-5):
            centred = x - x.mean(dim=0)
            inv_std = torch.rsqrt(centred.square().sum(dim=0) / (x.shape[0] - 1) + eps)
            return gamma * centred * inv_std + beta, (centred * inv_std, gamma, inv_std)


        def batchnorm_backward(dout, cache):
            x_hat, gamma, inv_std = cache
            n = dout.shape[0]
            dgamma, dbeta = (dout * x_hat).sum(dim=0), dout.sum(dim=0)
            return gamma * inv_std * (dout - dbeta / n - x_hat * dgamma / (n - 1)), dgamma, dbeta
        """,
    ),
    Mutant(
        id="eps_outside_root",
        of="batchnorm_forward",
        misconception="your result equals the one with eps added to the standard deviation; "
        "eps belongs to the variance, inside the root",
        killed_by=(*_FORWARD, *_DX, "dgamma"),
        cause="eps_outside_root",
        edit=(
            "torch.rsqrt(centred.square().mean(dim=0) + eps)",
            "1 / (centred.square().mean(dim=0).sqrt() + eps)",
        ),
    ),
    Mutant(
        id="eps_hard_coded",
        of="batchnorm_forward",
        misconception="your result equals the one with eps = 1e-5 whatever the argument says",
        killed_by=(*_FORWARD, *_DX, "dgamma"),
        cause="eps_hard_coded",
        edit=("centred.square().mean(dim=0) + eps", "centred.square().mean(dim=0) + 1e-5"),
    ),
    Mutant(
        id="eps_missing",
        of="batchnorm_forward",
        misconception="your result equals the one without eps",
        killed_by=(*_FORWARD, *_DX, "dgamma"),
        cause="eps_missing",
        edit=("centred.square().mean(dim=0) + eps", "centred.square().mean(dim=0)"),
    ),
    Mutant(
        id="variance_for_root",
        of="batchnorm_forward",
        misconception="your result equals the one that divides by the variance instead of its root",
        killed_by=(*_FORWARD, *_DX, "dgamma"),
        cause="variance_for_root",
        edit=(
            "torch.rsqrt(centred.square().mean(dim=0) + eps)",
            "1 / (centred.square().mean(dim=0) + eps)",
        ),
    ),
    Mutant(
        id="statistics_over_features",
        of="batchnorm_forward",
        misconception="your result equals the one with mean and variance over the features of each "
        "row (layer normalisation); they are taken over the batch, one pair per feature",
        killed_by=(*_FORWARD, *_DX, "dgamma"),
        code="""
        def batchnorm_forward(x, gamma, beta, eps=1e-5):
            centred = x - x.mean(dim=1, keepdim=True)
            inv_std = torch.rsqrt(centred.square().mean(dim=1, keepdim=True) + eps)
            return gamma * centred * inv_std + beta, (centred * inv_std, gamma, inv_std)
        """,
    ),
    Mutant(
        id="shift_before_scale",
        of="batchnorm_forward",
        misconception="your result equals gamma * (x_hat + beta); the shift comes after the scale",
        killed_by=_FORWARD,
        edit=("gamma * x_hat + beta", "gamma * (x_hat + beta)"),
    ),
    Mutant(
        id="one_pass_variance",
        of="batchnorm_forward",
        misconception="your variance behaves like E[x^2] - E[x]^2: right on paper, but when the "
        "mean is large the two terms cancel and nothing is left",
        killed_by=("forward_stable",),
        edit=(
            "torch.rsqrt(centred.square().mean(dim=0) + eps)",
            "torch.rsqrt((x * x).mean(dim=0) - x.mean(dim=0) ** 2 + eps)",
        ),
    ),
    Mutant(
        id="centres_in_place",
        of="batchnorm_forward",
        misconception="your forward pass subtracts the mean from the caller's own x",
        killed_by=("inputs_unchanged",),
        edit=("centred = x - x.mean(dim=0)", "x -= x.mean(dim=0)\n    centred = x"),
    ),
    Mutant(
        id="half_precision",
        of="batchnorm_forward",
        misconception="your result for float32 inputs is computed in half precision",
        killed_by=("forward_float32",),
        edit=(
            "return gamma * x_hat + beta, (",
            "rounded = x_hat if x.dtype == torch.float64 else x_hat.bfloat16().to(x.dtype)\n"
            "    return gamma * rounded + beta, (",
        ),
    ),
    Mutant(
        id="half_precision_backward",
        of="batchnorm_backward",
        misconception="your dx for float32 inputs is computed in half precision",
        killed_by=("dx_float32",),
        edit=(
            "    return dx, dgamma, dbeta",
            "    dx = dx if dx.dtype == torch.float64 else dx.bfloat16().to(dx.dtype)\n"
            "    return dx, dgamma, dbeta",
        ),
    ),
    Mutant(
        id="detached_variance",
        of="batchnorm_backward",
        misconception="your dx equals the gradient that treats the variance as a constant",
        killed_by=_DX,
        edit=("(dbeta + x_hat * dgamma)", "dbeta"),
    ),
    Mutant(
        id="detached_mean",
        of="batchnorm_backward",
        misconception="your dx equals the gradient that treats the mean as a constant",
        killed_by=_DX,
        edit=("(dbeta + x_hat * dgamma)", "x_hat * dgamma"),
    ),
    Mutant(
        id="detached_statistics",
        of="batchnorm_backward",
        misconception="your dx equals the gradient that treats mean and variance as constants",
        killed_by=_DX,
        edit=("(dout - (dbeta + x_hat * dgamma) / dout.shape[0])", "dout"),
    ),
    Mutant(
        id="gamma_missing",
        of="batchnorm_backward",
        misconception="your dx lacks the factor gamma",
        killed_by=_DX,
        edit=("dx = gamma * inv_std", "dx = inv_std"),
    ),
    Mutant(
        id="root_missing_in_dx",
        of="batchnorm_backward",
        misconception="your dx lacks the factor 1 / sqrt(sigma^2 + eps)",
        killed_by=_DX,
        edit=("dx = gamma * inv_std", "dx = gamma"),
    ),
    Mutant(
        id="batch_size_missing",
        of="batchnorm_backward",
        misconception="your dx sums the two correction terms over the batch where they are averaged",
        killed_by=_DX,
        edit=(" / dout.shape[0])", ")"),
    ),
    Mutant(
        id="write_up_dx",
        of="batchnorm_backward",
        misconception="your dx equals a chain rule with 1/sigma in place of the derivative of x_hat "
        "with respect to the variance, and without the sum over the batch in the mean's path",
        killed_by=_DX,
        source=_WRITE_UP,
        code=_with_x(
            "dx = gamma / s * (dout - dbeta / m - x_hat * dgamma / m)",
            "s = torch.sqrt(var)\n"
            "    dx = (gamma * dout / s + 2 / m * (x - mu) * gamma * dout / s\n"
            "          - gamma / (m * s) * (1 + 2 / m * (x - mu).sum(0)) * dout)",
        ),
    ),
    Mutant(
        id="dgamma_from_x",
        of="batchnorm_backward",
        misconception="your dgamma multiplies dout by x; gamma multiplies the standardised x_hat",
        killed_by=("dgamma",),
        source=_WRITE_UP,
        code=_with_x(
            "dgamma, dbeta = (dout * x_hat).sum(0), dout.sum(0)",
            "dgamma, dbeta = (dout * x_hat).sum(0), dout.sum(0)\n    wrong = (dout * x).sum(0)",
        ).replace("return dx, dgamma, dbeta", "return dx, wrong, dbeta"),
    ),
    Mutant(
        id="averaged_parameters",
        of="batchnorm_backward",
        misconception="your dgamma and dbeta are averaged over the batch; the loss depends on them "
        "through every row, so they are sums",
        killed_by=("dgamma", "dbeta"),
        edit=("return dx, dgamma, dbeta", "return dx, dgamma / len(dout), dbeta / len(dout)"),
    ),
    Mutant(
        id="averaged_dbeta",
        of="batchnorm_backward",
        misconception="your dbeta is averaged over the batch; beta enters every row, so its gradient "
        "is a sum",
        killed_by=("dbeta",),
        edit=("return dx, dgamma, dbeta", "return dx, dgamma, dbeta / len(dout)"),
    ),
    Mutant(
        id="averaged_dgamma",
        of="batchnorm_backward",
        misconception="your dgamma is averaged over the batch; gamma enters every row, so its "
        "gradient is a sum",
        killed_by=("dgamma",),
        edit=("return dx, dgamma, dbeta", "return dx, dgamma / len(dout), dbeta"),
    ),
    Mutant(
        id="swapped_parameters",
        of="batchnorm_backward",
        misconception="you return dbeta where dgamma is due, and the other way round",
        killed_by=("dgamma", "dbeta"),
        edit=("return dx, dgamma, dbeta", "return dx, dbeta, dgamma"),
    ),
    Mutant(
        id="batch_statistics_at_inference",
        of="batchnorm_inference",
        misconception="your result equals the one with the statistics of the batch; at inference "
        "the stored statistics count",
        killed_by=("inference",),
        edit=(
            "(x - running_mean) * torch.rsqrt(running_var + eps)",
            "(x - x.mean(0)) * torch.rsqrt(x.var(0, unbiased=False) + eps)",
        ),
    ),
    Mutant(
        id="running_var_as_std",
        of="batchnorm_inference",
        misconception="your result divides by running_var as if it were a standard deviation",
        killed_by=("inference",),
        edit=("* torch.rsqrt(running_var + eps)", "/ (running_var + eps)"),
    ),
    Mutant(
        id="inference_eps_outside",
        of="batchnorm_inference",
        misconception="your result adds eps to the standard deviation; it belongs to the variance",
        killed_by=("inference",),
        edit=("* torch.rsqrt(running_var + eps)", "/ (running_var.sqrt() + eps)"),
    ),
    Mutant(
        id="library_forward",
        of="batchnorm_forward",
        misconception="your forward pass leaves the normalisation to torch",
        killed_by=("forward",),
        code="""
        _batchnorm_forward = batchnorm_forward

        def batchnorm_forward(x, gamma, beta, eps=1e-5):
            layer = torch.nn.BatchNorm1d(len(gamma), eps, affine=False, track_running_stats=False)
            return layer(x) * gamma + beta, _batchnorm_forward(x, gamma, beta, eps)[1]
        """,
    ),
    Mutant(
        id="library_layer_norm",
        of="batchnorm_forward",
        misconception="your forward pass is torch's layer normalisation of the transposed batch",
        killed_by=("forward",),
        code="""
        _batchnorm_forward = batchnorm_forward

        def batchnorm_forward(x, gamma, beta, eps=1e-5):
            x_hat = torch.nn.functional.layer_norm(x.T, (len(x),), eps=eps).T
            return x_hat * gamma + beta, _batchnorm_forward(x, gamma, beta, eps)[1]
        """,
    ),
    Mutant(
        id="library_inference",
        of="batchnorm_inference",
        misconception="your inference is a call of torch's own",
        killed_by=("inference",),
        code="""
        import torch.nn.functional as F

        def batchnorm_inference(x, gamma, beta, running_mean, running_var, eps=1e-5):
            return F.batch_norm(x, running_mean, running_var, gamma, beta, eps=eps)
        """,
    ),
)
