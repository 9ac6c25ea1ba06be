"""Batch normalisation of three features by hand: typed matrices that follow from each other.

The numbers are those of the homework (gamma and beta are read off its write-up). The wrong cell of
a matrix is named; each later matrix is a rule in the earlier ones, so that one slip costs its
points once. A row in place of a column has the right numbers and keeps half of the points.
"""

from backproof import (
    AnswerAsk,
    Check,
    FormulaField,
    OracleKind,
    Probe,
    TypedAnswer,
    Vocabulary,
)

PAPER = "Ioffe and Szegedy 2015, Batch Normalization, algorithm 1"
Z = "[[12, 14, 14, 12], [0, 10, 10, 0], [-5, 5, 5, -5]]"
CENTRED = f"({Z} - bn_means@[[1, 1, 1, 1]])"


def _ask(name: str, prompt: str, label: str, answer: str, *also: str) -> AnswerAsk:
    field = FormulaField(vocabulary=Vocabulary(), labels=(label,))
    return AnswerAsk(name=name, prompt=prompt, field=field, answer=answer, also=also)


ASKS = (
    _ask(
        "bn_means",
        "means, a column [[...], [...], [...]]",
        "mu",
        "[[13], [5], [0]]",
        "mu = [[52/4], [20/4], [0]]",
        "[[13.0],[5.0],[0.0]]",
        "[[13, 5, 0]].T",
    ),
    _ask(
        "bn_variances",
        "variances, a column [[...], [...], [...]]",
        "sigma^2",
        "[[1], [25], [25]]",
        "sigma^2 = [[1], [5^2], [5^2]]",
        "[[4/4],[100/4],[100/4]]",
        "[[1, 25, 25]].T",
    ),
    _ask(
        "bn_normalised",
        "normalised values, 3 rows [[...], [...], [...]]",
        "Z_hat",
        "[[-1, 1, 1, -1], [-1, 1, 1, -1], [-1, 1, 1, -1]]",
        "Z_hat = [[-1,+1,+1,-1],[-1,+1,+1,-1],[-1,+1,+1,-1]]",
        "[[-1/sqrt(1), 1, 1, -1], [-5/sqrt(25), 5/5, 1.0, -1], [(-5-0)/5, 1, 1, -1.0]]",
        "[[1], [1], [1]] @ [[-1, 1, 1, -1]]",
    ),
    _ask(
        "bn_output",
        "output, 3 rows [[...], [...], [...]]",
        "Z_tilde",
        "[[-1, 1, 1, -1], [-11, -9, -9, -11], [9, 11, 11, 9]]",
        "Z_tilde = [[-1, 1, 1, -1], [-1-10, 1-10, 1-10, -1-10], [-1+10, 1+10, 1+10, -1+10]]",
        "[[-1.0,1.0,1.0,-1.0],[-11.0,-9.0,-9.0,-11.0],[9.0,11.0,11.0,9.0]]",
    ),
)


def _check(
    name: str,
    claim: str,
    expects: str,
    rule: str = "",
    credit: str = "",
    question: str = "normalise",
    points: float = 1,
) -> Check:
    return Check(
        id=name,
        question=question,
        claim=claim,
        expects=expects,
        read=PAPER,
        points=points,
        probe=Probe(answer=name),
        oracle=TypedAnswer(
            rule=rule,
            credit={credit: 0.5} if credit else {},
            kind=OracleKind.REFERENCE,
            provenance=(PAPER,),
        ),
    )


CHECKS = (
    _check(
        "bn_means",
        "bn_means has the mean of each feature",
        "one number for each feature, from its four samples",
        credit="means_in_a_row",
    ),
    _check(
        "bn_variances",
        "bn_variances has the variance of each feature",
        "one number for each feature: the mean squared distance from its mean",
        rule=f"diag({CENTRED}@{CENTRED}.T)/4",
        credit="variances_in_a_row",
    ),
    _check(
        "bn_normalised",
        "bn_normalised has every value, centred and divided by its feature's standard deviation",
        "each row has mean 0 and mean square 1",
        rule=f"diag(1/sqrt(bn_variances))@{CENTRED}",
        points=2,
    ),
    _check(
        "bn_output",
        "bn_output is the normalised matrix, scaled and shifted",
        "row f has mean beta_f and standard deviation gamma_f",
        rule="bn_normalised + [[0], [-10], [10]]@[[1, 1, 1, 1]]",
        question="scale_and_shift",
    ),
)
