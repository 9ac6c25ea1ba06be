"""How large the weight gradient of a convolution is at random inputs and gradients."""


def weight_gradient_std(
    image_size: int, kernel_size: int, input_std: float, gradient_std: float
) -> float:
    """The standard deviation of every entry of a convolution's weight gradient.

    One channel, stride 1, no padding. Inputs and upstream gradients are independent, with mean 0
    and the given standard deviations.

    Shapes:
        image_size: side n of the square image; kernel_size: side k of the square kernel, at most n.
        Returns a number.

    Raises:
        ValueError: if the kernel does not fit the image.

    Source:
        EECS182 (Berkeley), homework 4, question 3; derived in derivations/conv_variance.py.
    """
    if not 1 <= kernel_size <= image_size:
        raise ValueError(f"a kernel of side {kernel_size} does not fit an image of {image_size}")
    # Variances add up over (n - k + 1)^2 outputs; their root is the number of outputs on a side.
    return (image_size - kernel_size + 1) * input_std * gradient_std
