"""How a student's functions are called and what they may return, whatever runs them."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import __main__
from backproof.model import Call, Fault, Probe, Returned
from backproof.sandbox import InProcess

X = np.arange(6.0).reshape(2, 3)
AB = {"a": np.array([5.0]), "b": np.array([3.0])}


BINDINGS = {
    "same names": "def f(a, b): return a - b",
    "other order": "def f(b, a): return a - b",
    "keyword-only": "def f(*, b, a): return a - b",
    "positional-only": "def f(a, b, /): return a - b",
    "renamed": "def f(left, right): return left - right",
    "one renamed": "def f(a, other): return a - other",
    "extra default": "def f(a, b, scale=1): return (a - b) * scale",
    "star": "def f(*values): return values[0] - values[1]",
    "double star": "def f(**named): return named['a'] - named['b']",
    "name and double star": "def f(a, **named): return a - named['b']",
    "both stars": "def f(*args, **kwargs): return args[0] - args[1]",
    "lambda": "f = lambda a, b: a - b",
    "partial": "import functools\ndef g(sign, a, b): return sign * (a - b)\nf = functools.partial(g, 1)",
    "instance": "class F:\n    def __call__(self, a, b): return a - b\nf = F()",
    "built-in": "import torch\nf = torch.sub",
    "decorated": (
        "import functools\ndef d(g):\n    @functools.wraps(g)\n    def inner(*args, **kwargs):\n"
        "        return g(*args, **kwargs)\n    return inner\n@d\ndef f(b, a): return a - b"
    ),
    "decorated by position": (
        "import functools\ndef d(g):\n    @functools.wraps(g)\n    def inner(p, q):\n"
        "        return g(p, q)\n    return inner\n@d\ndef f(a, b): return a - b"
    ),
}


@pytest.mark.parametrize("source", BINDINGS.values(), ids=BINDINGS.keys())
def test_arguments_find_their_parameters(here, source):
    """Kept names bind in any order; renamed ones bind by position."""
    assert here.value(source, inputs=AB, takes=("a", "b")).array.tolist() == [2.0]


@pytest.mark.parametrize("source", ["def f(a, b=10): return a + b", "def f(p, q=10): return p + q"])
def test_a_missing_input_is_left_to_the_default(here, source):
    """A parameter without an input keeps the student's own default."""
    inputs = {"a": np.array([5.0])}
    assert here.value(source, inputs=inputs, takes=("a", "b")).array.tolist() == [15.0]


@pytest.mark.parametrize(
    "source",
    [
        "def f(a): return a",
        "def f(a, b, c): return a",
        "def f(): return 1",
        "def f(*, p, q): return p",
    ],
)
def test_a_signature_that_cannot_be_called_shows_both(here, source):
    """The sentence names the call that was made and the student's own signature."""
    stopped = here.fault(source, inputs=AB, takes=("a", "b"))
    assert stopped.fault is Fault.SIGNATURE
    assert "f(a, b)" in stopped.message
    assert source.removeprefix("def ").split(":")[0] in stopped.message


def test_a_type_error_inside_the_function_is_the_functions_own(here):
    """A TypeError raised by the body is not mistaken for a wrong signature."""
    stopped = here.fault("def f(x):\n    return len(5)\n")
    assert (stopped.fault, stopped.error) == (Fault.RAISED, "TypeError")


RETURNS = {
    "tuple": "return x + 1, x + 2",
    "list": "return [x + 1, x + 2]",
    "named tuple": "import collections; return collections.namedtuple('R', 'p q')(x + 1, x + 2)",
    "dictionary": "return {'z': x + 2, 'y': x + 1}",
    "numpy": "return (x + 1).numpy(), (x + 2).numpy()",
    "graph": "x.requires_grad_(); return x + 1, x + 2",
    "nested lists": "return (x + 1).tolist(), (x + 2).tolist()",
    "lists of tensors": "return list(x + 1), list(x + 2)",
    "non-contiguous": "return (x + 1).t().contiguous().t(), (x + 2).t().contiguous().t()",
}


