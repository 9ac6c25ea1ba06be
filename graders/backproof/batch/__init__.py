"""Many submissions: what is finished is kept on disk, and several workers grade side by side."""

from backproof.batch.bench import Settings
from backproof.batch.journal import Journal
from backproof.batch.run import Run, grade_class

__all__ = ["Journal", "Run", "Settings", "grade_class"]
