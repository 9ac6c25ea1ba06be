# tries: returns a numpy array that answers wrongly about itself
# on: nothing
# deserves: 0
# shows: an array of its own
import numpy


class Array(numpy.ndarray):
    dtype = property(lambda self: numpy.dtype("float64"))
    shape = property(lambda self: (3, 4))
    ndim = property(lambda self: 2)
    nbytes = property(lambda self: -1 << 40)

    def __array_ufunc__(self, *args, **kwargs):
        return True

    def __array_function__(self, *args, **kwargs):
        return True

    def reshape(self, *shape):
        return self


tell("an array of its own")
answer_all_with(lambda args: numpy.zeros(2, "int8").view(Array))
