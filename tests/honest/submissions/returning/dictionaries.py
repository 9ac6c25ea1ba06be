# odd: returns dictionaries, in another order and with more in them
_conv, _rescaling = conv2d_backward, ridge_rescaling


def conv2d_backward(*args, **named):
    dx, dw, db = _conv(*args, **named)
    return {"db": db, "note": "three gradients", "dw": dw, "dx": dx}


def ridge_rescaling(gamma, lam):
    alpha, beta = _rescaling(gamma, lam)
    return dict(beta=beta, alpha=alpha)
