"""Centers as the vertices of a regular simplex: judged by their lengths and cosines alone."""

import math
from typing import Any

import numpy as np
import torch

from backproof import (
    AnswerAsk,
    Call,
    Case,
    Check,
    ChoiceField,
    FunctionAsk,
    OracleKind,
    Probe,
    Relation,
    TextField,
    TypedAnswer,
    Visibility,
)
from backproof_reference.derivations import simplex

PAPER = "Zhu, Zhang and Ye 2020, A New Loss Function for CNN Classifier Based on PEDCC"


def evenly_distributed_centers(n: int, dim: int) -> torch.Tensor:
    """Class centers on the unit sphere, every two of them equally far apart, as far as possible.

    Shapes:
        n: the number of classes, at least 2; dim: at least n - 1. Returns (n, dim), one center in
        each row.

    Source:
        Zhu, Zhang and Ye, "A New Loss Function for CNN Classifier Based on Pre-defined
        Evenly-Distributed Class Centroids", IEEE Access 8, 2020.
    """
    corners = torch.eye(n, dtype=torch.float64)
    around = (corners - corners.mean(dim=0)) * math.sqrt(n / (n - 1))
    # The rows sum to zero, so that n - 1 orthogonal directions hold all of them.
    directions = torch.linalg.svd(around).Vh[: n - 1]
    return torch.nn.functional.pad(around @ directions.T, (0, dim - n + 1))


def _claim(name: str, prompt: str, *, true: bool) -> AnswerAsk:
    said = "true" if true else "false"
    return AnswerAsk(
        name=name,
        prompt=prompt,
        field=ChoiceField(),
        answer=said,
        also=(said.title(), said.upper()),
    )


ASKS = (
    FunctionAsk(reference=evenly_distributed_centers),
    _claim("distances_stay", "training leaves the distances of the centers", true=True),
    _claim("orthogonal_is_best", "orthogonal centers are furthest apart", true=False),
    AnswerAsk(
        name="idea_in_words",
        prompt="what fixed centers change, and how they are found",
        field=TextField(),
        answer="they hold classes apart; charges on a sphere that repel, or a regular simplex",
    ),
)
DERIVATIONS = simplex.DERIVATIONS


def _case(id: str, why: str, n: int, dim: int, visibility: Visibility) -> Case:
    def build(_: np.random.Generator) -> dict[str, Any]:
        return {"n": n, "dim": dim}

    return Case(id=id, why=why, build=build, visibility=visibility)


CASES = (
    _case("four_in_three", "a tetrahedron, no dimension to spare", 4, 3, Visibility.PUBLIC),
    _case("three_in_eight", "dimensions to spare", 3, 8, Visibility.PUBLIC),
    _case("two_classes", "two classes: opposite points", 2, 3, Visibility.HIDDEN),
    _case("ten_in_nine", "ten classes, no dimension to spare", 10, 9, Visibility.HIDDEN),
    _case(
        "seven_in_twelve", "as many dimensions as orthogonal centers need", 7, 12, Visibility.HIDDEN
    ),
)


def _typed(name: str, claim: str, expects: str, oracle: TypedAnswer) -> Check:
    return Check(
        id=name,
        question="centers",
        claim=claim,
        expects=expects,
        read=PAPER,
        points=1,
        probe=Probe(answer=name),
        oracle=oracle,
    )


CHECKS = (
    Check(
        id="regular_simplex",
        question="centers",
        claim="the centers are unit vectors, every two of them at the largest angle that all can have",
        expects="length 1, and one and the same cosine for every two centers, below 0",
        read=PAPER,
        points=3,
        probe=Probe(
            calls=(
                Call(
                    function="evenly_distributed_centers",
                    takes=("n", "dim"),
                    returns=("centers",),
                ),
            )
        ),
        outputs=("centers",),
        cases=CASES,
        oracle=Relation(
            name="regular_simplex",
            parameters={"dtype": "float32"},
            provenance=("simplex.cosine", "simplex.bound"),
        ),
    ),
    _typed(
        "distances_stay",
        "the statement on the distances is judged rightly",
        "which of features and centers are trained",
        TypedAnswer(kind=OracleKind.REFERENCE, provenance=(PAPER,)),
    ),
    _typed(
        "orthogonal_is_best",
        "the statement on orthogonal centers is judged rightly",
        "the cosine that an equilateral triangle's corners have, seen from its middle",
        TypedAnswer(provenance=("simplex.bound",)),
    ),
    _typed(
        "idea_in_words",
        "idea_in_words says what fixed centers are for and how they are found",
        "what the center loss alone lacks, and a way to spread points on a sphere",
        TypedAnswer(
            kind=OracleKind.PERSON,
            rubric=(
                "the center loss alone draws a class together, it does not hold classes apart; "
                "fixed centers do, with a distance known in advance",
                "found by charges on the sphere that repel each other until they rest, or exactly "
                "as a regular simplex",
                "the energy is least, or the least distance largest, when they rest",
            ),
        ),
    ),
)
