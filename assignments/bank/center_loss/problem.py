"""Center loss: its three gradients, and the regular simplex of centers that are fixed in advance.

The cases follow the power rules of center loss: every class has at least two examples or none (with
one, the gradient, the sum without n_j and the mean agree), the numbers of examples differ, one
class is empty, N, D, K and M differ, no center is 0.
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
    OracleKind,
    Probe,
    Relation,
    TextField,
    TypedAnswer,
    Visibility,
    Vocabulary,
)
from backproof_reference.derivations import center_loss, simplex
from backproof_reference.results import result


def center_loss_feature_grad(
    features: torch.Tensor, centers: torch.Tensor, labels: torch.Tensor
) -> torch.Tensor:
    """Gradient of the center loss with respect to the features.

    Shapes:
        features: (N, D); centers: (K, D); labels: (N,), integers in 0 .. K - 1.
        Returns dfeatures: (N, D).

    Source:
        Wen, Zhang, Li and Qiao, "A Discriminative Feature Learning Approach for Deep Face
        Recognition", ECCV 2016, equation 2 (the loss).
    """
    return features - centers[labels]


def center_loss_weight_grad(
    inputs: torch.Tensor, weight: torch.Tensor, centers: torch.Tensor, labels: torch.Tensor
) -> torch.Tensor:
    """Gradient of the center loss with respect to W, when feature i is W times input i.

    Shapes:
        inputs: (N, M); weight: (D, M); centers: (K, D); labels: (N,), integers in 0 .. K - 1.
        Returns dweight: (D, M).

    Source:
        Wen, Zhang, Li and Qiao, "A Discriminative Feature Learning Approach for Deep Face
        Recognition", ECCV 2016, equation 2 (the loss).
    """
    distances = inputs @ weight.T - centers[labels]
    return distances.T @ inputs


def center_loss_center_grad(
    features: torch.Tensor, centers: torch.Tensor, labels: torch.Tensor
) -> torch.Tensor:
    """Gradient of the center loss with respect to the centers.

    Shapes:
        features: (N, D); centers: (K, D); labels: (N,), integers in 0 .. K - 1, in which a class
        may occur several times or not at all.
        Returns dcenters: (K, D).

    Source:
        Wen, Zhang, Li and Qiao, "A Discriminative Feature Learning Approach for Deep Face
        Recognition", ECCV 2016, equation 2 (the loss).
    """
    pulls = centers[labels] - features
    return torch.zeros_like(centers).index_add(0, labels, pulls)


def _claim(name: str, prompt: str, *, true: bool) -> AnswerAsk:
    said = "true" if true else "false"
    return AnswerAsk(
        name=name,
        prompt=prompt,
        field=ChoiceField(),
        answer=said,
        also=(said.title(), said.upper()),
    )


POINTS = Vocabulary(symbols={"n": "int[2, 12]"})
ASKS = (
    _claim("argmin_is_loss", "the arg min is a loss", true=False),
    _claim("same_as_kmeans", "training with the center loss is k-means", true=False),
    _claim("classes_uncoupled", "nothing in the center loss moves classes apart", true=True),
    AnswerAsk(
        name="like_clustering",
        prompt="center loss and k-means: what they have in common, and what not",
        field=TextField(),
        answer="the k-means objective, with the assignment fixed by the labels",
    ),
    FunctionAsk(reference=center_loss_feature_grad),
    FunctionAsk(reference=center_loss_weight_grad),
    FunctionAsk(reference=center_loss_center_grad),
    AnswerAsk(
        name="simplex_cosine",
        prompt="the cosine between two of the n centers",
        field=FormulaField(vocabulary=POINTS, labels=("cos",)),
        answer="-1/(n-1)",
        also=("1/(1-n)", "1 - n/(n-1)", "cos = -(n-1)^(-1)"),
    ),
    AnswerAsk(
        name="simplex_distance",
        prompt="the squared distance between two of the n centers",
        field=FormulaField(vocabulary=POINTS),
        answer="2*n/(n-1)",
        also=("2 + 2/(n-1)", "2/(1-1/n)", "sqrt(2n/(n-1))^2"),
    ),
)
DERIVATIONS = (*center_loss.DERIVATIONS, *simplex.DERIVATIONS)
PAPER = "Wen, Zhang, Li and Qiao 2016, section 3.2"
CENTROIDS = "Zhu, Zhang and Ye 2020, A New Loss Function for CNN Classifier Based on PEDCC"


def _labels(rng: np.random.Generator, counts: tuple[int, ...]) -> Any:
    """``counts[j]`` examples of class j, in any order."""
    return rng.permutation(np.repeat(np.arange(len(counts)), counts))


def _features(rng: np.random.Generator, counts: tuple[int, ...], dim: int) -> dict[str, Any]:
    labels = _labels(rng, counts)
    return {
        "features": rng.standard_normal((len(labels), dim)) + 0.7,
        "centers": rng.uniform(0.5, 2.0, (len(counts), dim))
        * rng.choice((-1.0, 1.0), (len(counts), dim)),
        "labels": labels,
    }


def _layer(
    rng: np.random.Generator, counts: tuple[int, ...], dim: int, inputs: int
) -> dict[str, Any]:
    batch = _features(rng, counts, dim)
    del batch["features"]
    return batch | {
        "inputs": rng.standard_normal((len(batch["labels"]), inputs)) + 0.4,
        "weight": rng.standard_normal((dim, inputs)),
    }


BATCHES = (
    Case(
        id="last_class_empty",
        why="4, 2 and 3 examples of three classes, none of the last",
        build=lambda rng: _features(rng, (4, 2, 3, 0), 5),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="middle_class_empty",
        why="a class without examples between others, more classes than features",
        build=lambda rng: _features(rng, (2, 5, 0, 3, 4), 3),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="first_class_empty",
        why="the first class is empty, more features than examples",
        build=lambda rng: _features(rng, (0, 3, 2), 8),
    ),
    Case(
        id="unequal_classes",
        why="2 to 6 examples of a class, tensors that are views with gaps",
        build=lambda rng: _features(rng, (6, 2, 3, 0, 5, 4), 4),
        strided=True,
    ),
)
LAYERS = (
    Case(
        id="fewer_inputs",
        why="fewer inputs than features: M < D",
        build=lambda rng: _layer(rng, (2, 3, 0, 4), 5, 3),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="square_weight",
        why="M = D: a transposed gradient has the right shape",
        build=lambda rng: _layer(rng, (3, 0, 5), 4, 4),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="more_inputs",
        why="more inputs than features, M > D, tensors that are views with gaps",
        build=lambda rng: _layer(rng, (4, 2, 0, 3, 2), 3, 7),
        strided=True,
    ),
)


def _one_hot(labels: Any, centers: Any) -> Any:
    return torch.nn.functional.one_hot(labels, len(centers))


def _dfeatures(features: Any, centers: Any, labels: Any) -> dict[str, Any]:
    found = result("center_loss.feature_gradient")
    given = {"x": features, "c": centers, "B": _one_hot(labels, centers)}
    return {"dfeatures": found.torch(given, D=1)}  # D sizes W, which does not enter


def _dweight(inputs: Any, weight: Any, centers: Any, labels: Any) -> dict[str, Any]:
    found = result("center_loss.weight_gradient")
    given = {"u": inputs, "W": weight, "c": centers, "B": _one_hot(labels, centers)}
    return {"dweight": found.torch(given)}


def _dcenters(features: Any, centers: Any, labels: Any) -> dict[str, Any]:
    found = result("center_loss.center_gradient")
    given = {"x": features, "c": centers, "B": _one_hot(labels, centers)}
    return {"dcenters": found.torch(given, D=1)}


def _check(
    id: str,
    compute: Any,
    claim: str,
    expects: str,
    takes: tuple[str, ...] = ("features", "centers", "labels"),
    **more: Any,
) -> Check:
    output = id.removesuffix("_float32")
    of = output.removeprefix("d").removesuffix("s")
    fields: dict[str, Any] = {
        "id": id,
        "question": output.removeprefix("d"),
        "claim": claim,
        "expects": expects,
        "read": PAPER,
        "points": 2,
        "probe": Probe(
            calls=(Call(function=f"center_loss_{of}_grad", takes=takes, returns=(output,)),)
        ),
        "outputs": (output,),
        "cases": BATCHES,
        "oracle": Expected(
            compute=compute, kind=OracleKind.PROVEN, provenance=(f"center_loss.{of}_gradient",)
        ),
    }
    return Check(**fields | more)


def _typed(name: str, claim: str, expects: str, rule: str = "") -> Check:
    return Check(
        id=name,
        question="simplex",
        claim=claim,
        expects=expects,
        read=CENTROIDS,
        points=1,
        probe=Probe(answer=name),
        oracle=TypedAnswer(rule=rule, provenance=(name.replace("_", "."),)),
    )


DFEATURES = _check(
    "dfeatures",
    _dfeatures,
    "dfeatures is the gradient of the center loss with respect to the features",
    "each row answers to the center of its own class and to nothing else",
)


def _words(name: str, claim: str, expects: str, oracle: TypedAnswer) -> Check:
    return Check(
        id=name,
        question="clustering",
        claim=claim,
        expects=expects,
        read=PAPER,
        points=1,
        probe=Probe(answer=name),
        oracle=oracle,
    )


CITED = TypedAnswer(kind=OracleKind.REFERENCE, provenance=(PAPER,))
CHECKS = (
    _words(
        "argmin_is_loss",
        "the statement on the arg min is judged rightly",
        "what the arg min returns: a number of a class, or a number to make small",
        CITED,
    ),
    _words(
        "same_as_kmeans",
        "the statement on k-means is judged rightly",
        "who decides which center an example belongs to, and what moves besides the centers",
        CITED,
    ),
    _words(
        "classes_uncoupled",
        "the statement on different classes is judged rightly",
        "a look at the terms of the loss: does one of them hold two centers?",
        CITED,
    ),
    _words(
        "like_clustering",
        "like_clustering compares the center loss with k-means",
        "one thing in common at least, and one that differs",
        TypedAnswer(
            kind=OracleKind.PERSON,
            rubric=(
                "in common: the objective, half the sum of squared distances to the own center",
                "not: labels fix the assignment; k-means finds it by the arg min",
                "not: the features move as well, not only the centers",
                "'an arg min' is an assignment, not a loss; 'the same as k-means' is too much",
            ),
        ),
    ),
    DFEATURES,
    Check(
        id="inputs_unchanged",
        question="features",
        claim="the caller's tensors are left as they were",
        expects="features and centers hold after the call what they held before",
        read="torch documentation, in-place operations on tensors",
        points=1,
        probe=DFEATURES.probe,
        outputs=(),
        cases=BATCHES[:1],
        oracle=Relation(name="inputs_unchanged"),
        needs=("dfeatures",),
    ),
    _check(
        "dweight",
        _dweight,
        "dweight is the gradient of the center loss with respect to W",
        "a matrix of the shape of W, to which every example adds one of rank 1",
        takes=("inputs", "weight", "centers", "labels"),
        cases=LAYERS,
    ),
    _check(
        "dcenters",
        _dcenters,
        "dcenters is the gradient of the center loss with respect to the centers",
        "every example of a class adds its own term to the gradient of that class's center; the "
        "loss does not depend on the center of a class without examples",
        points=3,
    ),
    _check(
        "dcenters_float32",
        _dcenters,
        "dcenters is right for float32 inputs",
        "rounding of the size of float32's last place, no more",
        points=1,
        dtype="float32",
        needs=("dcenters",),
    ),
    _typed(
        "simplex_cosine",
        "simplex_cosine is the cosine of the angle between two of the centers",
        "the smallest cosine that n unit vectors can have, two by two: their sum has a squared "
        "length that is not negative",
    ),
    _typed(
        "simplex_distance",
        "simplex_distance is the squared distance between two of the centers",
        "what the law of cosines makes of two unit vectors at that angle",
        rule="2 - 2*simplex_cosine",
    ),
)
