"""Right but unusual batch normalisations."""

from backproof import Honest

HONEST = (
    Honest(
        id="autograd",
        why="lets autograd differentiate a recomputed forward pass",
        code="""
        def batchnorm_forward(x, gamma, beta, eps=1e-5):
            var, mean = torch.var_mean(x, 0, correction=0)
            out = torch.addcmul(beta, gamma, (x - mean) * torch.rsqrt(var + eps))
            return out, dict(x=x, gamma=gamma, beta=beta, eps=eps)

        def batchnorm_backward(dout, cache):
            leaves = [cache[name].clone().requires_grad_() for name in ("x", "gamma", "beta")]
            out, _ = batchnorm_forward(*leaves, eps=cache["eps"])
            return torch.autograd.grad(out, leaves, dout)
        """,
    ),
    Honest(
        id="three_term_chain_rule",
        why="the paper's chain rule with its three paths, statistics by torch.var",
        code="""
        def batchnorm_forward(x, gamma, beta, eps=1e-5):
            mu, var = x.mean(0), x.var(0, unbiased=False)
            x_hat = (x - mu) / (var + eps) ** 0.5
            return gamma * x_hat + beta, (x, x_hat, mu, var, gamma, eps)

        def batchnorm_backward(dout, cache):
            x, x_hat, mu, var, gamma, eps = cache
            m = x.size(0)
            dxhat = dout * gamma
            dvar = (dxhat * (x - mu) * -0.5 * (var + eps) ** -1.5).sum(0)
            dmu = -(dxhat / (var + eps).sqrt()).sum(0) + dvar * (-2 * (x - mu)).mean(0)
            dx = dxhat / (var + eps).sqrt() + dvar * 2 * (x - mu) / m + dmu / m
            return [dx, (dout * x_hat).sum(0), dout.sum(0)]
        """,
    ),
    Honest(
        id="numpy_loops",
        why="NumPy, a Python loop per feature, other parameter names, prints, keyword-only eps",
        code="""
        import numpy as np
        import warnings

        def batchnorm_forward(data, scale, shift, *, eps=0.00001):
            print("forward", data.shape)
            warnings.warn("just saying")
            data, scale, shift = (np.asarray(t) for t in (data, scale, shift))
            out, hats, roots = np.empty_like(data), [], []
            for j in range(data.shape[1]):
                column = data[:, j]
                centre = sum(column) / len(column)
                root = np.sqrt(np.mean((column - centre) ** 2) + eps)
                hats.append((column - centre) / root)
                roots.append(root)
                out[:, j] = scale[j] * hats[-1] + shift[j]
            return out, {"hat": np.stack(hats, 1), "root": np.array(roots), "scale": scale}

        def batchnorm_backward(upstream, saved):
            g, hat = np.asarray(upstream), saved["hat"]
            dgamma, dbeta = np.einsum("nd,nd->d", g, hat), np.einsum("nd->d", g)
            dx = saved["scale"] / saved["root"] * (g - dbeta / len(g) - hat * dgamma / len(g))
            return {"dgamma": dgamma, "dbeta": dbeta, "dx": dx}
        """,
    ),
    Honest(
        id="named_tuple_and_class",
        why="helper class, named tuple, outputs that require grad, a global cache counter",
        code="""
        from typing import NamedTuple

        class Gradients(NamedTuple):
            dx: torch.Tensor
            dgamma: torch.Tensor
            dbeta: torch.Tensor

        CALLS = []

        class Layer:
            def __init__(self, eps):
                self.eps = eps

            def forward(self, x, gamma, beta):
                CALLS.append(x.shape)
                self.gamma = gamma.detach().clone().requires_grad_()
                self.std = torch.sqrt(torch.var(x, dim=0, correction=0) + self.eps)
                self.x_hat = torch.div(x - torch.mean(x, dim=0), self.std)
                return torch.addcmul(beta, self.gamma, self.x_hat)

        def batchnorm_forward(x, gamma, beta, eps=1e-5):
            layer = Layer(eps)
            return layer.forward(x, gamma, beta), layer

        def batchnorm_backward(dout, cache):
            g = dout * cache.gamma
            dx = (g - g.mean(0) - cache.x_hat * (g * cache.x_hat).mean(0)) / cache.std
            return Gradients(dgamma=(dout * cache.x_hat).sum(0), dbeta=dout.sum(0), dx=dx)
        """,
    ),
    Honest(
        id="single_precision_inside",
        why="works in float32 throughout and returns float64",
        code="""
        def batchnorm_forward(x, gamma, beta, eps=1e-5):
            kind = x.dtype
            x, gamma, beta = x.float(), gamma.float(), beta.float()
            var, mu = torch.var_mean(x, dim=0, unbiased=False)
            x_hat = (x - mu) * torch.rsqrt(var + eps)
            return (gamma * x_hat + beta).to(kind), (x_hat, gamma, torch.rsqrt(var + eps), kind)

        def batchnorm_backward(dout, cache):
            x_hat, gamma, r, kind = cache
            dout = dout.float()
            dgamma, dbeta = (dout * x_hat).sum(0), dout.sum(0)
            dx = gamma * r * (dout - dbeta / len(dout) - x_hat * dgamma / len(dout))
            return dx.to(kind), dgamma.to(kind), dbeta.to(kind)
        """,
    ),
    Honest(
        id="one_pass_but_centred",
        why="one-pass variance after subtracting the first row, inference as one affine map",
        code="""
        def batchnorm_forward(x, gamma, beta, eps=1e-5):
            shifted = x - x[0]
            var = (shifted**2).mean(0) - shifted.mean(0) ** 2
            inv_std = (var + eps) ** -0.5
            x_hat = (shifted - shifted.mean(0)) * inv_std
            return x_hat * gamma + beta, (x_hat, gamma, inv_std)

        def batchnorm_inference(x, gamma, beta, running_mean, running_var, eps=1e-5):
            scale = gamma / (running_var + eps).sqrt()
            return torch.addcmul(beta - running_mean * scale, x, scale)
        """,
    ),
)
