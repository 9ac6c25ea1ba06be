"""Right counts, computed rather than typed."""

from backproof import Honest

HONEST = (
    Honest(
        id="computed",
        why="the numbers are computed, one of them is a NumPy integer, one a float",
        code="""
        import numpy as np

        params = 3 * 3 * (128 * 256 + 256 * 512)
        size_1 = (64 + 2 - 3) // 2 + 1
        macs_1 = np.int64(9 * 128 * 256) * size_1**2
        size_2 = size_1 / 1
        macs_2 = int(9 * 256 * 512 * size_2**2)
        macs_total = f"{int(macs_1) + macs_2:,}"
        params_with_biases = params + 256 + 512
        values_1, values_2 = 256 * size_1**2, 512 * size_1**2
        memory_ratio_1 = values_1 / (64 * 64 * 128)
        memory_ratio_2 = values_2 / (64 * 64 * 128)
        """,
    ),
    Honest(
        id="grouped_digits",
        why="thousands separators of other countries, a tensor of one number",
        code="""
        params = "1 474 560"
        size_1 = torch.tensor(32)
        macs_1 = "301'989'888"
        size_2 = 32.0
        macs_2 = "1_207_959_552"
        macs_total = "macs_total = 1509949440"
        params_with_biases = "1.475.328".replace(".", "")
        memory_ratio_1 = "50.0 %"
        memory_ratio_2 = "100%"
        """,
    ),
    Honest(
        id="other_types",
        why="exact types of the standard library, a comma left behind, a complex number",
        code="""
        import decimal
        import fractions

        import numpy as np

        params = decimal.Decimal(1474560)
        size_1 = fractions.Fraction(64, 2)
        macs_1 = 301989888 + 0j
        size_2 = "32",
        macs_2 = type("Text", (str,), {})("1207959552")
        macs_total = [1509949440]
        memory_ratio_1 = "50% or 1/2"
        memory_ratio_2 = np.float32(1)
        """,
    ),
)
