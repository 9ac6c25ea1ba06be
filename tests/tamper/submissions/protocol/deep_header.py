# tries: sends JSON that is nested a hundred thousand times
# deserves: 39
# shows: the header is not JSON
import os
import struct


def batchnorm_inference(*args, **kwargs):
    text = b"[" * 500_000 + b"]" * 500_000
    os.write(3, struct.pack("<I", len(text)) + text)
