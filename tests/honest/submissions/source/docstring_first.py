# odd: code in docstrings, sentences before functions, semicolons and long lines
"""def batchnorm_inference(*args): raise ValueError"""
r"""\frac{1}{2} \sqrt{x} \N \u \x"""
_inference = batchnorm_inference; _eps = 1e-5
'''
def dropout(x): return None
'''


def batchnorm_inference(x, gamma, beta, running_mean, running_var, eps=_eps): "gives (x - mean) / std"; return (  # noqa
    _inference(x, gamma, beta, running_mean, running_var, eps))


0; 1; None; ...
