# tries: takes memory of the kinds that limits forget
# deserves: 40
# shows: denied: shared pages without bound
# shows: denied: a file in memory
# shows: denied: a secret file in memory
# shows: denied: a shared segment of System V
# shows: denied: a named shared segment
# shows: denied: pages that cannot be swapped
import ctypes
import mmap
import os
from multiprocessing import shared_memory

libc = ctypes.CDLL(None, use_errno=True)


def call(function, *arguments):
    made = function(*arguments)
    if made == -1:
        raise OSError(ctypes.get_errno(), "denied")
    return made


def pages():
    kept = []
    for _ in range(1000):
        kept.append(mmap.mmap(-1, 1 << 25))
    return len(kept)


@before_answering
def take():
    attempt("shared pages without bound", pages)
    attempt("a file in memory", lambda: os.memfd_create("stray"))
    attempt("a secret file in memory", lambda: call(libc.syscall, 447, 0))
    attempt("a shared segment of System V", lambda: call(libc.shmget, WHERE["stray key"], 4096, 0o1600))
    attempt(
        "a named shared segment",
        lambda: shared_memory.SharedMemory(WHERE["stray name"], create=True, size=4096),
    )
    attempt("pages that cannot be swapped", lambda: call(libc.mlockall, 3))
