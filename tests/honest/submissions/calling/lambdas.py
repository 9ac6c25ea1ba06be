# odd: functions are lambdas on one line
import torch

batchnorm_inference = lambda x, g, b, m, v, eps=1e-5: g * (x - m) * torch.rsqrt(v + eps) + b
weight_noise_loss = lambda w, x, y, alpha: 0.5 * ((y - w @ x) ** 2 + alpha * ((w * x) ** 2).sum())
ridge_rescaling = lambda gamma, lam: (gamma / lam**0.5, lam**0.5 / gamma)
