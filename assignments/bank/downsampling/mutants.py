"""Wrong sizes, fields and poolings, each with the sentence that a student reads."""

from backproof import Mutant

_RETURN = "return tuple(signal.unfold(1, kernel, kernel).amax(dim=2) for signal in (x, shifted))"
_SHIFT = "shifted = torch.nn.functional.pad(x[:, :-1], (1, 0))"


def _pool(id: str, misconception: str, old: str, new: str) -> Mutant:
    return Mutant(
        id=id,
        of="pool_and_shift",
        misconception=misconception,
        killed_by=("pool_and_shift",),
        edit=(old, new),
    )


def _wrong(of: str, id: str, answer: str, misconception: str) -> Mutant:
    return Mutant(
        id=f"{of}_{id}", of=of, misconception=misconception, killed_by=(of,), answer=answer
    )


MUTANTS = (
    _wrong(
        "pooled_rows",
        "of_the_image",
        "28",
        "you pooled the image; the first convolution has taken two rows away",
    ),
    _wrong("pooled_rows", "remainder_kept", "27.5", "a window needs all of its rows: round down"),
    _wrong("pooled_rows", "stride_ignored", "54", "this is the number for a stride of 1"),
    _wrong("pooled_rows", "before", "55", "this is the map before the pooling layer"),
    _wrong(
        "field",
        "kernels_added",
        "6",
        "you added k - 1 of every layer; behind the pooling layer one step is two rows of the image",
    ),
    _wrong(
        "field",
        "own_stride",
        "9",
        "you multiplied the pooling layer's own part by its stride; the stride works on later layers",
    ),
    _wrong("field", "product", "18", "kernels do not multiply; each layer adds to the field"),
    _wrong("field_without", "sum", "6", "two kernels of 3 rows overlap in one row"),
    _wrong(
        "field_without", "product", "9", "kernels do not multiply; each layer adds to the field"
    ),
    _wrong(
        "pooling_learns",
        "has_weights",
        "true",
        "the largest of some numbers has nothing to train; only the size of the window is chosen",
    ),
    _pool(
        "average_pooling",
        "you took the mean of each window; max pooling takes the largest",
        ".amax(dim=2)",
        ".mean(dim=2)",
    ),
    _pool(
        "windows_overlap",
        "your windows overlap: the stride is as long as a window",
        _RETURN,
        "return tuple(s.unfold(1, kernel, 1).amax(2)[:, : x.shape[1] // kernel] for s in (x, shifted))",
    ),
    _pool(
        "shifted_to_the_start",
        "you shifted towards the start",
        _SHIFT,
        "shifted = torch.nn.functional.pad(x[:, 1:], (0, 1))",
    ),
    _pool(
        "shifted_in_a_circle",
        "you shifted in a circle: the first place becomes 0, the last pixel is lost",
        _SHIFT,
        "shifted = x.roll(1, dims=1)",
    ),
    _pool(
        "shifted_too_short",
        "your shifted signal has lost two pixels at the end: it stays as long as x",
        "x[:, :-1]",
        "x[:, :-2]",
    ),
    _pool(
        "pooled_then_shifted",
        "you shifted the pooled map; the input is shifted, and then pooled",
        _RETURN,
        "before = x.unfold(1, kernel, kernel).amax(dim=2)\n"
        "    return before, torch.nn.functional.pad(before[:, :-1], (1, 0))",
    ),
    _pool(
        "assumed_invariant",
        "you hand the same map back twice: max pooling is invariant only as long as the largest "
        "pixel stays in its window",
        "for signal in (x, shifted)",
        "for signal in (x, x)",
    ),
    _pool(
        "largest_magnitude",
        "you took the largest magnitude; max pooling takes the largest value",
        ".amax(dim=2)",
        ".abs().amax(dim=2)",
    ),
    _pool(
        "shifted_along_channels",
        "you shifted along the channels",
        _SHIFT,
        "shifted = torch.nn.functional.pad(x[:-1], (0, 0, 1, 0))",
    ),
    _wrong("unchanged", "always", "1", "from the last place of a window, a step leaves it"),
    _wrong(
        "unchanged",
        "one_place",
        "1/k",
        "this is the probability that the pixel leaves its window",
    ),
    _wrong(
        "unchanged",
        "of_two_windows",
        "1 - 1/(2*k)",
        "the pixel lies in one window, which has one place from which a step leaves it",
    ),
    _wrong(
        "moves_with_stride",
        "never_equivariant",
        "false",
        "after a shift by the stride, every window holds the pixels of the one before it",
    ),
)
