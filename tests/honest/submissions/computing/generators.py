# odd: computes with generators, comprehensions and reduce
import functools
import itertools
import operator


def conv1d_weight_grad(dz, x):
    def entries():
        for j in itertools.count():
            if j > len(x) - len(dz):
                return
            yield functools.reduce(operator.add, (d * v for d, v in zip(dz, x[j:])))

    return list(entries())


def weight_noise_loss(w, x, y, alpha):
    *terms, last = (a * b for a, b in zip(w, x))
    terms.append(last)
    return ((y - sum(terms)) ** 2 + alpha * sum(t**2 for t in terms)) / 2
