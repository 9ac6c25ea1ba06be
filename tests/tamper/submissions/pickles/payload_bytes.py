# tries: returns pickles as bytes, as arrays and inside arrays of objects
# on: nothing
# deserves: 0
# shows: 1 value (bytes)
import os
import pickle

import numpy


class Payload:
    def __reduce__(self):
        return os.system, ("echo broken > /tmp/" + WHERE["stray name"],)


answer_all_with(lambda args: numpy.array([Payload()], dtype=object))


def batchnorm_forward(*args, **kwargs):
    return pickle.dumps(Payload())


def batchnorm_inference(*args, **kwargs):
    return numpy.frombuffer(pickle.dumps(Payload()), numpy.uint8)
