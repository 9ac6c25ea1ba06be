"""Right gradients, written otherwise."""

from backproof import Honest

HONEST = (
    Honest(
        id="autograd",
        why="asks autograd",
        code="""
        def relu_net_gradients(x, dout, w, b, v):
            w, b, v = (t.clone().requires_grad_() for t in (w, b, v))
            out = torch.relu(torch.nn.functional.linear(x, w, b)) @ v
            return *torch.autograd.grad(out, (w, b, v), dout), dout.sum()
        """,
    ),
    Honest(
        id="loop",
        why="NumPy, one example at a time, a list of arrays",
        code="""
        import numpy as np

        def relu_net_gradients(x, dout, w, b, v):
            x, dout, w, b, v = (t.detach().numpy() for t in (x, dout, w, b, v))
            dw, db, dv, dc = np.zeros_like(w), np.zeros_like(b), np.zeros_like(v), 0.0
            for row, g in zip(x, dout):
                h = w @ row + b
                back = np.where(h > 0, g * v, 0)
                dw += np.outer(back, row)
                db += back
                dv += g * np.maximum(h, 0)
                dc += g
            return [dw, db, dv, dc]
        """,
    ),
)
