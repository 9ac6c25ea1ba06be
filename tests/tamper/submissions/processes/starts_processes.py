# tries: starts processes that would outlive it
# deserves: 40
# shows: denied: fork
# shows: denied: start a program
# shows: denied: start a shell
# shows: denied: become another program
# shows: denied: start a worker
# shows: denied: clone by system call
# shows: denied: fork by system call
import ctypes
import multiprocessing
import os
import subprocess


def system_call(number, *arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    made = libc.syscall(number, *arguments)
    if made == 0:
        os.execv("/bin/sleep", ["sleep", "600"])
    if made < 0:
        raise OSError(ctypes.get_errno(), "denied")
    return made


def forked():
    if (pid := os.fork()) == 0:
        os.setsid()
        while True:
            pass
    return pid


def worker():
    process = multiprocessing.get_context("fork").Process(target=print)
    process.start()
    return process.pid


def shell():
    if code := os.system("sleep 600 &"):
        raise OSError(f"exit code {code}")


@before_answering
def start():
    attempt("fork", forked)
    attempt("start a program", lambda: subprocess.Popen(["/bin/sleep", "600"]).pid)
    attempt("start a shell", shell)
    attempt("become another program", lambda: os.execv("/bin/sleep", ["sleep", "600"]))
    attempt("start a worker", worker)
    attempt("clone by system call", lambda: system_call(56, 17, 0, 0, 0, 0))
    attempt("fork by system call", lambda: system_call(57))
