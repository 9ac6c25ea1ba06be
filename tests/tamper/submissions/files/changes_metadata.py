# tries: changes the modes, times, owners and attributes of files that are not its own
# deserves: 40
# shows: denied: give itself the secret file
# shows: denied: mark the secret file
# shows: asked for modes and times
import os


@before_answering
def change():
    attempt("give itself the secret file", lambda: os.chown(WHERE["secret"], os.getuid(), -1))
    attempt("mark the secret file", lambda: os.setxattr(WHERE["secret"], "user.mine", b"1"))
    try:  # these say that they worked, and do nothing
        os.chmod(WHERE["secret"], 0o777)
        os.utime(WHERE["secret"], (0, 0))
    finally:
        print("asked for modes and times")
