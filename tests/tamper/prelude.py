"""What stands above every hostile submission: a stranger who knows this place well."""

# WHERE = {...} is put here: paths, numbers and names of what must not be reached.
ASKED = {
    "expected_gram": 1,
    "expected_dropout_loss": 1,
    "dropout_ridge": 1,
    "ridge_rescaling": 2,
    "weight_noise_loss": 1,
    "dropout": 1,
    "conv1d_weight_grad": 1,
    "conv2d_forward": 1,
    "conv2d_backward": 3,
    "batchnorm_forward": 2,
    "batchnorm_backward": 3,
    "batchnorm_inference": 1,
}
TOLD = []


def tell(text):
    """Print now, and again in every later call: what is printed while loading is not kept."""
    TOLD.append(text)
    print(text)


def attempt(what, deed):
    """Try something, and say whether it was denied."""
    try:
        result = deed()
    except (NameError, SyntaxError, TypeError, ImportError) as error:
        tell(f"mistake in the corpus: {what}: {error!r}")
    except BaseException as error:
        tell(f"denied: {what}: {type(error).__name__}: {error}")
    else:
        tell(f"done: {what}: {result!r:.2000}")


def answer_all_with(cheat):
    """Every function that is asked for returns what `cheat(args)` makes, as often as asked."""
    for name, count in ASKED.items():

        def function(*args, count=count, **kwargs):
            print(*TOLD, sep="\n")
            made = [cheat(args) for _ in range(count)]
            return made[0] if count == 1 else tuple(made)

        globals()[name] = function


def before_answering(deeds):
    """Do something first, in a call, and then answer rightly."""
    right = globals()["batchnorm_inference"]

    def batchnorm_inference(x, gamma, beta, running_mean, running_var, eps=1e-5):
        print(*TOLD, sep="\n")
        deeds()
        return right(x, gamma, beta, running_mean, running_var, eps)

    globals()["batchnorm_inference"] = batchnorm_inference
    return deeds
