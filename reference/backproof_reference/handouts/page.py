"""One derivation as an HTML page that needs no network and no script."""

import re
from collections.abc import Iterable
from html import escape

from backproof_reference.command.evidence import Evidence
from backproof_reference.handouts import mathml
from backproof_reference.handouts.conditions import Sentence, conditions
from backproof_reference.handouts.layout import Call, Name, Node, Reader, walk
from backproof_reference.handouts.operations import parts
from backproof_reference.handouts.shared import (
    GIVEN,
    NOT_PROVED,
    at_sizes,
    badge_of,
    counterexample_parts,
    method,
    oracle_sentence,
    problems,
    state,
    used_names,
)
from backproof_reference.handouts.typed import to_text
from backproof_reference.handouts.words import html_words
from backproof_reference.prove import (
    Counterexample,
    Definition,
    Derivation,
    Expr,
    Mutant,
    Step,
    StepReport,
)

# Letters of a formula that fit on a line.
WIDTH = 72
MANY_VALUES = 12


def page(derivation: Derivation, evidence: Evidence) -> str:
    """The whole page."""
    body = [
        '<p class="back"><a href="index.html">All derivations</a></p>',
        f"<header><h1>{html_words(derivation.title)}</h1>",
        f"<p><code>{escape(derivation.id)}</code> {_state(evidence)}</p></header>",
        _problems(derivation, evidence),
        f'<section><h2>Claim</h2><p class="claim">{html_words(derivation.claim)}</p></section>',
        _assumptions(derivation),
        _notation(derivation),
        _steps(derivation, evidence),
        _oracle(evidence),
        _mistakes(derivation, evidence),
        f"<footer><p>{method([evidence])}</p></footer>",
    ]
    return document(derivation.title, "\n".join(filter(None, body)))


def index_page(library: Iterable[Derivation], found: dict[str, Evidence]) -> str:
    """The list of all pages, by topic."""
    topics: dict[str, list[Derivation]] = {}
    for derivation in library:
        topics.setdefault(derivation.id.split(".")[0], []).append(derivation)
    body = ["<header><h1>Derivations</h1>", f"<p>{method(found.values())}</p></header>"]
    for topic, members in topics.items():
        body.append(f"<section><h2>{escape(topic.replace('_', ' '))}</h2>")
        body.append('<ul class="index">')
        for each in members:
            link = f'<a href="{escape(each.id)}.html">{html_words(each.title)}</a>'
            state = _short_state(found[each.id])
            claim = f'<span class="claim">{html_words(each.claim)}</span>'
            body.append(f"<li>{link} {state}<br>{claim}</li>")
        body.append("</ul></section>")
    return document("Derivations", "\n".join(body))


