# odd: functions are instances, bound methods, partials and static methods
import functools


class Layers:
    def __init__(self, eps):
        self.eps = eps

    def forward(self, x, gamma, beta, eps=None):
        return _forward(x, gamma, beta, self.eps if eps is None else eps)

    @staticmethod
    def backward(dout, cache):
        return _backward(dout, cache)

    def __call__(self, x, keep_prob):
        return _gram(x, keep_prob)


_forward, _backward, _gram, _loss = batchnorm_forward, batchnorm_backward, expected_gram, weight_noise_loss
batchnorm_forward = Layers(1e-5).forward
batchnorm_backward = Layers.backward
expected_gram = Layers(0)
weight_noise_loss = functools.partial(_loss)
