"""Right but unusual penalties and steps."""

from backproof import Honest

HONEST = (
    Honest(
        id="loops",
        why="a loop over the parameters, torch's own optimizer and softshrink",
        code="""
        def l1_penalty(parameters, lam):
            total = 0
            for p in parameters:
                if p.dim() >= 2:
                    total = total + p.norm(p=1)
            return lam * total

        def weight_decay_step(w, grad, lr, weight_decay):
            w = torch.nn.Parameter(w.clone())
            w.grad = grad.clone()
            torch.optim.SGD([w], lr=lr, weight_decay=weight_decay).step()
            return w.detach()

        def proximal_step(w, grad, lr, lam):
            return torch.nn.functional.softshrink(w - lr * grad, lr * lam)

        def share_below(w, tau):
            return float((abs(w) < tau).sum()) / w.numel()
        """,
    ),
    Honest(
        id="autograd",
        why="the penalty's slope by autograd, NumPy for the rest",
        code="""
        import numpy as np

        def l1_step(w, grad, lr, lam):
            leaf = w.clone().requires_grad_()
            (lam * leaf.abs().sum()).backward()
            return w - lr * (grad + leaf.grad)

        def proximal_step(w, grad, lr, lam):
            v = (w - lr * grad).numpy()
            return np.sign(v) * np.maximum(np.abs(v) - lr * lam, 0)

        def share_below(w, tau):
            return np.mean(np.abs(w.numpy()) < tau)

        equal_pull = 100
        """,
    ),
)
