"""What "equal" means for typed mathematics: formulas, numbers, quantities, choices.

`mark` is the engine's one entrance (graders go through `backproof.fence`), `read` says how an
answer is understood without knowing the right one.
"""

from backproof.answers.keys import credit_faults, key_faults
from backproof.answers.marking import BARE, Earlier, Marking, mark, read
from backproof.answers.verdicts import Ruling

__all__ = ["BARE", "Earlier", "Marking", "Ruling", "credit_faults", "key_faults", "mark", "read"]
