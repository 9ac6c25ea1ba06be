# tries: takes all memory in Python objects
# deserves: 39
# shows: ran out of memory
def batchnorm_inference(*args, **kwargs):
    blocks = []
    while True:
        blocks.append(bytearray(1 << 24))
