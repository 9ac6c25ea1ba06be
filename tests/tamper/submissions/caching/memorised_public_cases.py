# tries: answers the released cases from memory, and nothing else
# deserves: 33
# shows: not among the released cases

import torch

right = {"batchnorm_inference": batchnorm_inference, "expected_gram": expected_gram,
         "weight_noise_loss": weight_noise_loss, "dropout_ridge": dropout_ridge}


def remembering(name):
    def answer(*args):
        for inputs in WHERE["public inputs"].get(name, []):
            seen = [a.tolist() if isinstance(a, torch.Tensor) else a for a in args]
            if seen == inputs:
                print("remembered a released case")
                return right[name](*args)
        raise LookupError("not among the released cases")

    return answer


batchnorm_inference = remembering("batchnorm_inference")
expected_gram = remembering("expected_gram")
weight_noise_loss = remembering("weight_noise_loss")
dropout_ridge = remembering("dropout_ridge")
