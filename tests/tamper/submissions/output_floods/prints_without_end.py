# tries: prints 200 MB, through Python and below it
# deserves: 40
# shows: further bytes were dropped
import os
import sys


@before_answering
def flood():
    for _ in range(50):
        print("x" * (1 << 20))
        sys.stderr.write("y" * (1 << 20))
        os.write(1, b"z" * (1 << 20))
        os.write(2, b"z" * (1 << 20))
