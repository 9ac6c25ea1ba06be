# tries: returns a dictionary that has whatever key it is asked for
# on: nothing
# deserves: 0
# shows: was asked for the key
import torch


class Everything(dict):
    def __contains__(self, key):
        print("was asked for the key", key)
        return True

    def __getitem__(self, key):
        return torch.zeros(3, 4)

    def keys(self):
        return self

    def __iter__(self):
        return iter(["dx", "dgamma", "dbeta", "out", "passed"])


answer_all_with(lambda args: Everything())


def batchnorm_forward(*args, **kwargs):
    return Everything()
