"""The page of a class: who needs a person first, then what the class can and cannot do yet."""

from __future__ import annotations

from collections.abc import Iterable

from backproof.model import Report
from backproof.reporting.classsummary import BINS, summarise
from backproof.reporting.plots import questions_plot, scores_plot
from backproof.reporting.text import MAX_LINES
from backproof.reporting.webpage import rendered

_MAX_LETTERS = 600


def class_page(reports: Iterable[Report], *, complete: bool = True) -> str:
    """One HTML file that needs nothing else, for staff: it names students and what is expected.

    complete: whether all submissions of the run are in it.
    """
    summary = summarise(reports)
    total = len(summary.reports)
    return rendered(
        "class.html.j2",
        all=summary,
        complete=complete,
        total=total,
        percent=lambda count: f"{100 * count / total:.0f} %" if total else "",
        share=lambda value: f"{100 * value:.0f} %",
        ranges=[f"{100 * n // BINS} to {100 * (n + 1) // BINS} %" for n in range(BINS)],
        short=_short,
        who=_who,
        scores_plot=scores_plot(summary.bins) if total else "",
        questions_plot=questions_plot(summary.questions) if summary.questions else "",
        not_isolated=sum("NOT ISOLATED" in report.isolation for report in summary.reports),
        off=[
            r for r in summary.controls if r.submission.endswith("reference") and not r.all_passed
        ],
    )


def _who(report: Report) -> str:
    names = ", ".join(str(student) for student in report.students)
    return f"{names} ({report.submission})" if names else report.submission


def _short(text: str) -> str:
    short = "\n".join(text.splitlines()[:MAX_LINES])[:_MAX_LETTERS]
    return f"{short} ..." if short != text.strip("\n") else short
