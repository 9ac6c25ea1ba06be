"""The two plots of a class, as SVG that stands in a page: no text of a student is in them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from html import escape
from typing import Any

import matplotlib
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from backproof.reporting.classsummary import BINS, Question

_INK = "#010203"
"""Stands for the colour of the page's own text, which is another one in the dark."""
_BAR = "#2b7bba"
_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "backproof",
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": _INK,
    "axes.edgecolor": _INK,
    "axes.labelcolor": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def scores_plot(bins: Sequence[int]) -> Markup:
    """How many have which share of the points."""
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(4.4, 2.6), layout="constrained")
        axes = figure.add_subplot()
        axes.bar([100 * (n + 0.5) / BINS for n in range(BINS)], bins, width=92 / BINS, color=_BAR)
        axes.set_xlim(0, 100)
        axes.set_xlabel("share of the points in %")
        axes.set_ylabel("submissions")
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        return _svg(figure, "Bar chart of the scores; the table below has the same numbers.")


def questions_plot(questions: Sequence[Question]) -> Markup:
    """Which share of its points each question has earned."""
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(4.4, 0.7 + 0.24 * len(questions)), layout="constrained")
        axes: Axes = figure.add_subplot()
        places = range(len(questions))
        axes.barh(places, [100.0] * len(questions), color="#8a8a8a", alpha=0.2)
        axes.barh(places, [100 * question.share for question in questions], color=_BAR)
        axes.set_yticks(places, [question.number.replace("$", r"\$") for question in questions])
        axes.invert_yaxis()
        axes.set_xlim(0, 100)
        axes.set_xlabel("points earned in %")
        axes.margins(y=0.01)
        return _svg(figure, "Bar chart by question; the table below has the same numbers.")


def _svg(figure: Figure, label: str) -> Markup:
    text = io.StringIO()
    figure.savefig(text, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :].replace(_INK, "currentColor")
    start = f'<svg role="img" aria-label="{escape(label)}" '
    return Markup(svg.replace("<svg ", start, 1))
