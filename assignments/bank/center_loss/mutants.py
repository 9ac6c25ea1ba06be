"""Wrong gradients of the center loss and wrong simplices: each with the sentence for a student."""

from backproof import Mutant

_FEATURES = "center_loss_feature_grad"
_WEIGHT = "center_loss_weight_grad"
_CENTERS = "center_loss_center_grad"
_RETURN = "return torch.zeros_like(centers).index_add(0, labels, pulls)"
_COUNTS = "counts = torch.bincount(labels, minlength=len(centers))[:, None]"


def _edit(of: str, id: str, misconception: str, old: str, new: str, source: str = "") -> Mutant:
    killed = {_FEATURES: "dfeatures", _WEIGHT: "dweight", _CENTERS: "dcenters"}[of]
    return Mutant(
        id=id,
        of=of,
        misconception=misconception,
        killed_by=(killed,),
        source=source,
        edit=(old, new),
    )


def _answer(of: str, id: str, answer: str, misconception: str, cause: str = "") -> Mutant:
    return Mutant(
        id=id, of=of, misconception=misconception, killed_by=(of,), answer=answer, cause=cause
    )


def _claim(of: str, said: str, misconception: str, source: str = "") -> Mutant:
    return Mutant(
        id=f"{of}_misjudged",
        of=of,
        misconception=misconception,
        killed_by=(of,),
        source=source,
        answer=said,
    )


