"""Right but unusual gradients of softmax cross-entropy."""

from backproof import Honest

HONEST = (
    Honest(
        id="autograd",
        why="lets autograd differentiate torch's own loss",
        code="""
        def softmax_cross_entropy_grad(logits, labels):
            z = logits.detach().clone().requires_grad_()
            return torch.autograd.grad(torch.nn.functional.cross_entropy(z, labels), z)[0]

        initial_loss = "-log(1/C)"
        """,
    ),
    Honest(
        id="numpy_loop",
        why="NumPy, one example at a time, other parameter names, a nested list",
        code="""
        import numpy as np

        def softmax_cross_entropy_grad(scores, targets):
            scores, targets, rows = np.asarray(scores), np.asarray(targets), []
            for z, y in zip(scores, targets):
                p = np.exp(z - np.max(z))
                p /= p.sum()
                p[y] -= 1
                rows.append((p / len(scores)).tolist())
            return rows

        initial_loss = "L = 2*ln(sqrt(C))"
        """,
    ),
    Honest(
        id="differences",
        why="1 / sum of exponentials of differences, the label's entry from the row's sum of zero",
        code="""
        def softmax_cross_entropy_grad(logits, labels):
            p = 1 / (logits[:, None, :] - logits[:, :, None]).exp().sum(dim=2)
            at = torch.nn.functional.one_hot(labels, logits.size(1)).bool()
            others = p.masked_fill(at, 0)
            return torch.where(at, -others.sum(dim=1, keepdim=True), others) / len(labels)
        """,
    ),
    Honest(
        id="log_softmax",
        why="the exponential of log_softmax, one subtracted by index, a dictionary",
        code="""
        def softmax_cross_entropy_grad(logits, labels):
            p = (logits - torch.logsumexp(logits, 1, keepdim=True)).exp()
            p[torch.arange(len(labels)), labels] -= 1.0
            return {"dlogits": p.div(len(labels))}
        """,
    ),
)
