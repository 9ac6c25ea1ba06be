# tries: raises an exception whose every method fails, and one that claims to be an interrupt
# on: nothing
# deserves: 0
# shows: raised Hostile
# shows: KeyboardInterrupt
class Hostile(BaseException):
    def __str__(self):
        raise self

    __repr__ = __format__ = __getattr__ = __str__
    with_traceback = property(__str__)


def raising(args):
    raise Hostile


answer_all_with(raising)


def dropout(*args, **kwargs):
    raise KeyboardInterrupt


def batchnorm_inference(*args, **kwargs):
    raise GeneratorExit
