"""Operations on what a student builds: the same whatever the network's style, and clear faults."""

from __future__ import annotations

import json
import textwrap

import numpy as np
import pytest
import torch

from backproof.model import Call, Fault, Operation, Probe, Returned, Stopped, given_weights

SHAPES = [[4, 3], [4], [2, 4], [2]]
WEIGHTS = ("w1", "b1", "w2", "b2")
BUILD = Call(function="net", takes=(), returns=("n",), keeps=("n",))
FILL = Call(function=Operation.FILL, takes=("n", "seed", "shapes"), returns=())
FORWARD = Call(function=Operation.FORWARD, takes=("n", "x"), returns=("out",))
READ = Call(function=Operation.READ, takes=("n",), returns=WEIGHTS)
INPUTS = {
    "x": np.arange(6.0).reshape(2, 3) / 4,
    "dout": np.array([[1.0, -2.0], [0.5, 3.0]]),
    "seed": 7,
    "shapes": SHAPES,
}
STYLES = {
    "sequential": "net = lambda: nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))",
    "class": """
        class net(nn.Module):
            def __init__(self):
                super().__init__()
                self.a, self.b = nn.Linear(3, 4), nn.Linear(4, 2)
            def forward(self, x):
                return self.b(self.a(x).relu())
        """,
    "other order": """
        class net(nn.Module):
            def __init__(self):
                super().__init__()
                self.b, self.a = nn.Linear(4, 2), nn.Linear(3, 4)
            def forward(self, x):
                return self.b(torch.relu_(self.a(x)))
        """,
    "parameters": """
        class net(nn.Module):
            def __init__(self):
                super().__init__()
                self.p = nn.ParameterList(
                    nn.Parameter(torch.randn(s)) for s in [(2,), (2, 4), (4, 3), (4,)]
                )
            def forward(self, x):
                hidden = nn.functional.linear(x, self.p[2], self.p[3]).clamp(min=0)
                return hidden @ self.p[1].T + self.p[0]
        """,
    "constants inside": """
        class net(nn.Sequential):
            def __init__(self):
                super().__init__(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
                self.unit = torch.eye(3)
            def forward(self, x):
                return super().forward(x @ self.unit)
        """,
}


@pytest.fixture
def run(here, submission):
    def ask(source, *calls, dtype="float64", repeat=1, **more):
        text = "import torch\nfrom torch import nn\n"
        lines = [text, source]
        with here.runner.open(submission(*lines, notebook=True)) as session:
            probe = Probe(calls=(BUILD, *calls), repeat=repeat)
            return here.run(session, probe, INPUTS | more, dtype=dtype)

    return ask


def expected():
    """The same network by hand: logits and all gradients."""
    w1, b1, w2, b2 = given_weights(7, SHAPES)
    hidden = np.maximum(INPUTS["x"] @ w1.T + b1, 0)
    d = INPUTS["dout"] @ w2 * (hidden > 0)
    gradients = (d @ w1, d.T @ INPUTS["x"], d.sum(0), INPUTS["dout"].T @ hidden)
    return hidden @ w2.T + b2, (*gradients, INPUTS["dout"].sum(0))


@pytest.mark.parametrize("source", STYLES.values(), ids=STYLES)
def test_given_weights_find_their_places_in_every_style(run, source):
    """Attribute names and the order of definition do not matter; the dtype is the check's."""
    backward = Call(
        function=Operation.BACKWARD,
        takes=("n", "x", "dout"),
        returns=("dx", *(f"d{name}" for name in WEIGHTS)),
    )
    outcome = run(source, FILL, FORWARD, backward, READ)
    assert isinstance(outcome, Returned), outcome

    out, gradients = expected()
    np.testing.assert_allclose(outcome.values["out"].array, out, rtol=1e-12)
    for name, gradient in zip(("dx", *(f"d{n}" for n in WEIGHTS)), gradients, strict=True):
        np.testing.assert_allclose(outcome.values[name].array, gradient, rtol=1e-12)
    for name, weight in zip(WEIGHTS, given_weights(7, SHAPES), strict=True):
        np.testing.assert_array_equal(outcome.values[name].array, weight)
        assert outcome.values[name].dtype == "float64"


