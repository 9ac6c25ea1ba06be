# odd: works in float32 inside
_inference = batchnorm_inference


def batchnorm_inference(*args):
    return _inference(*(a.float() if hasattr(a, "float") else a for a in args))
