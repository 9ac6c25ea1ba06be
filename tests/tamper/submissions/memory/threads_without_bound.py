# tries: starts threads until there are no more
# deserves: 40
# shows: denied: ten thousand threads
import threading

gate = threading.Event()


def start():
    for _ in range(10_000):
        threading.Thread(target=gate.wait, daemon=True).start()


@before_answering
def bomb():
    attempt("ten thousand threads", start)
