"""Right but unusual gradients of ReLU."""

from backproof import Honest

HONEST = (
    Honest(
        id="autograd",
        why="lets autograd differentiate torch's own ReLU",
        code="""
        def relu_backward(dout, x):
            x = x.detach().requires_grad_()
            return torch.autograd.grad(torch.relu(x), x, dout)[0]
        """,
    ),
    Honest(
        id="masked_copy",
        why="copies dout and clears entries of the copy in place, returns float64 whatever it got",
        code="""
        def relu_backward(dout, x):
            dx = dout.clone().double()
            dx[x <= 0] = 0
            return dx
        """,
    ),
    Honest(
        id="numpy_loop",
        why="NumPy, one entry at a time, other parameter names, negative zeros",
        code="""
        import numpy as np

        def relu_backward(upstream, z):
            upstream, z = np.asarray(upstream), np.asarray(z)
            slopes = [1.0 if value > 0 else -0.0 for value in z.flat]
            return upstream * np.array(slopes).reshape(z.shape)
        """,
    ),
    Honest(
        id="nested_list",
        why="returns a nested list",
        code="""
        def relu_backward(dout, x):
            return torch.where(x.gt(0), dout, torch.zeros_like(dout)).tolist()
        """,
    ),
)
