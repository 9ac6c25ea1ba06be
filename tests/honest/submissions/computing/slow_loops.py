# odd: plain loops over every index
import torch


def conv2d_forward(x, w, b, stride=1, padding=0, dilation=1, groups=1):
    N, C, H, W = x.shape
    O, Cg, KH, KW = w.shape
    x = torch.nn.functional.pad(x, (padding,) * 4)
    rows = (H + 2 * padding - dilation * (KH - 1) - 1) // stride + 1
    columns = (W + 2 * padding - dilation * (KW - 1) - 1) // stride + 1
    out = torch.zeros(N, O, rows, columns, dtype=x.dtype)
    for o in range(O):
        first = (o // (O // groups)) * Cg
        for i in range(rows):
            for j in range(columns):
                total = b[o].clone()
                for u in range(KH):
                    for v in range(KW):
                        pixel = x[:, first : first + Cg, i * stride + u * dilation, j * stride + v * dilation]
                        total = total + pixel @ w[o, :, u, v]
                out[:, o, i, j] = total
    return out


def expected_gram(x, keep_prob):
    D = x.shape[1]
    gram = [[0.0] * D for _ in range(D)]
    for i in range(D):
        for j in range(D):
            for row in x.tolist():
                gram[i][j] += row[i] * row[j] * (keep_prob if i == j else keep_prob**2)
    return gram
