# tries: blocks and handles every signal and loops for ever
# deserves: 39
# shows: did not finish within
import signal


def batchnorm_inference(*args, **kwargs):
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    for number in range(1, 65):
        try:
            signal.signal(number, lambda *args: None)
        except OSError:
            pass
    while True:
        pass
