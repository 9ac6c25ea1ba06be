"""Ten statements on training CNNs: choices, and what is behind them as numbers and formulas.

Statements that are contested are not marked for a verdict: what they claim is computed, and words
wait for a person.
"""

from backproof import (
    AnswerAsk,
    Check,
    ChoiceField,
    FormulaField,
    NumberDemand,
    NumberField,
    OracleKind,
    Probe,
    TextField,
    TypedAnswer,
    Vocabulary,
)
from backproof_reference import mobilenet as reference
from backproof_reference.derivations import activations, mobilenet, normalization
from backproof_reference.results import result

DERIVATIONS = (*normalization.DERIVATIONS, *activations.DERIVATIONS, *mobilenet.DERIVATIONS)
BATCHNORM = "Ioffe and Szegedy 2015, Batch Normalization, section 3"
AUTOGRAD = "PyTorch documentation, Autograd mechanics: how autograd encodes the history"
BOOK = "Goodfellow, Bengio and Courville, Deep Learning, section 7.4"
ADAM = "Kingma and Ba 2015, Adam, Algorithm 1"
LEAKY = "Maas, Hannun and Ng 2013, Rectifier Nonlinearities, section 2"
SPARSE = "Goodfellow, Bengio and Courville, Deep Learning, section 7.1.2"
DROPOUT = "Srivastava et al. 2014, Dropout, section 7.1.2"
MOBILENET = "Howard et al. 2017, MobileNets, section 3.1"
SQUEEZENET = "Iandola et al. 2016, SqueezeNet, section 3 and table 1"
RESNET = "He et al. 2016, Identity Mappings in Deep Residual Networks, section 2"
SURFACE = "Li et al. 2018, Visualizing the Loss Landscape of Neural Nets, section 5"

COUNT = NumberField(demand=NumberDemand(whole=True), domain="positive")
TIMES = NumberField(demand=NumberDemand(), domain="positive")
BOOLEAN = ChoiceField()
ACCURATE = {
    "gamma": "positive",
    "b": "real",
    "epsilon": "positive",
    "mu": "real",
    "v": "positive",
}
NORMALISED = FormulaField(
    vocabulary=Vocabulary(symbols=ACCURATE, aliases={"eps": "epsilon", "beta": "b"})
)
STEP = FormulaField(
    vocabulary=Vocabulary(
        symbols={"eta": "positive", "g": "positive", "epsilon": "positive"},
        aliases={"eps": "epsilon", "lr": "eta"},
    )
)
THROUGH = FormulaField(
    vocabulary=Vocabulary(symbols={"g": "real", "alpha": "unit", "L": "int[2, 6]"})
)
LAYER = FormulaField(
    vocabulary=Vocabulary(
        symbols={"D_K": "positive", "M": "positive", "N": "positive", "D_F": "positive"},
        aliases={"DK": "D_K", "DF": "D_F"},
    )
)
WIDTH = FormulaField(vocabulary=Vocabulary(symbols={"N": "int[2, 512]"}))
CHAIN = FormulaField(vocabulary=Vocabulary(symbols={"w": "real", "L": "int[2, 6]"}))

CONV1 = reference.convolution_multiply_adds(3, 96, 7, (111, 111))
CONV10 = reference.convolution_multiply_adds(512, 1000, 1, (13, 13))
FIRE2 = (
    reference.convolution_parameters(96, 16, 1)
    + reference.convolution_parameters(16, 64, 1)
    + reference.convolution_parameters(16, 64, 3)
)
FULL2 = reference.convolution_parameters(96, 128, 3)


def _ask(
    name: str,
    field: ChoiceField | FormulaField | NumberField | TextField,
    prompt: str,
    answer: str,
    *also: str,
) -> AnswerAsk:
    return AnswerAsk(name=name, prompt=prompt, field=field, answer=answer, also=also)


def _verdict(name: str, prompt: str, answer: str) -> AnswerAsk:
    return _ask(name, BOOLEAN, prompt, answer, answer.upper(), answer.capitalize())


def _choice(name: str, options: tuple[str, ...], prompt: str, answer: str) -> AnswerAsk:
    field = ChoiceField(options=options)
    return _ask(name, field, prompt, answer, answer.upper(), answer.capitalize())


def _text(name: str, prompt: str, answer: str) -> AnswerAsk:
    return _ask(name, TextField(), prompt, answer)


