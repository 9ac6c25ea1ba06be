# tries: searches the garbage collector's objects for arrays of the right shape
# on: nothing
# deserves: 0
# shows: searched more than 1000 objects: True
import gc
import sys

import numpy
import torch



def search(args):
    objects = gc.get_objects()
    for module in list(sys.modules.values()):
        objects += vars(module).values()
    print("searched more than 1000 objects:", len(objects) > 1000)
    for thing in objects:
        if type(thing) in (torch.Tensor, numpy.ndarray) and thing.shape == args[0].shape:
            if not any(thing is arg for arg in args):
                return thing
    return args[0] * 0


answer_all_with(search)
