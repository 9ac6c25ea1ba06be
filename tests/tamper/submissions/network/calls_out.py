# tries: reaches a listening socket of this machine, and others, in every way there is
# deserves: 40
# shows: denied: connect to the listening socket
# shows: denied: fetch a page from it
# shows: denied: send a datagram
# shows: denied: look up a name
# shows: denied: connect to an abstract socket
# shows: denied: talk to the kernel
# shows: denied: talk to the host of this machine
import socket
import urllib.request


def datagram():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        return sock.sendto(b"hello", ("127.0.0.1", WHERE["port"]))


def abstract():
    with socket.socket(socket.AF_UNIX) as sock:
        return sock.connect("\0" + WHERE["abstract socket"])


@before_answering
def call():
    place = ("127.0.0.1", WHERE["port"])
    attempt("connect to the listening socket", lambda: socket.create_connection(place, 1))
    attempt("fetch a page from it", lambda: urllib.request.urlopen("http://%s:%d/" % place, timeout=1))
    attempt("send a datagram", datagram)
    attempt("look up a name", lambda: socket.getaddrinfo("example.org", 80))
    attempt("connect to an abstract socket", abstract)
    attempt("talk to the kernel", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW))
    attempt("talk to the host of this machine", lambda: socket.socket(40, socket.SOCK_STREAM))
