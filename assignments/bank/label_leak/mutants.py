"""Labels written wrongly, and wrong readings of the table."""

from backproof import Mutant


def _leak(id: str, misconception: str, old: str, new: str, check: str = "add_leak") -> Mutant:
    return Mutant(
        id=id, of="add_leak", misconception=misconception, killed_by=(check,), edit=(old, new)
    )


def _says(of: str, answer: str, id: str, misconception: str) -> Mutant:
    return Mutant(
        id=f"{of}_{id}", of=of, misconception=misconception, killed_by=(of,), answer=answer
    )


MUTANTS = (
    _leak("digits_reversed", "your digits begin with that for 1", "(8, 4, 2, 1)", "(1, 2, 4, 8)"),
    _leak(
        "first_row",
        "you write into the first row",
        "0, -1, column] = 3.0 * digit",
        "0, 0, column] = 3.0 * digit",
    ),
    _leak(
        "first_columns",
        "you write into the first pixels of the row",
        "x.shape[3] - 4 + place",
        "place",
    ),
    _leak(
        "same_in_all_channels",
        "your other channels hold the digits themselves",
        "(1 - digit)",
        "digit",
    ),
    _leak(
        "others_left",
        "your other channels are left as they were",
        "leaked[:, 1:, -1, column] = 3.0 * (1 - digit)[:, None]",
        "pass",
    ),
    _leak("not_scaled", "your digits are 1, not 3", "column] = 3.0 * digit", "column] = digit"),
    _leak(
        "added",
        "you add the digits to the pixels; they take their place",
        "column] = 3.0 * digit",
        "column] += 3.0 * digit",
    ),
    _leak(
        "in_place",
        "you write into the caller's images: copy them first",
        "x.clone()",
        "x",
        "inputs_unchanged",
    ),
    _says(
        "learned_more",
        "without dropout",
        "with_the_cheat",
        "the accuracy with the cheat says how well the labels are read, not what else was learned",
    ),
    _says("chance_percent", "0.1", "fraction", "this is the fraction; percent are asked for"),
    _says("chance_percent", "50", "two_classes", "there are more than two classes"),
    _says("nine_classes", "0.9", "fraction", "this is the fraction; percent are asked for"),
    _says("nine_classes", "100", "all", "the images of that class are all wrong"),
)
