"""Wrong centers, each with the sentence that a student reads."""

from backproof import Mutant


def _centers(id: str, misconception: str, old: str, new: str) -> Mutant:
    return Mutant(
        id=id,
        of="evenly_distributed_centers",
        misconception=misconception,
        killed_by=("regular_simplex",),
        edit=(old, new),
    )


_RETURN = "return torch.nn.functional.pad(around @ directions.T, (0, dim - n + 1))"
MUTANTS = (
    _centers(
        "orthogonal_centers",
        "your centers are orthogonal; they can be further apart than that",
        _RETURN,
        "return torch.eye(n, dim, dtype=torch.float64)",
    ),
    _centers(
        "random_centers",
        "your centers are random unit vectors; their angles differ",
        _RETURN,
        "return torch.nn.functional.normalize(torch.randn(n, dim, dtype=torch.float64), dim=1)",
    ),
    _centers(
        "centers_not_of_length_1",
        "your centers are not of length 1",
        " * math.sqrt(n / (n - 1))",
        "",
    ),
    _centers(
        "centers_not_centred",
        "your centers do not lie around 0: subtract their mean",
        "(corners - corners.mean(dim=0)) * math.sqrt(n / (n - 1))",
        "corners",
    ),
    _centers(
        "centers_on_a_circle",
        "your centers lie on a circle: neighbours are close to each other",
        _RETURN,
        "angle = torch.arange(n, dtype=torch.float64) * (2 * math.pi / n)\n"
        "    flat = torch.stack((angle.cos(), angle.sin()), dim=1)\n"
        "    return torch.nn.functional.pad(flat, (0, dim - 2))",
    ),
    _centers(
        "centers_in_pairs",
        "your centers come in pairs of opposite vectors; centers of different pairs are closer",
        _RETURN,
        "axes = torch.eye((n + 1) // 2, dim, dtype=torch.float64)\n"
        "    return torch.cat((axes, -axes))[:n]",
    ),
    Mutant(
        id="distances_change",
        of="distances_stay",
        misconception="centers that are fixed in advance are not trained; the features move to them",
        killed_by=("distances_stay",),
        answer="false",
    ),
    Mutant(
        id="orthogonal_is_furthest",
        of="orthogonal_is_best",
        misconception="the mean cosine of n unit vectors can go down to -1 / (n - 1), which is below 0",
        killed_by=("orthogonal_is_best",),
        answer="true",
    ),
)
