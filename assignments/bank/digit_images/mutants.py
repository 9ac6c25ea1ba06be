"""Wrong sizes of the data, and wrong tables, each with its slip."""

from backproof import Mutant

WRITE_UP = "a write-up of CS155, problem set 4, question 2"
COLOURS = (
    "the images are grey: there is one number for each pixel, not one for each of three colours"
)
BOTH = "this is the number of all images; they come in two parts"


def _wrong(
    of: str,
    id: str,
    answer: str,
    misconception: str,
    cause: str = "",
    rule: str = "",
    source: str = "",
) -> Mutant:
    return Mutant(
        id=id,
        of=of,
        misconception=misconception,
        killed_by=(of,),
        answer=answer,
        cause=cause,
        rule=rule,
        source=source,
    )


def _edit(of: str, id: str, misconception: str, old: str, new: str, source: str = "") -> Mutant:
    return Mutant(
        id=id, of=of, misconception=misconception, killed_by=(of,), edit=(old, new), source=source
    )


DIVIDED = "images.reshape(len(images), -1) / 255"
MUTANTS = (
    _wrong("train_images", "train_all", "70000", BOTH, "both_parts"),
    _wrong(
        "train_images",
        "train_without_validation",
        "50000",
        "10000 images were put aside for validation: that is a choice of a program, not of the data",
    ),
    _wrong("test_images", "test_all", "70000", BOTH, "both_parts"),
    _wrong(
        "test_images",
        "parts_swapped",
        "60000",
        "this is the size of the other part, the one for training",
    ),
    _wrong(
        "image_rows",
        "rows_of_all_pixels",
        "784",
        "this is the number of all pixels of an image",
        "all_pixels",
    ),
    _wrong(
        "image_rows",
        "rows_padded",
        "32",
        "LeNet pads the images to 32 x 32 pixels; the data are smaller",
        "padded",
    ),
    _wrong(
        "image_columns",
        "columns_of_all_pixels",
        "784",
        "this is the number of all pixels of an image",
        "all_pixels",
    ),
    _wrong(
        "image_columns",
        "columns_padded",
        "32",
        "LeNet pads the images to 32 x 32 pixels; the data are smaller",
        "padded",
    ),
    _wrong("entry_meaning", "one_colour", "amount of one colour in a pixel", COLOURS),
    _wrong(
        "entry_meaning",
        "probability",
        "probability of ink",
        "the numbers were measured, and go up to 255; a probability does not",
    ),
    _wrong(
        "entry_meaning",
        "pixel_class",
        "class of a pixel",
        "classes belong to whole images; a pixel has a brightness",
    ),
    _wrong(
        "largest_entry",
        "number_of_values",
        "256",
        "there are 256 values, and the first is 0",
    ),
    _wrong(
        "largest_entry",
        "after_scaling",
        "1",
        "that is so after a program has divided them (as ToTensor does); the files hold whole numbers",
    ),
    _wrong("largest_entry", "signed", "127", "the numbers have no sign: all 8 bits count"),
    _wrong(
        "input_rows",
        "inputs_of_test",
        "10000",
        "these are the images for testing",
        "test_part",
    ),
    _wrong("input_rows", "inputs_all", "70000", BOTH, "both_parts"),
    _wrong(
        "input_columns",
        "not_flattened",
        "28",
        "a row holds a whole image, not a row of one",
        rule="image_columns",
    ),
    _wrong("input_columns", "three_colours", "2352", COLOURS, rule="3*image_rows*image_columns"),
    _wrong(
        "input_columns",
        "rows_and_columns_added",
        "56",
        "an image has a pixel for each row and each column, so rows times columns of them",
        rule="image_rows + image_columns",
    ),
    _wrong(
        "target_rows",
        "targets_of_test",
        "10000",
        "these are the images for testing",
        "test_part",
    ),
    _wrong("target_rows", "targets_all", "70000", BOTH, "both_parts"),
    _wrong("target_columns", "labels_themselves", "1", "one column holds labels, not one-hot rows"),
    _wrong("target_columns", "largest_label", "9", "the digits begin at 0: there are ten of them"),
    _edit(
        "images_to_rows",
        "not_scaled",
        "your numbers go up to 255: divide them by the largest brightness that there can be",
        " / 255",
        " * 1.0",
        WRITE_UP + "C",
    ),
    _edit(
        "images_to_rows",
        "number_of_brightnesses",
        "you divide by 256, the number of values; the largest is 255",
        "/ 255",
        "/ 256",
    ),
    _edit(
        "images_to_rows",
        "half_precision",
        "half precision has 11 bits: your numbers are rounded to three digits",
        DIVIDED,
        f"({DIVIDED}).half()",
    ),
    _edit(
        "images_to_rows",
        "whole_division",
        "your division leaves whole numbers, so that all but the brightest pixels become 0",
        "/ 255",
        "// 255",
    ),
    _edit(
        "images_to_rows",
        "brightest_that_is_there",
        "you divide by the brightest pixel of these images; another set would be scaled differently",
        "/ 255",
        "/ images.max()",
    ),
    _edit(
        "images_to_rows",
        "each_by_its_brightest",
        "you divide each image by its own brightest pixel; a dark image is to stay dark",
        DIVIDED,
        "images.reshape(len(images), -1) / images.amax(dim=(1, 2))[:, None]",
    ),
    _edit(
        "images_to_rows",
        "standardised",
        "you take away the mean and divide by the standard deviation; asked for is a range from 0 to 1",
        DIVIDED,
        "(lambda v: (v - v.mean()) / v.std())(images.reshape(len(images), -1) / 255)",
    ),
    _edit(
        "images_to_rows",
        "column_by_column",
        "your pixels follow each other column by column",
        "images.reshape(len(images), -1)",
        "images.transpose(1, 2).reshape(len(images), -1)",
    ),
    _edit(
        "images_to_rows",
        "one_row_for_each_pixel",
        "your images stand in columns; each is to be a row",
        DIVIDED,
        "images.reshape(len(images), -1).T / 255",
    ),
    _edit(
        "images_to_rows",
        "images_mixed",
        "your rows hold pixels of several images: reshape keeps the order in memory, so that axes "
        "cannot be swapped by it",
        DIVIDED,
        "images.reshape(-1, len(images)).T / 255",
    ),
    _edit(
        "images_to_rows",
        "dark_for_bright",
        "you turned bright and dark round",
        DIVIDED,
        "1 - images.reshape(len(images), -1) / 255",
    ),
    _edit(
        "images_to_rows",
        "between_minus_one_and_one",
        "your numbers lie between -1 and 1; asked for is 0 to 1",
        DIVIDED,
        "images.reshape(len(images), -1) / 127.5 - 1",
    ),
    _edit(
        "one_hot",
        "classes_that_are_there",
        "you make columns up to the largest label that is there; a class without an example has its "
        "column as well",
        "range(classes)",
        "range(int(labels.max()) + 1)",
    ),
    _edit(
        "one_hot",
        "truth_values",
        "your entries are true and false; a loss has to compute with them, so return numbers",
        ".float()",
        "",
    ),
    _edit(
        "one_hot",
        "one_cold",
        "you have a 0 for the class of each example and 1 elsewhere",
        "==",
        "!=",
    ),
    _edit(
        "one_hot",
        "labels_from_one",
        "your columns count the labels from 1; they begin at 0",
        "range(classes)",
        "range(1, classes + 1)",
    ),
    _edit(
        "one_hot",
        "classes_in_rows",
        "your classes stand in rows; an example is a row, a class is a column",
        "labels[:, None] == columns",
        "labels == columns[:, None]",
    ),
    _edit(
        "one_hot",
        "thermometer",
        "your rows have a 1 in all columns up to the class",
        "==",
        ">=",
    ),
    Mutant(
        id="scaled_in_place",
        of="images_to_rows",
        misconception="you write into the images of the caller",
        killed_by=("inputs_unchanged",),
        edit=(
            f"    return {DIVIDED}",
            f"    rows = {DIVIDED}\n    images //= 255\n    return rows",
        ),
    ),
)