def document(title: str, body: str) -> str:
    """The frame around a page; the style sheet lies beside it."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(title)}</title>\n"
        '<link rel="stylesheet" href="style.css">\n</head>\n'
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _state(evidence: Evidence) -> str:
    return _badge(*state(evidence))


def _short_state(evidence: Evidence) -> str:
    if evidence.report is None or not evidence.proved:
        return _badge("bad", NOT_PROVED)
    return _badge(*badge_of(evidence.report.level))


def _badge(kind: str, text: str) -> str:
    mark = {"good": "✓", "fair": "≈", "bad": "✗"}[kind]
    return (
        f'<span class="badge {kind}"><span aria-hidden="true">{mark}</span> {escape(text)}</span>'
    )


def _problems(derivation: Derivation, evidence: Evidence) -> str:
    found = problems(derivation, evidence)
    if not found:
        return ""
    listed = "".join(f"<li>{escape(each)}</li>" for each in found)
    return f'<section class="alarm"><h2>Not proved</h2><ul>{listed}</ul></section>'


def _assumptions(derivation: Derivation) -> str:
    items = "".join(
        f'<li>{html_words(each.text)} <span class="kind">{escape(each.kind)}</span></li>'
        for each in derivation.assumptions
    )
    given = "".join(f"<li>{_sentence(each)}</li>" for each in conditions(derivation))
    return (
        f"<section><h2>Assumptions</h2><ul>{items}</ul>"
        f'<h3>{GIVEN}</h3><ul class="given">{given}</ul></section>'
    )


def _sentence(sentence: Sentence) -> str:
    return "".join(
        html_words(part) if isinstance(part, str) else mathml.formula(part) for part in sentence
    )


def _notation(derivation: Derivation) -> str:
    read = Reader()
    items = [_definition(definition) for definition in used_names(derivation)]
    if any(_has_bracket(read(expr)) for expr in _expressions(derivation)):
        items.append("[<i>a</i> = <i>b</i>] is 1 where <i>a</i> = <i>b</i> and 0 elsewhere")
    if not items:
        return ""
    listed = "".join(f"<li>{item}</li>" for item in items)
    return f"<section><h2>Notation</h2><ul>{listed}</ul></section>"


def _definition(definition: Definition) -> str:
    read = Reader()
    power = read.meaning(definition)
    shown = mathml.row(
        mathml.to_mathml(read(definition.symbol)), mathml.operator("="), mathml.to_mathml(power)
    )
    return f'<math displaystyle="true">{shown}</math>'


def _expressions(derivation: Derivation) -> list[Expr]:
    steps, mutants = derivation.steps, derivation.mutants
    return [derivation.start, *(s.expr for s in steps), *(m.expr for m in mutants)]


def _has_bracket(node: Node) -> bool:
    return any(
        isinstance(part, Call)
        and part.function == "delta"
        and not all(isinstance(argument, Name) for argument in part.arguments)
        for part in walk(node)
    )


def _steps(derivation: Derivation, evidence: Evidence) -> str:
    reports = evidence.report.steps if evidence.report else [None] * len(derivation.steps)
    items = [
        f'<li class="start"><h3>Start</h3>{_display("", derivation.start)}</li>',
        *map(_step, derivation.steps, reports),
    ]
    reason = ""
    if derivation.level_reason:
        reason = f"<p>{html_words(derivation.level_reason)}</p>"
    return f'<section><h2>Steps</h2>{reason}<ol class="steps">{"".join(items)}</ol></section>'


def _step(step: Step, report: StepReport | None) -> str:
    head = f"<h3>{html_words(step.name)} {_verdict(report)}</h3>"
    reason = f"<p>{html_words(step.because)}</p>"
    operation = ""
    if step.op is not None:
        said = _sentence(parts(step.op))
        operation = f'<p class="operation">{said[:1].upper()}{said[1:]}:</p>'
    return f"<li>{head}{reason}{operation}{_display('=', step.expr)}{_refuted(report)}</li>"


def _verdict(report: StepReport | None) -> str:
    if report is None:
        return _badge("bad", "not checked")
    kind, text = badge_of(report.verdict)
    if kind == "bad":
        return _badge(kind, text)
    return f'{_badge(kind, text)} <span class="sizes">{html_words(at_sizes(report))}</span>'


def _refuted(report: StepReport | None) -> str:
    found = report.finding.counterexample if report else None
    return _counterexample(found) if found else ""


def _display(relation: str, expr: Expr) -> str:
    """A formula on lines of its own; a long one is broken."""
    node = Reader()(expr)
    rows = "".join(
        f"<mtr><mtd>{mathml.operator(relation) if relation and not at else ''}</mtd>"
        f"<mtd>{line}</mtd></mtr>"
        for at, line in enumerate(mathml.lines(node, WIDTH))
    )
    alternative = escape(f"{relation} {to_text(node)}".strip())
    table = f'<mtable class="lines" displaystyle="true">{rows}</mtable>'
    math = f'<math displaystyle="true" alttext="{alternative}">{table}</math>'
    return f'<div class="formula" tabindex="0" role="group" aria-label="formula">{math}</div>'


def _oracle(evidence: Evidence) -> str:
    if evidence.report is None:
        return ""
    kind = "good" if evidence.report.oracle.passed else "bad"
    said = html_words(oracle_sentence(evidence.report.oracle))
    mark = _badge(kind, "agrees" if kind == "good" else "differs")
    return (
        f"<section><h2>Compared with an independent computation</h2><p>{mark} {said}</p></section>"
    )


def _mistakes(derivation: Derivation, evidence: Evidence) -> str:
    reports = evidence.mutants or [None] * len(derivation.mutants)
    items = "".join(map(_mistake, derivation.mutants, reports))
    return (
        f'<section><h2>Mistakes that were refuted</h2><ul class="mistakes">{items}</ul></section>'
    )


def _mistake(mutant: Mutant, report: StepReport | None) -> str:
    head = f"<h3>{html_words(mutant.misconception)}</h3>"
    where = f'<p class="operation">Wrong, in the step “{html_words(mutant.step)}”:</p>'
    if report is None or report.finding.counterexample is None:
        refuted = f"<p>{_badge('bad', 'not refuted')}</p>"
    else:
        refuted = _counterexample(report.finding.counterexample)
    return f"<li>{head}{where}{_display('≠', mutant.expr)}{refuted}</li>"


def _counterexample(counterexample: Counterexample) -> str:
    place, values, verdict = counterexample_parts(counterexample)
    shown = "<b>Counterexample.</b> At " + (_listed(place) or "any size")
    if len(values) <= MANY_VALUES:
        with_values = f", with {_listed(values)}" if values else ""
        return f'<p class="counter">{shown}{with_values}: {_minus(verdict)}</p>'
    details = (
        f"<details><summary>the {len(values)} values</summary><p>{_listed(values)}</p></details>"
    )
    return f'<div class="counter"><p>{shown}: {_minus(verdict)}</p>{details}</div>'


def _listed(pairs: list[tuple[str, str]]) -> str:
    return ", ".join(
        f'<span class="value">{_named(name)} = {_minus(value)}</span>' for name, value in pairs
    )


def _named(name: str) -> str:
    stem, _, place = name.partition("[")
    counted = re.sub(r"(?<=[a-z])(?=\d)", "_", stem)
    return html_words(counted) + (f"<sub>{escape(place[:-1])}</sub>" if place else "")


def _minus(text: str) -> str:
    """Escaped, with real minus signs before numbers."""
    return re.sub(r"(?<![\w-])-(?=\d)", "−", escape(text))
