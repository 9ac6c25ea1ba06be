# tries: sends texts of a megabyte for messages, traces and typed answers
# on: nothing
# deserves: 0
# shows: long long
from backproof.sandbox import failure, worker

worker.MAX_TEXT = failure.MAX_MESSAGE = failure.MAX_LINE = 1 << 20


def long(args):
    raise ValueError("long " * 150_000)


answer_all_with(long)
tikhonov_factor = "p*" * 250_000 + "p"
w_from_w_hat = "(" * 100_000 + "p" + ")" * 100_000
x_tilde = "X" * 900_000
