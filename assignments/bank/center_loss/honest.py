"""Right but unusual gradients of the center loss, and other spellings of the simplex."""

from backproof import Honest

HONEST = (
    Honest(
        id="autograd",
        why="lets autograd differentiate the loss, all three times",
        code="""
        def loss(features, centers, labels):
            return torch.nn.functional.mse_loss(features, centers[labels], reduction="sum") / 2

        def center_loss_feature_grad(features, centers, labels):
            features = features.detach().clone().requires_grad_()
            return torch.autograd.grad(loss(features, centers, labels), features)[0]

        def center_loss_weight_grad(inputs, weight, centers, labels):
            weight = weight.detach().clone().requires_grad_()
            x = torch.nn.functional.linear(inputs, weight)
            return torch.autograd.grad(loss(x, centers, labels), weight)

        def center_loss_center_grad(features, centers, labels):
            centers = centers.detach().clone().requires_grad_()
            loss(features, centers, labels).backward()
            return centers.grad
        """,
    ),
    Honest(
        id="one_hot_matrices",
        why="one-hot labels and matrix products, counts of the classes in a diagonal matrix",
        code="""
        def center_loss_feature_grad(features, centers, labels):
            chosen = torch.nn.functional.one_hot(labels, len(centers)).to(centers.dtype)
            return features - chosen @ centers

        def center_loss_weight_grad(inputs, weight, centers, labels):
            chosen = torch.nn.functional.one_hot(labels, len(centers)).to(centers.dtype)
            return weight @ (inputs.T @ inputs) - centers.T @ (chosen.T @ inputs)

        def center_loss_center_grad(features, centers, labels):
            chosen = torch.nn.functional.one_hot(labels, len(centers)).to(centers.dtype)
            return torch.diag(chosen.sum(0)) @ centers - chosen.T @ features
        """,
    ),
    Honest(
        id="numpy_loops",
        why="NumPy, loops over examples or classes, other parameter names, nested lists",
        code="""
        import numpy as np

        def center_loss_feature_grad(x, c, y):
            x, c, y = np.asarray(x), np.asarray(c), np.asarray(y)
            return [(x[i] - c[y[i]]).tolist() for i in range(len(x))]

        def center_loss_weight_grad(u, w, c, y):
            u, w, c = np.asarray(u), np.asarray(w), np.asarray(c)
            return sum(np.outer(w @ u[i] - c[int(y[i])], u[i]) for i in range(len(u)))

        def center_loss_center_grad(x, c, y):
            x, c, y = np.asarray(x), np.asarray(c), np.asarray(y)
            rows = [np.sum(y == j) * c[j] - x[y == j].sum(axis=0) for j in range(len(c))]
            return {"dcenters": np.stack(rows)}
        """,
    ),
    Honest(
        id="other_spellings",
        why="scatter_add, an einsum, formulas that are written in other ways",
        code="""
        def center_loss_weight_grad(inputs, weight, centers, labels):
            x = torch.einsum("dm,nm->nd", weight, inputs)
            return torch.einsum("nd,nm->dm", x - centers.index_select(0, labels), inputs)

        def center_loss_center_grad(features, centers, labels):
            where = labels[:, None].expand_as(features)
            found = torch.zeros_like(centers)
            return found.scatter_add_(0, where, centers.gather(0, where) - features)

        simplex_cosine = "1/(1 - n)"
        simplex_distance = "2*(1 + 1/(n - 1))"
        """,
    ),
)
