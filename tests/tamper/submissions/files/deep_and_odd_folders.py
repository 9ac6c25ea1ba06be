# tries: leaves a tree that is hard to remove
# deserves: 40
# shows: left a tree of odd things
# shows: denied: make a pipe
import os


@before_answering
def litter():
    for number in range(300):
        open(f"file{number}", "w").close()
    attempt("make a pipe", lambda: os.mkfifo("pipe"))
    os.symlink("/", "root")
    os.symlink("loop", "loop")
    open(b"\xff\xfe\n", "w").close()
    path = "."
    for _ in range(400):
        path += "/" + "d" * 9
        os.mkdir(path)
    os.chdir(path)
    print("left a tree of odd things")
