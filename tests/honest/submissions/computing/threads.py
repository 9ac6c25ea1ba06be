# odd: computes in threads of its own
import queue
import threading
from concurrent.futures import ThreadPoolExecutor

_conv, _backward = conv2d_forward, conv2d_backward


def conv2d_forward(*args, **named):
    results = queue.Queue()
    worker = threading.Thread(target=lambda: results.put(_conv(*args, **named)))
    worker.start()
    worker.join()
    return results.get()


def conv2d_backward(*args, **named):
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda index: _backward(*args, **named)[index], range(3)))
    return tuple(made)
