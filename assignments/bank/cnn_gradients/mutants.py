"""Wrong gradients of a CNN, each with the sentence that a student reads."""

from backproof import Mutant


def _says(of: str, answer: str, id: str, misconception: str) -> Mutant:
    return Mutant(
        id=f"{of}_{id}", of=of, misconception=misconception, killed_by=(of,), answer=answer
    )


def _std(id: str, misconception: str, new: str) -> Mutant:
    return Mutant(
        id=f"std_{id}",
        of="weight_gradient_std",
        misconception=misconception,
        killed_by=("weight_gradient_std",),
        edit=("return (image_size - kernel_size + 1) * input_std * gradient_std", f"return {new}"),
    )


def _pool(of: str, id: str, misconception: str, body: str, *killed_by: str) -> Mutant:
    return Mutant(
        id=f"{of}_{id}",
        of=f"{of}pool2d_input_grad",
        misconception=misconception,
        killed_by=killed_by,
        code=f"""
        def {of}pool2d_input_grad(dout, x, kernel, stride, padding=0):
            height, width = x.shape[2:]
            x = torch.nn.functional.pad(x, [padding] * 4, value=float("-inf"))
            dx = torch.zeros_like(x)
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    rows = slice(i * stride, i * stride + kernel[0])
                    columns = slice(j * stride, j * stride + kernel[1])
                    window = x[:, :, rows, columns]
                    grad = dout[:, :, i, j][:, :, None, None]
                    largest = window == window.amax(dim=(2, 3), keepdim=True)
                    {body}
            return dx[:, :, padding : padding + height, padding : padding + width]
        """,
    )


