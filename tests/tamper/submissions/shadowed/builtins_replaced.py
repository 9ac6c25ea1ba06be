# tries: replaces the functions that any comparison in Python needs
# on: nothing
# deserves: 0
# shows: raised TypeError|raised IndexError|ended the interpreter
import builtins

for name in ("abs", "max", "sum", "min"):
    setattr(builtins, name, lambda *args, **kwargs: 0)
builtins.all = builtins.any = lambda *args: True
answer_all_with(lambda args: args[0] * 0)
