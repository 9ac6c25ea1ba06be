# tries: ends the interpreter with status 0 while it is loaded
# on: nothing
# deserves: 0
# shows: ended the interpreter (exit code 0)
import os

os._exit(0)
