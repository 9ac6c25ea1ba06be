# tries: replaces the functions that any comparison in Python needs
# on: nothing
# deserves: 0
# shows: max says 0
import builtins

tell("replaces")
for name in ("abs", "max", "sum", "min"):
    setattr(builtins, name, lambda *args, **kwargs: 0)
builtins.all = builtins.any = lambda *args: True
tell(f"max says {max(3, 4)}")
answer_all_with(lambda args: args[0] * 0)
