# tries: returns objects that run code where they are unpickled or copied
# on: nothing
# deserves: 0
# shows: Payload
import os


class Payload:
    def __reduce__(self):
        return os.system, ("echo broken > /tmp/" + WHERE["stray name"],)

    def __reduce_ex__(self, protocol):
        return self.__reduce__()

    def __deepcopy__(self, memo):
        os._exit(0)


tell("Payload")
answer_all_with(lambda args: Payload())
tikhonov_factor = Payload()
w_from_w_hat = [Payload()]
