# tries: changes, removes and adds files outside its folder
# deserves: 40
# shows: denied: overwrite the secret file
# shows: denied: remove the secret file
# shows: denied: move the secret file
# shows: denied: truncate the secret file
# shows: denied: add a file beside it
# shows: denied: add a file to the temporary folder
# shows: denied: add a file to shared memory
# shows: denied: add a module that the next submission would import
# shows: denied: change a library
import os
import sysconfig

import torch

STRAY = WHERE["stray name"]


@before_answering
def write():
    attempt("overwrite the secret file", lambda: open(WHERE["secret"], "w"))
    attempt("remove the secret file", lambda: os.unlink(WHERE["secret"]))
    attempt("move the secret file", lambda: os.rename(WHERE["secret"], "mine"))
    attempt("truncate the secret file", lambda: os.truncate(WHERE["secret"], 0))
    attempt("add a file beside it", lambda: open(WHERE["folder"] + "/" + STRAY, "w"))
    attempt("add a file to the temporary folder", lambda: open("/tmp/" + STRAY, "w"))
    attempt("add a file to shared memory", lambda: open("/dev/shm/" + STRAY, "w"))
    packages = sysconfig.get_path("purelib")
    attempt(
        "add a module that the next submission would import",
        lambda: open(f"{packages}/{STRAY}.pth", "w"),
    )
    attempt("change a library", lambda: open(torch.__file__, "a"))
