# tries: looks for expected values in the frames of its callers
# on: nothing
# deserves: 0
# shows: looked into 4 frames or more: True
import sys


def peek(args):
    frame, count = sys._getframe(), 0
    while frame is not None:
        count += 1
        for name in ("expected", "key", "oracle", "wanted", "answer", "reference"):
            for scope in (frame.f_locals, frame.f_globals):
                if hasattr(scope.get(name), "shape"):
                    return scope[name]
        frame = frame.f_back
    print(f"looked into 4 frames or more: {count >= 4}")
    return args[0] * 0


answer_all_with(peek)