@pytest.mark.parametrize("body", RETURNS.values(), ids=RETURNS.keys())
def test_every_honest_form_of_two_values_is_accepted(here, body):
    """Tuples, lists, dictionaries, arrays, graph tensors and nested lists all pass."""
    outcome = here.once(f"def f(x):\n    {body}\n", returns=("y", "z"))
    assert np.array_equal(outcome.values["y"].array, X + 1)
    assert np.array_equal(outcome.values["z"].array, X + 2)


SINGLE = {
    "return x": ("tensor", (2, 3)),
    "return (x,)": ("tensor", (2, 3)),
    "return [x]": ("tensor", (2, 3)),
    "return {'y': x}": ("tensor", (2, 3)),
    "return x.numpy()": ("array", (2, 3)),
    "return x.sum()": ("tensor", ()),
    "return x.sum().item()": ("number", ()),
    "return 3": ("number", ()),
    "return True": ("number", ()),
    "return [1, 2, 3]": ("array", (3,)),
    "return [1.5]": ("array", (1,)),
    "return [[1.5, 2.5]]": ("array", (1, 2)),
    "return 1j": ("array", ()),
    "return x.numpy().sum()": ("array", ()),
}


@pytest.mark.parametrize(("body", "expected"), SINGLE.items(), ids=SINGLE.keys())
def test_a_single_value_keeps_its_form_and_shape(here, body, expected):
    """One value may be wrapped or bare; a scalar stays 0-d and a list of numbers is an array."""
    value = here.value(f"def f(x):\n    {body}\n")
    assert (value.form, value.array.shape) == expected


@pytest.mark.parametrize(
    ("body", "form", "text"),
    [
        ("return 'Adam'", "text", "Adam"),
        ("return object()", "other", "object"),
        ("return {'a': 1}", "other", "dict"),
        ("return [[1, 2], [3]]", "other", "list"),
        ("return lambda: 1", "other", "function"),
    ],
)
def test_other_values_are_reported_by_name(here, body, form, text):
    """What is no array arrives as a text or as the name of its type."""
    value = here.value(f"def f(x):\n    {body}\n")
    assert (value.form, value.text) == (form, text)


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        ("pass", "returned None"),
        ("return x", "returned 1 value (Tensor)"),
        ("return x, x", "returned 2 values (Tensor, Tensor)"),
        ("return {'y': x}", "returned a dictionary with the keys 'y'"),
        ("return ()", "returned 0 values"),
    ],
)
def test_a_wrong_number_of_values_is_said(here, body, seen):
    """The sentence says what came and what is asked for, by name."""
    stopped = here.fault(f"def f(x):\n    {body}\n", returns=("dx", "dgamma", "dbeta"))
    assert stopped.fault is Fault.STRUCTURE
    assert seen in stopped.message
    assert "3 values are asked for: dx, dgamma, dbeta" in stopped.message


def test_bfloat16_is_widened_and_named(here):
    """A bfloat16 tensor can be compared, and its dtype is still known."""
    value = here.value("import torch\ndef f(x): return torch.full((2,), 1.5, dtype=torch.bfloat16)")
    assert (value.dtype, value.array.tolist()) == ("bfloat16", [1.5, 1.5])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_inputs_get_the_dtype_that_is_asked_for(here, dtype):
    """Floating arrays are cast; integers, booleans and texts stay."""
    source = "def f(x, i, b, n, s):\n    return f'{x.dtype} {i.dtype} {b.dtype} {n!r} {s!r}'\n"
    inputs = {"x": X, "i": np.arange(3), "b": np.array([True]), "n": np.int64(3), "s": "sum"}
    value = here.value(source, inputs=inputs, takes=tuple(inputs), dtype=dtype)
    assert value.text == f"torch.{dtype} torch.int64 torch.bool 3 'sum'"


def test_strided_inputs_are_equal_but_not_contiguous(here):
    """A strided case hands over views, with the same values."""
    source = "def f(x):\n    assert not x.is_contiguous()\n    return x + 0\n"
    assert np.array_equal(here.value(source, strided=True).array, X)


CHANGES = {
    "x.add_(1)": True,
    "x[0, 0] = float('nan')": True,
    "x += 1": True,
    "x.unsqueeze_(0)": True,
    "x.data = x.data.float()": True,
    "x = x + 1": False,
    "x.requires_grad_()": False,
}


