# tries: registers its own ending, which prints full marks and exits with 0
# on: nothing
# deserves: 0
# shows: registered
import atexit
import os
import threading
import weakref


def ending(*args):
    os.write(1, b"40/40 everything right\n")
    os._exit(0)


atexit.register(ending)
threading._register_atexit(ending)
weakref.finalize(answer_all_with, ending)
tell("registered")
answer_all_with(lambda args: None)
