"""Right but unusual LeNets and steps."""

from backproof import Honest

HONEST = (
    Honest(
        id="sequential",
        why="a function that returns a Sequential",
        code="""
        def LeNet5():
            return nn.Sequential(
                nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2, 2),
                nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2, 2),
                nn.Flatten(), nn.Linear(400, 120), nn.ReLU(),
                nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
            )
        """,
    ),
    Honest(
        id="functional",
        why="parameters and functions only, defined from the output to the input",
        code="""
        import torch.nn.functional as F

        class LeNet5(nn.Module):
            def __init__(self):
                super().__init__()
                self.bs, self.ws = nn.ParameterList(), nn.ParameterList()
                for shape in [(10, 84), (84, 120), (120, 400), (16, 6, 5, 5), (6, 3, 5, 5)]:
                    bound = torch.empty(shape)[0].numel() ** -0.5
                    self.ws.append(nn.Parameter(torch.empty(shape).uniform_(-bound, bound)))
                    self.bs.append(nn.Parameter(torch.empty(shape[0]).uniform_(-bound, bound)))

            def forward(self, x):
                for w, b in zip(list(self.ws)[:2:-1], list(self.bs)[:2:-1]):
                    x = F.max_pool2d(F.conv2d(x, w, b).clamp_min(0), 2)
                x = x.reshape(len(x), -1)
                for w, b in zip(list(self.ws)[2:0:-1], list(self.bs)[2:0:-1]):
                    x = F.relu(F.linear(x, w, b))
                return x @ self.ws[0].T + self.bs[0]
        """,
    ),
    Honest(
        id="own_layers",
        why="subclasses of torch's layers, other names, pooling before ReLU, which is the same",
        code="""
        class Block(nn.Conv2d):
            def __init__(self, before, after):
                super().__init__(before, after, kernel_size=(5, 5), stride=1)

            def forward(self, x):
                return nn.functional.relu(nn.functional.max_pool2d(super().forward(x), 2, 2))

        class LeNet5(nn.Module):
            def __init__(self, classes=10):
                super().__init__()
                self.features = nn.Sequential(Block(3, 6), Block(6, 16))
                self.dense = nn.ModuleList([nn.Linear(400, 120), nn.Linear(120, 84)])
                self.head = nn.Linear(84, classes)

            def forward(self, images):
                hidden = self.features(images).view(images.size(0), -1)
                for layer in self.dense:
                    hidden = layer(hidden).relu()
                return self.head(hidden)
        """,
    ),
    Honest(
        id="lazy_and_backwards",
        why="lazy layers, defined in another order than they are used in",
        code="""
        class LeNet5(nn.Module):
            def __init__(self):
                super().__init__()
                self.last = nn.LazyLinear(10)
                self.middle = nn.LazyLinear(84)
                self.wide = nn.LazyLinear(120)
                self.second = nn.LazyConv2d(16, 5)
                self.first = nn.LazyConv2d(6, 5)
                self.register_buffer("offset", torch.zeros(1))

            def forward(self, x):
                for layer in (self.first, self.second):
                    x = layer(x).relu().unfold(2, 2, 2).unfold(3, 2, 2).amax((-1, -2))
                x = x.flatten(start_dim=1) + self.offset
                return self.last(self.middle(self.wide(x).relu_()).relu_())
        """,
    ),
    Honest(
        id="other_steps",
        why="clears afterwards, returns a plain number, other parameter names",
        code="""
        criterion = nn.CrossEntropyLoss()

        def train_step(model, opt, images, labels):
            model.train()
            model.zero_grad(set_to_none=False)
            loss = criterion(model(images), labels.long())
            loss.backward()
            opt.step()
            opt.zero_grad()
            return loss.item()
        """,
    ),
    Honest(
        id="gradients_by_hand",
        why="asks autograd for the gradients and hands them to the optimizer, log-softmax by hand",
        code="""
        def train_step(network, optimizer, x, y):
            logits = network(x)
            chosen = logits.log_softmax(-1)[torch.arange(len(y)), y]
            loss = -chosen.sum() / len(y)
            weights = [w for group in optimizer.param_groups for w in group["params"]]
            for w, g in zip(weights, torch.autograd.grad(loss, weights)):
                w.grad = g
            optimizer.step()
            return loss
        """,
    ),
)
