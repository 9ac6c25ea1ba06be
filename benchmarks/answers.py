"""What deciding a typed formula costs: backproof's engine, and SymPy's `simplify(a - b) == 0`.

    python benchmarks/answers.py [--each 20] [--sample 60] [--timeout 20] [--json FILE]

The cases are course formulas with honest rewrites and one-edit mutants of them, from the tests.
A mutant counts as different by mpmath's word, never by an engine's. SymPy gets expressions that are
built from our trees by constructors, with the domains as assumptions, in a process that is killed
when a case takes too long. What the rows mean: `README.md`.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import multiprocessing
import os
import platform
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from multiprocessing.connection import Connection
from pathlib import Path
from types import ModuleType
from typing import Any

from backproof.answers import balls
from backproof.answers.deciding import decide
from backproof.answers.parser import parse
from backproof.answers.printing import to_text
from backproof.answers.syntax import Call, Chain, Name, Negative, Node, Number, Power
from backproof.answers.verdicts import Ruling
from backproof.model.vocabulary import Domain, Kind, Vocabulary

FORMULAS = Path(__file__).parents[1] / "tests" / "graders" / "answers" / "formulas.py"


@dataclass(frozen=True, kw_only=True)
class Case:
    """Two trees, and whether they are equal."""

    given: Node
    expected: Node
    vocabulary: Vocabulary
    equal: bool


@dataclass(frozen=True, kw_only=True)
class Row:
    """How one way did: milliseconds, and how often it was right."""

    way: str
    kind: str
    cases: int
    median_ms: float
    slowest_ms: float
    right: int
    wrong: int
    undecided: int


def course_cases(each: int) -> list[Case]:
    formulas = _formulas()
    found = []
    for formula in formulas.FORMULAS:
        expected = parse(formula.text, formula.vocabulary)
        for equal, make in ((True, formulas.rewrites), (False, formulas.mutants)):
            found += [
                Case(given=tree, expected=expected, vocabulary=formula.vocabulary, equal=equal)
                for tree in make(formula, expected, each)
            ]
    return found


def _formulas() -> ModuleType:
    spec = importlib.util.spec_from_file_location("answers_formulas", FORMULAS)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def sampled(cases: Sequence[Case], size: int) -> list[Case]:
    source = random.Random("sample")
    return [
        case
        for equal in (True, False)
        for case in source.sample([c for c in cases if c.equal is equal], size)
    ]


# --- our engine ------------------------------------------------------------------------------


def parse_us(cases: Sequence[Case]) -> tuple[float, float]:
    """Median and most microseconds for reading one text, best of five."""
    figures = []
    for case in cases:
        text = to_text(case.given)
        figures.append(min(timed(lambda: parse(text, case.vocabulary))[0] for _ in range(5)))  # noqa: B023
    return statistics.median(figures) * 1e6, max(figures) * 1e6


def timed(action: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    found = action()
    return time.perf_counter() - started, found


def ours(case: Case) -> tuple[float, bool | None]:
    """Seconds from two texts to a verdict, parsing included, and the verdict."""
    texts = to_text(case.given), to_text(case.expected)
    seconds, found = timed(lambda: decide(*texts, case.vocabulary))
    return seconds, {Ruling.CORRECT: True, Ruling.WRONG: False}.get(found.verdict)


# --- SymPy -----------------------------------------------------------------------------------


def to_sympy(node: Node, symbols: dict[str, Any]) -> Any:
    """An expression of SymPy, by its constructors."""
    import sympy

    inner: Callable[[Node], Any] = lambda child: to_sympy(child, symbols)  # noqa: E731
    match node:
        case Number(value):
            return sympy.Rational(value.numerator, value.denominator)
        case Name(name) if name in symbols:
            return symbols[name]
        case Name(name):
            return {"e": sympy.E, "pi": sympy.pi}[name]
        case Negative(operand):
            return -inner(operand)
        case Power(base, exponent):
            return inner(base) ** inner(exponent)
        case Call("sigmoid", (argument,)):
            return 1 / (1 + sympy.exp(-inner(argument)))
        case Call(function, (argument,)):
            made = {
                "sqrt": sympy.sqrt, "exp": sympy.exp, "log": sympy.log, "tanh": sympy.tanh,
                "erf": sympy.erf, "cos": sympy.cos,
            }  # fmt: skip
            return made[function](inner(argument))
        case Chain(items):
            total = inner(items[0][1])
            for operator, operand in items[1:]:
                right = inner(operand)
                match operator:
                    case "+":
                        total = total + right
                    case "-":
                        total = total - right
                    case "*":
                        total = total * right
                    case "/":
                        total = total / right
            return total
    raise ValueError(f"no counterpart in SymPy: {node}")


def sympy_symbols(vocabulary: Vocabulary) -> dict[str, Any]:
    import sympy

    found = {}
    for name, text in vocabulary.symbols.items():
        domain = Domain.of(text)
        positive = domain.kind in (Kind.POSITIVE, Kind.UNIT) or domain.low > 0
        found[name] = sympy.Symbol(
            name,
            real=True,
            positive=positive or None,
            integer=domain.kind is Kind.INTEGER or None,
        )
    return found


def serve(pipe: Connection) -> None:
    """Answer cases until none come: (seconds, whether SymPy calls the difference zero)."""
    import sympy  # only in the child

    sympy.simplify(sympy.Symbol("x") - 1)  # what is loaded on first use is not counted
    pipe.send("ready")
    while (case := pipe.recv()) is not None:
        pipe.send(timed(lambda: _equal_in_sympy(case)))


def _equal_in_sympy(case: Case) -> bool:
    """Building the expressions counts, for SymPy simplifies a good deal while it does."""
    import sympy

    symbols = sympy_symbols(case.vocabulary)
    difference = to_sympy(case.given, symbols) - to_sympy(case.expected, symbols)
    return bool(sympy.simplify(difference) == 0)


class Sympy:
    """SymPy in a process of its own, which is killed when a case takes too long."""

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        self.start()

    def start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=serve, args=(other,), daemon=True)
        self.process.start()
        if not self.pipe.poll(120) or self.pipe.recv() != "ready":
            raise RuntimeError("SymPy does not start")

    def __call__(self, case: Case) -> tuple[float, bool | None]:
        self.pipe.send(case)
        if self.pipe.poll(self.timeout):
            seconds, equal = self.pipe.recv()
            return float(seconds), bool(equal)
        self.process.kill()
        self.process.join()
        self.start()
        return self.timeout, None

    def close(self) -> None:
        self.pipe.send(None)
        self.process.join()


# --- measuring -------------------------------------------------------------------------------


def measure(
    way: str, decides: Callable[[Case], tuple[float, bool | None]], cases: Sequence[Case]
) -> list[Row]:
    say(f"{way}: {len(cases)} cases")
    answers = [(case.equal, *decides(case)) for case in cases]
    rows = []
    for kind, wanted in (("rewrites", (True,)), ("mutants", (False,)), ("both", (True, False))):
        times = [seconds for equal, seconds, _ in answers if equal in wanted]
        verdicts = [(equal, verdict) for equal, _, verdict in answers if equal in wanted]
        undecided = sum(verdict is None for _, verdict in verdicts)
        right = sum(verdict is equal for equal, verdict in verdicts)
        rows.append(
            Row(
                way=way,
                kind=kind,
                cases=len(verdicts),
                median_ms=statistics.median(times) * 1e3,
                slowest_ms=max(times) * 1e3,
                right=right,
                wrong=len(verdicts) - right - undecided,
                undecided=undecided,
            )
        )
    return rows


def all_rows(cases: Sequence[Case], sample: Sequence[Case], timeout: float) -> list[Row]:
    rows = []
    if balls.HAVE_BALLS:
        for case in sample[:5]:
            ours(case)  # the secret primes and FLINT's tables are made once
        rows += measure("backproof, FLINT", ours, cases)
        rows += measure("backproof, FLINT: the sample", ours, sample)
    had, balls.HAVE_BALLS = balls.HAVE_BALLS, False
    rows += measure("backproof, mpmath: the sample", ours, sample)
    balls.HAVE_BALLS = had
    sympy = Sympy(timeout)
    rows += measure("SymPy simplify: the sample", sympy, sample)
    sympy.close()
    return rows


def table(rows: Sequence[Row]) -> str:
    lines = [
        "| way | cases | median ms | slowest ms | right | wrong | undecided | median / FLINT |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    base = {row.kind: row.median_ms for row in rows if row.way == rows[3].way}
    for row in rows:
        ratio = f"{row.median_ms / base[row.kind]:,.1f}"
        lines.append(
            f"| {row.way} | {row.cases} {row.kind} | {row.median_ms:.2f} | {row.slowest_ms:,.1f} | "
            f"{row.right} | {row.wrong} | {row.undecided} | {ratio} |"
        )
    return "\n".join(lines)


def machine() -> dict[str, Any]:
    """The facts that the numbers depend on."""
    packages = ("python-flint", "mpmath", "sympy")
    return {
        "cores": len(os.sched_getaffinity(0)),
        "system": platform.system(),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        **{name: version(name) for name in packages},
    }


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, and write the figures if asked to."""
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--each", type=int, default=20, help="of each formula (default: 20)")
    parser.add_argument("--sample", type=int, default=60, help="for SymPy (default: 60 + 60)")
    parser.add_argument("--timeout", type=float, default=20.0, help="seconds for a case of SymPy")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE, too")
    options = parser.parse_args(arguments)
    facts = machine()
    cases = course_cases(options.each)
    median, most = parse_us(cases)
    rows = all_rows(cases, sampled(cases, options.sample), options.timeout)
    print(", ".join(f"{name} {value}" for name, value in facts.items()))
    print(f"reading a text: median {median:.0f} µs, most {most:.0f} µs, {len(cases)} texts\n")
    print(table(rows))
    if options.json:
        figures = {"machine": facts, "parse_us": {"median": median, "most": most}}
        figures["rows"] = [asdict(row) for row in rows]
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
