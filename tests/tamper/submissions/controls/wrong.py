# tries: nothing: every function is there, and wrong
# on: nothing
# deserves: 0
# shows: entry
import torch

answer_all_with(lambda args: torch.full_like(args[0], 0.5))
