# tries: announces an array of a terabyte, and one whose size overflows
# deserves: 37
# shows: disturbed the connection
import itertools
import os
import struct

numbers = itertools.count(2)


def forge(document):
    os.write(3, struct.pack("<I", len(document)) + document)


def batchnorm_inference(*args, **kwargs):
    for number in range(1, 99):
        forge(b'{"id": %d, "body": null, "buffers": [1099511627776]}' % number)


def conv1d_weight_grad(*args, **kwargs):
    node = b'{"a": ["array", "float64", [4294967296, 4294967296], "cpu"]}'
    for number in range(1, 99):
        forge(b'{"id": %d, "body": %s, "buffers": [0]}' % (number, node))
