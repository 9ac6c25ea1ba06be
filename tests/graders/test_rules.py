"""Rules of a question: what may not be called, and how fairly that is found out."""

from pathlib import Path

import pytest

from backproof.answer_key import AnswerKey
from backproof.audit import assignment_of
from backproof.grading import grade
from backproof.loading import load_problem, render_solution
from backproof.model import OWN_CONVOLUTION, CheckResult, Problem, Submission, Verdict
from backproof.rules import uses
from backproof.sandbox import InProcess, Isolated

NAMED = {
    "alias": ("import torch.nn.functional as F\ny = F.conv2d(x, w)", 2, "conv2d", True),
    "chain": ("import torch\ny = torch.nn.functional.conv2d(x, w)", 2, "conv2d", True),
    "from": ("from torch.nn.functional import conv2d as c\n\n\ny = c(x, w)", 4, "conv2d", True),
    "from a package": ("from torch import nn\ny = nn.Conv2d(1, 2, 3)(x)", 2, "Conv2d", True),
    "star": ("from torch.nn.functional import *\ny = conv1d(x, w)", 2, "conv1d", True),
    "getattr": ("import torch\ny = getattr(torch, 'conv2d')(x, w)", 2, "torch.conv2d", True),
    "assigned": ("import torch\nf = torch.conv2d\ny = f(x)", 3, "torch.conv2d", True),
    "passed on": ("import torch\ny = run(torch.conv3d, x)", 2, "torch.conv3d", False),
    "importlib": (
        "import importlib\nF = importlib.import_module('torch.nn.functional')\nF.conv2d(x)",
        3,
        "conv2d",
        True,
    ),
    "modules": ("import sys\nsys.modules['torch'].conv2d(x)", 2, "torch.conv2d", True),
    "dictionary": ("import torch\nvars(torch)['conv2d'](x)", 2, "torch.conv2d", True),
    "__dict__": ("import torch\ntorch.__dict__['conv2d'](x)", 2, "torch.conv2d", True),
    "operators": ("import torch\ntorch.ops.aten.convolution(x)", 2, "aten.convolution", True),
    "gradient": ("import torch\ntorch.nn.grad.conv2d_input(s, w, g)", 2, "conv2d_input", True),
    "numpy": ("import numpy as np\nnp.convolve(a, b)", 2, "numpy.convolve", True),
    "scipy": ("from scipy import signal\nsignal.fftconvolve(a, b)", 2, "fftconvolve", True),
}


@pytest.mark.parametrize(("text", "line", "name", "is_call"), NAMED.values(), ids=NAMED)
def test_a_forbidden_name_is_found_under_its_alias(
    text: str, line: int, name: str, is_call: bool
) -> None:
    """With its line, and whether it is called there."""
    found = [use for use in uses((text,), OWN_CONVOLUTION.names) if use.line == line]
    assert any(use.name.endswith(name) and use.is_call is is_call for use in found), found


FINE = {
    "comment": "# torch.nn.functional.conv2d does this\nx = 1",
    "text": "'''Like torch.nn.functional.conv2d.'''\nname = 'torch.conv2d'",
    "own function": "def conv2d(x):\n    return x\ny = conv2d(3)",
    "own under a star": "from torch import *\ndef conv2d(x):\n    return x\ny = conv2d(3)",
    "own method": "class Net:\n    def conv2d(self): pass\nNet().conv2d()",
    "other functions": "import torch\ntorch.nn.functional.unfold(x, 3)\nx.converted = 1",
    "no Python": "%matplotlib inline\nimport torch; torch.conv2d(",
}


@pytest.mark.parametrize("text", FINE.values(), ids=FINE)
def test_a_name_alone_is_nothing(text: str) -> None:
    """Comments, texts and own functions of the same name."""
    assert uses((text,), OWN_CONVOLUTION.names) == ()


@pytest.fixture(scope="module")
def convolution(repository: Path) -> Problem:
    return load_problem(repository / "assignments" / "bank" / "conv2d_backprop")


def graded(
    problem: Problem, runner: Isolated | InProcess, *code: str, notebook: bool = False
) -> dict[str, CheckResult]:
    cells = (render_solution(problem.asks), *code)
    if not notebook:
        cells = ("\n\n".join(cells),)
    submission = Submission(
        name="s",
        path=Path("hw.ipynb" if notebook else "hw.py"),
        digest="",
        cells=cells,
        is_notebook=notebook,
    )
    report = grade(assignment_of(problem), submission, runner, AnswerKey("rules"))
    return {result.check.partition("/")[2]: result for result in report.results}


