"""Right counts and steps, written otherwise."""

from backproof import Honest

HONEST = (
    Honest(
        id="autograd",
        why="autograd and torch.optim, plain numbers",
        code="""
        def dead_fraction(x, w, b):
            out = torch.relu(torch.nn.functional.linear(x, w, b))
            return float((out.amax(0) == 0).double().mean())

        def sgd_relu_unit(x, y, w, b, lr):
            w, b = w.clone().requires_grad_(), b.clone().requires_grad_()
            optimizer = torch.optim.SGD([w, b], lr=lr)
            silent = 0
            for k in range(len(y)):
                optimizer.zero_grad()
                ((torch.relu(x[k] @ w + b) - y[k]) ** 2 / 2).backward()
                silent += bool(w.grad.abs().sum() + b.grad.abs() == 0)
                optimizer.step()
            return silent, w.detach(), b.detach()
        """,
    ),
    Honest(
        id="plain_python",
        why="NumPy and plain numbers, other parameter names, the count as a tensor",
        code="""
        import numpy as np

        def dead_fraction(data, weights, biases):
            dead = [
                all(float(r @ u + c) <= 0 for r in data) for u, c in zip(weights, biases)
            ]
            return np.mean(dead)

        def sgd_relu_unit(data, targets, weights, bias, rate):
            weights, bias, steps = weights.numpy().copy(), float(bias), []
            for r, t in zip(data.numpy(), targets.tolist()):
                h = float(weights @ r) + bias
                g = h - t if h > 0 else 0.0
                steps.append(g)
                weights -= rate * g * r
                bias -= rate * g
            return torch.tensor(steps.count(0.0)), weights, bias
        """,
    ),
)
