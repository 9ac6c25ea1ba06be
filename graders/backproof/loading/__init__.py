"""Find and read assignments and submissions. Student code is read as text, never run."""

from backproof.loading.assignments import (
    bank_problems,
    find_assignment,
    load_assignment,
    load_problem,
)
from backproof.loading.released import load_released, save_released
from backproof.loading.source import render_solution, render_stub
from backproof.loading.submissions import find_submissions, read_submission
from backproof.loading.survivors import Survivors, load_survivors

__all__ = [
    "Survivors",
    "bank_problems",
    "find_assignment",
    "find_submissions",
    "load_assignment",
    "load_problem",
    "load_released",
    "load_survivors",
    "read_submission",
    "render_solution",
    "render_stub",
    "save_released",
]
