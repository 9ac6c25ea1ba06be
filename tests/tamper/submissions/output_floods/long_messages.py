# tries: raises and warns with texts of a hundred megabytes
# on: nothing
# deserves: 0
# shows: ValueError: mmm
import warnings


def flood(args):
    warnings.warn("w" * 1_000_000)
    raise ValueError("m" * 100_000_000)


answer_all_with(flood)
