"""What "equal" means for typed mathematics.

Judging compares spellings (`exact`) so far. The engine that decides formulas, numbers, quantities
and matrices stands beside it: `deciding`, `numbers`, `units`, `hints`, over `parser` and
`vocabulary`.
"""

from backproof.answers.exact import Decision, decide, same

__all__ = ["Decision", "decide", "same"]
