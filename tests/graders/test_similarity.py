"""The same code under other names is found; what everybody writes is not."""

from pathlib import Path

import pytest

from backproof.frontends.cli import ExitCode, main
from backproof.loading import render_solution
from backproof.model import Assignment, FunctionAsk, Submission
from backproof.similarity import TELLING, definitions, find_similar

CODE = '''
import torch
import torch.nn.functional as F

SMALL = 1e-5


def centred(values):
    """Take the mean away."""
    return values - values.mean(dim=0)


def forward(x, gamma, beta, eps=SMALL):
    # mean and variance
    mean = x.mean(dim=0)
    var = ((x - mean) ** 2).mean(dim=0)
    rows = [F.relu(row) for row in x]
    try:
        x_hat = centred(values=x) / torch.sqrt(var + eps)
    except ValueError as error:
        raise RuntimeError("no") from error
    return gamma * x_hat + beta, (x_hat, var, rows)


class Net(torch.nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = torch.nn.Linear(784, width)
        self.second = torch.nn.Linear(width, 10)

    def hidden(self, x):
        return F.relu(self.first(x.flatten(1)))

    def forward(self, x):
        return self.second(self.hidden(x))
'''
COPIED = """
from torch import nn, sqrt
import torch.nn as layers
from torch.nn import functional as fun
class MyOwnNetwork(nn.Module):
    def __init__(me, hidden_units):
        '''My idea.'''
        super().__init__()
        me.in_layer = layers.Linear(784, hidden_units)
        me.out_layer = nn.Linear(hidden_units, 10)
    def inside(me, batch): return fun.relu(me.in_layer(batch.flatten(1)))
    def forward(me, batch):
        return me.out_layer( me.inside(batch) )
def my_forward(data, scale, shift, tiny = LITTLE):
    m: object = data.mean(dim=0)
    spread = ((data - m)**2).mean(dim=0)
    r = [fun.relu(one) for one in data]
    try:
        normal = middle(v=data)/sqrt(spread+tiny)
    except ValueError as problem:
        raise RuntimeError('no') from problem
    "an idea of my own"
    return (scale*normal+shift, (normal, spread, r))
LITTLE = 1e-5
def middle(v):
    return v - v.mean(dim = 0)
"""
OTHER = CODE.replace("** 2", "** 3").replace("flatten(1)", "flatten(2)")


def handed_in(name: str, *cells: str, fault: str | None = None) -> Submission:
    return Submission(name=name, path=Path(name), digest="d", cells=cells, fault=fault)


def test_names_comments_order_and_imports_do_not_hide_a_copy() -> None:
    (group,) = find_similar(
        [handed_in("ada", CODE), handed_in("bob", COPIED), handed_in("cyd", OTHER)]
    ).groups

    assert group.submissions == ["ada", "bob"]
    assert group.whole
    assert sorted(group.names) == ["Net", "forward"]
    assert group.size > 2 * TELLING


def test_one_number_makes_a_difference() -> None:
    assert not find_similar([handed_in("ada", CODE), handed_in("cyd", OTHER)]).groups


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("gamma * x_hat", "x_hat * gamma"),
        ("x - mean", "mean - x"),
        ("gamma * x_hat + beta", "beta * x_hat + gamma"),
        ("torch.sqrt", "torch.exp"),
        ("dim=0", "axis=0"),
        ("self.first(", "self.second("),
    ],
)
def test_different_code_stays_different(old: str, new: str) -> None:
    changed = {d.digest for d in definitions([CODE.replace(old, new)])}

    assert len(changed - {d.digest for d in definitions([CODE])}) >= 1


def test_a_function_that_a_few_share_is_found_in_other_work() -> None:
    """Whole work that is the same is not listed a second time for its parts."""
    mixed = COPIED.replace("flatten(1)", "flatten(3)")
    groups = find_similar(
        [handed_in("ada", CODE), handed_in("bob", mixed), handed_in("cyd", OTHER)]
    ).groups

    assert [(g.submissions, g.names, g.whole) for g in groups] == [
        (["ada", "bob"], ["forward"], False)
    ]


def test_what_many_have_written_is_the_way_to_write_it() -> None:
    """A part of it; who is the same as a whole is listed all the same."""
    others = [
        handed_in(f"s{n:02}", CODE.replace("flatten(1)", f"flatten({n + 5})")) for n in range(20)
    ]

    assert not find_similar(others).groups
    assert len(find_similar(others[:4]).groups) == 1
    assert [g.whole for g in find_similar([*others, handed_in("x", *others[3].cells)]).groups] == [
        True
    ]


def test_short_code_and_what_everybody_got_do_not_count() -> None:
    short = "def relu_backward(dout, x):\n    return dout * (x > 0)\n"
    both = [handed_in("ada", short), handed_in("bob", short)]
    assert not find_similar(both).groups

    both = [handed_in("ada", CODE), handed_in("bob", CODE)]
    assert not find_similar(both, [COPIED]).groups


def test_cells_and_magics_are_no_hindrance() -> None:
    cells = ("%matplotlib inline\n!pip install x\nimport torch\n", "def f(:\n", CODE)
    (group,) = find_similar([handed_in("ada", CODE), handed_in("bob", *cells)]).groups

    assert group.submissions == ["ada", "bob"]


@pytest.mark.parametrize(
    "code",
    [
        "x" * 70_000,
        "def f():\n    return " + "(" * 5000 + ")" * 5000,
        "def f():\n    return " + "-" * 20_000 + "1",
        "def f():\n    return " + "+".join(["x"] * 20_000),
        "def f():\n    return x" + ".a" * 20_000,
        "def f():\n    return 'x\0'",
    ],
    ids=["long", "brackets", "minus", "plus", "dots", "zero"],
)
def test_hostile_code_is_left_out_or_alone(code: str) -> None:
    """The others are compared."""
    found = find_similar([handed_in("eve", code), handed_in("ada", CODE), handed_in("bob", CODE)])

    assert [group.submissions for group in found.groups] == [["ada", "bob"]]
    assert all(name == "eve" for name, _ in found.left_out)


def test_what_could_not_be_read_is_named() -> None:
    assert find_similar([handed_in("dan", fault="dan.py is empty")]).left_out == [
        ("dan", "dan.py is empty")
    ]


def test_the_command_lists_groups_and_calls_nobody_names(
    repository: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    first_layers: Assignment,
) -> None:
    """Two with the reference's code, one with the stub; groups are no failure."""
    monkeypatch.chdir(repository)
    asks = [ask for problem in first_layers.problems for ask in problem.asks]
    code = render_solution([ask for ask in asks if isinstance(ask, FunctionAsk)])
    (tmp_path / "ada.py").write_text(code)
    (tmp_path / "bob.py").write_text(code.replace("gamma", "scale") + "# mine\n")
    (tmp_path / "cyd.py").write_text("x = 1\n")

    assert main(["similar", "first_layers", str(tmp_path)]) == ExitCode.OK
    out = capsys.readouterr().out
    assert out.startswith("3 compared, 1 group with the same code")
    assert "a person decides" in out
    assert out.count(".py") == 2
    for word in ("cheat", "plagiar", "guilty", "suspect"):
        assert word not in out.lower()

    assert main(["similar", "first_layers", "nowhere"]) == ExitCode.USAGE
    assert "nowhere" in capsys.readouterr().err
