"""A convolution of rows as a matrix, its transpose, and what that is as a convolution.

The matrix is typed cell by cell, so that the wrong cell can be named. Kernels of the cases have
different entries and are longer than two, so that a flip and a wrong padding show; values are
integers, so that any order of summation gives the same result.
"""

from typing import Any

import numpy as np
import torch

from backproof import (
    AnswerAsk,
    Call,
    Case,
    Check,
    ChoiceField,
    Expected,
    FormulaField,
    FunctionAsk,
    MatrixPicture,
    MatrixSymbol,
    OracleKind,
    Probe,
    TextField,
    TypedAnswer,
    Visibility,
    Vocabulary,
)
from backproof_reference.derivations import conv_toeplitz
from backproof_reference.results import result


def conv_rows_input_grad(dy: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    """Input gradient of the layer Y_np = sum_k w_k X_n,p+k, k = 0, ..., K - 1: one kernel for all rows.

    Stride 1, no padding, no bias; the kernel is not flipped in the forward pass.

    Shapes:
        dy: (N, L - K + 1), the gradient of the loss with respect to Y; w: (K,).
        Returns dx, the gradient with respect to X, of shape (N, L).

    Source:
        Goodfellow, Bengio and Courville, Deep Learning, section 9.5.
    """
    reach = w.shape[0] - 1
    padded = torch.nn.functional.pad(dy, (reach, reach))
    return padded.unfold(1, w.shape[0], 1) @ w.flip(0)


ENTRIES = {"w1": "real", "w2": "real", "w3": "real"}
A = (MatrixSymbol(name="A", shape=("4", "8")),)
ASKS = (
    AnswerAsk(
        name="conv_A",
        prompt="A as [[...], [...], ...], entries w1, w2, w3 and 0",
        field=FormulaField(vocabulary=Vocabulary(symbols=ENTRIES), labels=("A",)),
        answer="[[w1, w2, w3, 0, 0, 0, 0, 0], [0, w1, w2, w3, 0, 0, 0, 0], "
        "[0, 0, 0, 0, w1, w2, w3, 0], [0, 0, 0, 0, 0, w1, w2, w3]]",
        also=(
            "A = [[w_1,w_2,w_3,0,0,0,0,0],[0,w_1,w_2,w_3,0,0,0,0],"
            "[0,0,0,0,w_1,w_2,w_3,0],[0,0,0,0,0,w_1,w_2,w_3]]",
            "[[w₁, w₂, w₃, 0, 0, 0, 0, 0], [0, w₁, w₂, w₃, 0, 0, 0, 0], "
            "[0, 0, 0, 0, w₁, w₂, w₃, 0], [0, 0, 0, 0, 0, w₁, w₂, w₃]]",
            "[[w1,0,0,0],[w2,w1,0,0],[w3,w2,0,0],[0,w3,0,0],"
            "[0,0,w1,0],[0,0,w2,w1],[0,0,w3,w2],[0,0,0,w3]].T",
        ),
    ),
    AnswerAsk(
        name="conv_B",
        prompt="B in terms of A",
        field=FormulaField(vocabulary=Vocabulary(matrices=A), labels=("B",)),
        answer="A.T",
        also=("B = A^T", "Aᵀ", "((A.T).T).T"),
    ),
    AnswerAsk(
        name="dx_is_convolution",
        prompt="the claim",
        field=ChoiceField(),
        answer="true",
        also=("True", "TRUE"),
    ),
    AnswerAsk(
        name="dx_is_convolution_why",
        prompt="why",
        field=TextField(),
        answer="Column y of A holds w_k in row y - k, so dX_y is the sum over k of w_k dY_(y-k): pad "
        "dY by K - 1 = 2 zeros on both sides and correlate it with the kernel read backwards.",
    ),
    AnswerAsk(
        name="dx_kernel",
        prompt="the kernel as a matrix of one row, [[...]], or 0 if there is none",
        field=FormulaField(vocabulary=Vocabulary(symbols=ENTRIES, matrices=A)),
        answer="[[w3, w2, w1]]",
        also=("[[w_3, w_2, w_1]]", "[[w₃,w₂,w₁]]", "[[w3], [w2], [w1]]^T"),
    ),
    FunctionAsk(reference=conv_rows_input_grad),
)
DERIVATIONS = (conv_toeplitz.ROWS_FORWARD, conv_toeplitz.ROWS_BACKWARD)
BOOK = "Goodfellow, Bengio and Courville, Deep Learning, section 9.5"
BLOCKS = MatrixPicture(
    name="A",
    rows=tuple(f"y{n}{p}" for n in (1, 2) for p in (1, 2)),
    columns=tuple(f"x{n}{i}" for n in (1, 2) for i in (1, 2, 3, 4)),
    row_blocks=(2, 2),
    column_blocks=(4, 4),
)
GUIDE = "Dumoulin and Visin 2016, A guide to convolution arithmetic, chapter 4"


def _layer(rng: np.random.Generator, rows: int, length: int, kernel: int) -> dict[str, Any]:
    """Whole numbers without 0; the entries of w differ in size."""
    signs = rng.choice((-1.0, 1.0), kernel)
    return {
        "dy": rng.choice((-4.0, -3.0, -2.0, -1.0, 1.0, 2.0, 3.0, 4.0), (rows, length - kernel + 1)),
        "w": rng.permutation(np.arange(1.0, kernel + 1)) * signs,
    }


ROWS = (
    Case(
        id="two_rows",
        why="two rows of seven entries and a kernel of three",
        build=lambda rng: _layer(rng, 2, 7, 3),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="even_kernel",
        why="a kernel of even length, which has no middle",
        build=lambda rng: _layer(rng, 3, 10, 4),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="longer_than_dy",
        why="a kernel that is longer than the rows of dy",
        build=lambda rng: _layer(rng, 4, 7, 5),
    ),
    Case(
        id="one_row",
        why="a single row, tensors that are views with gaps",
        build=lambda rng: _layer(rng, 1, 9, 3),
        strided=True,
    ),
)


def _dx(dy: Any, w: Any) -> dict[str, Any]:
    sizes = {"N": len(dy), "K": len(w), "L": dy.shape[1] + len(w) - 1}
    return {"dx": result("conv1d.rows_backward").torch({"G": dy, "w": w} | sizes)}


def _typed(name: str, question: str, claim: str, expects: str, read: str, **more: Any) -> Check:
    """A typed answer; what backs it is `derivation`, or a person with a rubric."""
    derivation = more.pop("derivation", "conv1d.rows_backward")
    person = TypedAnswer(kind=OracleKind.PERSON, rubric=more.pop("rubric", ()))
    return Check(
        id=name,
        question=question,
        claim=claim,
        expects=expects,
        read=read,
        points=more.pop("points", 1),
        probe=Probe(answer=name),
        oracle=TypedAnswer(provenance=(derivation,), credit=more.pop("credit", {}))
        if derivation
        else person,
        picture=more.pop("picture", None),
    )


CHECKS = (
    _typed(
        "conv_A",
        "matrix",
        "A is the matrix of the convolution",
        "one row for each output, one column for each input: an entry of A is the kernel entry that "
        "joins them, and 0 where none does",
        BOOK,
        derivation="conv1d.rows_as_matrix",
        credit={"A_row_lost_a_zero": 0.5},
        points=2,
        picture=BLOCKS,
    ),
    _typed(
        "conv_B",
        "backward",
        "B takes the gradient with respect to Y to the one with respect to X",
        "the chain rule: each input collects from every output that it entered",
        BOOK,
    ),
    _typed(
        "dx_is_convolution",
        "convolution",
        "dx_is_convolution says whether the backward pass is a convolution",
        "a look at one row of B: which entries of the upstream gradient meet which kernel entries",
        GUIDE,
    ),
    _typed(
        "dx_is_convolution_why",
        "convolution",
        "dx_is_convolution_why gives the reason",
        "the reason, with the padding or with what prevents it",
        GUIDE,
        derivation="",
        rubric=(
            "each input collects from the outputs that it entered: a sliding window over dy",
            "the kernel is reversed (or: B is the transpose, with one kernel moving along it)",
            "dy is padded by K - 1 = 2 zeros on both sides (a full convolution)",
        ),
    ),
    _typed(
        "dx_kernel",
        "convolution",
        "dx_kernel is the kernel of that convolution, if there is one",
        "what moves from row to row of B, where no row is cut off at an end",
        GUIDE,
    ),
    Check(
        id="input_grad",
        question="gradient",
        claim="dx is the gradient of the loss with respect to X",
        expects="each entry of X collects every output of its own row that it entered, weighted by "
        "the kernel entry that joined them",
        read=BOOK,
        points=2,
        probe=Probe(
            calls=(Call(function="conv_rows_input_grad", takes=("dy", "w"), returns=("dx",)),)
        ),
        outputs=("dx",),
        cases=ROWS,
        oracle=Expected(compute=_dx, kind=OracleKind.PROVEN, provenance=("conv1d.rows_backward",)),
    ),
)
