"""One example, two weights, dropout: least squares, descent, and the laws of both.

The cases of the functions have more than two inputs of different sizes, both signs, and a rate away
from 1/2. What a run of the student's own ended with is held against the law of such runs.
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
    Drawing,
    Expected,
    FormulaField,
    FunctionAsk,
    MatrixSymbol,
    NumberDemand,
    NumberField,
    OracleKind,
    Probe,
    Relation,
    TextField,
    TypedAnswer,
    Visibility,
    Vocabulary,
)
from backproof_reference import two_weights as reference
from backproof_reference.derivations import least_norm, two_weights
from backproof_reference.results import result

SRIVASTAVA = "Srivastava et al. 2014, Dropout, section 10"
NORM = "Golub and Van Loan, Matrix Computations, section 5.5"
DESCENT = "Goodfellow, Bengio and Courville, Deep Learning, section 4.3"
ADAM = "Kingma and Ba 2015, Adam, section 2 (rescaling a gradient leaves its step as it is)"
DERIVATIONS = (*two_weights.DERIVATIONS, *least_norm.DERIVATIONS)
REAL = NumberField(demand=NumberDemand(minimum_digits=3), domain="positive")
COUNT = NumberField(demand=NumberDemand(whole=True), domain="positive")
ROUND = NumberField(demand=NumberDemand(minimum_digits=1), domain="positive")
RATE = FormulaField(vocabulary=Vocabulary(symbols={"p": "unit"}), labels=("w1", "w2"))
WHERE = ("nowhere", "only at p = 0", "everywhere but p = 1/2", "everywhere")


def dropout_runs() -> tuple[torch.Tensor, torch.Tensor]:
    """The weights that your own two runs ended with.

    Returns small_batch and large_batch, in this order, or as a dictionary with these keys.

    Shapes:
        small_batch, large_batch: (2,), the weights w1 and w2 after training with dropout in batches
        of 1 and of 1024. None for what you do not have.

    Source:
        Srivastava et al., "Dropout", JMLR 15, 2014, section 10.
    """
    # The reference's own runs of masked_descent: torch's seed 0.
    small, large = [0.5360, 3.5273], [0.3740, 3.4876]
    return torch.tensor(small, dtype=torch.float64), torch.tensor(large, dtype=torch.float64)


def _ask(name: str, field: Any, prompt: str, answer: str, *also: str) -> AnswerAsk:
    return AnswerAsk(name=name, prompt=prompt, field=field, answer=answer, also=also)


ASKS = (
    _ask(
        "ols_formula",
        FormulaField(
            vocabulary=Vocabulary(
                symbols={"y": "real"}, matrices=(MatrixSymbol(name="X", shape=("1", "d")),)
            ),
            labels=("w",),
        ),
        "the shortest weights of least loss",
        "X.T*inv(X*X.T)*y",
        "y*X.T/(X*X.T)",
        "w = Xᵀ (X Xᵀ)⁻¹ y",
    ),
    _ask("ols_w1", REAL, "w1", "110/101", "1.08910891", "1.089"),
    _ask("ols_w2", REAL, "w2", "11/101", "0.10891089", "0.109"),
    FunctionAsk(reference=reference.least_norm_weights),
    _ask("descent_parameters", COUNT, "trained parameters", "2", "2.0", "1 + 1"),
    _ask("descent_w1", REAL, "w1 after convergence", "110/101", "1.0891", "1.089"),
    _ask("descent_w2", REAL, "w2 after convergence", "11/101", "0.1089", "0.10891"),
    FunctionAsk(reference=reference.descend),
    _ask(
        "masked_rows",
        FormulaField(vocabulary=Vocabulary(), labels=("x",)),
        "4 rows [[...], [...], [...], [...]]",
        "[[20, 2], [20, 0], [0, 2], [0, 0]]",
        "x = [[20, 2], [20, 0], [0, 2], [0, 0]]",
        "2*[[10, 1], [10, 0], [0, 1], [0, 0]]",
    ),
    _ask("table_w1", REAL, "w1 for the table", "11/30", "0.36666667", "0.367"),
    _ask("table_w2", REAL, "w2 for the table", "11/3", "3.66666667", "3.67"),
    FunctionAsk(reference=reference.dropout_rows),
    FunctionAsk(reference=reference.dropout_minimiser),
    FunctionAsk(reference=reference.masked_descent),
    FunctionAsk(reference=dropout_runs),
    FunctionAsk(reference=reference.mean_weights),
    _ask("least_loss", REAL, "the least mean loss", "121/3", "40.33", "40.3333"),
    AnswerAsk(
        name="batch_words",
        prompt="how the curves differ, and why",
        field=TextField(),
        answer="smoother with 1024 copies, as the variance of a mean falls like 1/B; neither goes to 0",
    ),
    _ask("plain_weight_ratio", ROUND, "w1/w2 without dropout", "10", "10.00", "110/11"),
    _ask("plain_share_ratio", ROUND, "shares without dropout", "100", "10^2", "100.0"),
    _ask("dropout_weight_ratio", ROUND, "w2/w1 with dropout", "10", "10.00", "110/11"),
    _ask("dropout_share_ratio", ROUND, "shares with dropout", "1", "1.0", "10/10"),
    _ask("w2_alone", REAL, "w2 where x1 is dropped", "5.5", "5.50", "11/2"),
    _ask("w1_alone", REAL, "w1 where x2 is dropped", "0.55", "0.550", "11/20"),
    _ask("w1_of_p", RATE, "w1", "1.1*(1-p)/(2-p)", "11*(1-p)/(10*(2-p))", "w1 = 1.1 - 1.1/(2-p)"),
    _ask("w2_of_p", RATE, "w2", "11*(1-p)/(2-p)", "11/(1 + 1/(1-p))", "w2 = 11 - 11/(2-p)"),
    _ask("w1_limit", REAL, "limit of w1", "0.55", "0.550", "11/20"),
    _ask("w2_limit", REAL, "limit of w2", "5.5", "5.50", "11/2"),
    _ask("one_minimiser_without", ChoiceField(), "exactly one pair", "false", "False", "no"),
    AnswerAsk(
        name="why_jump",
        prompt="why the weights jump at p = 0",
        field=TextField(),
        answer="at p = 0 a whole line fits, and descent from 0 ends at its shortest point; any p > 0 "
        "adds a penalty that picks the point of equal shares",
    ),
    _ask("adam_w1", ROUND, "Adam's w1 without dropout", "1", "1.00", "11/11"),
    _ask("adam_w2", ROUND, "Adam's w2 without dropout", "1", "1.00", "11/11"),
    _ask("same_at_half", ChoiceField(), "the same weights at p = 1/2", "true", "True", "yes"),
    _ask(
        "where_adam_differs",
        ChoiceField(options=WHERE),
        "where Adam and SGD end apart",
        "only at p = 0",
        "Only at p = 0",
        "ONLY AT P = 0",
    ),
)


def _example(rng: np.random.Generator, size: int, **more: Any) -> dict[str, Any]:
    """Inputs of both signs that are not small, and a target."""
    x = rng.uniform(0.6, 2.4, size) * rng.choice((-1.0, 1.0), size)
    return {"x": x, "y": float(np.round(rng.uniform(2, 6), 3)), **more}


def _cases(name: str, *given: dict[str, Any]) -> tuple[Case, ...]:
    """One public case and hidden ones, with 3, 4, 2, ... inputs."""
    return tuple(
        Case(
            id=f"{name}_{size}_inputs",
            why=f"{size} inputs of both signs and different sizes",
            build=lambda rng, size=size, more=more: _example(rng, size, **more),
            visibility=Visibility.HIDDEN if k else Visibility.PUBLIC,
            strided=k == 1,
        )
        for k, (size, more) in enumerate(zip((3, 4, 2), given, strict=False))
    )


def _dropping(name: str, *given: dict[str, Any]) -> tuple[Case, ...]:
    return _cases(
        name, *({"drop_prob": p, **more} for p, more in zip((0.3, 0.8, 0.15), given, strict=True))
    )


def _masks(rng: np.random.Generator, size: int, steps: int, batch: int) -> dict[str, Any]:
    kept = (rng.random((steps, batch, size)) < 0.7).astype(float)
    return _example(rng, size, kept=kept, drop_prob=0.3, learning_rate=0.04)


MASKED = (
    Case(
        id="masks_of_batches",
        why="batches of three",
        build=lambda rng: _masks(rng, 2, 5, 3),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="masks_of_many_steps",
        why="more steps, more inputs, other batches",
        build=lambda rng: _masks(rng, 3, 12, 4),
        strided=True,
    ),
    Case(
        id="masks_of_one",
        why="batches of one",
        build=lambda rng: _masks(rng, 4, 6, 1),
    ),
)
RATES = ({"learning_rate": 0.03, "steps": 4}, {"learning_rate": 0.02, "steps": 7})
REPORTED = (
    Case(
        id="as_reported",
        why="there are no inputs: the numbers are the student's own",
        build=lambda rng: {},
        visibility=Visibility.PUBLIC,
    ),
    Case(id="when_graded", why="the same when it is graded", build=lambda rng: {}),
)


def _least_norm(x: Any, y: float) -> dict[str, Any]:
    scale = y / float((x * x).sum())
    moved = result("least_norm.descent").torch(d=len(x), x=x, y_0=y, b=scale, eta=0.1)
    return {"w": moved}  # where a step of descent changes nothing


def _descend(x: Any, y: float, learning_rate: float, steps: int) -> dict[str, Any]:
    w = torch.zeros_like(x)
    for _ in range(steps):
        b = (w / x)[0]
        w = result("least_norm.descent").torch(d=len(x), x=x, y_0=y, b=b, eta=learning_rate)
    return {"w": w}


def _rows(x: Any, drop_prob: float) -> dict[str, Any]:
    """Dropping by the digits of the row's number, one place at a time."""
    size = len(x)
    digits = [[(k >> (size - 1 - j)) & 1 for j in range(size)] for k in range(2**size)]
    dropped = torch.tensor(digits, dtype=x.dtype)
    chances = torch.where(dropped == 1, x.new_tensor(drop_prob), x.new_tensor(1 - drop_prob)).prod(
        dim=1
    )
    return {"rows": torch.where(dropped == 1, 0, x / (1 - drop_prob)), "chances": chances}


