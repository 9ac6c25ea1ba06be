# tries: announces a header of 4 GiB
# deserves: 39
# shows: the header is too long
import os


def batchnorm_inference(*args, **kwargs):
    os.write(3, b"\xff" * 4 + b"{}")
