# tries: ends, stops, slows down and watches other processes
# deserves: 40
# shows: denied: end the grader
# shows: denied: end its parent
# shows: denied: end a foreign process
# shows: denied: end everybody
# shows: denied: stop its group
# shows: denied: open a foreign process
# shows: denied: attach to its parent
# shows: denied: read a foreign memory
# shows: denied: slow a foreign process down
# shows: denied: send a signal when a file is ready
import ctypes
import fcntl
import os
import signal

libc = ctypes.CDLL(None, use_errno=True)


def call(function, *arguments):
    if function(*arguments) == -1:
        raise OSError(ctypes.get_errno(), "denied")


def own_and_signal():
    fcntl.fcntl(3, fcntl.F_SETOWN, WHERE["foreign process"])
    fcntl.fcntl(3, fcntl.F_SETFL, os.O_ASYNC)


@before_answering
def disturb():
    foreign = WHERE["foreign process"]
    attempt("end the grader", lambda: os.kill(WHERE["grader"], signal.SIGTERM))
    attempt("end its parent", lambda: os.kill(os.getppid(), signal.SIGKILL))
    attempt("end a foreign process", lambda: os.kill(foreign, signal.SIGKILL))
    attempt("end everybody", lambda: os.kill(-1, signal.SIGKILL))
    attempt("stop its group", lambda: os.killpg(0, signal.SIGSTOP))
    attempt("open a foreign process", lambda: os.pidfd_open(foreign))
    attempt("attach to its parent", lambda: call(libc.ptrace, 16, os.getppid(), 0, 0))
    space = ctypes.create_string_buffer(64)
    attempt("read a foreign memory", lambda: call(libc.process_vm_readv, foreign, space, 1, space, 1, 0))
    attempt("slow a foreign process down", lambda: os.setpriority(os.PRIO_PROCESS, foreign, 19))
    attempt("send a signal when a file is ready", own_and_signal)
