# odd: writes and reads files in its working folder and in temporary ones
import json
import pathlib
import tempfile

import torch

_forward, _backward = batchnorm_forward, batchnorm_backward


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    out, cache = _forward(x, gamma, beta, eps)
    torch.save(cache, "cache.pt")
    pathlib.Path("log").mkdir(exist_ok=True)
    pathlib.Path("log/shape.json").write_text(json.dumps(list(x.shape)))
    return out, "cache.pt"


def batchnorm_backward(dout, cache):
    with tempfile.NamedTemporaryFile("w+") as file, tempfile.TemporaryDirectory():
        file.write("temporary")
    return _backward(dout, torch.load(cache))
