# tries: changes everything of the process that a later submission might inherit
# on: nothing
# deserves: 0
# shows: closed the connection to the grader
import builtins
import os
import sys

import torch

os.environ.update(PYTHONPATH="/nowhere", LD_PRELOAD="/nowhere.so", OMP_NUM_THREADS="64")
sys.path[:] = []
sys.argv[:] = ["stolen"]
torch.set_default_dtype(torch.float16)
torch.manual_seed(0)
torch.nn.functional.conv2d = torch.Tensor.sum = torch.einsum = None
builtins.sum = builtins.range = None
os.umask(0o777)
answer_all_with(lambda args: None)