def _minimiser(x: Any, y: float, drop_prob: float) -> dict[str, Any]:
    return {"w": result("two_weights.distance").torch(d=len(x), x=x, y_0=y, p=drop_prob)}


def _mean(x: Any, y: float, drop_prob: float, learning_rate: float, steps: int) -> dict[str, Any]:
    w = torch.zeros_like(x)
    for _ in range(steps):
        slope = result("two_weights.gradient", "gradient")
        w = w - learning_rate * slope.torch(d=len(x), x=x, y_0=y, p=drop_prob, w=w)
    return {"w": w}


def _masked(x: Any, y: float, kept: Any, drop_prob: float, learning_rate: float) -> dict[str, Any]:
    """The same step as an affine map, w -> w - 2 eta (mean of z z^T) w + 2 eta y (mean of z)."""
    w = torch.zeros_like(x)
    for masks in kept:
        z = masks * x / (1 - drop_prob)
        w = w - 2 * learning_rate * ((z.T @ z) @ w - y * z.sum(dim=0)) / len(z)
    return {"w": w}


def _typed(
    name: str, question: str, claim: str, expects: str, read: str, *proven: str, **oracle: Any
) -> Check:
    kind = OracleKind.PROVEN if proven else OracleKind.REFERENCE
    return Check(
        id=name,
        question=question,
        claim=claim,
        expects=expects,
        read=read,
        points=1,
        probe=Probe(answer=name),
        oracle=TypedAnswer(kind=kind, provenance=proven or (read,), **oracle),
    )


