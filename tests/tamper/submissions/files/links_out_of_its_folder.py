# tries: reaches files through links and odd paths
# deserves: 40
# shows: denied: read through a symbolic link
# shows: denied: make a hard link
# shows: denied: read through its own root
# shows: denied: read through its working directory
# shows: denied: open by handle
import ctypes
import os


def through_link():
    os.symlink(WHERE["secret"], "link")
    return open("link").read()


def by_handle():
    libc = ctypes.CDLL(None, use_errno=True)
    handle = ctypes.create_string_buffer(b"\x80\0\0\0", 136)
    number = ctypes.c_int()
    if libc.name_to_handle_at(-100, WHERE["secret"].encode(), handle, ctypes.byref(number), 0):
        raise OSError(ctypes.get_errno(), "no handle")
    return os.read(libc.open_by_handle_at(3, handle, 0), 99)


@before_answering
def reach():
    attempt("read through a symbolic link", through_link)
    attempt("make a hard link", lambda: os.link(WHERE["secret"], "hard"))
    attempt("read through its own root", lambda: open("/proc/self/root" + WHERE["secret"]).read())
    climb = "/proc/self/cwd" + "/.." * 20 + WHERE["secret"]
    attempt("read through its working directory", lambda: open(climb).read())
    attempt("open by handle", by_handle)
