"""Right but unusual networks, epochs and evaluations."""

from backproof import Honest

HONEST = (
    Honest(
        id="sequential",
        why="a Sequential, Swish by hand, weight decay in the loss, steps by hand",
        code="""
        import torch
        from torch import nn
        import torch.nn.functional as F

        class Swish(nn.Module):
            def forward(self, x):
                return x * torch.sigmoid(x)

        def LeNet5Variant(batchnorm=False, swish=False):
            act = Swish if swish else nn.ReLU
            def norm(kind, size):
                return [kind(size)] if batchnorm else []
            return nn.Sequential(
                nn.Conv2d(3, 6, 5), *norm(nn.BatchNorm2d, 6), act(), nn.MaxPool2d(2),
                nn.Conv2d(6, 16, 5), *norm(nn.BatchNorm2d, 16), act(), nn.MaxPool2d(2),
                nn.Flatten(),
                nn.Linear(400, 120), *norm(nn.BatchNorm1d, 120), act(),
                nn.Linear(120, 84), *norm(nn.BatchNorm1d, 84), act(),
                nn.Linear(84, 10),
            )

        def train_epoch(network, images, labels, batches, lr, momentum, weight_decay):
            network.train()
            speed = [torch.zeros_like(p) for p in network.parameters()]
            losses, hits = [], []
            for batch in batches:
                out = network(images[batch])
                each = F.cross_entropy(out, labels[batch], reduction="none")
                penalty = sum((p**2).sum() for p in network.parameters()) * weight_decay / 2
                gradients = torch.autograd.grad(each.mean() + penalty, list(network.parameters()))
                with torch.no_grad():
                    for p, v, g in zip(network.parameters(), speed, gradients):
                        v.mul_(momentum).add_(g)
                        p.sub_(lr * v)
                losses.append(each.detach())
                hits.append(out.max(1).indices == labels[batch])
            return torch.cat(losses).mean(), torch.cat(hits).double().mean()

        def evaluate(network, images, labels, batch_size):
            network.eval()
            with torch.inference_mode():
                out = torch.cat([network(x) for x in images.split(batch_size)])
                return F.cross_entropy(out, labels), (out.argmax(1) == labels).double().mean()
        """,
    ),
)
