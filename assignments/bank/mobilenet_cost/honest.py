"""Right counts and formulas, computed or oddly spelled."""

from backproof import Honest

HONEST = (
    Honest(
        id="counted_by_torch",
        why="parameters counted by torch's layers, the rest computed, quotients as floats",
        code="""
        from torch import nn

        pairs, sizes, size = ((3, 64), (64, 128), (128, 256)), [], 512
        weights_a, weights_b = [], []
        for m, n in pairs:
            layers = (
                nn.Conv2d(m, m, 4, 2, 1, groups=m, bias=False), nn.Conv2d(m, n, 1, bias=False)
            )
            weights_a.append(sum(p.numel() for layer in layers for p in layer.parameters()))
            weights_b.append(nn.Conv2d(m, n, 4, 2, 1, bias=False).weight.numel())
            size = (size + 2 - 4) // 2 + 1
            sizes.append(size)
        params_separable, params_full = sum(weights_a), sum(weights_b)
        map_height_1, map_height_2, map_height_3 = sizes
        macs_separable = sum(w * s * s for w, s in zip(weights_a, sizes))
        macs_full = sum(w * s * s for w, s in zip(weights_b, sizes))
        params_saving = params_full / params_separable
        macs_saving = macs_full / macs_separable
        rho_and_parameters = False
        """,
    ),
    Honest(
        id="spelled",
        why="thousands separators, labels, rounded digits, Greek letters, other forms of the ratios",
        code="""
        params_separable = "44 272"
        params_full = "params_full = 658,432"
        map_height_1 = 256.0
        map_height_2 = torch.tensor(128)
        map_height_3 = "64"
        macs_separable = "309'329'920"
        macs_full = "4_496_293_888"
        params_saving = "14.872"
        macs_saving = "14.54"
        separable_ratio = "separable_ratio = D_K^-2 + N^-1"
        multiplier_ratio = "ρ^2 * α * (D_K^2 + α*N) / (N + D_K^2)"
        rho_and_parameters = "False"
        """,
    ),
)