GRAPH = (
    "when the parameters are created",
    "anew in each forward pass",
    "in each backward pass",
)
PARTS = ("conv1 to fire4", "fire5 to conv10")
ASKS = (
    _ask(
        "bn_out_mean",
        NORMALISED,
        "mean of the output",
        "b",
        "0 + beta",
        "gamma*(mu - mu)/sqrt(v + eps) + beta",
    ),
    _ask(
        "bn_out_std",
        NORMALISED,
        "standard deviation of the output",
        "gamma*sqrt(1 - epsilon/(v + epsilon))",
        "gamma*sqrt(v)/sqrt(v + eps)",
        "sqrt(gamma^2*v/(v + epsilon))",
    ),
    _text(
        "bn_words",
        "in which sense it holds",
        "true before gamma and beta: the layer can undo it; its output has the mean beta",
    ),
    _verdict("eager", "dynamic graphs", "true"),
    _choice("graph_recorded", GRAPH, "when the graph is recorded", GRAPH[1]),
    _verdict("augmentation_always", "augmentation", "false"),
    _text("augmentation_why", "why", "a flip that changes the label does harm: 6 and 9"),
    _verdict("larger_epsilon", "a larger epsilon", "true"),
    _ask(
        "adam_first_step",
        STEP,
        "Adam's first step",
        "eta*g/(g + epsilon)",
        "lr/(1 + eps/g)",
        "eta*g/(sqrt(g^2) + epsilon)",
    ),
    _verdict("both_ensure", "both regularisers", "false"),
    _text("both_words", "why", "together they can underfit; neither guarantees anything"),
    _ask(
        "leaky_through",
        THROUGH,
        "behind L leaky ReLUs",
        "g*alpha^L",
        "alpha^L*g",
        "alpha^(L - 1)*alpha*g",
    ),
    _text("leaky_words", "the statement", "units live on; whether it is less stable depends"),
    _verdict("l1_sparser", "L1 sparser than L2", "true"),
    _text("l1_words", "why", "the slope of |w| does not shrink with w, that of w^2 does"),
    _ask(
        "full_macs",
        LAYER,
        "multiply-adds, full",
        result("mobilenet.full").text,
        "D_K·D_K·M·N·D_F·D_F",
        "(DK*DF)^2*M*N",
    ),
    _ask(
        "separable_macs",
        LAYER,
        "multiply-adds, separable",
        result("mobilenet.separable").text,
        "M*D_F²*(D_K² + N)",
        "DK^2*M*DF^2 + M*N*DF^2",
    ),
    _ask(
        "separable_saving",
        WIDTH,
        "times fewer, for 3 by 3 kernels",
        "9*N/(9 + N)",
        "1/(1/N + 1/9)",
        "9 - 81/(9 + N)",
    ),
    _ask("saving_16", TIMES, "its value at N = 16", "144/25", "5.76", "5.8"),
    _verdict("squeezenet_therefore", "it follows", "false"),
    _ask(
        "conv1_macs", COUNT, "multiply-adds of conv1", str(CONV1), "111^2*96*3*7^2", "173873952.0"
    ),
    _ask(
        "conv10_macs", COUNT, "multiply-adds of conv10", str(CONV10), "13*13*512*1000", "86,528,000"
    ),
    _ask(
        "fire2_weights", COUNT, "weights of fire2", str(FIRE2), "96*16 + 16*64 + 9*16*64", "11776.0"
    ),
    _ask("fire2_saving", TIMES, "times as many", f"{FULL2}/{FIRE2}", "9.39", "9.391"),
    _choice("most_macs", PARTS, "the larger part", PARTS[1]),
    _verdict("pooling_counts", "places of pooling change the parameters", "false"),
    _verdict("shortcuts_smooth", "shortcuts smooth the surface", "true"),
    _choice("minima_found", ("sharper", "flatter"), "minima", "flatter"),
    _ask(
        "with_shortcuts",
        CHAIN,
        "with shortcuts",
        "(1 + w)^L",
        "(w + 1)^(L - 1)*(w + 1)",
        "(1+w)**L",
    ),
    _ask("without_shortcuts", CHAIN, "without shortcuts", "w^L", "w*w^(L - 1)", "w**L"),
)


def _check(
    name: str,
    question: str,
    claim: str,
    expects: str,
    read: str,
    *,
    proven: str = "",
    rule: str = "",
    points: float = 1,
) -> Check:
    return Check(
        id=name,
        question=question,
        claim=f"{name} {claim}",
        expects=expects,
        read=read,
        points=points,
        probe=Probe(answer=name),
        oracle=TypedAnswer(
            rule=rule,
            kind=OracleKind.PROVEN if proven else OracleKind.REFERENCE,
            provenance=(proven or read,),
        ),
    )


def _judged(name: str, question: str, read: str, expects: str) -> Check:
    return _check(name, question, "judges the statement rightly", expects, read)


def _words(name: str, question: str, read: str, *rubric: str) -> Check:
    return Check(
        id=name,
        question=question,
        claim=f"{name} gives a reason",
        expects="a reason that bears on this statement",
        read=read,
        points=1,
        probe=Probe(answer=name),
        oracle=TypedAnswer(kind=OracleKind.PERSON, rubric=rubric),
    )


