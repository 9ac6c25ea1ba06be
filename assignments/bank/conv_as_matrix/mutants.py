"""Wrong matrices, wrong backward passes: each with the sentence that a student reads."""

from backproof import Mutant

WRITE_UP = "a homework write-up, question 3"
_A = (
    "[[w1, w2, w3, 0, 0, 0, 0, 0], [0, w1, w2, w3, 0, 0, 0, 0], "
    "[0, 0, 0, 0, w1, w2, w3, 0], [0, 0, 0, 0, 0, w1, w2, w3]]"
)


def _wrong(of: str, id: str, answer: str, misconception: str, source: str = "") -> Mutant:
    return Mutant(
        id=id,
        of=of,
        misconception=misconception,
        killed_by=(of,),
        answer=answer,
        source=source,
    )


MUTANTS = (
    _wrong(
        "conv_A",
        "A_kernel_flipped",
        "[[w3, w2, w1, 0, 0, 0, 0, 0], [0, w3, w2, w1, 0, 0, 0, 0], "
        "[0, 0, 0, 0, w3, w2, w1, 0], [0, 0, 0, 0, 0, w3, w2, w1]]",
        "your rows hold the kernel backwards; this layer does not flip it",
    ),
    _wrong(
        "conv_A",
        "A_one_block",
        "[[w1, w2, w3, 0], [0, w1, w2, w3]]",
        "your A is the matrix for one row of X; the column X has both rows, and each needs its block",
    ),
    _wrong(
        "conv_A",
        "A_blocks_beside",
        "[[w1, w2, w3, 0, w1, w2, w3, 0], [0, w1, w2, w3, 0, w1, w2, w3]]",
        "your A adds the two rows of X; each row has outputs of its own, in which the other row does "
        "not enter",
    ),
    _wrong(
        "conv_A",
        "A_blocks_below",
        "[[w1, w2, w3, 0], [0, w1, w2, w3], [w1, w2, w3, 0], [0, w1, w2, w3]]",
        "your blocks stand one below the other in the same columns; the second row of X has columns "
        "of its own",
    ),
    _wrong(
        "conv_A",
        "A_through_the_border",
        "[[w1, w2, w3, 0, 0, 0, 0, 0], [0, w1, w2, w3, 0, 0, 0, 0], "
        "[0, 0, w1, w2, w3, 0, 0, 0], [0, 0, 0, w1, w2, w3, 0, 0]]",
        "your kernel slides on from the first row of X into the second; it starts anew in each row",
    ),
    _wrong(
        "conv_A",
        "A_last_row_not_shifted",
        "[[w1, w2, w3, 0, 0, 0, 0, 0], [0, w1, w2, w3, 0, 0, 0, 0], "
        "[0, 0, 0, 0, w1, w2, w3, 0], [0, 0, 0, 0, w1, w2, w3, 0]]",
        "your fourth row equals the third: from one output to the next the kernel moves right by one",
    ),
    _wrong(
        "conv_A",
        "A_row_lost_a_zero",
        "[[w1, w2, w3, 0, 0, 0, 0, 0], [0, w1, w2, w3, 0, 0, 0, 0], "
        "[0, 0, 0, 0, w1, w2, w3, 0], [0, 0, 0, 0, w1, w2, w3]]",
        "your fourth row has seven entries, so that this is no matrix: a zero is lost before its "
        "kernel",
        source=f"{WRITE_UP}a",
    ),
    _wrong(
        "conv_A",
        "A_transposed",
        f"{_A}.T",
        "your matrix has a row for each input; in A X it is the columns that belong to inputs",
    ),
    _wrong(
        "conv_B",
        "B_is_A",
        "A",
        "your B is A itself, which does not even fit: B takes four entries to eight, and the chain "
        "rule sums over the outputs",
        source=f"{WRITE_UP}b: its dY/dX, next to a chain rule in the other layout",
    ),
    _wrong(
        "conv_B",
        "B_pseudo_inverse",
        "A.T@inv(A@A.T)",
        "your B undoes the convolution; a gradient is not carried back by solving for X",
    ),
    _wrong(
        "dx_is_convolution",
        "dx_is_no_convolution",
        "false",
        "you found no kernel; in the rows of B that no end cuts off, the same three entries move by "
        "one from row to row",
    ),
    _wrong(
        "dx_kernel",
        "dx_kernel_is_A",
        _A,
        "this is A, the matrix of the whole layer; a kernel is the few numbers that slide along dY",
        source=f"{WRITE_UP}c",
    ),
    _wrong(
        "dx_kernel",
        "dx_kernel_is_A_by_name",
        "A",
        "this is A, the matrix of the whole layer; a kernel is the few numbers that slide along dY",
        source=f"{WRITE_UP}c",
    ),
    _wrong(
        "dx_kernel",
        "dx_kernel_is_B",
        "A.T",
        "this is the matrix of the whole backward pass; a kernel is the few numbers that slide along "
        "dY",
        source=f"{WRITE_UP}c, in its words",
    ),
    _wrong(
        "dx_kernel",
        "dx_kernel_not_flipped",
        "[[w1, w2, w3]]",
        "this is the kernel of the forward pass as it is: look at the order in which its entries "
        "stand in a row of B",
    ),
    _wrong(
        "dx_kernel",
        "dx_kernel_none",
        "0",
        "you found no kernel; in the rows of B that no end cuts off, the same three entries move by "
        "one from row to row",
    ),
    Mutant(
        id="kernel_not_flipped",
        of="conv_rows_input_grad",
        misconception="your dx correlates the padded dy with the kernel as it is; the entry of w that "
        "comes first in the forward pass meets the last of the entries of dy that x entered",
        killed_by=("input_grad",),
        edit=("w.flip(0)", "w"),
    ),
    Mutant(
        id="padding_one",
        of="conv_rows_input_grad",
        misconception="you pad dy by one zero on both sides, whatever the length of the kernel; the "
        "result has not the shape of X",
        killed_by=("input_grad",),
        edit=("reach = w.shape[0] - 1", "reach = 1"),
    ),
    Mutant(
        id="padding_whole_kernel",
        of="conv_rows_input_grad",
        misconception="you pad dy by as many zeros as the kernel has entries, one too many on both "
        "sides",
        killed_by=("input_grad",),
        edit=("reach = w.shape[0] - 1", "reach = w.shape[0]"),
    ),
    Mutant(
        id="gradient_flipped",
        of="conv_rows_input_grad",
        misconception="your dx comes out in reverse order: dy was flipped in place of the kernel",
        killed_by=("input_grad",),
        edit=(
            "padded.unfold(1, w.shape[0], 1) @ w.flip(0)",
            "padded.flip(1).unfold(1, w.shape[0], 1) @ w",
        ),
    ),
    Mutant(
        id="padding_at_the_end",
        of="conv_rows_input_grad",
        misconception="you pad dy behind its last entry only: your dx is shifted",
        killed_by=("input_grad",),
        edit=("(reach, reach)", "(0, 2 * reach)"),
    ),
    Mutant(
        id="overlaps_overwritten_in_rows",
        of="conv_rows_input_grad",
        misconception="your dx keeps only the last output that an entry of X entered; where windows "
        "overlap their gradients add up",
        killed_by=("input_grad",),
        code="""
        def conv_rows_input_grad(dy, w):
            K = len(w)
            dx = dy.new_zeros(len(dy), dy.shape[1] + K - 1)
            for p in range(dy.shape[1]):
                dx[:, p : p + K] = dy[:, p : p + 1] * w
            return dx
        """,
    ),
)
