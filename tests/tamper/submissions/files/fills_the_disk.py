# tries: writes without bound, in one file and in many
# deserves: 40
# shows: denied: write one file without bound
# shows: denied: write many files without bound
# needs: full
import signal

MEGABYTE = bytes(1 << 20)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def write(name, megabytes):
    with open(name, "wb", 0) as file:
        for _ in range(megabytes):
            if not file.write(MEGABYTE):
                raise OSError("nothing was written")


def many():
    for number in range(6):
        write(f"part{number}", 60)


@before_answering
def fill():
    attempt("write one file without bound", lambda: write("large", 400))
    attempt("write many files without bound", many)
