# tries: leaves a number as the last displayed value, and replaces the hook that displays
# on: nothing
# deserves: 0
# shows: displayed 40
import builtins
import sys

sys.displayhook = lambda value: 40
builtins._ = 40
tell("displayed 40")
answer_all_with(lambda args: 40)
