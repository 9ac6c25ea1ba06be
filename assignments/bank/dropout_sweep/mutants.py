"""Networks outside of the budget, logs that no runs have produced, and wrong readings."""

from backproof import Mutant

NAMES = ("images", "sweep", "collapsed", "final_share", "final_loss")
PUBLISHED = "a homework write-up, question 3 (g)"


def _network(id: str, misconception: str, old: str, new: str, killed_by: str = "design") -> Mutant:
    return Mutant(
        id=id, of="make_cnn", misconception=misconception, killed_by=(killed_by,), edit=(old, new)
    )


def _says(id: str, misconception: str, change: str, *killed_by: str, source: str = "") -> Mutant:
    """The reference's report with a change to `found`, its values by name."""
    return Mutant(
        id=id,
        of="sweep_report",
        misconception=misconception,
        killed_by=killed_by,
        source=source,
        code=f"""
        def sweep_report(right=sweep_report):
            found = dict(zip({NAMES!r}, right()))
            {change}
            return found
        """,
    )


def _answer(of: str, answer: str, id: str, misconception: str, source: str = "") -> Mutant:
    return Mutant(
        id=f"{of}_{id}",
        of=of,
        misconception=misconception,
        killed_by=(of,),
        answer=answer,
        source=source,
    )


MUTANTS = (
    _network(
        "no_batchnorm",
        "your network has no batch normalisation",
        "nn.BatchNorm2d(after), ",
        "",
    ),
    _network(
        "no_dropout",
        "your network has no dropout",
        ", nn.Dropout(drop_prob)",
        "",
    ),
    Mutant(
        id="no_convolution",
        of="make_cnn",
        misconception="your network has no convolution",
        killed_by=("design",),
        code="""
        def make_cnn(height, width, classes, drop_prob):
            return nn.Sequential(
                nn.Flatten(), nn.Linear(height * width, 100), nn.BatchNorm1d(100), nn.ReLU(),
                nn.Dropout(drop_prob), nn.Linear(100, classes),
            )
        """,
    ),
    Mutant(
        id="convolutions_left_out",
        of="make_cnn",
        misconception="your forward pass leaves out layers, or throws their results away: their weights change nothing",
        killed_by=("design",),
        code="""
        def make_cnn(height, width, classes, drop_prob, make=make_cnn):
            class Linear(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.shown, self.drop = make(height, width, classes, drop_prob), nn.Dropout(drop_prob)
                    self.used = nn.Linear(height * width, classes)

                def forward(self, x):
                    self.shown(x)
                    return self.used(self.drop(x.flatten(1)))

            return Linear()
        """,
    ),
    Mutant(
        id="dropout_left_out",
        of="make_cnn",
        misconception="your forward pass throws away what dropout returns: nothing is dropped",
        killed_by=("design",),
        code="""
        def make_cnn(height, width, classes, drop_prob, make=make_cnn):
            class Undropped(nn.Sequential):
                def forward(self, x):
                    nn.functional.dropout(x, drop_prob, self.training)
                    return super().forward(x)

            return Undropped(*make(height, width, classes, 0.0))
        """,
    ),
    _network(
        "dropout_of_its_own",
        "your dropout has a probability of its own, whatever drop_prob is",
        "nn.Dropout(drop_prob)",
        "nn.Dropout(0.5)",
    ),
    _network(
        "too_many_parameters",
        "your network has a million parameters or more",
        "nn.Linear(flat, 64), nn.ReLU(), nn.Linear(64, classes)",
        "nn.Linear(flat, 5000), nn.ReLU(), nn.Linear(5000, classes)",
    ),
    _network(
        "relu_on_logits",
        "your network ends with ReLU: a class with a negative logit never learns",
        "nn.Linear(64, classes)",
        "nn.Linear(64, classes), nn.ReLU()",
        "run",
    ),
    _network(
        "softmax_before_cross_entropy",
        "your network ends with softmax, and the cross-entropy applies it again",
        "nn.Linear(64, classes)",
        "nn.Linear(64, classes), nn.Softmax(dim=1)",
        "run",
    ),
    Mutant(
        id="starts_at_zero",
        of="make_cnn",
        misconception="all weights of a fresh network of yours are zero: only the last biases learn",
        killed_by=("run",),
        code="""
        def make_cnn(height, width, classes, drop_prob, make=make_cnn):
            network = make(height, width, classes, drop_prob)
            for parameter in network.parameters():
                nn.init.zeros_(parameter)
            return network
        """,
    ),
    _says(
        "percent",
        "your accuracies are in percent; shares from 0 to 1 are asked for",
        "found['sweep'] = found['sweep'] * torch.tensor([1.0, 100.0])",
        "sweep",
    ),
    _says(
        "nine_values",
        "your sweep has fewer than ten values",
        "found['sweep'] = found['sweep'][1:]",
        "sweep",
    ),
    _says(
        "invented",
        "an accuracy of yours is no whole number of images: no run gives it",
        "found['sweep'][3, 1] = 0.97515",
        "sweep",
    ),
    _says(
        "learnt_from_nothing",
        "with drop_prob 1 nothing of an image comes through: no network learns from that",
        "found['sweep'][-1, 1] = 0.9017",
        "sweep",
    ),
    _says(
        "collapse_taken_for_accuracy",
        "1135 of 10000 are the images of the digit 1: your network sees it in every image",
        "found['collapsed'] = [1.0]",
        "collapsed",
        source=f"{PUBLISHED}: 0.1135 at 0.9 stands in the table like the others",
    ),
    _says(
        "guessing_not_seen",
        "a network of yours only guesses, and you do not say so",
        "found['collapsed'] = []",
        "collapsed",
    ),
    _says(
        "low_is_not_collapsed",
        "an accuracy that is low, but far beyond guessing, is no collapse",
        "found['collapsed'] = [0.7, 0.9, 1.0]",
        "collapsed",
    ),
    _says(
        "loss_of_batch_means",
        "you have divided the sum of the batches' mean losses by the number of images",
        "found['final_loss'] = found['final_loss'] / 32",
        "final",
        source="the course's own notebook prints such a loss: 0.0086 at 92.47 %",
    ),
    _says(
        "final_invented",
        "your final accuracy is no whole number of images: no run gives it",
        "found['final_share'] = 0.98915",
        "final",
    ),
    _answer(
        "only_digit",
        "2",
        "counted_from_one",
        "the digits begin at 0: the second one in the list is 1",
    ),
    _answer("only_digit", "9", "by_probability", "0.9 is the probability of dropping a unit"),
    _answer(
        "least_loss",
        "-ln(0.9247)",
        "of_the_share",
        "this is the cross-entropy if all images had this probability; right ones may cost nothing",
    ),
    _answer(
        "least_loss",
        "(1 - 0.9247)*ln(10)",
        "of_guessing",
        "a wrong image need not be a guess among ten: two classes near 1/2 are enough",
    ),
    _answer(
        "least_loss",
        "0.0086*32",
        "multiplied_back",
        "this is what the log means if it was divided by 32 once too often; the bound is asked for",
    ),
)
