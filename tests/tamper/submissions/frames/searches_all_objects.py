# tries: searches the garbage collector's objects for arrays of the right shape
# on: nothing
# deserves: 0
# shows: searched more than 1000 objects: True
import gc

import numpy
import torch


def search(args):
    gc.unfreeze()
    objects = gc.get_objects()
    objects += [value for thing in objects if type(thing) is dict for value in list(thing.values())]
    print("searched more than 1000 objects:", len(objects) > 1000)
    for thing in objects:
        if isinstance(thing, torch.Tensor | numpy.ndarray) and tuple(thing.shape) == tuple(args[0].shape):
            if not any(thing is arg for arg in args):
                return thing
    return args[0] * 0


answer_all_with(search)
