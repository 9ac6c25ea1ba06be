"""What grades one submission after the other, or several at a time."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path

from backproof.answer_key import AnswerKey
from backproof.grading import grade
from backproof.loading import load_assignment
from backproof.model import Assignment, BackproofError, Limits, Report, Submission
from backproof.sandbox import Isolated
from backproof.sandbox.isolated import started_early


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What every worker needs to know.

    folder: of the homework. least: the least isolation that is accepted.
    """

    folder: Path
    seed: str
    device: str
    limits: Limits
    least: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Lost:
    """A submission that could not be graded to its end: a failure of ours, never a student's."""

    submission: Submission
    reason: str = (
        "the worker that graded it died twice, perhaps for want of memory: free some, or use fewer "
        "--jobs, and run the same command again"
    )


class Bench:
    """A warm parent, the homework and its answer key. Several threads may grade at it.

    Raises:
        BackproofError: the homework cannot be read, or this machine has no such isolation.
    """

    def __init__(self, settings: Settings, assignment: Assignment | None = None) -> None:
        """assignment: the homework, where it has been read already."""
        self._device = settings.device
        self._key = AnswerKey(settings.seed)
        # The warm parent takes seconds to get ready, in which this process works out the key.
        with started_early(settings.device, settings.least):
            self._assignment = assignment or load_assignment(settings.folder)
            self._key.prepare(self._assignment)
            self._runner = Isolated(settings.limits, settings.device, settings.least)

    def grade(self, submission: Submission) -> Report:
        """The report of one submission."""
        return grade(self._assignment, submission, self._runner, self._key, self._device)

    def tried(self, submission: Submission) -> Report | Lost:
        """The same; a slip in the grader costs this submission's report, and no other one's.

        Raises:
            BackproofError: nothing can be graded here any more.
        """
        try:
            return self.grade(submission)
        except BackproofError:
            raise
        except Exception as error:  # said to the one who runs it, who looks at this submission
            where = traceback.extract_tb(error.__traceback__)[-1]
            what = f"{type(error).__name__}: {error} ({where.filename}:{where.lineno})"
            return Lost(submission=submission, reason=f"a fault of backproof, no mark: {what}")

    def close(self) -> None:
        """End the warm parent."""
        self._runner.close()