@pytest.mark.parametrize(("statement", "changed"), CHANGES.items(), ids=CHANGES.keys())
def test_inputs_changed_in_place_are_reported(here, statement, changed):
    """Only a change of the tensor itself counts."""
    outcome = here.once(f"def f(x):\n    {statement}\n    return 1\n", watched=True)
    assert outcome.changed_inputs == (("x",) if changed else ())


def test_unchanged_nan_is_no_change(here):
    """NaN in an input equals itself."""
    inputs = {"x": np.array([np.nan, -0.0])}
    outcome = here.once("def f(x): return 1", inputs=inputs, watched=True)
    assert outcome.changed_inputs == ()


CACHE = """
calls = []
def forward(x, scale=2.0):
    calls.append(1)
    return x * scale, {"x": x, "n": len(calls), "why": lambda: 0}
def backward(dy, cache):
    return dy * cache["x"] * cache["n"]
"""
FORWARD = Call(function="forward", takes=("x", "scale"), returns=("y", "cache"), keeps=("cache",))
BACKWARD = Call(function="backward", takes=("dy", "cache"), returns=("dx",))


def test_kept_values_reach_the_next_call_and_stay_there(here, submission):
    """A cache of any type goes from forward to backward without travelling."""
    probe = Probe(calls=(FORWARD, BACKWARD))
    with here.runner.open(submission(CACHE)) as session:
        outcome = here.run(session, probe, {"x": X, "dy": np.ones((2, 3))})
    assert set(outcome.values) == {"y", "dx"}
    assert np.array_equal(outcome.values["dx"].array, X)


def test_repeated_calls_are_stacked(here):
    """Repeats get fresh inputs and come back along a new first axis."""
    value = here.value("def f(x): return x.add_(1)", repeat=3)
    assert np.array_equal(value.array, np.stack([X + 1] * 3))


@pytest.mark.parametrize(
    "body", ["return x[:, :n]", "return x if n > 1 else x.float()", "return x if n > 1 else 'no'"]
)
def test_repeats_that_differ_in_kind_are_faults(here, body):
    """Outputs that change shape or dtype between repeats cannot be stacked."""
    outcome = here.once(f"n = 0\ndef f(x):\n    global n; n += 1\n    {body}\n", repeat=2)
    if isinstance(outcome, Returned):
        assert outcome.values["y"].form == "text"
    else:
        assert outcome.fault is Fault.STRUCTURE


RAISES = {
    "raise ValueError('no')": ("ValueError", "no"),
    "raise NotImplementedError": ("NotImplementedError", ""),
    "import sys; sys.exit(3)": ("SystemExit", "3"),
    "return f(x)": ("RecursionError", "maximum recursion"),
    "return x @ x": ("RuntimeError", "mat1"),
    "raise type('E', (Exception,), {'__str__': lambda s: 1 / 0})": ("E", "cannot be shown"),
    "raise BaseException('x' * 9999)": ("BaseException", "..."),
}


@pytest.mark.parametrize(
    ("body", "expected"), RAISES.items(), ids=[str(n) for n in range(len(RAISES))]
)
def test_exceptions_carry_type_text_and_the_students_frames(here, body, expected):
    """Whatever is raised is reported, with frames of the student's code only."""
    stopped = here.fault(
        f"def g(x):\n    {body.replace('f(x)', 'g(x)')}\ndef f(x):\n    return g(x)\n"
    )
    assert stopped.fault is Fault.RAISED
    assert stopped.error == expected[0]
    assert expected[1] in stopped.message
    assert len(stopped.message) < 700
    lines = stopped.trace.splitlines()
    assert len(lines) <= 5
    assert all(line.startswith("hw.py, line ") for line in lines)
    assert lines[-1].startswith("hw.py, line 2, in g")


def test_a_missing_function_is_named(here):
    """The sentence names what is missing."""
    stopped = here.fault("def g(x): return x")
    assert stopped.fault is Fault.MISSING
    assert "`f`" in stopped.message


def test_a_statement_that_fails_costs_only_what_it_defines(here, submission):
    """What stands before and after an error at import can be probed; the message names its line."""
    source = "def f(x):\n    return x\nboom = undefined_name\ndef late(x):\n    return x\n"
    with here.runner.open(submission(source)) as session:
        assert isinstance(here.run(session, here.probe()), Returned)
        assert isinstance(here.run(session, here.probe(function="late")), Returned)
        stopped = here.run(session, here.probe(function="boom"))
    assert stopped.fault is Fault.MISSING
    assert "NameError in hw.py, line 3" in stopped.message
    assert "undefined_name" in stopped.message


