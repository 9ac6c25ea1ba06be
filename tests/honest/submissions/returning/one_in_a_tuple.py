# odd: a single value comes in a tuple or a list
_inference, _ridge = batchnorm_inference, dropout_ridge


def batchnorm_inference(*args, **named):
    return (_inference(*args, **named),)


def dropout_ridge(*args, **named):
    return [_ridge(*args, **named)]
