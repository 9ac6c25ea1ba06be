"""One derivation as Markdown with LaTeX."""

from collections.abc import Iterable

from backproof_reference.command.evidence import Evidence
from backproof_reference.handouts.conditions import Sentence, conditions
from backproof_reference.handouts.latex import latex_terms, to_latex
from backproof_reference.handouts.layout import Reader, Terms
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
from backproof_reference.handouts.words import markdown_words as words
from backproof_reference.prove import (
    Derivation,
    Expr,
    Mutant,
    OneHot,
    Reindex,
    Step,
    StepReport,
)

WIDTH = 70


def markdown(derivation: Derivation, evidence: Evidence) -> str:
    """The whole file."""
    kind, said = state(evidence)
    said = said.upper() if kind == "bad" else said
    lines = [f"# {words(derivation.title)}", "", f"`{derivation.id}` — **{said}**", ""]
    found = problems(derivation, evidence)
    if found:
        lines += ["## Not proved", "", *(f"- {words(each)}" for each in found), ""]
    lines += ["## Claim", "", words(derivation.claim), ""]
    lines += ["## Assumptions", "", *(f"- {words(a.text)}" for a in derivation.assumptions), ""]
    lines += [f"{GIVEN}:", ""]
    lines += [f"- {_sentence(each)}" for each in conditions(derivation)] + [""]
    lines += _notation(derivation)
    lines += ["## Steps", "", *_chain(derivation), ""]
    if derivation.level_reason:
        lines += [words(derivation.level_reason), ""]
    reports = evidence.report.steps if evidence.report else [None] * len(derivation.steps)
    for at, (step, report) in enumerate(zip(derivation.steps, reports, strict=True), 1):
        lines += [f"{at}. {_reason(step, report)}"]
    if evidence.report is not None:
        lines += ["", "## Compared with an independent computation", ""]
        lines += [words(oracle_sentence(evidence.report.oracle))]
    lines += ["", "## Mistakes that were refuted", ""]
    mutants = evidence.mutants or [None] * len(derivation.mutants)
    for mutant, refuted in zip(derivation.mutants, mutants, strict=True):
        lines += _mistake(mutant, refuted)
    return "\n".join([*lines, "---", "", method([evidence]), ""])


def index_markdown(library: Iterable[Derivation], found: dict[str, Evidence]) -> str:
    """The list of all files."""
    lines = ["# Derivations", "", method(found.values()), ""]
    for each in library:
        mark = "✓" if found[each.id].proved else f"✗ **{NOT_PROVED}**"
        lines.append(f"- {mark} [{words(each.title)}]({each.id}.md) — {words(each.claim)}")
    return "\n".join([*lines, ""])


def _sentence(sentence: Sentence) -> str:
    return "".join(words(p) if isinstance(p, str) else f"${to_latex(p)}$" for p in sentence)


def _notation(derivation: Derivation) -> list[str]:
    read = Reader()
    lines = []
    for definition in used_names(derivation):
        power = to_latex(read.meaning(definition))
        lines += [f"$${to_latex(read(definition.symbol))} = {power}$$", ""]
    return ["## Notation", "", *lines] if lines else []


def _chain(derivation: Derivation) -> list[str]:
    """All expressions, one below the other; the numbers are those of the reasons."""
    rows = [f"& {_broken(derivation.start)}"]
    for at, step in enumerate(derivation.steps, 1):
        same = step.op is None or isinstance(step.op, Reindex | OneHot)
        relation = rf"\overset{{({at})}}{{=}}" if same else rf"\xrightarrow{{({at})}}"
        rows.append(rf"{relation}\; & {_broken(step.expr)}")
    return ["$$", r"\begin{aligned}", " \\\\[1ex]\n".join(rows), r"\end{aligned}", "$$"]


def _broken(expr: Expr) -> str:
    """A formula; a long sum is broken before its terms."""
    node = Reader()(expr)
    if isinstance(node, Terms) and len(to_text(node)) > WIDTH:
        return " \\\\\n& ".join(latex_terms(node.items))
    return to_latex(node)


def _reason(step: Step, report: StepReport | None) -> str:
    verdict = "not checked"
    if report is not None:
        kind, verdict = badge_of(report.verdict)
        verdict += f", {words(at_sizes(report))}" if kind != "bad" else ""
    said = f"**{words(step.name)}** ({verdict}): {words(step.because)}"
    if step.op is not None:
        formulas = (p if isinstance(p, str) else f"${to_latex(p)}$" for p in parts(step.op))
        said += f" *Operation:* {''.join(formulas)}."
    if report is not None and report.finding.counterexample is not None:
        said += f" Counterexample: {words(str(report.finding.counterexample))}"
    return said


def _mistake(mutant: Mutant, report: StepReport | None) -> list[str]:
    lines = [
        f"### {words(mutant.misconception)}",
        "",
        f"Wrong, in the step “{words(mutant.step)}”:",
    ]
    lines += ["", f"$${to_latex(Reader()(mutant.expr))}$$", ""]
    if report is None or report.finding.counterexample is None:
        return [*lines, "**Not refuted.**", ""]
    place, values, verdict = counterexample_parts(report.finding.counterexample)
    listed = ", ".join(f"{name} = {value}" for name, value in [*place, *values])
    return [*lines, f"Counterexample: at {words(listed)}: {verdict}", ""]
