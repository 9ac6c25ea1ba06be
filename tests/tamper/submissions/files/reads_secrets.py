# tries: reads what is not its own
# deserves: 40
# shows: denied: read the secret file
# shows: denied: list the folder of the secret
# shows: denied: read the hidden checks
# shows: denied: read another student's work
# shows: denied: list the home folder
# shows: denied: read the list of users
# shows: denied: map the secret file
import mmap
import os


def read(path):
    with open(path, "rb") as file:
        return file.read(200)


def mapped(path):
    descriptor = os.open(path, os.O_RDONLY)
    return bytes(mmap.mmap(descriptor, 0, prot=mmap.PROT_READ))


@before_answering
def steal():
    attempt("read the secret file", lambda: read(WHERE["secret"]))
    attempt("list the folder of the secret", lambda: os.listdir(WHERE["folder"]))
    attempt("read the hidden checks", lambda: read(WHERE["checks"]))
    attempt("read another student's work", lambda: read(WHERE["other student"]))
    attempt("list the home folder", lambda: os.listdir(WHERE["home"]))
    attempt("read the list of users", lambda: read("/etc/passwd"))
    attempt("map the secret file", lambda: mapped(WHERE["secret"]))
