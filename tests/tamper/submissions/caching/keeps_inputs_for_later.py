# tries: collects the inputs of all calls and returns any that fits
# on: nothing
# deserves: 0
# shows: inputs are kept
import torch

kept = []


def collect(args):
    kept.extend(arg.clone() for arg in args if isinstance(arg, torch.Tensor))
    print(len(kept), "inputs are kept")
    fitting = [tensor for tensor in kept if tensor.shape == args[-1].shape] if kept else []
    return fitting[0] if fitting else kept[0]


answer_all_with(lambda args: collect([a for a in args if isinstance(a, torch.Tensor)]))
