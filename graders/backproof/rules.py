"""Whether a submission keeps a question's rule: what its text calls, and what it is to do without.

Decided outside the student's process, twice. A check is first made where the forbidden functions
are out of reach: what is right there keeps the rule. What is not is made again with all in reach,
and an answer that is right only then does not count. The submission's text gives the line, and
tells what a run cannot.
"""

from __future__ import annotations

import ast
import fnmatch
import functools
from collections.abc import Iterator
from dataclasses import dataclass, replace

from backproof.judging import Judgement
from backproof.loading.parsing import parsed
from backproof.model import Fault, Outcome, Rule, Stopped, Submission, Verdict

_TOOLS = (
    "backproof.sandbox.forbidden*",
    "backproof.sandbox.worker.Forbidden",
    "backproof.sandbox.worker.Worker._rules",
    "torch.library*",
    "torch._C._dispatch*",
    "torch.utils._python_dispatch*",
    "gc.get_*",
)
"""What can take the rule's own run apart, and nothing that a question asks for needs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Use:
    """A place in a submission's text. cell counts from 1; line within it."""

    cell: int
    line: int
    name: str
    is_call: bool


@functools.lru_cache(maxsize=64)  # every case of a check asks about the same text
def uses(cells: tuple[str, ...], patterns: tuple[str, ...]) -> tuple[Use, ...]:
    """Where the text names one of these, under any alias that can be seen without running it."""
    trees = []
    for number, cell in enumerate(cells, 1):
        try:
            # Walked once: looking at each node of a text several times takes far longer.
            trees.append((number, list(ast.walk(parsed(cell)))))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue  # what cannot be read is not run either, magics of a notebook excepted
    names = _Names()
    for _, nodes in trees:
        names.learn(nodes)
    found = {
        Use(cell=number, line=node.lineno, name=name, is_call=is_call)
        for number, nodes in trees
        for node, name, is_call in names.used(nodes)
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
    }
    return tuple(sorted(found, key=lambda use: (use.cell, use.line, not use.is_call, use.name)))


class _Names:
    """What the names of a text stand for: imports, and assignments of what they are."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._stars: list[str] = []
        self._own: set[str] = set()

    def learn(self, nodes: list[ast.AST]) -> None:
        for node in nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    first = alias.name.partition(".")[0]
                    self._known[alias.asname or first] = alias.name if alias.asname else first
            elif isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    if alias.name == "*":
                        self._stars.append(node.module)
                    else:
                        self._known[alias.asname or alias.name] = f"{node.module}.{alias.name}"
            elif isinstance(node, ast.FunctionDef | ast.ClassDef):
                self._own.add(node.name)
        assigned = [node for node in nodes if isinstance(node, ast.Assign)]
        for _ in range(3):  # an alias of an alias of an alias
            for node in assigned:
                if name := self.name(node.value):
                    for target in node.targets:
                        if isinstance(target, ast.Name):
                            self._known.setdefault(target.id, name)

    def name(self, node: ast.AST | None) -> str:
        """The dotted name that an expression stands for; "" if it stands for none."""
        if isinstance(node, ast.Name):
            return self._known.get(node.id, "")
        if isinstance(node, ast.Attribute):
            return self._member(node.value, node.attr)
        if isinstance(node, ast.Subscript):
            key = _constant(node.slice)
            if self.name(node.value) == "sys.modules":
                return key
            if isinstance(node.value, ast.Attribute) and node.value.attr == "__dict__":
                return self._member(node.value.value, key)
            if isinstance(node.value, ast.Call) and _called(node.value) == "vars":
                return self._member(node.value.args[0] if node.value.args else None, key)
        if isinstance(node, ast.Call):
            called, args = _called(node) or self.name(node.func), node.args
            if called == "getattr" and len(args) >= 2:
                return self._member(args[0], _constant(args[1]))
            if called in ("importlib.import_module", "__import__") and args:
                return _constant(args[0])
        return ""

    def _member(self, node: ast.AST | None, member: str) -> str:
        owner = self.name(node)
        return f"{owner}.{member}" if owner and member else ""

    def used(self, nodes: list[ast.AST]) -> Iterator[tuple[ast.expr, str, bool]]:
        """Expressions that stand for something imported, and whether they are called."""
        called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
        known = {*self._known, *self._own}
        for node in nodes:
            if not isinstance(node, ast.expr):
                continue
            if isinstance(node, ast.Name) and node.id not in known:
                for module in self._stars:
                    yield node, f"{module}.{node.id}", id(node) in called
            elif name := self.name(node):
                yield node, name, id(node) in called


def _constant(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""


def decide(
    passed: Judgement,
    outcome: Outcome,
    ruled: Judgement,
    rules: tuple[Rule, ...],
    submission: Submission,
) -> Judgement:
    """The verdict of a check that `passed`, by the run in which what is forbidden was out of reach.

    ruled: the judgement of that run's `outcome`.
    """
    if isinstance(outcome, Stopped) and outcome.fault is Fault.FORBIDDEN:
        rule = _rule_behind(outcome.message, rules)
        place = _place(uses(submission.cells, rule.names), outcome, submission)
        return Judgement(
            verdict=Verdict.FAILED, observed=f"this question asks you to {rule.demand}; {place}"
        )
    same = ruled.misconception_id == passed.misconception_id
    follows = passed.verdict is Verdict.FOLLOWS and ruled.verdict is Verdict.FAILED and same
    if ruled.verdict is not Verdict.PASSED and not follows:
        demands = _demands(rules)
        observed = (
            f"this question asks you to {demands}: with {rules[0].without} out of reach, your "
            "solution behaves in another way; a person will look at it"
        )
        return replace(ruled, verdict=Verdict.UNDECIDED, observed=observed, misconception="")
    return look_for_tools(passed, rules, submission)


def look_for_tools(kept: Judgement, rules: tuple[Rule, ...], submission: Submission) -> Judgement:
    """The verdict where the rules were kept, unless the text could have taken the run apart."""
    if tools := uses(submission.cells, _TOOLS):
        observed = (
            f"this question asks you to {_demands(rules)}; whether you do cannot be seen by "
            f"running a solution that uses {tools[0].name} ({_line(tools[0], submission)}): a "
            "person will look at it"
        )
        return replace(kept, verdict=Verdict.UNDECIDED, observed=observed)
    return kept


def _demands(rules: tuple[Rule, ...]) -> str:
    return " and to ".join(rule.demand for rule in rules)


def _rule_behind(name: str, rules: tuple[Rule, ...]) -> Rule:
    for rule in rules:
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in (*rule.operators, *rule.names)):
            return rule
    return rules[0]


def _place(found: tuple[Use, ...], outcome: Stopped, submission: Submission) -> str:
    """Where it is called: the line of the text, else what the run came to."""
    ran = {
        line.partition(",")[0] + line.partition(",")[2].partition(",")[0]
        for line in outcome.trace.splitlines()
    }
    on_the_way = [use for use in found if any(r.endswith(f" line {use.line}") for r in ran)]
    for use in sorted(on_the_way or found, key=lambda use: not use.is_call):
        return f"{_line(use, submission)} {'calls' if use.is_call else 'uses'} {use.name}"
    where = outcome.trace.splitlines()[-1] if outcome.trace else "your solution"
    return f"{where} comes to {outcome.message}"


def _line(use: Use, submission: Submission) -> str:
    cell = f"cell {use.cell}, " if submission.is_notebook else ""
    return f"{cell}line {use.line}"
