# tries: returns an object that becomes its answer only when it is looked at
# on: nothing
# deserves: 0
# shows: Later
import numpy


class Later:
    def __array__(self, *args, **kwargs):
        print("asked for an array")
        return numpy.zeros(3)

    __array_interface__ = property(lambda self: {"shape": (3,), "typestr": "<f8", "data": (0, True), "version": 3})
    __torch_function__ = classmethod(lambda cls, *args, **kwargs: True)
    __len__ = lambda self: 3
    __getitem__ = lambda self, index: 0.0


answer_all_with(lambda args: Later())
