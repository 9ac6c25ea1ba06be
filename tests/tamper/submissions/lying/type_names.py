# tries: returns objects whose types have no decent name
# on: nothing
# deserves: 0
# shows: what your code returned
class Meta(type):
    __name__ = property(lambda cls: 1 / 0)
    __instancecheck__ = lambda cls, thing: True


class Long(type):
    __name__ = property(lambda cls: "long" * 10_000_000)


Nameless = Meta("Nameless", (), {})
answer_all_with(lambda args: Nameless())
tikhonov_factor = Nameless()
w_from_w_hat = Long("Long", (), {})()
