# tries: leaves a socket that listens
# deserves: 40
# shows: denied: listen on a port
# shows: denied: listen under an abstract name
# shows: denied: listen in its folder
# shows: denied: make the connection to the grader listen
# shows: denied: use the kernel's other way to open sockets
import ctypes
import os
import socket


def listen(family, address):
    sock = socket.socket(family)
    sock.bind(address)
    sock.listen()
    return sock.detach()


def existing():
    sock = socket.socket(fileno=os.dup(3))
    sock.listen()
    return sock.detach()


def ring():
    libc = ctypes.CDLL(None, use_errno=True)
    made = libc.syscall(425, 8, ctypes.create_string_buffer(120))
    if made < 0:
        raise OSError(ctypes.get_errno(), "no io_uring")
    return made


@before_answering
def stay():
    stray = "\0" + WHERE["stray name"]
    attempt("listen on a port", lambda: listen(socket.AF_INET, ("0.0.0.0", WHERE["free port"])))
    attempt("listen under an abstract name", lambda: listen(socket.AF_UNIX, stray))
    attempt("listen in its folder", lambda: listen(socket.AF_UNIX, "socket"))
    attempt("make the connection to the grader listen", existing)
    attempt("use the kernel's other way to open sockets", ring)
