# tries: leaves before anything can be wrong
# on: nothing
# deserves: 0
# shows: while it was loaded: SystemExit
import sys

sys.exit(0)
