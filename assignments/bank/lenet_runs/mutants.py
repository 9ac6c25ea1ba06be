"""Logs that no run gives, and wrong readings, each with the sentence that a student reads."""

from backproof import Mutant

WRITE_UP = "a homework write-up, labs 1 and 2"


def _says(of: str, answer: str, id: str, misconception: str, source: str = "") -> Mutant:
    return Mutant(
        id=f"{of}_{id}",
        of=of,
        misconception=misconception,
        killed_by=(of,),
        answer=answer,
        source=source,
    )


def _report(of: str, check: str, id: str, misconception: str, old: str, new: str) -> Mutant:
    return Mutant(
        id=f"{check}_{id}",
        of=of,
        misconception=misconception,
        killed_by=(check,),
        edit=(old, new),
    )


INVENTED = "an accuracy of yours is no whole number of images: no run gives it"
OTHER_STRENGTH = "so weak a penalty changes hardly anything"
MUTANTS = (
    _report("lenet_report", "base_log", "invented", INVENTED, "60.5 61.3", "60.5 61.31"),
    _report("lenet_report", "base_gap", "sign", "your gap has the wrong sign", "18.76", "-18.76"),
    _report(
        "lenet_report", "base_gap", "first", "this is the gap of another epoch", "18.76", "5.82"
    ),
    _report("lenet_report", "augmented_log", "invented", INVENTED, "70.02", "70.03"),
    _report("lenet_report", "batchnorm_log", "invented", INVENTED, "72.14", "72.13"),
    _report("lenet_report", "swish_log", "invented", INVENTED, "72.38", "72.37"),
    _report("sweep_report", "rates_log", "invented", INVENTED, "73.04", "73.05"),
    _report(
        "sweep_report",
        "rates_log",
        "fractions",
        "your accuracies are fractions; they are asked for in percent",
        "rates, strengths",
        "[[a / 100, b / 100] for a, b in rates], strengths",
    ),
    _report("sweep_report", "strengths_log", "invented", INVENTED, "61.54", "61.55"),
    _report("resnet_report", "resnet_log", "invented", INVENTED, "91.28", "91.27"),
    _report(
        "resnet_report",
        "resnet_log",
        "collapsed",
        "your network gives about one class for all images",
        "51.3 58.2, 88.9 84.66, 97.6 91.28",
        "10.0 10.0, 10.1 10.0",
    ),
    _says(
        "gpu_evidence",
        "torch.cuda.is_available() is true",
        "available",
        "it says that there is a GPU, not that the model is on it",
    ),
    _says(
        "gpu_evidence",
        "training runs without an error",
        "runs",
        "it does so on the CPU, too",
    ),
    _says(
        "validation_first",
        "falls",
        "falls",
        "at first the accuracy on new images rises with that on the training images; what falls is "
        "the loss",
        WRITE_UP,
    ),
    _says(
        "run_problem",
        "underfitting",
        "underfitting",
        "the training accuracy rises on, far above that on the validation set",
    ),
    _says(
        "run_problem",
        "vanishing gradients",
        "gradients",
        "the training accuracy rises: the gradients are there",
    ),
    _says("crop_places", "64", "eight", "along one axis there are places 0 to 8"),
    _says("crop_places", "25", "one_side", "the image is padded on both sides"),
    _says("crop_places", "9", "one_axis", "these are the places along one axis"),
    _says("flip", "vertical", "vertical", "cars and ships stand on their heads then"),
    _says("batchnorm_effect", "lower", "lower", "compare the two runs of each person"),
    _says("batchnorm_effect", "no difference", "none", "both pairs differ by about two points"),
    _says("larger_rate", "without", "without", "its three runs are lower, as the row says"),
    _says("larger_rate", "neither", "neither", "at 0.1 both learn, and one more than the other"),
    _says("rate_one", "they learn", "learn", "0.10 is what one class for all images gives"),
    _says("rate_one", "they overfit", "overfit", "they do not learn the training images either"),
    _says(
        "swish_control",
        "0.735 - 0.70",
        "two_changes",
        "these runs differ in batch normalisation, too",
        WRITE_UP,
    ),
    _says(
        "gain_error", "0.62", "one_of_two", "this is the error of one accuracy, not of a difference"
    ),
    _says("gain_error", "0.0089", "fraction", "this is a fraction; percent points are asked for"),
    _says("gain_error", "0.50", "difference", "this is the difference itself"),
    _says(
        "swish_better",
        "yes",
        "yes",
        "against ReLU with the same normalisation the gain is less than its standard error",
        WRITE_UP,
    ),
    _says("swish_better", "no", "no", "a gain as small as this shows nothing, not even that"),
    *(
        _says("chance_rate", rate, f"rate_{place}", "with this rate the network learns")
        for place, rate in enumerate(("0.1", "0.05", "0.02", "0.01", "0.005", "0.002", "0.001"))
    ),
    *(
        _says("worst_strength", strength, f"strength_{place}", OTHER_STRENGTH)
        for place, strength in enumerate(("0.001", "0.0001", "0.00001", "0.0"))
    ),
    _says("images_right", "467", "wrong_ones", "these are the images that are wrong"),
    _says("images_right", "9066", "of_ten_thousand", "there are 5,000 images, not 10,000"),
    _says("impossible", "0.9066", "possible", "this is 4533 of 5,000"),
    _says("impossible", "0.9068", "possible_too", "this is 4534 of 5,000"),
)