def test_arrays_of_the_case_can_be_loaded(run):
    """`LOAD` takes the arrays themselves, one input each."""
    arrays = dict(zip(WEIGHTS, given_weights(3, SHAPES), strict=True))
    again = tuple(f"{name}_read" for name in WEIGHTS)
    load = Call(function=Operation.LOAD, takes=("n", *WEIGHTS), returns=())
    read = Call(function=Operation.READ, takes=("n",), returns=again)
    outcome = run(STYLES["other order"], load, read, **arrays)

    for name in WEIGHTS:
        np.testing.assert_array_equal(outcome.values[f"{name}_read"].array, arrays[name])


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("net = lambda: nn.Linear(3, 2)", "4 arrays and 2 parameters"),
        (
            "net = lambda: nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 2))",
            "no parameter is left that has the shape (4, 3)",
        ),
        ("net = lambda: None", "`net` returned None; a torch.nn.Module is asked for"),
        ("net = lambda: 3", "`net` returned a value of type int; a torch.nn.Module is asked for"),
        ("net = lambda: nn.Sequential(nn.LazyLinear(4), nn.LazyLinear(2))", "has no shape yet"),
    ],
)
def test_weights_that_do_not_fit_are_a_clear_fault(run, source, words):
    """The sentence says what is given and what the network has."""
    outcome = run(source, FILL)
    assert isinstance(outcome, Stopped), outcome
    assert outcome.fault is Fault.STRUCTURE
    assert words in outcome.message


def test_an_error_inside_the_network_names_it_and_the_students_line(run):
    """The forward pass is the student's code, though it is we who start it."""
    outcome = run("net = lambda: nn.Linear(5, 2)", FORWARD)
    assert (outcome.fault, outcome.error) == (Fault.RAISED, "RuntimeError")
    assert outcome.message.startswith("the network of `net` raised RuntimeError: ")


def test_a_gradient_needs_an_output_of_the_right_shape(run):
    """The shape that came and the one that is due stand in the sentence."""
    backward = Call(function=Operation.BACKWARD, takes=("n", "x", "dout"), returns=("a", "b", "c"))
    outcome = run("net = lambda: nn.Linear(3, 5)", backward)
    assert "returns the shape (2, 5)" in outcome.message
    assert "(2, 2) is expected" in outcome.message


def test_modes_and_seeds_are_chosen_by_the_probe(run):
    """Dropout drops in training mode, the same entries for the same seed, and not in evaluation."""

    def calls(mode, out):
        yield Call(function=Operation.SEED, takes=("seed",), returns=())
        yield Call(function=mode, takes=("n",), returns=())
        yield Call(function=Operation.FORWARD, takes=("n", "ones"), returns=(out,))

    train = Operation.TRAIN
    probe = (*calls(train, "a"), *calls(train, "b"), *calls(Operation.EVAL, "c"))
    outcome = run("net = lambda: nn.Dropout(0.5).eval()", *probe, ones=np.ones((8, 8)))
    a, b, c = (outcome.values[name].array for name in "abc")
    assert set(np.unique(a)) == {0.0, 2.0}
    np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(c, np.ones((8, 8)))


def test_a_self_check_keeps_its_own_random_numbers_and_dtype(run):
    """What an operation changes in a process is put back in a student's own."""
    torch.manual_seed(5)
    first = torch.rand(3)
    torch.manual_seed(5)
    run("net = lambda: nn.Linear(3, 2)", Call(function=Operation.SEED, takes=("seed",), returns=()))
    assert torch.equal(torch.rand(3), first)
    assert torch.get_default_dtype() is torch.float32


STRUCTURE = Call(
    function=Operation.STRUCTURE,
    takes=("n", "x"),
    returns=("layers", "operations", "shapes", "trainable", "frozen", "buffers"),
)


def test_a_structure_shows_layers_by_their_kind_in_torch(run):
    """Subclasses count as what they extend; containers only for what they hold."""
    source = """
        class Mine(nn.Linear):
            pass
        def net():
            inner = nn.ModuleDict({"drop": nn.Dropout(0.25), "out": Mine(4, 2, bias=False)})
            built = nn.Sequential(Mine(3, 4), nn.BatchNorm1d(4), *inner.values())
            built[1].weight.requires_grad_(False)
            return built
        """
    outcome = run(source, STRUCTURE)
    layers = json.loads(outcome.values["layers"].text)
    assert [kind for kind, _, _ in layers] == ["Linear", "BatchNorm1d", "Dropout", "Linear"]
    assert [count for _, _, count in layers] == [16, 8, 0, 8]
    assert layers[0][1] == {"in_features": 3, "out_features": 4, "bias": True}
    assert layers[3][1]["bias"] is False
    assert layers[2][1]["p"] == 0.25
    numbers = {n: int(outcome.values[n].array) for n in ("trainable", "frozen", "buffers")}
    assert numbers == {"trainable": 28, "frozen": 4, "buffers": 9}
    shapes = outcome.values["shapes"].array
    assert shapes[:, :2].tolist() == [[4, 3], [4, 0], [4, 0], [4, 0], [2, 4]]


