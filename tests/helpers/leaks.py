"""What must not stand on a page for students: numbers of hidden cases."""

from collections.abc import Iterator

import numpy as np

from backproof.answer_key import AnswerKey
from backproof.model import Assignment, Expected, Visibility


def hidden_numbers(
    assignment: Assignment, key: AnswerKey, *, inputs: bool = True
) -> Iterator[tuple[str, set[str]]]:
    """By check: expected values of its hidden cases, and inputs, rounded as somebody may print them.

    Those with few digits are left out: they stand on a page for other reasons.
    """
    for problem in assignment.problems:
        for check in problem.checks:
            for case in check.cases:
                if case.visibility is not Visibility.HIDDEN or not isinstance(
                    check.oracle, Expected
                ):
                    continue
                known = key.case_key(problem, check, case)
                values = [*known.expected.values(), *(known.inputs.values() if inputs else ())]
                for value in values:
                    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
                        numbers = value.ravel()[:200]
                        shown = {f"{x:.{digits}g}" for x in numbers for digits in (5, 6)}
                        yield check.id, {text for text in shown if len(text) >= 6}
