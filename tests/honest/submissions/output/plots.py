# odd: draws and shows plots, where a plotting library is installed
try:
    import matplotlib.pyplot as plt
except ImportError:
    plt = None
_forward = batchnorm_forward


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    out, cache = _forward(x, gamma, beta, eps)
    if plt is not None:
        plt.plot(out[:, 0])
        plt.savefig("out.png")
        plt.show()
    return out, cache
