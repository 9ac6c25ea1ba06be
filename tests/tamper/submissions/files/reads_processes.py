# tries: reads the memory, environment and files of other processes
# deserves: 40
# shows: denied: read the environment of the grader
# shows: denied: read the memory of the grader
# shows: denied: read the environment of its parent
# shows: denied: read the command line of its parent
# shows: denied: read the environment of a foreign process
# shows: denied: open a file of the grader
# shows: denied: list processes
import os


def read(path):
    with open(path, "rb", 0) as file:
        return file.read(2000)


@before_answering
def steal():
    grader, parent, foreign = WHERE["grader"], os.getppid(), WHERE["foreign process"]
    attempt("read the environment of the grader", lambda: read(f"/proc/{grader}/environ"))
    attempt("read the memory of the grader", lambda: read(f"/proc/{grader}/mem"))
    attempt("read the environment of its parent", lambda: read(f"/proc/{parent}/environ"))
    attempt("read the command line of its parent", lambda: read(f"/proc/{parent}/cmdline"))
    attempt("read the environment of a foreign process", lambda: read(f"/proc/{foreign}/environ"))
    attempt("open a file of the grader", lambda: read(f"/proc/{grader}/fd/0"))
    attempt("list processes", lambda: os.listdir("/proc"))
