# tries: takes back what was taken from it
# deserves: 40
# shows: denied: raise the limit of memory
# shows: denied: raise the limits of its parent
# shows: denied: become root
# shows: denied: gain a namespace
# shows: denied: mount
# shows: denied: change its root
# shows: denied: outlive its parent
# shows: denied: choose its processors
import ctypes
import os
import resource

libc = ctypes.CDLL(None, use_errno=True)


def call(function, *arguments):
    if function(*arguments) == -1:
        raise OSError(ctypes.get_errno(), "denied")


def parent():
    if os.getppid() == 0:
        raise ProcessLookupError("no parent is in sight")
    return os.getppid()


def root():
    os.setgroups([0])
    os.setuid(0)
    return open("/etc/shadow").read(5)


@before_answering
def gain():
    infinite = (resource.RLIM_INFINITY,) * 2
    attempt("raise the limit of memory", lambda: resource.setrlimit(resource.RLIMIT_AS, infinite))
    attempt(
        "raise the limits of its parent",
        lambda: resource.prlimit(parent(), resource.RLIMIT_NOFILE, (9, 9)),
    )
    attempt("become root", root)
    attempt("gain a namespace", lambda: call(libc.unshare, 0x10000000))
    attempt("mount", lambda: call(libc.mount, b"none", b".", b"tmpfs", 0, None))
    attempt("change its root", lambda: os.chroot("."))
    attempt("outlive its parent", lambda: call(libc.prctl, 1, 0, 0, 0, 0))
    attempt("choose its processors", lambda: os.sched_setaffinity(parent(), {0}))
