# tries: steers the terminal and writes over the report by control characters
# on: nothing
# deserves: 0
# shows: you win
# shows: title
nasty = "\x1b[2J\x1b[1;32m you win \x9b\x07\x1b]0;title\x07\r40/40\x08\u202e\u2066"
tell(nasty)


def forge(args):
    raise ValueError(nasty)


answer_all_with(forge)
tikhonov_factor = nasty
x_tilde = "\x1b]8;;http://127.0.0.1\x07"


def batchnorm_forward(*args, **kwargs):
    return {nasty: 1}


exec("def batchnorm_inference(a, b=%r): pass" % nasty)