CHECKS = (
    _check(
        "bn_out_mean",
        "batchnorm",
        "is the mean of the layer's output",
        "what is done to the normalised input afterwards",
        BATCHNORM,
        proven="normalization.output_mean",
    ),
    _check(
        "bn_out_std",
        "batchnorm",
        "is the standard deviation of the layer's output",
        "what is done to the normalised input afterwards, with epsilon left in",
        BATCHNORM,
        proven="normalization.output_variance",
    ),
    _words(
        "bn_words",
        "batchnorm",
        BATCHNORM,
        "the normalised input has mean 0; the output has the mean beta, which is learned",
        "'mean 0 and variance 1 at all stages' leaves gamma and beta out",
    ),
    _judged("eager", "eager", AUTOGRAD, "what is there as soon as a line has been run"),
    _check(
        "graph_recorded",
        "graph",
        "says when the graph is recorded",
        "what lets a loop or an `if` change from one mini-batch to the next",
        AUTOGRAD,
    ),
    _judged(
        "augmentation_always",
        "augmentation",
        BOOK,
        "whether every change of an input leaves its label right",
    ),
    _words(
        "augmentation_why",
        "augmentation",
        BOOK,
        "a change that does not keep the label does harm, with an example (6 and 9)",
        "'small data sets underfit by it' alone is doubtful",
    ),
    _judged(
        "larger_epsilon", "epsilon", "torch.optim.Adam; TensorFlow, Adam", "what is in use, and why"
    ),
    _check(
        "adam_first_step",
        "epsilon",
        "is the length of the first step",
        "both means after their bias correction, and epsilon where the algorithm has it",
        ADAM,
    ),
    _judged("both_ensure", "both", DROPOUT, "whether anything about validation is ensured"),
    _words("both_words", "both", DROPOUT, "too much of both underfits; it depends on the model"),
    _check(
        "leaky_through",
        "leaky",
        "is what is left of the gradient",
        "one factor for each activation",
        LEAKY,
        proven="activations.leaky_relu_backward",
    ),
    _words(
        "leaky_words",
        "leaky",
        LEAKY,
        "no unit is dead for good: a gradient comes through on both sides",
        "the second half of the statement is contested: either verdict, with a reason, has the points",
    ),
    _judged("l1_sparser", "sparser", SPARSE, "which penalty still pulls at a weight that is small"),
    _words(
        "l1_words",
        "sparser",
        SPARSE,
        "corners of the L1 ball, or: a slope that does not shrink with the weight",
    ),
    _check(
        "full_macs",
        "separable",
        "counts the multiply-adds of the full convolution",
        "each weight, once for each output position",
        MOBILENET,
        proven="mobilenet.full",
    ),
    _check(
        "separable_macs",
        "separable",
        "counts the multiply-adds of both convolutions",
        "what two layers cost that run one after the other",
        MOBILENET,
        proven="mobilenet.separable",
        points=2,
    ),
    _check(
        "separable_saving",
        "separable",
        "is the quotient for 3 by 3 kernels",
        "the full layer over the separable one; what does not cancel stays",
        MOBILENET,
        proven="mobilenet.ratio",
    ),
    _check(
        "saving_16",
        "separable",
        "is the quotient at 16 output channels",
        "your formula at N = 16",
        MOBILENET,
        proven="mobilenet.ratio",
    ),
    _judged(
        "squeezenet_therefore", "squeezenet", SQUEEZENET, "what a number of parameters depends on"
    ),
    _check(
        "conv1_macs",
        "squeezenet_costs",
        "counts the multiply-adds of conv1",
        "each weight, once for each output position",
        SQUEEZENET,
    ),
    _check(
        "conv10_macs",
        "squeezenet_costs",
        "counts the multiply-adds of conv10",
        "each weight, once for each output position; the table says how many filters there are",
        SQUEEZENET,
    ),
    _check(
        "fire2_weights",
        "squeezenet_costs",
        "counts the weights of fire2",
        "three convolutions, two of them on what the first hands on",
        SQUEEZENET,
    ),
    _check(
        "fire2_saving",
        "squeezenet_costs",
        "is the quotient of the weights",
        "the full convolution over the fire module",
        SQUEEZENET,
        rule=f"{FULL2}/fire2_weights",
    ),
    _check(
        "most_macs",
        "squeezenet_costs",
        "is the part with most of the multiply-adds",
        "sums over both parts",
        SQUEEZENET,
    ),
    _judged(
        "pooling_counts", "squeezenet_costs", SQUEEZENET, "what a number of weights depends on"
    ),
    _judged("shortcuts_smooth", "shortcuts", SURFACE, "loss surfaces with and without shortcuts"),
    _check(
        "minima_found",
        "minima",
        "is the kind of minima that smooth surfaces have",
        "how loss surfaces look around the minima of residual networks",
        SURFACE,
    ),
    _check(
        "with_shortcuts",
        "minima",
        "is the derivative with shortcuts",
        "one factor for each block",
        RESNET,
    ),
    _check(
        "without_shortcuts",
        "minima",
        "is the derivative without shortcuts",
        "one factor for each layer",
        RESNET,
    ),
)
