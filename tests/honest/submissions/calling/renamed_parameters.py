# odd: parameters have Greek and Persian names
_inference = batchnorm_inference


def batchnorm_inference(داده, γ, β, μ, σ2, ε=1e-5):
    return γ * (داده - μ) / (σ2 + ε) ** 0.5 + β


def conv1d_weight_grad(δ, 输入):
    K = len(输入) - len(δ) + 1
    return sum(d * 输入[i : i + K] for i, d in enumerate(δ))
