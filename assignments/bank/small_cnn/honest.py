"""Right but unusual networks and training loops."""

from backproof import Honest

HONEST = (
    Honest(
        id="a_class",
        why="a class with layers in another order, functional pooling and dropout",
        code="""
        import torch.nn.functional as F

        class Net(nn.Module):
            def __init__(self, channels, height, width, classes, batchnorm, p):
                super().__init__()
                self.p = p
                self.head = nn.Linear(24, classes)
                self.hidden = nn.Linear(16 * (height // 4) * (width // 4), 24)
                self.second = nn.Conv2d(8, 16, 3, 1, 1, bias=not batchnorm)
                self.first = nn.Conv2d(channels, 8, 3, padding="same", bias=not batchnorm)
                self.norms = nn.ModuleList([nn.BatchNorm2d(8), nn.BatchNorm2d(16)]) if batchnorm else None

            def forward(self, x):
                for number, convolution in enumerate((self.first, self.second)):
                    x = convolution(x)
                    if self.norms is not None:
                        x = self.norms[number](x)
                    x = F.max_pool2d(x, 2).relu()
                x = F.relu(self.hidden(x.view(len(x), -1)))
                return self.head(F.dropout(x, self.p, self.training))

        def make_cnn(channels, height, width, classes, batchnorm=False, drop_prob=0.0):
            return Net(channels, height, width, classes, batchnorm, drop_prob)
        """,
    ),
    Honest(
        id="lazy",
        why="lazy layers; an own dropout layer with a mask of its own, before the ReLU",
        code="""
        class Drop(nn.Module):
            def __init__(self, p):
                super().__init__()
                self.p = p

            def forward(self, x):
                if not self.training or self.p == 0:
                    return x
                return x * torch.bernoulli(torch.full_like(x, 1 - self.p)) / (1 - self.p)

        def make_cnn(channels, height, width, classes, batchnorm=False, drop_prob=0.0):
            def block(filters):
                norm = [nn.LazyBatchNorm2d()] if batchnorm else []
                layers = [nn.LazyConv2d(filters, 3, padding=1, bias=not batchnorm), *norm]
                return nn.Sequential(*layers, nn.ReLU(inplace=True), nn.MaxPool2d(2, 2))

            return nn.Sequential(
                block(8), block(16), nn.Flatten(), nn.LazyLinear(24), Drop(drop_prob), nn.ReLU(),
                nn.LazyLinear(classes),
            )
        """,
    ),
    Honest(
        id="steps_by_hand",
        why="momentum written out, autograd asked for gradients, other parameter names, a list",
        code="""
        def train_steps(model, data, targets, order, rate):
            model.train(True)
            weights = [w for w in model.parameters() if w.requires_grad]
            speed = [torch.zeros_like(w) for w in weights]
            history = []
            for index in order:
                index = torch.as_tensor(index)
                log_p = model(data.index_select(0, index)).log_softmax(1)
                loss = -log_p.gather(1, targets[index][:, None]).mean()
                gradients = torch.autograd.grad(loss, weights)
                with torch.no_grad():
                    for w, v, g in zip(weights, speed, gradients):
                        v.mul_(0.9).add_(g)
                        w.sub_(rate * v)
                history.append(loss.item())
            return history
        """,
    ),
    Honest(
        id="clears_afterwards",
        why="clears gradients after the step, prints its progress, leaves the network in eval mode",
        code="""
        criterion = nn.CrossEntropyLoss()

        def train_steps(network, images, labels, batches, lr):
            optimizer = torch.optim.SGD(network.parameters(), lr, 0.9)
            losses = torch.zeros(len(batches), dtype=images.dtype)
            network.zero_grad()
            for step, batch in enumerate(batches):
                network.train()
                loss = criterion(network(images[batch]), labels[batch].long())
                losses[step] = loss.item()
                loss.backward()
                optimizer.step()
                optimizer.zero_grad(set_to_none=False)
                print(f"step {step}: loss {loss:.3f}, accuracy 99.9 %")
            network.eval()
            return losses

        @torch.inference_mode()
        def predict(network, x):
            return torch.cat([network.train(False)(image[None]) for image in x])

        def choose_epoch(validation, test):
            best = max(range(len(validation)), key=lambda k: (validation[k], -k))
            return best, test[best]
        """,
    ),
)