@pytest.mark.parametrize(
    "source",
    [
        "net = lambda: nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Dropout(0.1))",
        """
        class net(nn.Module):
            def __init__(self):
                super().__init__()
                self.l = nn.Linear(3, 4)
            def forward(self, x):
                x = nn.functional.linear(x, self.l.weight, self.l.bias)
                return nn.functional.dropout(torch.relu_(x), 0.1, self.training)
        """,
    ],
    ids=["layers", "functions"],
)
def test_operations_are_the_same_for_layers_and_functions(run, source):
    """What a forward pass calls of torch is seen, however it is written."""
    outcome = run(source, STRUCTURE)
    found = json.loads(outcome.values["operations"].text)
    assert found == {"linear": 1, "relu": 1, "dropout": 1}


RELEVANCE = Call(function=Operation.STRUCTURE, takes=("n", "x"), returns=("unused", "random"))
LINEAR = "net = lambda: nn.Sequential(nn.Linear(3, 40), {}nn.Linear(40, 2))"
THROWN_AWAY = """
    class net(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b, self.drop = nn.Linear(3, 4), nn.Linear(3, 2), nn.Dropout(0.5)
        def forward(self, x):
            self.drop(self.a(x))
            return self.b(x)
    """


@pytest.mark.parametrize(
    ("source", "unused", "random"),
    [
        *((source, 0, 0) for source in STYLES.values()),
        (LINEAR.format("nn.BatchNorm1d(40), nn.ReLU(), nn.Dropout(0.3), "), 0, 1),
        (LINEAR.format("nn.Sigmoid(), nn.LayerNorm(40), nn.AlphaDropout(0.3), "), 0, 1),
        (LINEAR.format("nn.Dropout(1.0), "), 0, 0),
        (f"{LINEAR.format('')}\nnet = lambda net=net: zeroed(net())", 0, 0),
        (THROWN_AWAY, 1, 0),
        (THROWN_AWAY.replace("self.drop(self.a(x))", "x = x + 0 * self.a(x).sum()"), 1, 0),
        (THROWN_AWAY.replace("self.b(x)", "x[:, :2]"), 2, 0),
        (THROWN_AWAY.replace("self.b(x)", "self.b(self.drop(x)) + self.a(x)[:, :2]"), 0, 1),
    ],
)
def test_what_forward_leaves_out_has_no_part_in_its_result(run, source, unused, random):
    """Whatever the network's own weights are; they, its statistics and its mode stay as they were."""
    zeroed = """
        def zeroed(network):
            for parameter in network.parameters():
                nn.init.zeros_(parameter)
            return network
        def state(n):
            numbers = [float(v.double().sum()) for v in n.state_dict().values()]
            return torch.tensor([*numbers, n.training, torch.rand(()).item()])
        """
    seed = Call(function=Operation.SEED, takes=("seed",), returns=())
    first, second = (
        Call(function="state", takes=("n",), returns=(name,)) for name in ("before", "after")
    )
    plain = Call(function=Operation.STRUCTURE, takes=("n", "x"), returns=("trainable",))
    source = textwrap.dedent(zeroed) + textwrap.dedent(source)
    outcome = run(source, plain, seed, first, RELEVANCE, seed, second)
    assert isinstance(outcome, Returned), outcome
    found = {name: int(outcome.values[name].array) for name in ("unused", "random")}
    assert found == {"unused": unused, "random": random}


def test_a_call_for_each_entry_is_a_training_run(run):
    """The student's own step, on given mini-batches in a given order; losses are stacked."""
    source = """
        net = lambda: nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
        def step(n, optimizer, x, y):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(n(x), y)
            loss.backward()
            optimizer.step()
            return loss
        """
    sgd = Call(
        function=Operation.SGD,
        takes=("n", "lr", "momentum", "decay"),
        returns=("optimizer",),
        keeps=("optimizer",),
    )
    rng = np.random.default_rng(0)
    batches = {"xs": rng.normal(size=(3, 5, 3)), "ys": rng.integers(0, 2, (3, 5))}
    more = {"lr": 0.5, "momentum": 0.9, "decay": 0.01, **batches}
    own, ours = (
        run(
            source,
            FILL,
            sgd,
            Call(
                function=function,
                takes=("n", "optimizer", "xs", "ys"),
                returns=("losses",),
                each=("xs", "ys"),
            ),
            READ,
            **more,
        )
        for function in ("step", Operation.STEP)
    )
    assert isinstance(own, Returned), own
    assert own.values["losses"].array.shape == (3,)
    for name in ("losses", *WEIGHTS):
        np.testing.assert_array_equal(own.values[name].array, ours.values[name].array)
    assert not np.allclose(own.values["w1"].array, given_weights(7, SHAPES)[0])