LIBRARY = """
import torch.nn.functional as F
def conv2d_forward(x, w, b, stride=1, padding=0, dilation=1, groups=1):
    return {call}(x, w, b, stride, padding, dilation, groups)
"""


@pytest.mark.parametrize("isolated", [True, False], ids=["isolated", "self-check"])
def test_the_rule_is_named_with_the_line_that_breaks_it(
    convolution: Problem, runner: Isolated, isolated: bool
) -> None:
    """A right result of a forbidden function earns nothing; other questions are not touched."""
    code = LIBRARY.format(call="F.conv2d")
    results = graded(convolution, runner if isolated else InProcess(), "x = 1", code, notebook=True)

    broken = results["forward"]
    assert broken.verdict is Verdict.FAILED
    assert broken.points == 0
    assert broken.observed == (
        "this question asks you to write the convolution yourself; "
        "cell 3, line 4 calls torch.nn.functional.conv2d"
    )
    assert results["dx"].verdict is results["weight_grad_1d"].verdict is Verdict.PASSED


DODGES = {
    "put together": "getattr(F, 'conv' + '2d')",
    "through the operators": "through_operators",
    "bound at the start": "conv",
    "a layer": "run_layer",
    "in a thread": "in_a_thread",
    "compiled": "scripted",
    "caught": "caught",
}
HELPERS = """
import concurrent.futures, importlib, torch
conv = importlib.import_module("torch.nn." + "functional").__dict__["conv" + "2d"]

def run_layer(x, w, b, stride, padding, dilation, groups):
    shape = (x.shape[1], len(w), tuple(w.shape[2:]), stride, padding, dilation, groups)
    layer = getattr(torch.nn, "Con" + "v2d")(*shape, dtype=x.dtype)
    return torch.func.functional_call(layer, {"weight": w, "bias": b}, (x,))

def through_operators(x, w, b, stride, padding, dilation, groups):
    pairs = ([number] * 2 for number in (stride, padding, dilation))
    return torch.ops.aten.conv2d.default(x, w, b, *pairs, groups)

def in_a_thread(*args):
    with concurrent.futures.ThreadPoolExecutor() as pool:
        return pool.submit(conv, *args).result()

@torch.jit.script
def scripted(x: torch.Tensor, w: torch.Tensor, b: torch.Tensor, stride: int, padding: int,
             dilation: int, groups: int):
    return torch.conv2d(x, w, b, [stride] * 2, [padding] * 2, [dilation] * 2, groups)

def caught(*args):
    try:
        return conv(*args)
    except BaseException:
        return torch.zeros(1)
"""


@pytest.mark.parametrize("call", DODGES.values(), ids=DODGES)
def test_other_ways_to_the_same_function_show_when_it_is_out_of_reach(
    convolution: Problem, runner: Isolated, call: str
) -> None:
    """Names that no text shows, threads and compiled code all end at the same operator."""
    results = graded(convolution, runner, HELPERS + LIBRARY.format(call=f"({call})"))
    expected = Verdict.UNDECIDED if call == "caught" else Verdict.FAILED
    assert results["forward"].verdict is expected, results["forward"]
    assert results["forward"].points == 0
    assert "write the convolution yourself" in results["forward"].observed


UNNEEDED = {
    "self-test": "if __name__ == '__main__':\n    F.conv2d(torch.ones(1, 1, 3, 3), torch.ones(1, 1, 2, 2))",
    "test while loading": "assert F.conv2d(torch.ones(1, 1, 3, 3), torch.ones(1, 1, 2, 2)).sum() == 16",
    "never called": "def check(x, w):\n    return F.conv2d(x, w)",
    "does without": """
own = conv2d_forward
def conv2d_forward(x, w, b, *rest, **named):
    try:
        F.conv2d(x, w, b)
    except BaseException:
        pass
    return own(x, w, b, *rest, **named)
""",
}


@pytest.mark.parametrize("code", UNNEEDED.values(), ids=UNNEEDED)
def test_a_call_that_is_not_needed_costs_nothing(
    convolution: Problem, runner: Isolated, code: str
) -> None:
    """Only an answer that comes from the forbidden function breaks the rule."""
    results = graded(convolution, runner, f"import torch.nn.functional as F\n{code}")
    assert {result.verdict for result in results.values()} == {Verdict.PASSED}


def test_who_takes_the_rules_apart_waits_for_a_person(
    convolution: Problem, runner: Isolated
) -> None:
    """Tools that could undo the run get no marks from it, and lose none unseen."""
    results = graded(convolution, runner, "import gc\nprint(len(gc.get_objects()))")
    assert results["forward"].verdict is Verdict.UNDECIDED
    assert "gc.get_objects" in results["forward"].observed
    assert results["db"].verdict is Verdict.PASSED
