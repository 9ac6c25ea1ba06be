# odd: functions are wrapped by decorators that count, time and check
import functools
import time
from contextlib import contextmanager

calls = {}


def counted(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        calls[function.__name__] = calls.get(function.__name__, 0) + 1
        began = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            assert time.perf_counter() >= began

    return wrapper


@contextmanager
def checked():
    yield


for _name in ("batchnorm_forward", "batchnorm_backward", "conv2d_backward", "dropout", "dropout_ridge"):
    globals()[_name] = counted(globals()[_name])
conv2d_forward = checked()(conv2d_forward)
