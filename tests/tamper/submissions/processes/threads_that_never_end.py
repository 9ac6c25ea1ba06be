# tries: leaves threads that spin and that cannot be joined
# deserves: 40
# shows: 2 threads spin
import threading


def spin():
    while True:
        pass


@before_answering
def start():
    if threading.active_count() == 1:
        for _ in range(2):
            threading.Thread(target=spin).start()
    print(threading.active_count() - 1, "threads spin")