def _words(name: str, question: str, claim: str, expects: str, *rubric: str) -> Check:
    return Check(
        id=name,
        question=question,
        claim=claim,
        expects=expects,
        read=SRIVASTAVA,
        points=1,
        probe=Probe(answer=name),
        oracle=TypedAnswer(kind=OracleKind.PERSON, rubric=rubric),
    )


def _code(
    function: str,
    question: str,
    claim: str,
    expects: str,
    takes: tuple[str, ...],
    cases: tuple[Case, ...],
    oracle: Expected,
    returns: tuple[str, ...] = ("w",),
) -> Check:
    return Check(
        id=function,
        question=question,
        claim=claim,
        expects=expects,
        read=oracle.provenance[0] if oracle.kind is OracleKind.REFERENCE else SRIVASTAVA,
        points=2,
        probe=Probe(calls=(Call(function=function, takes=takes, returns=returns),)),
        cases=cases,
        oracle=oracle,
    )


def _proven(compute: Any, *provenance: str) -> Expected:
    return Expected(compute=compute, kind=OracleKind.PROVEN, provenance=provenance)


def _cited(compute: Any, *provenance: str) -> Expected:
    return Expected(compute=compute, kind=OracleKind.REFERENCE, provenance=provenance)


RUNS = Probe(
    calls=(Call(function="dropout_runs", takes=(), returns=("small_batch", "large_batch")),)
)


