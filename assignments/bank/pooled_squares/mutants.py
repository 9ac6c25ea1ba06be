"""Wrong pooled images, wrong poolings in code, wrong counts: each with its sentence."""

from backproof import Mutant

WRITE_UP = "a write-up of CS155, problem set 4, question 3D"
AVERAGES = {
    1: "[[1, 1/2], [1/2, 1/4]]",
    2: "[[1/2, 1], [1/4, 1/2]]",
    3: "[[1/4, 1/2], [1/2, 1]]",
    4: "[[1/2, 1/4], [1, 1/2]]",
}
"""The right averages, from which wrong ones are made."""
NEGATIVE = "an average of pixels that are 0 or 1 cannot be negative"
ONES = "[[1, 1], [1, 1]]"


def _wrong(
    of: str, id: str, answer: str, misconception: str, cause: str = "", source: str = ""
) -> Mutant:
    return Mutant(
        id=id,
        of=of,
        misconception=misconception,
        killed_by=(of,),
        answer=answer,
        cause=cause,
        source=source,
    )


def _of_each(of: str, id: str, misconception: str, answers: tuple[str, ...]) -> tuple[Mutant, ...]:
    """The same slip in all four images costs its points once."""
    return tuple(
        _wrong(f"{of}_{number}", f"{of}_{id}_{number}", answer, misconception, f"{of}_{id}")
        for number, answer in enumerate(answers, 1)
    )


def _edit(of: str, id: str, misconception: str, old: str, new: str, cause: str = "") -> Mutant:
    return Mutant(
        id=id, of=of, misconception=misconception, killed_by=(of,), edit=(old, new), cause=cause
    )


def _rounded_up(of: str, function: str) -> Mutant:
    return Mutant(
        id=f"{of}_rounded_up",
        of=of,
        misconception="you keep windows that reach over the border; where the next one would, there is "
        "none",
        killed_by=(of,),
        code=f"""
        def {of}(x, kernel, stride):
            return torch.nn.functional.{function}(x, kernel, stride, ceil_mode=True)
        """,
        cause="rounded_up",
    )


def _both(id: str, misconception: str, old: str, new: str) -> tuple[Mutant, ...]:
    return tuple(
        _edit(of, f"{of}_{id}", misconception, old, new, id) for of in ("average_pool", "max_pool")
    )


