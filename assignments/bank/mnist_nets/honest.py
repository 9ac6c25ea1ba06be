"""Right but unusual networks, training loops and predictions."""

from backproof import Honest

HONEST = (
    Honest(
        id="classes",
        why="a class with functional ReLU and dropout, layers in another order of definition",
        code="""
        import torch.nn.functional as F

        class Perceptron(nn.Module):
            def __init__(self, sizes, drops):
                super().__init__()
                self.last = nn.Linear(sizes[-2], sizes[-1])
                self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes[:-2], sizes[1:-1]))
                self.drops = drops

            def forward(self, x):
                x = x.view(x.size(0), -1)
                for layer, p in zip(self.layers, self.drops):
                    x = F.dropout(F.relu(layer(x)), p, self.training)
                return self.last(x)

        def make_mlp(features, hidden, classes, drop_probs=None):
            return Perceptron([features, *hidden, classes], drop_probs or [0.0] * len(hidden))
        """,
    ),
    Honest(
        id="adam_by_hand",
        why="Adam written out, log-probabilities picked by hand, other parameter names, a list",
        code="""
        def train_network(model, data, targets, order, rate=0.001):
            model.train(True)
            weights = list(model.parameters())
            m = [torch.zeros_like(w) for w in weights]
            v = [torch.zeros_like(w) for w in weights]
            history = []
            for t, index in enumerate(order, 1):
                index = torch.as_tensor(index)
                scores = model(data.index_select(0, index).mul(1 / 255)).log_softmax(1)
                loss = -scores.gather(1, targets[index][:, None]).mean()
                gradients = torch.autograd.grad(loss, weights)
                with torch.no_grad():
                    for w, a, b, g in zip(weights, m, v, gradients):
                        a.mul_(0.9).add_(g, alpha=0.1)
                        b.mul_(0.999).addcmul_(g, g, value=0.001)
                        w.sub_(rate * (a / (1 - 0.9**t)) / ((b / (1 - 0.999**t)).sqrt() + 1e-8))
                history.append(loss.item())
            return history

        def predict(model, data):
            model.eval()
            return torch.cat([model(image[None] / 255.0) for image in data]).detach().numpy()
        """,
    ),
    Honest(
        id="other_designs",
        why="one hidden layer, lazy layers, no dropout, all units that are allowed, an own class",
        code="""
        class Wide(nn.Module):
            def __init__(self, features, classes):
                super().__init__()
                sizes = [features, 500, 300, 150, 50]
                self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
                self.last = nn.Linear(50, classes)

            def forward(self, x):
                x = torch.flatten(x, 1)
                for layer in self.layers:
                    x = torch.relu(layer(x))
                return self.last(x)

        def make_narrow(features, classes):
            return nn.Sequential(nn.Flatten(), nn.LazyLinear(100), nn.ReLU(), nn.LazyLinear(classes))

        def make_medium(features, classes):
            return make_mlp(features, [100, 100], classes)

        def make_wide(features, classes):
            return Wide(features, classes)

        def make_trained(features, classes):
            return nn.Sequential(
                nn.Flatten(), nn.LazyLinear(60), nn.ReLU(), nn.Identity(), nn.LazyLinear(40), nn.ReLU(),
                nn.Identity(), nn.LazyLinear(classes),
            )
        """,
    ),
)
