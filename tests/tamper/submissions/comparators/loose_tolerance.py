# tries: loosens the tolerances of the grader's own modules
# on: nothing
# deserves: 0
# shows: tolerances are infinite here
import torch

import backproof.tensors.tolerance as tolerance
from backproof.tensors import compare

tolerance.tolerance_for.__code__ = (lambda *args: float("inf")).__code__
compare.__defaults__ = (float("inf"),)
tell(f"tolerances are {tolerance.tolerance_for()}inite here")
answer_all_with(lambda args: torch.zeros_like(args[0]))
