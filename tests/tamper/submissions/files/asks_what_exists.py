# tries: learns which files exist and how large they are, without opening them
# deserves: 40
# shows: denied: ask for the size of the secret file
# needs: full
import os


@before_answering
def ask():
    attempt("ask for the size of the secret file", lambda: os.stat(WHERE["secret"]).st_size)
