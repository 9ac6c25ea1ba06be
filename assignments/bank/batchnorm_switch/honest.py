"""Right layers and tables in other ways."""

from backproof import Honest

HONEST = (
    Honest(
        id="torch_functional",
        why="lets torch do it, on copies of the running statistics",
        code="""
        def batchnorm_layer(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
            mean, var = running_mean.clone(), running_var.clone()
            out = torch.nn.functional.batch_norm(
                x, mean, var, gamma, beta, training=training, momentum=momentum, eps=eps
            )
            return out, mean, var
        """,
    ),
    Honest(
        id="lerp_and_dict",
        why="other parameter names, a moving average written as a step, a dictionary of results",
        code="""
        def batchnorm_layer(batch, scale, shift, mean, var, train, rate=0.1, epsilon=1e-5):
            mu, sigma2 = mean, var
            if train:
                n = batch.shape[0]
                mu = batch.sum(0) / n
                sigma2 = ((batch - mu) ** 2).sum(0) / n
                mean = mean + rate * (mu - mean)
                var = var + rate * (sigma2 * n / (n - 1) - var)
            out = scale * (batch - mu) / (sigma2 + epsilon) ** 0.5 + shift
            return {"out": out, "running_mean": mean, "running_var": var}
        """,
    ),
    Honest(
        id="loops",
        why="NumPy and plain loops, lists of numbers",
        code="""
        import numpy as np

        def batch_scatter(x, sizes):
            values = np.asarray(x)
            between, within = [], []
            for m in sizes:
                means, variances = [], []
                for start in range(0, len(values), m):
                    batch = values[start : start + m]
                    means.append(batch.mean())
                    variances.append(np.mean(batch**2) - batch.mean() ** 2)
                between.append(float(np.mean((np.array(means) - values.mean()) ** 2)))
                within.append(float(np.mean(variances)))
            return between, within
        """,
    ),
    Honest(
        id="by_total_variance",
        why="gets one of the two from the law of total variance",
        code="""
        def batch_scatter(x, sizes):
            within = torch.stack([x.view(-1, m).var(1, correction=0).mean() for m in sizes])
            return x.var(correction=0) - within, within
        """,
    ),
)
