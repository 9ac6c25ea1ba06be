"""Homeworks: questions of the bank in the order in which they are handed out."""

from __future__ import annotations

from dataclasses import dataclass

from backproof.model.problems import Check, Problem


@dataclass(frozen=True, kw_only=True, slots=True)
class GradedQuestion:
    """A question of a problem as it stands in one homework."""

    number: str
    points: float
    problem: Problem
    key: str

    @property
    def title(self) -> str:
        """The question's title."""
        return self.problem.question(self.key).title

    @property
    def grade_id(self) -> str:
        """Name of its marking cell in a notebook, in the letters that nbgrader allows."""
        return "q" + "".join(c if c.isascii() and c.isalnum() else "_" for c in self.number)

    @property
    def checks(self) -> tuple[Check, ...]:
        """The checks behind this question's points."""
        return tuple(check for check in self.problem.checks if check.question == self.key)


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    """A homework: a list of questions, in the order in which they are handed out."""

    name: str
    title: str
    source: str
    digest: str
    questions: tuple[GradedQuestion, ...]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems in order, each once."""
        return tuple(
            {question.problem.name: question.problem for question in self.questions}.values()
        )

    @property
    def points(self) -> float:
        """Points of the whole homework."""
        return sum(question.points for question in self.questions)
