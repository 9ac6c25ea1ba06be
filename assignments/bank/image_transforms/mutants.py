"""Wrong statistics, orders and crops, each with the sentence that a student reads."""

from backproof import Mutant


def _says(of: str, answer: str, id: str, misconception: str) -> Mutant:
    return Mutant(
        id=f"{of}_{id}", of=of, misconception=misconception, killed_by=(of,), answer=answer
    )


def _edit(of: str, id: str, misconception: str, old: str, new: str, *killed_by: str) -> Mutant:
    return Mutant(
        id=f"{of}_{id}",
        of=of,
        misconception=misconception,
        killed_by=killed_by or (of,),
        edit=(old, new),
    )


CROP = "image[row : row + height, column : column + width]"
MUTANTS = (
    _edit(
        "channel_statistics",
        "not_scaled",
        "divide the pixels by 255",
        ".double() / 255",
        ".double()",
    ),
    _edit(
        "channel_statistics",
        "unbiased",
        "your deviations have the divisor n - 1",
        "x.std(dim=(0, 1, 2), unbiased=False)",
        "x.std(dim=(0, 1, 2))",
    ),
    _edit(
        "channel_statistics",
        "of_each_image_only",
        "your second result is the mean of the images' own deviations, which is smaller than that "
        "of all pixels",
        "stds = x.std(dim=(0, 1, 2), unbiased=False)",
        "stds = x.std(dim=(1, 2), unbiased=False).mean(dim=0)",
    ),
    _edit(
        "channel_statistics",
        "over_channels",
        "you average over the channels, too: each has its own mean",
        "means = x.mean(dim=(0, 1, 2))",
        "means = x.mean(dim=(0, 1, 2)) * 0 + x.mean()",
    ),
    _edit(
        "channel_statistics",
        "variances",
        "your second result is the variance",
        "stds = x.std(",
        "stds = x.var(",
    ),
    _edit(
        "normalise",
        "not_scaled",
        "ToTensor comes first: divide the pixels by 255",
        "images.to(mean.dtype) / 255",
        "images.to(mean.dtype)",
    ),
    _edit(
        "normalise",
        "order_swapped",
        "Normalize before ToTensor: the mean was taken from pixels up to 255",
        "(images.to(mean.dtype) / 255 - mean) / std",
        "(images - mean) / std / 255",
    ),
    _edit(
        "normalise", "channels_last", "channels come first for torch", ".permute(0, 3, 1, 2)", ""
    ),
    _edit(
        "normalise", "transposed", "you swapped rows and columns", "(0, 3, 1, 2)", "(0, 3, 2, 1)"
    ),
    _edit(
        "normalise",
        "variance",
        "divide by the standard deviation, not by its square",
        "/ std)",
        "/ std**2)",
    ),
    _edit("normalise", "mean_only", "the standard deviation is missing", ") / std)", "))"),
    _says("normalised", "x - mu/sigma", "parentheses", "the difference as a whole is divided"),
    _says("normalised", "(x - mu)/sigma^2", "variance", "divide by the standard deviation"),
    _says("normalised", "x*sigma + mu", "inverse", "this undoes the normalisation"),
    _says(
        "normalised_pixel", "(v - mu)/sigma", "not_scaled", "mean and deviation are of pixels / 255"
    ),
    _says(
        "normalised_pixel", "(v - mu)/(255*sigma)", "late", "v is divided before mu is subtracted"
    ),
    _says(
        "unit_variance",
        "A",
        "within",
        "A is the smaller one: it leaves out how images differ from each other in brightness",
    ),
    _says("red_std", "0.819", "inverse", "this is the quotient the other way round"),
    _says("red_std", "1.00", "unit", "that is what the right set gives"),
    _says("red_white", "2.51", "set_a", "this is by set A"),
    _says("red_white", "1.00", "totensor", "this is the value before normalisation"),
    _says("red_forgotten", "2.06", "divided", "this is the value with ToTensor"),
    _says("red_forgotten", "1260", "set_a", "this is by set A"),
    _says("red_forgotten", "1032", "mean_forgotten", "the mean is missing"),
    _edit(
        "crop_and_flip",
        "vertical",
        "you turn images upside down; left and right are to be swapped",
        "crop.flip(1)",
        "crop.flip(0)",
    ),
    _edit(
        "crop_and_flip",
        "never_flipped",
        "you do not mirror anything",
        "crop.flip(1) if flip else crop",
        "crop",
    ),
    _edit(
        "crop_and_flip",
        "all_flipped",
        "you mirror all images; each has its own choice",
        "crop.flip(1) if flip else crop",
        "crop.flip(1)",
    ),
    _edit(
        "crop_and_flip",
        "swapped",
        "you swapped rows and columns",
        "zip(padded, rows, columns, flips",
        "zip(padded, columns, rows, flips",
    ),
    _edit(
        "crop_and_flip",
        "flip_first",
        "you mirror the padded image and crop it then: the place is in the image as it was",
        CROP + "\n        crops.append(crop.flip(1) if flip else crop)",
        "(image.flip(1) if flip else image)[row : row + height, column : column + width]\n"
        "        crops.append(crop)",
    ),
    _edit(
        "crop_and_flip",
        "same_place",
        "you crop all images at one place",
        CROP,
        "image[rows[0] : rows[0] + height, columns[0] : columns[0] + width]",
    ),
    Mutant(
        id="crop_and_flip_shifted_round",
        of="crop_and_flip",
        misconception="what leaves your image on one side comes back on the other; zeros come in",
        killed_by=("crop_and_flip",),
        code="""
        def crop_and_flip(images, rows, columns, flips, padding):
            out = []
            for image, row, column, flip in zip(images, rows.tolist(), columns.tolist(), flips):
                crop = image.roll((padding - row, padding - column), (0, 1))
                out.append(crop.flip(1) if flip else crop)
            return torch.stack(out)
        """,
    ),
    Mutant(
        id="crop_and_flip_in_place",
        of="crop_and_flip",
        misconception="you mirror the caller's images: make new ones",
        killed_by=("images_unchanged",),
        code="""
        def crop_and_flip(images, rows, columns, flips, padding):
            height, width = images.shape[1:3]
            around = (0, 0, padding, padding, padding, padding)
            padded = torch.nn.functional.pad(images, around)
            for k in range(len(images)):
                row, column = int(rows[k]), int(columns[k])
                crop = padded[k, row : row + height, column : column + width]
                images[k] = crop.flip(1) if flips[k] else crop
            return images
        """,
    ),
    _edit(
        "make_batch",
        "always",
        "your validation images are augmented, too",
        "if training:",
        "if True:",
    ),
    _edit(
        "make_batch", "never", "your training images are not augmented", "if training:", "if False:"
    ),
    Mutant(
        id="make_batch_border_after",
        of="make_batch",
        misconception="you pad after normalisation: your borders have the mean colour, not black",
        killed_by=("make_batch",),
        code="""
        def make_batch(images, mean, std, rows, columns, flips, padding, training):
            x = (images / 255 - mean) / std
            if training:
                x = crop_and_flip(x, rows, columns, flips, padding)
            return x.permute(0, 3, 1, 2)
        """,
    ),
)
