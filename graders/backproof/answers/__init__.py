"""What "equal" means for typed mathematics."""

from backproof.answers.exact import Decision, decide, same

__all__ = ["Decision", "decide", "same"]