MUTANTS = (
    _wrong("average_1", "negative_1", "[[1, .5], [-.5, .25]]", NEGATIVE, "negative", WRITE_UP),
    _wrong("average_2", "negative_2", "[[.5, 1], [-.25, .5]]", NEGATIVE, "negative", WRITE_UP),
    _wrong("average_3", "negative_3", "[[.25, .5], [-.5, 1]]", NEGATIVE, "negative"),
    _wrong("average_4", "negative_4", "[[.5, .25], [-1, .5]]", NEGATIVE, "negative"),
    *_of_each(
        "average",
        "sums",
        "these are the sums of the windows; their averages are a quarter of that",
        tuple(f"4*{answer}" for answer in AVERAGES.values()),
    ),
    *_of_each(
        "average",
        "halves",
        "you divide by the side of a window, 2; a window has 4 pixels",
        tuple(f"2*{answer}" for answer in AVERAGES.values()),
    ),
    *_of_each(
        "average",
        "maxima",
        "these are the largest pixels of the windows: this is max pooling",
        (ONES,) * 4,
    ),
    *_of_each(
        "average",
        "stride_1",
        "your windows move by one pixel; the stride is 2, so that they do not overlap",
        (
            "[[1, 1, 1/2], [1, 1, 1/2], [1/2, 1/2, 1/4]]",
            "[[1/2, 1, 1], [1/2, 1, 1], [1/4, 1/2, 1/2]]",
            "[[1/4, 1/2, 1/2], [1/2, 1, 1], [1/2, 1, 1]]",
            "[[1/2, 1/2, 1/4], [1, 1, 1/2], [1, 1, 1/2]]",
        ),
    ),
    *_of_each(
        "average",
        "other_side",
        "left and right are swapped: each entry stands in the place of its window",
        (AVERAGES[2], AVERAGES[1], AVERAGES[4], AVERAGES[3]),
    ),
    *_of_each(
        "average",
        "upside_down",
        "top and bottom are swapped: each entry stands in the place of its window",
        (AVERAGES[4], AVERAGES[3], AVERAGES[2], AVERAGES[1]),
    ),
    *_of_each(
        "maximum",
        "empty_corner",
        "the window at the corner has one pixel of the square, and the largest counts, however few",
        ("[[1, 1], [1, 0]]", "[[1, 1], [0, 1]]", "[[0, 1], [1, 1]]", "[[1, 0], [1, 1]]"),
    ),
    *_of_each(
        "maximum",
        "full_windows",
        "you ask for windows that are full; the largest of four pixels is 1 as soon as one of them is",
        ("[[1, 0], [0, 0]]", "[[0, 1], [0, 0]]", "[[0, 0], [0, 1]]", "[[0, 0], [1, 0]]"),
    ),
    *_of_each(
        "maximum",
        "averages",
        "these are the averages of the windows: this is average pooling",
        tuple(AVERAGES.values()),
    ),
    *_of_each(
        "maximum",
        "stride_1",
        "your windows move by one pixel; the stride is 2, so that they do not overlap",
        ("[[1, 1, 1], [1, 1, 1], [1, 1, 1]]",) * 4,
    ),
    *_both(
        "kernel_swapped",
        "height and width of your window are swapped",
        "x.unfold(2, kernel[0], stride).unfold(3, kernel[1], stride)",
        "x.unfold(2, kernel[1], stride).unfold(3, kernel[0], stride)",
    ),
    *_both(
        "stride_of_window",
        "your windows move by their own size; the stride is given",
        "x.unfold(2, kernel[0], stride).unfold(3, kernel[1], stride)",
        "x.unfold(2, kernel[0], kernel[0]).unfold(3, kernel[1], kernel[1])",
    ),
    *_both(
        "moves_by_one",
        "your windows move by one pixel; the stride is given",
        "x.unfold(2, kernel[0], stride).unfold(3, kernel[1], stride)",
        "x.unfold(2, kernel[0], 1).unfold(3, kernel[1], 1)",
    ),
    _edit(
        "average_pool",
        "sum_of_window",
        "these are the sums of the windows; divide by the number of their entries",
        "windows.mean(",
        "windows.sum(",
    ),
    _edit(
        "average_pool",
        "maximum_of_window",
        "these are the largest entries of the windows, not their means",
        "windows.mean(",
        "windows.amax(",
    ),
    _edit(
        "average_pool",
        "divided_by_height",
        "you divide by the height of the window; it has K_H K_W entries",
        "windows.mean(dim=(4, 5))",
        "windows.sum(dim=(4, 5)) / kernel[0]",
    ),
    _edit(
        "average_pool",
        "divided_by_four",
        "you divide by 4, whatever the size of the window",
        "windows.mean(dim=(4, 5))",
        "windows.sum(dim=(4, 5)) / 4",
    ),
    _rounded_up("average_pool", "avg_pool2d"),
    _rounded_up("max_pool", "max_pool2d"),
    _edit(
        "max_pool",
        "mean_of_window",
        "these are the means of the windows, not their largest entries",
        "windows.amax(",
        "windows.mean(",
    ),
    _edit(
        "max_pool",
        "largest_magnitude",
        "you take the entry that is farthest from 0 without its sign; -3 is less than -2",
        "windows.amax(",
        "windows.abs().amax(",
    ),
    _edit(
        "max_pool",
        "never_below_zero",
        "your largest entry begins at 0: a window that is negative everywhere has a negative maximum",
        "windows.amax(dim=(4, 5))",
        "windows.amax(dim=(4, 5)).clamp(min=0)",
    ),
    _edit(
        "max_pool",
        "smallest_of_window",
        "these are the smallest entries of the windows",
        "windows.amax(",
        "windows.amin(",
    ),
    Mutant(
        id="pooled_in_place",
        of="max_pool",
        misconception="you write into the image of the caller",
        killed_by=("inputs_unchanged",),
        edit=(
            "    return windows.amax(dim=(4, 5))",
            "    out = windows.amax(dim=(4, 5))\n    x[..., 0, 0] = 1.5 - x[..., 0, 0]\n    return out",
        ),
    ),
    _wrong(
        "different_averages",
        "averages_alike",
        "1",
        "their entries are the same four numbers; where they stand tells the places apart",
    ),
    _wrong(
        "different_averages",
        "averages_in_pairs",
        "2",
        "no two of the four matrices have their 1 in the same place",
    ),
    _wrong(
        "different_maxima",
        "maxima_differ",
        "4",
        "the square reaches into all four windows in each image, so that max pooling tells none apart",
    ),
    _wrong(
        "different_maxima",
        "maxima_in_pairs",
        "2",
        "look at all four windows of each image: none of them is without a pixel of the square",
    ),
    _wrong(
        "noise_average",
        "whole_pixel",
        "1",
        "the average takes the pixel together with three zeros",
    ),
    _wrong("noise_average", "half_a_pixel", "1/2", "a window has four pixels, not two"),
    _wrong(
        "noise_average",
        "of_the_image",
        "1/16",
        "the average is that of a window with 4 pixels, not of the image with 16",
    ),
    _wrong(
        "noise_maximum",
        "watered_down",
        "1/4",
        "the largest of 0, 0, 0 and 1 is 1: max pooling waters nothing down",
    ),
    _wrong(
        "noise_maximum",
        "unseen",
        "0",
        "the noisy pixel is the largest of its window, and the image was 0 there",
    ),
    _wrong(
        "missing_pixels",
        "whole_window",
        "4",
        "that is true of the window that is full; another one has a single pixel of the square",
    ),
    _wrong(
        "missing_pixels",
        "two_pixels",
        "2",
        "that is true of the windows at the sides; the one at the corner has a single pixel",
    ),
    _wrong(
        "missing_pixels",
        "majority_of_pixels",
        "5",
        "it takes one window that loses all its pixels of the square; one of them has a single pixel",
    ),
)
