# tries: types answers that would run code if they were evaluated as Python
# deserves: 37
# shows: answer
tikhonov_factor = "__import__('os').system('touch /tmp/" + WHERE["stray name"] + "')"
w_from_w_hat = "p.__class__.__mro__[-1].__subclasses__()"
x_tilde = "(lambda: exec('raise SystemExit'))()"
