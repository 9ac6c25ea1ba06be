# tries: reads far beyond its inputs for values that look like answers
# deserves: 40
# shows: denied: find the token beside its inputs
import ctypes
import re

import torch

pattern = re.compile(WHERE["token starts with"].encode() + b"[0-9a-f]{16}")


def beyond():
    for size in (8, 100, 10_000, 1_000_000):
        block = torch.empty(size)
        text = ctypes.string_at(block.data_ptr(), block.numel() * 4)
        if found := pattern.search(text):
            return found[0]
    raise LookupError("nothing")


@before_answering
def look():
    attempt("find the token beside its inputs", beyond)