def test_an_exit_at_the_top_level_ends_loading(here, submission):
    """What stands after sys.exit() is not run, as in Python."""
    source = "import sys\ndef f(x):\n    return x\nsys.exit()\ndef late(x):\n    return x\n"
    with here.runner.open(submission(source)) as session:
        assert isinstance(here.run(session, here.probe()), Returned)
        assert here.run(session, here.probe(function="late")).fault is Fault.MISSING


def test_future_statements_hold_for_the_whole_module(here):
    """Annotations that name nothing are fine under `from __future__ import annotations`."""
    source = "from __future__ import annotations\ndef f(x: Unknown) -> Nothing:\n    return x\n"
    assert isinstance(here.once(source), Returned)


def test_a_name_error_says_what_failed_while_loading(here):
    """The cause of a missing module global is the import that failed, and is named."""
    stopped = here.once("import no_such_package as np\ndef f(x):\n    return np.ones(3)\n")
    assert "NameError" in stopped.message
    assert "no_such_package" in stopped.message


def test_a_misspelled_name_is_pointed_out(here):
    """The nearest function that is defined stands in the message."""
    assert (
        "you define `forwrd`" in here.fault("def forwrd(x): return x", function="forward").message
    )


@pytest.mark.parametrize("source", ["def f(x:\n", "\0", "(" * 500, "return 1"])
def test_text_that_is_no_python_is_a_load_error(here, source):
    """A file that cannot be compiled defines nothing, and the message says why."""
    assert "Error" in here.fault(source).message


def test_a_name_that_is_no_function_is_said(here):
    """A value under a function's name is reported with its type."""
    assert "of type int" in here.fault("f = 3").message


@pytest.mark.parametrize(
    ("assigned", "form", "text"),
    [
        ("'2 * x'", "text", "2 * x"),
        ("0.5", "number", "0.5"),
        ("10 ** 30", "text", str(10**30)),
        ("None", "none", ""),
        ("object()", "other", "object"),
    ],
)
def test_typed_answers_are_read(here, submission, assigned, form, text):
    """An answer arrives as the text that a student typed."""
    with here.runner.open(submission(f"answer = {assigned}\n")) as session:
        value = here.run(session, Probe(answer="answer"), {}).values["answer"]
    assert (value.form, value.text) == (form, text)


def test_dataclasses_and_own_module_names_work(here):
    """A module can look itself up, and its name does not replace a real module."""
    source = """
        from __future__ import annotations
        import dataclasses, typing
        @dataclasses.dataclass
        class Box:
            value: typing.Any
        def f(x): return Box(x).value if typing.get_type_hints(Box) else None
        """
    assert np.array_equal(here.value(source, name="torch.py").array, X)
    assert "load" in dir(sys.modules["torch"])


def test_a_self_check_leaves_its_process_as_it_was(here, capsys):
    """Arguments, modules and streams of this process are not touched."""
    before = (list(sys.argv), sys.stdout, sys.modules["__main__"], set(sys.modules))
    assert here.value("import sys\nprint(sys.argv)\ndef f(x): return x").form == "tensor"
    assert capsys.readouterr().out == "['hw.py']\n"
    assert (list(sys.argv), sys.stdout, sys.modules["__main__"], set(sys.modules)) == before


def test_a_namespace_can_be_probed_without_loading(submission):
    """In a notebook the names are there already."""
    runner = InProcess({"f": lambda x: x * 2})
    probe = Probe(calls=(Call(function="f", takes=("x",), returns=("y",)),))
    with runner.open(submission("raise SystemExit")) as session:
        outcome = session.run(probe, {"x": X}, dtype="float64", device="cpu", strided=False)
    assert np.array_equal(outcome.values["y"].array, X * 2)
    assert runner.isolation == "none: runs in this process"
    assert sys.modules["__main__"] is __main__


def test_an_interrupt_of_a_self_check_is_the_users(here):
    """Ctrl-C stops a self-check instead of being counted as the submission's error."""
    with pytest.raises(KeyboardInterrupt):
        here.once("def f(x): raise KeyboardInterrupt")
