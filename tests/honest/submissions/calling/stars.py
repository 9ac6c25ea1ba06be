# odd: functions take *args and **kwargs
_conv, _dropout, _gram = conv2d_forward, dropout, expected_gram


def conv2d_forward(*args, **kwargs):
    return _conv(*args, **kwargs)


def dropout(*args, **kwargs):
    return _dropout(*args, **kwargs)


def expected_gram(x, **kwargs):
    return _gram(x, **kwargs)
