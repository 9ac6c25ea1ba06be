# tries: returns sequences without end and containers that contain themselves
# on: nothing
# deserves: 0
# shows: RecursionError
# shows: did not finish within|ran out of memory
import itertools

loop = []
loop.append(loop)
answer_all_with(lambda args: loop)


class Endless(list):
    def __iter__(self):
        return itertools.count()

    def __len__(self):
        return 3


def batchnorm_inference(*args, **kwargs):
    return Endless([1, 2, 3])


def weight_noise_loss(*args, **kwargs):
    raise RecursionError