SIZE = "(kernel[0] * kernel[1])"
ALL = ("max_dx", "max_ties")
MUTANTS = (
    _says(
        "kernel_grad",
        "sum(i=0, n-k, sum(j=0, n-k, x[i+h,j+l]*dy[n-k-i,n-k-j]))",
        "flipped",
        "your dY is turned round: the gradient of a correlation is a correlation, without a flip",
    ),
    _says(
        "kernel_grad",
        "sum(i=0, n-k, sum(j=0, n-k, x[i+l,j+h]*dy[i,j]))",
        "transposed",
        "you have swapped rows and columns of the kernel",
    ),
    _says(
        "kernel_grad",
        "sum(i=0, n-k, x[i+h,i+l]*dy[i,i])",
        "diagonal",
        "you sum over the diagonal; the weight takes part in every output",
    ),
    _says("sgd_step", "w + eta*dw", "ascent", "this step goes up the gradient"),
    _says("sgd_step", "w - dw", "no_rate", "the learning rate is missing"),
    _says("sgd_step", "eta*dw", "step_alone", "this is the length of the step, not the weight"),
    _says(
        "grad_mean",
        "above zero",
        "adds_up",
        "terms of either sign cancel in the mean; only their variances add up",
    ),
    _says("grad_mean", "below zero", "descent", "a gradient is as often up as down here"),
    _says(
        "grad_variance",
        "(n-k)^2*s_x^2*s_g^2",
        "fence_post",
        "a kernel has n - k + 1 places on a side",
    ),
    _says(
        "grad_variance",
        "(n-k+1)^4*s_x^2*s_g^2",
        "terms_squared",
        "variances of independent terms add up: once for each output, not for each pair of them",
    ),
    _says(
        "grad_variance",
        "k^2*s_x^2*s_g^2",
        "over_kernel",
        "the sum runs over outputs, not over the kernel",
    ),
    _says(
        "grad_variance",
        "n^2*s_x^2*s_g^2",
        "over_image",
        "there are fewer outputs than pixels, as nothing is padded",
    ),
    _says(
        "grad_variance",
        "(n-k+1)^2*s_x*s_g",
        "not_squared",
        "the variance of a product has both factors squared",
    ),
    _says("std_growth", "like its square", "variance", "that is how the variance grows"),
    _says(
        "std_growth",
        "like its root",
        "one_axis",
        "the outputs fill a square: their number grows with its area",
    ),
    _says("std_growth", "not at all", "constant", "a larger image has more outputs to sum over"),
    _std(
        "variance",
        "you return the variance",
        "((image_size - kernel_size + 1) * input_std * gradient_std) ** 2",
    ),
    _std(
        "fence_post",
        "your image has one place too few for the kernel on each side",
        "(image_size - kernel_size) * input_std * gradient_std",
    ),
    _std(
        "number_of_outputs",
        "your result grows with the number of outputs, as if all terms had one sign",
        "(image_size - kernel_size + 1) ** 2 * input_std * gradient_std",
    ),
    _std(
        "one_axis",
        "your result counts the outputs of one row",
        "(image_size - kernel_size + 1) ** 0.5 * input_std * gradient_std",
    ),
    _std("over_kernel", "your sum runs over the kernel", "kernel_size * input_std * gradient_std"),
    _says("max_largest", "dy/4", "averaged", "only averaging divides among the pixels"),
    _says("max_largest", "0", "other", "the output is this pixel: a change of it is seen in full"),
    _says("max_sum", "4*dy", "everywhere", "three of the four do not change the largest number"),
    _says("max_sum", "dy/4", "averaged", "only averaging divides among the pixels"),
    _says("avg_any", "dy", "undivided", "a mean has each of its pixels at its share"),
    _says("avg_any", "dy/2", "one_side", "the window has two sides"),
    _pool(
        "max",
        "like_average",
        "your gradient is spread over the window: that is average pooling",
        f"dx[:, :, rows, columns] += grad / {SIZE} * torch.ones_like(window)",
        *ALL,
    ),
    _pool(
        "max",
        "every_tie_in_full",
        "your gradient goes to each of several largest pixels in full: in all, that is too much",
        "dx[:, :, rows, columns] += grad * largest",
        "max_ties",
    ),
    _pool(
        "max",
        "last_window_only",
        "where windows overlap, your gradient is that of the last window alone",
        "dx[:, :, rows, columns] = torch.where(largest, grad / largest.sum((2, 3), True), "
        "dx[:, :, rows, columns])",
        "max_dx",
    ),
    _pool(
        "max",
        "times_value",
        "your gradient is multiplied by the pixel",
        "dx[:, :, rows, columns] += grad * torch.where(largest, window, 0) / largest.sum((2, 3), True)",
        *ALL,
    ),
    _pool(
        "max",
        "smallest",
        "your gradient goes to the smallest pixel",
        "dx[:, :, rows, columns] += grad * (window == window.amin(dim=(2, 3), keepdim=True))",
        *ALL,
    ),
    _pool(
        "max",
        "sign_of_output",
        "your gradient is lost where the largest pixel is below 0",
        "dx[:, :, rows, columns] += grad * largest * (window > 0) / largest.sum((2, 3), True)",
        *ALL,
    ),
    _pool(
        "avg",
        "padding_not_counted",
        "your gradient is divided by the pixels of the image in a window; padding counts, too",
        "dx[:, :, rows, columns] += grad / (window > float('-inf')).sum((2, 3), True)",
        "avg_dx",
    ),
    _pool(
        "avg",
        "undivided",
        "your gradient is not divided by the number of pixels in a window",
        "dx[:, :, rows, columns] += grad",
        "avg_dx",
    ),
    _pool(
        "avg",
        "one_side",
        "your gradient is divided by one side of the window",
        "dx[:, :, rows, columns] += grad / kernel[0]",
        "avg_dx",
    ),
    _pool(
        "avg",
        "last_window_only",
        "where windows overlap, your gradient is that of the last window alone",
        f"dx[:, :, rows, columns] = grad / {SIZE}",
        "avg_dx",
    ),
    _pool(
        "avg",
        "like_max",
        "your gradient goes to the largest pixel: that is max pooling",
        "dx[:, :, rows, columns] += grad * largest",
        "avg_dx",
    ),
    Mutant(
        id="max_padding_chosen",
        of="maxpool2d_input_grad",
        misconception="your padding of zeros can be the largest; padding is never chosen",
        killed_by=("max_dx",),
        edit=(
            "return maxpool2d_backward(dout, cache)",
            "pad = torch.nn.functional.pad(x, [padding] * 4)\n"
            "    _, cache = maxpool2d_forward(pad, kernel, stride)\n"
            "    inside = [slice(padding, padding + size) for size in x.shape[2:]]\n"
            "    return maxpool2d_backward(dout, cache)[:, :, inside[0], inside[1]]",
        ),
    ),
    *(
        Mutant(
            id=f"{of}_in_place",
            of=f"{of}pool2d_input_grad",
            misconception="you write into a tensor of the caller: copy it first",
            killed_by=(f"{of}_inputs_unchanged",),
            code=f"""
            def {of}pool2d_input_grad(dout, x, kernel, stride, padding=0, right={of}pool2d_input_grad):
                dx = right(dout, x, kernel, stride, padding)
                return x.copy_(dx)
            """,
        )
        for of in ("max", "avg")
    ),
)