def _run(name: str, batch: int) -> Check:
    descent = {
        "weights": name,
        "x": [10.0, 1.0],
        "y": 11.0,
        "drop_prob": 0.5,
        "learning_rate": 1e-3,
        "batch": batch,
        "steps": 1000,
    }
    return Check(
        id=name,
        question=name,
        claim=f"{name} is where training with dropout in batches of {batch} can have ended",
        expects="weights near their mean over all masks, as near as runs of this length scatter",
        read=SRIVASTAVA,
        points=1,
        probe=RUNS,
        outputs=(name,),
        cases=REPORTED,
        oracle=Relation(name="dropout_descent", parameters=descent),
        draws=(Drawing(name="descent_cloud", parameters=descent),),
    )


FITS = ("least_norm.fits", "least_norm.minimum")
MINIMUM = ("two_weights.gradient", "two_weights.minimum")
SHORTEST = "of all weights that fit the example, the shortest"
REACHED = "descent from 0 never leaves the multiples of x"
CHECKS = (
    _typed(
        "ols_formula",
        "interpolant",
        "ols_formula gives the shortest weights of least loss",
        SHORTEST,
        NORM,
        *FITS,
    ),
    _typed("ols_w1", "interpolant", "ols_w1 is the first of them", SHORTEST, NORM, *FITS),
    _typed("ols_w2", "interpolant", "ols_w2 is the second of them", SHORTEST, NORM, *FITS),
    _code(
        "least_norm_weights",
        "interpolant",
        "least_norm_weights returns the shortest weights that fit",
        SHORTEST,
        ("x", "y"),
        _cases("fit", {}, {}),
        _proven(_least_norm, "least_norm.descent"),
    ),
    _typed(
        "descent_parameters",
        "descent",
        "descent_parameters counts what is trained",
        "one weight for each input, and nothing else",
        DESCENT,
    ),
    _typed(
        "descent_w1",
        "descent",
        "descent_w1 is where the first weight converges",
        REACHED,
        DESCENT,
        "least_norm.descent",
    ),
    _typed(
        "descent_w2",
        "descent",
        "descent_w2 is where the second weight converges",
        REACHED,
        DESCENT,
        "least_norm.descent",
    ),
    _code(
        "descend",
        "descent",
        "descend returns the weights after all steps",
        "as many steps as asked for, each against the gradient of the squared error",
        ("x", "y", "learning_rate", "steps"),
        _cases("steps", *RATES),
        _proven(_descend, "least_norm.descent"),
    ),
    _typed(
        "masked_rows",
        "table",
        "masked_rows is what the model sees of the example",
        "inputs that are 0 or scaled, in the order of the question",
        SRIVASTAVA,
    ),
    _typed(
        "table_w1",
        "table",
        "table_w1 is the first weight of least mean loss",
        "the least squares solution for four rows with the same target",
        SRIVASTAVA,
        *MINIMUM,
    ),
    _typed(
        "table_w2",
        "table",
        "table_w2 is the second weight of least mean loss",
        "the least squares solution for four rows with the same target",
        SRIVASTAVA,
        *MINIMUM,
    ),
    _code(
        "dropout_rows",
        "table",
        "dropout_rows lists what a model sees, and how likely each of it is",
        "a row for each mask; kept inputs are scaled; the chances of all rows sum to 1",
        ("x", "drop_prob"),
        tuple(
            Case(
                id=f"{case.id}_alone",
                why=case.why,
                build=lambda rng, build=case.build: {
                    name: value for name, value in build(rng).items() if name != "y"
                },
                visibility=case.visibility,
                strided=case.strided,
            )
            for case in _dropping("rows", {}, {}, {})
        ),
        _cited(_rows, SRIVASTAVA),
        ("rows", "chances"),
    ),
    _code(
        "dropout_minimiser",
        "table",
        "dropout_minimiser returns the weights of least expected loss",
        "the gradient of the expected loss is 0 there",
        ("x", "y", "drop_prob"),
        _dropping("least", {}, {}, {}),
        _proven(_minimiser, "two_weights.distance"),
    ),
    _code(
        "masked_descent",
        "small_batch",
        "masked_descent returns the weights after all steps",
        "one step for each batch, along the mean gradient of its copies",
        ("x", "y", "kept", "drop_prob", "learning_rate"),
        MASKED,
        _cited(_masked, DESCENT, SRIVASTAVA),
    ),
    _run("small_batch", 1),
    _run("large_batch", 1024),
    _code(
        "mean_weights",
        "large_batch",
        "mean_weights returns the mean of the weights over all masks",
        "the gradient is linear in the weights, so that its mean is that at the mean weights",
        ("x", "y", "drop_prob", "learning_rate", "steps"),
        _dropping("mean", *RATES, RATES[0]),
        _proven(_mean, "two_weights.gradient"),
    ),
    _typed(
        "least_loss",
        "large_batch",
        "least_loss is the least mean loss over the four rows",
        "what no weights explain: one of the rows has no inputs at all",
        SRIVASTAVA,
        "two_weights.minimum",
    ),
    _words(
        "batch_words",
        "large_batch",
        "batch_words compares the two curves",
        "what a mean over more masks does to the noise of a step",
        "the curve is smoother: the variance of the gradient falls like 1 / B",
        "both approach the same weights, which minimise the expected loss; neither loss goes to 0",
        "'almost the same as least squares' is right of w1; w2 is still 5 % away after 1000 steps",
    ),
    _typed(
        "plain_weight_ratio",
        "shares",
        "plain_weight_ratio compares the weights without dropout",
        "weights that are a multiple of the inputs",
        NORM,
        *FITS,
    ),
    _typed(
        "plain_share_ratio",
        "shares",
        "plain_share_ratio compares the shares without dropout",
        "weights times inputs",
        NORM,
        *FITS,
    ),
    _typed(
        "dropout_weight_ratio",
        "shares",
        "dropout_weight_ratio compares the weights with dropout",
        "what makes the shares what they are",
        SRIVASTAVA,
        *MINIMUM,
    ),
    _typed(
        "dropout_share_ratio",
        "shares",
        "dropout_share_ratio compares the shares with dropout",
        "the expected loss does not change where the shares change places",
        SRIVASTAVA,
        *MINIMUM,
    ),
    _typed(
        "w2_alone",
        "shares",
        "w2_alone fits the example where only the second input is kept",
        "the target, divided by what the model sees of that input",
        SRIVASTAVA,
    ),
    _typed(
        "w1_alone",
        "shares",
        "w1_alone fits the example where only the first input is kept",
        "the target, divided by what the model sees of that input",
        SRIVASTAVA,
    ),
    _typed(
        "w1_of_p",
        "sweep",
        "w1_of_p is the first weight of least expected loss",
        "a formula that fits your table at p = 1/2",
        SRIVASTAVA,
        *MINIMUM,
    ),
    _typed(
        "w2_of_p",
        "sweep",
        "w2_of_p is the second weight of least expected loss",
        "a formula that fits your table at p = 1/2",
        SRIVASTAVA,
        *MINIMUM,
    ),
    _typed(
        "w1_limit",
        "sweep",
        "w1_limit is what w1 approaches",
        "the limit from above, not what training without dropout gives",
        SRIVASTAVA,
        "two_weights.limit",
    ),
    _typed(
        "w2_limit",
        "sweep",
        "w2_limit is what w2 approaches",
        "the limit from above, not what training without dropout gives",
        SRIVASTAVA,
        "two_weights.limit",
    ),
    _typed(
        "one_minimiser_without",
        "sweep",
        "the statement on weights without dropout is judged rightly",
        "how many weights fit one example",
        NORM,
        *FITS,
    ),
    _words(
        "why_jump",
        "sweep",
        "why_jump explains the jump at p = 0",
        "what each side chooses among the weights that fit",
        "at p = 0 a whole line of weights has the loss 0; descent from 0 picks the shortest of them",
        "for p > 0 the minimiser is unique; its limit is the point of that line with equal shares",
        "'there are many minimisers at p = 0' alone is half an answer",
    ),
    _typed(
        "adam_w1",
        "adam",
        "adam_w1 is where Adam's first weight converges without dropout",
        "steps that do not depend on the scale of an input",
        ADAM,
    ),
    _typed(
        "adam_w2",
        "adam",
        "adam_w2 is where Adam's second weight converges without dropout",
        "steps that do not depend on the scale of an input",
        ADAM,
    ),
    _typed(
        "same_at_half",
        "adam",
        "the statement on p = 1/2 is judged rightly",
        "how many pairs of weights have the least loss there",
        ADAM,
    ),
    _typed(
        "where_adam_differs",
        "adam",
        "where_adam_differs says at which rates the two end apart",
        "the rates at which more than one pair of weights has the least loss",
        ADAM,
    ),
)
