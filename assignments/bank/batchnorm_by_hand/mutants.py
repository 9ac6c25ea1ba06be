"""Wrong matrices, with the rules by which they follow from earlier answers."""

from backproof import Mutant

Z = "[[12, 14, 14, 12], [0, 10, 10, 0], [-5, 5, 5, -5]]"
ONES = "[[1, 1, 1, 1]]"
CENTRED = f"({Z} - bn_means@{ONES})"
SHIFT = f"[[0], [-10], [10]]@{ONES}"
OVER_FEATURES = "over_features"
_FEATURES = (
    "you averaged over the three features of each sample; batch normalisation averages over the "
    "samples of each feature"
)


def _wrong(
    of: str,
    id: str,
    answer: str,
    misconception: str,
    *,
    rule: str = "",
    cause: str = "",
    source: str = "",
) -> Mutant:
    return Mutant(
        id=id,
        of=of,
        misconception=misconception,
        killed_by=(of,),
        answer=answer,
        rule=rule,
        cause=cause,
        source=source,
    )


MUTANTS = (
    _wrong(
        "bn_means",
        "means_in_a_row",
        "[[13, 5, 0]]",
        "your means are right, but stand in a row; a column has a bracket around each entry",
    ),
    _wrong(
        "bn_means",
        "means_over_features",
        "[[7/3, 29/3, 29/3, 7/3]]",
        _FEATURES,
        cause=OVER_FEATURES,
    ),
    _wrong(
        "bn_means",
        "means_over_features_column",
        "[[7/3], [29/3], [29/3], [7/3]]",
        _FEATURES,
        cause=OVER_FEATURES,
    ),
    _wrong(
        "bn_means",
        "means_are_sums",
        "[[52], [20], [0]]",
        "these are the sums; a mean divides by the number of samples",
    ),
    _wrong(
        "bn_means",
        "means_by_three",
        "[[52/3], [20/3], [0]]",
        "you divided by 3, the number of features; the mini-batch has 4 samples",
    ),
    _wrong(
        "bn_variances",
        "variances_in_a_row",
        "[[1, 25, 25]]",
        "your variances are right, but stand in a row; a column has a bracket around each entry",
    ),
    _wrong(
        "bn_variances",
        "variances_unbiased",
        "[[4/3], [100/3], [100/3]]",
        "you divided by N - 1; batch normalisation uses the biased variance of the mini-batch, "
        "divided by N",
        rule=f"diag({CENTRED}@{CENTRED}.T)/3",
    ),
    _wrong(
        "bn_variances",
        "variances_are_deviations",
        "[[1], [5], [5]]",
        "these are the standard deviations; the variance is their square",
        rule=f"sqrt(diag(diag({CENTRED}@{CENTRED}.T)/4))@[[1], [1], [1]]",
    ),
    _wrong(
        "bn_variances",
        "variances_are_sums",
        "[[4], [100], [100]]",
        "these are sums of squares; the variance is their mean over the mini-batch",
        rule=f"diag({CENTRED}@{CENTRED}.T)",
    ),
    _wrong(
        "bn_variances",
        "variances_not_centred",
        "[[170], [50], [25]]",
        "these are the mean squares of the values; the variance is that of their distances from the "
        "mean",
    ),
    _wrong(
        "bn_variances",
        "variances_over_features",
        "[[458/9, 122/9, 122/9, 458/9]]",
        _FEATURES,
        cause=OVER_FEATURES,
    ),
    _wrong(
        "bn_normalised",
        "normalised_by_variance",
        "[[-1, 1, 1, -1], [-1/5, 1/5, 1/5, -1/5], [-1/5, 1/5, 1/5, -1/5]]",
        "you divided by the variance; it is its root, the standard deviation, that belongs there",
        rule=f"diag(1/bn_variances)@{CENTRED}",
    ),
    _wrong(
        "bn_normalised",
        "normalised_unbiased",
        "sqrt(3)/2*[[-1, 1, 1, -1], [-1, 1, 1, -1], [-1, 1, 1, -1]]",
        "you divided by the root of the unbiased variance, a sum divided by N - 1; batch "
        "normalisation uses the biased one",
    ),
    _wrong(
        "bn_normalised",
        "normalised_not_centred",
        "[[12, 14, 14, 12], [0, 2, 2, 0], [-1, 1, 1, -1]]",
        "your values are not centred: the mean of the feature is subtracted first",
        rule=f"diag(1/sqrt(bn_variances))@{Z}",
    ),
    _wrong(
        "bn_normalised",
        "normalised_not_scaled",
        "[[-1, 1, 1, -1], [-5, 5, 5, -5], [-5, 5, 5, -5]]",
        "your values are centred only: they are divided by the standard deviation of the feature as "
        "well",
        rule=CENTRED,
    ),
    _wrong(
        "bn_normalised",
        "normalised_over_features",
        "[[29/sqrt(458), 13/sqrt(122), 13/sqrt(122), 29/sqrt(458)], "
        "[-7/sqrt(458), 1/sqrt(122), 1/sqrt(122), -7/sqrt(458)], "
        "[-22/sqrt(458), -14/sqrt(122), -14/sqrt(122), -22/sqrt(458)]]",
        _FEATURES,
        cause=OVER_FEATURES,
    ),
    _wrong(
        "bn_normalised",
        "normalised_transposed",
        "[[-1, -1, -1], [1, 1, 1], [1, 1, 1], [-1, -1, -1]]",
        "your matrix has a row for each sample; here a row is a feature, as in Z",
    ),
    _wrong(
        "bn_output",
        "output_shift_lost_once",
        "[[-1, 1, 1, -1], [-11, -9, -9, -11], [9, 11, 1, 9]]",
        "your entry (3, 3) lacks its shift: beta_3 is added to every sample of feature 3",
        rule=f"bn_normalised + {SHIFT} - [[0], [0], [10]]@[[0, 0, 1, 0]]",
        source="a homework write-up, question 2b",
    ),
    _wrong(
        "bn_output",
        "output_not_shifted",
        "[[-1, 1, 1, -1], [-1, 1, 1, -1], [-1, 1, 1, -1]]",
        "your output is scaled but not shifted: beta is missing",
        rule="bn_normalised",
    ),
    _wrong(
        "bn_output",
        "output_shift_subtracted",
        "[[-1, 1, 1, -1], [9, 11, 11, 9], [-11, -9, -9, -11]]",
        "your output subtracts beta; it is added",
        rule=f"bn_normalised - {SHIFT}",
    ),
    _wrong(
        "bn_output",
        "output_gamma_and_beta_swapped",
        "[[1, 1, 1, 1], [11, -9, -9, 11], [-9, 11, 11, -9]]",
        "you scaled by beta and shifted by gamma",
        rule=f"diag([[0], [-10], [10]])@bn_normalised + [[1], [1], [1]]@{ONES}",
    ),
    _wrong(
        "bn_output",
        "output_not_normalised",
        "[[12, 14, 14, 12], [-10, 0, 0, -10], [5, 15, 15, 5]]",
        "you scaled and shifted Z itself; gamma and beta act on the normalised values",
    ),
)
