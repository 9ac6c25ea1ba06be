# tries: writes down what it saw, ends its process, and reads the notes in the next one
# deserves: 40
# shows: denied: read the notes of another process
import os
import tempfile


def notes():
    for folder in (".", tempfile.gettempdir(), os.path.expanduser("~"), ".."):
        for entry in os.scandir(folder):
            if entry.name.startswith("notes"):
                return open(entry.path).read()
    raise FileNotFoundError("no notes")


def weight_noise_loss(*args, _right=weight_noise_loss, **kwargs):
    with open("notes", "w") as file:
        file.write("seen")
    os.makedirs("notes_folder/inner", exist_ok=True)
    return _right(*args, **kwargs)


@before_answering
def read():
    if os.path.exists("notes"):
        os.rename("notes", "mine")
        os.rename("notes_folder", "mine_too")
    attempt("read the notes of another process", notes)