def test_regression_steps_and_adam(run):
    """Floating targets mean the mean squared error; Adam moves every weight by about its rate."""
    adam = Call(
        function=Operation.ADAM, takes=("n", "lr"), returns=("optimizer",), keeps=("optimizer",)
    )
    step = Call(function=Operation.STEP, takes=("n", "optimizer", "x", "dout"), returns=("loss",))
    outcome = run(STYLES["class"], FILL, adam, step, READ, lr=0.01)
    out, _ = expected()
    assert outcome.values["loss"].array == pytest.approx(np.mean((out - INPUTS["dout"]) ** 2))
    moved = np.abs(outcome.values["b2"].array - given_weights(7, SHAPES)[3])
    np.testing.assert_allclose(moved, 0.01, rtol=1e-5)


def test_running_statistics_come_back(run):
    """Buffers that hold real numbers, in order; the count of batches is none."""
    calls = (
        Call(function=Operation.FORWARD, takes=("n", "x"), returns=("out",)),
        Call(function=Operation.BUFFERS, takes=("n",), returns=("mean", "var")),
    )
    outcome = run("net = lambda: nn.BatchNorm1d(3, momentum=1.0)", *calls)
    np.testing.assert_allclose(outcome.values["mean"].array, INPUTS["x"].mean(0))
    np.testing.assert_allclose(outcome.values["var"].array, INPUTS["x"].var(0, ddof=1))


def test_operations_work_in_a_confined_process(ask, submission):
    """What ships with the grader runs there too, and a liar only harms its own reply."""
    liar = """
        import torch
        from torch import nn
        class net(nn.Module):
            def parameters(self, recurse=True):
                return iter(["no parameter"])
            def forward(self, x):
                return x
        """
    honest = "import torch\nfrom torch import nn\n" + STYLES["sequential"]
    for source, kind in ((liar, Stopped), (honest, Returned)):
        with ask.runner.open(submission(source)) as session:
            outcome = ask.run(session, Probe(calls=(BUILD, STRUCTURE)), INPUTS)
        assert isinstance(outcome, kind), outcome


def test_given_weights_are_the_same_everywhere():
    """The numbers of the formula, to the last bit, and no two of them alike."""
    first, second = given_weights(1, [[2, 3], [4]])
    assert [float(x).hex() for x in first[0, :2]] == [
        "-0x1.cfb61833cf0a0p-2",
        "0x1.9ffe053876668p-1",
    ]
    assert len({*first.ravel().tolist(), *second.tolist()}) == 10
    assert np.abs(first).max() < 1
    assert np.abs(second).max() < 0.5
    assert not np.array_equal(given_weights(2, [[4]])[0], second)


RESTORE = Call(function=Operation.RESTORE, takes=("n", "arrays"), returns=())
STATE = {
    "0.weight": np.arange(12.0, dtype=np.float32).reshape(4, 3) / 8,
    "0.bias": np.array([0.5, -1.0, 0.25, 0.0]),
    "2.weight": np.ones((2, 4)),
    "2.bias": np.zeros(2),
}


def test_weights_by_name_are_put_back(run) -> None:
    """As torch's own load_state_dict does it, in the precision of the check."""
    outcome = run(STYLES["sequential"], RESTORE, FORWARD, READ, arrays=STATE)

    assert isinstance(outcome, Returned), outcome
    for name, array in zip(WEIGHTS, STATE.values(), strict=True):
        assert np.array_equal(outcome.values[name].array, array)
    hidden = (INPUTS["x"] @ STATE["0.weight"].T + STATE["0.bias"]).clip(min=0)
    assert np.allclose(outcome.values["out"].array, hidden @ np.ones((4, 2)))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"0.weight": np.zeros((5, 3))}, "size mismatch for 0.weight"),
        ({"3.weight": np.zeros((5, 3))}, 'Unexpected key(s) in state_dict: "3.weight"'),
        ({"0.bias": None}, 'Missing key(s) in state_dict: "0.bias"'),
    ],
)
def test_weights_that_do_not_fit_are_named(run, change, says) -> None:
    arrays = {name: array for name, array in (STATE | change).items() if array is not None}

    outcome = run(STYLES["sequential"], RESTORE, FORWARD, arrays=arrays)

    assert isinstance(outcome, Stopped)
    assert outcome.fault is Fault.STRUCTURE
    assert outcome.message.startswith("the weights of your file do not fit the network of `net`: ")
    assert says in outcome.message