MUTANTS = (
    _claim(
        "argmin_is_loss",
        "true",
        "the arg min is an assignment: it returns the number of a class; a loss is the distance that "
        "is left",
        "a homework write-up, question 6.1",
    ),
    _claim(
        "same_as_kmeans",
        "true",
        "k-means chooses the center of each point; here the labels do, and the features are trained "
        "as well",
        "a homework write-up, question 6.1",
    ),
    _claim(
        "classes_uncoupled",
        "false",
        "every term of the loss pulls an example to its own center; none holds two classes apart",
    ),
    _edit(
        _FEATURES,
        "features_factor_two",
        "your dfeatures is twice the gradient; the 1/2 of the loss cancels the 2 of the square",
        "features - centers[labels]",
        "2 * (features - centers[labels])",
    ),
    _edit(
        _FEATURES,
        "features_sign",
        "your dfeatures has the wrong sign: it points to the center, and there the loss is smaller",
        "features - centers[labels]",
        "centers[labels] - features",
    ),
    _edit(
        _FEATURES,
        "features_mean",
        "your dfeatures is divided by N; this loss is a sum over the batch, not a mean",
        "features - centers[labels]",
        "(features - centers[labels]) / len(features)",
    ),
    _edit(
        _FEATURES,
        "features_mean_square",
        "your dfeatures is the gradient of the mean squared distance, 2/N times the difference; this "
        "loss is half of a sum",
        "features - centers[labels]",
        "2 * (features - centers[labels]) / len(features)",
    ),
    _edit(
        _FEATURES,
        "features_all_centers",
        "your dfeatures subtracts the centers of all classes; only that of the example's own class "
        "enters the loss",
        "centers[labels]",
        "centers.sum(dim=0)",
    ),
    _edit(
        _FEATURES,
        "features_nearest_center",
        "your dfeatures takes the nearest center, as clustering does; here the label says which "
        "center counts, near or not",
        "centers[labels]",
        "centers[torch.cdist(features, centers).argmin(dim=1)]",
    ),
    Mutant(
        id="features_in_place",
        of=_FEATURES,
        misconception="your function subtracts the centers from the caller's own features",
        killed_by=("inputs_unchanged",),
        edit=("return features - centers[labels]", "return features.sub_(centers[labels])"),
    ),
    _edit(
        _WEIGHT,
        "weight_transposed",
        "your dweight is the transpose of the gradient: the features belong to its rows and the "
        "inputs to its columns, as in W",
        "distances.T @ inputs",
        "inputs.T @ distances",
    ),
    _edit(
        _WEIGHT,
        "weight_factor_two",
        "your dweight is twice the gradient; the 1/2 of the loss cancels the 2 of the square",
        "distances.T @ inputs",
        "2 * distances.T @ inputs",
    ),
    _edit(
        _WEIGHT,
        "weight_mean",
        "your dweight is divided by N; this loss is a sum over the batch, not a mean",
        "distances.T @ inputs",
        "distances.T @ inputs / len(inputs)",
    ),
    _edit(
        _WEIGHT,
        "weight_sign",
        "your dweight has the wrong sign: moving W along it lowers the loss",
        "distances.T @ inputs",
        "-distances.T @ inputs",
    ),
    _edit(
        _WEIGHT,
        "weight_input_missing",
        "your dweight adds up the gradients of the features alone; the chain rule multiplies each "
        "by the input of its example",
        "distances.T @ inputs",
        "distances.T @ torch.ones_like(inputs)",
    ),
    _edit(
        _WEIGHT,
        "weight_sums_first",
        "your dweight multiplies the sum of the features' gradients by the sum of the inputs; the "
        "sum is over the products, one for each example",
        "distances.T @ inputs",
        "torch.outer(distances.sum(dim=0), inputs.sum(dim=0))",
    ),
    _edit(
        _WEIGHT,
        "weight_without_centers",
        "your dweight leaves the centers out: it is the gradient of half the sum of the features' "
        "squared lengths",
        "inputs @ weight.T - centers[labels]",
        "inputs @ weight.T",
    ),
    _edit(
        _CENTERS,
        "count_missing",
        "your dcenters is c_j minus the sum of the features of its class; every one of the n_j "
        "examples contributes c_j once, so that c_j carries the factor n_j",
        _RETURN,
        "return centers - torch.zeros_like(centers).index_add(0, labels, features)",
        source="a homework write-up, question 6.2",
    ),
    _edit(
        _CENTERS,
        "paper_update",
        "your dcenters is divided by 1 + n_j: that is what the paper subtracts from the centers "
        "(its equation 4), which is not the gradient of the loss",
        _RETURN,
        f"{_COUNTS}\n    {_RETURN} / (1 + counts)",
    ),
    _edit(
        _CENTERS,
        "class_mean",
        "your dcenters averages over the examples of a class; the loss adds them up",
        _RETURN,
        f"{_COUNTS}\n    {_RETURN} / counts.clamp(min=1)",
    ),
    _edit(
        _CENTERS,
        "batch_mean",
        "your dcenters is divided by N; this loss is a sum over the batch, not a mean",
        _RETURN,
        f"{_RETURN} / len(features)",
    ),
    _edit(
        _CENTERS,
        "centers_factor_two",
        "your dcenters is twice the gradient; the 1/2 of the loss cancels the 2 of the square",
        _RETURN,
        _RETURN.replace("return ", "return 2 * "),
    ),
    _edit(
        _CENTERS,
        "centers_sign",
        "your dcenters has the wrong sign: it points to the features, and there the loss is smaller",
        "centers[labels] - features",
        "features - centers[labels]",
    ),
    _edit(
        _CENTERS,
        "last_example_only",
        "your dcenters holds one example of each class: adding to rows that are picked by an index "
        "keeps a single one of those that go to the same row",
        _RETURN,
        "dcenters = torch.zeros_like(centers)\n"
        "    for label, pull in zip(labels, pulls):\n"
        "        dcenters[label] = pull\n"
        "    return dcenters",
    ),
    _edit(
        _CENTERS,
        "all_examples",
        "your dcenters sums over all examples; a center belongs to the examples of its own class",
        _RETURN,
        "return len(features) * centers - features.sum(dim=0)",
    ),
    _edit(
        _CENTERS,
        "empty_class_left_out",
        "your dcenters has rows for those classes only that occur in the batch; it has one for each "
        "class",
        _RETURN,
        _RETURN + "[labels.unique()]",
    ),
    Mutant(
        id="centers_half_precision",
        of=_CENTERS,
        misconception="your dcenters for float32 inputs is computed in half precision",
        killed_by=("dcenters_float32",),
        edit=(
            "pulls = centers[labels] - features",
            "pulls = centers[labels] - features\n"
            "    pulls = pulls if pulls.dtype == torch.float64 else pulls.bfloat16().to(pulls.dtype)",
        ),
    ),
    _answer(
        "simplex_cosine",
        "cosine_orthogonal",
        "0",
        "these are orthogonal vectors; n unit vectors can be further apart than that",
        cause="orthogonal",
    ),
    _answer(
        "simplex_cosine",
        "cosine_minus_one_over_n",
        "-1/n",
        "each vector is balanced by the others, and of those there are n - 1",
    ),
    _answer(
        "simplex_cosine",
        "cosine_positive",
        "1/(n-1)",
        "with a positive cosine the vectors lean towards each other; the sign is the other one",
        cause="cosine_positive",
    ),
    _answer(
        "simplex_cosine",
        "cosine_of_polygon",
        "cos(2*pi/n)",
        "this is the angle between neighbours on a circle; there the angles between other pairs "
        "differ from it, and more than two dimensions leave more room",
        cause="polygon",
    ),
    _answer(
        "simplex_distance",
        "distance_orthogonal",
        "2",
        "this is the squared distance of orthogonal unit vectors",
        cause="orthogonal",
    ),
    _answer(
        "simplex_distance",
        "distance_half",
        "n/(n-1)",
        "this is half of it: ||v - w||^2 = ||v||^2 + ||w||^2 - 2 v.w, and v.w counts twice",
    ),
    _answer(
        "simplex_distance",
        "distance_sign_of_cosine",
        "2*(n-2)/(n-1)",
        "your cosine enters with the wrong sign: ||v - w||^2 = 2 - 2 v.w, and v.w is negative",
        cause="cosine_positive",
    ),
    _answer(
        "simplex_distance",
        "distance_not_squared",
        "sqrt(2*n/(n-1))",
        "this is the distance; the question asks for its square",
    ),
)
