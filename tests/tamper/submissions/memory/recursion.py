# tries: recurses in Python and below it until the stack ends
# on: nothing
# deserves: 0
# shows: RecursionError
import sys


def deeper(args):
    return deeper(args)


answer_all_with(deeper)


def batchnorm_inference(*args, **kwargs):
    sys.setrecursionlimit(10**9)
    nested = []
    for _ in range(500_000):
        nested = [nested]
    return repr(nested)
