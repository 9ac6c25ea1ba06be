"""Right counts, oddly spelled."""

from backproof import Honest

HONEST = (
    Honest(
        id="labels_and_integer_tricks",
        why="labels, other orders, ceilings instead of floors, counts built from names of Python",
        code="""
        columns, rows = "(ceil((w-k+1)/s))", "(ceil((h-k+1)/s))"
        one_output = "one_output = c*k**2"
        places = f"{columns}*{rows}"
        conv_macs = f"c_out * ({one_output.split('=')[1]}) * {places}"
        conv_flops = f"2*({conv_macs})"
        average_ops = f"{places} c k^2"
        max_comparisons = f"{places}*(k*k*c - c)"
        relu_ops = "h*c*w"
        batchnorm_macs = "c(w·h)"
        """,
    ),
)
