# tries: replaces modules by its own, for everything that is imported later
# on: nothing
# deserves: 0
# shows: closed the connection to the grader|what your code returned raised
import sys
import types

import torch


class Mine(types.ModuleType):
    def __getattr__(self, name):
        return lambda *args, **kwargs: True


for name in ("torch", "numpy", "json", "struct", "backproof", "backproof.grading", "math"):
    sys.modules[name] = Mine(name)
answer_all_with(lambda args: torch.zeros(3))
