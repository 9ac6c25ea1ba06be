"""Depthwise separable against full convolutions: counts that follow from each other, then formulas.

The numbers come from the reference's counting functions; each later one is a rule in earlier ones.
"""

from typing import TypeAlias

from backproof import (
    AnswerAsk,
    Check,
    ChoiceField,
    FormulaField,
    NumberDemand,
    NumberField,
    OracleKind,
    Probe,
    TypedAnswer,
    Vocabulary,
)
from backproof_reference import mobilenet as reference
from backproof_reference.derivations import mobilenet

DERIVATIONS = mobilenet.DERIVATIONS
PAPER = "Howard et al. 2017, MobileNets, section 3.1"
MULTIPLIERS = "Howard et al. 2017, MobileNets, sections 3.3 and 3.4"
SIZES = "Dumoulin and Visin 2016, A guide to convolution arithmetic, relationship 6"

KERNEL = 4
LAYERS = ((3, 64), (64, 128), (128, 256))
HEIGHTS = [reference.output_size(512, KERNEL, 2, 1)]
HEIGHTS += [reference.output_size(HEIGHTS[0], KERNEL, 2, 1)]
HEIGHTS += [reference.output_size(HEIGHTS[1], KERNEL, 2, 1)]
PARAMS_A = sum(reference.separable_parameters(m, n, KERNEL) for m, n in LAYERS)
PARAMS_B = sum(reference.convolution_parameters(m, n, KERNEL) for m, n in LAYERS)
MACS_A, MACS_B = (
    sum(count(m, n, KERNEL, (size, size)) for (m, n), size in zip(LAYERS, HEIGHTS, strict=True))
    for count in (reference.separable_multiply_adds, reference.convolution_multiply_adds)
)

Field: TypeAlias = ChoiceField | FormulaField | NumberField
COUNT = NumberField(demand=NumberDemand(whole=True), domain="positive")
HEIGHT = NumberField(demand=NumberDemand(whole=True), domain="(1, 1024)")
TIMES = NumberField(demand=NumberDemand(rounded=True), domain="positive")
LAYER = {"D_K": "positive", "M": "positive", "N": "positive", "D_F": "positive"}
ALIASES = {"DK": "D_K", "DF": "D_F"}
RATIO = FormulaField(vocabulary=Vocabulary(symbols=LAYER, aliases=ALIASES))
SCALED = FormulaField(
    vocabulary=Vocabulary(symbols={"alpha": "unit", "rho": "unit", **LAYER}, aliases=ALIASES)
)


def _ask(name: str, prompt: str, field: Field, answer: str, *also: str) -> AnswerAsk:
    return AnswerAsk(name=name, prompt=prompt, field=field, answer=answer, also=also)


ASKS = (
    _ask(
        "params_separable",
        "network A",
        COUNT,
        str(PARAMS_A),
        "44,272",
        "16*3 + 3*64 + 16*64 + 64*128 + 16*128 + 128*256",
    ),
    _ask(
        "params_full",
        "network B",
        COUNT,
        str(PARAMS_B),
        "658 432",
        "4^2*(3*64 + 64*128 + 128*256)",
    ),
    _ask("map_height_1", "height after layer 1", HEIGHT, str(HEIGHTS[0]), "512/2", "2^8"),
    _ask("map_height_2", "height after layer 2", HEIGHT, str(HEIGHTS[1]), "256/2", "128.0"),
    _ask("map_height_3", "height after layer 3", HEIGHT, str(HEIGHTS[2]), "512/2^3", "64."),
    _ask(
        "macs_separable",
        "network A",
        COUNT,
        str(MACS_A),
        "309,329,920",
        "(48 + 192)*256^2 + (1024 + 8192)*128^2 + (2048 + 32768)*64^2",
    ),
    _ask(
        "macs_full",
        "network B",
        COUNT,
        str(MACS_B),
        "4 496 293 888",
        "16*(3*64*256^2 + 64*128*128^2 + 128*256*64^2)",
    ),
    _ask(
        "params_saving",
        "parameters of B over those of A",
        TIMES,
        f"{PARAMS_B}/{PARAMS_A}",
        "14.87",
        "15",
        "14.8724",
        "41152/2767",
    ),
    _ask(
        "macs_saving",
        "multiply-adds of B over those of A",
        TIMES,
        f"{MACS_B}/{MACS_A}",
        "14.54",
        "14.5",
        "15",
        "14.5356",
    ),
    _ask(
        "separable_ratio",
        "separable over full, for any layer",
        RATIO,
        "1/N + 1/D_K^2",
        "(D_K^2*M*D_F^2 + M*N*D_F^2)/(D_K^2*M*N*D_F^2)",
        "(N + D_K²)/(N·D_K²)",
        "N^(-1) + DK^(-2)",
    ),
    _ask(
        "multiplier_ratio",
        "with both multipliers over without",
        SCALED,
        "rho^2*(alpha*D_K^2 + alpha^2*N)/(D_K^2 + N)",
        "α ρ² (D_K² + α N)/(D_K² + N)",
        "(D_K^2*alpha*M*(rho*D_F)^2 + alpha*M*alpha*N*(rho*D_F)^2)/(D_K^2*M*D_F^2 + M*N*D_F^2)",
        "rho^2*(alpha^2 + alpha*(1 - alpha)*DK^2/(DK^2 + N))",
    ),
    _ask(
        "alpha_limit",
        "with alpha alone, for many output channels",
        FormulaField(vocabulary=Vocabulary(symbols={"alpha": "unit"})),
        "alpha^2",
        "α·α",
        "α²",
    ),
    _ask(
        "rho_alone",
        "with rho alone",
        FormulaField(vocabulary=Vocabulary(symbols={"rho": "unit"})),
        "rho^2",
        "ρ·ρ",
        "ρ²",
    ),
    _ask(
        "rho_and_parameters",
        "with a smaller rho the layer has fewer parameters",
        ChoiceField(),
        "false",
        "False",
        "FALSE",
    ),
)


def _check(
    name: str,
    question: str,
    claim: str,
    expects: str,
    *,
    read: str = PAPER,
    rule: str = "",
    points: float = 1,
    proven: str = "",
) -> Check:
    return Check(
        id=name,
        question=question,
        claim=claim,
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


def _height(layer: int, rule: str = "") -> Check:
    return _check(
        f"map_height_{layer}",
        "macs",
        f"map_height_{layer} is the height of the map that layer {layer} hands on",
        "the number of places of the kernel on the padded map, a stride apart",
        read=SIZES,
        rule=rule,
    )


CHECKS = (
    _check(
        "params_separable",
        "params",
        "params_separable counts the weights of network A",
        "for each layer the weights of both of its convolutions, each weight once",
    ),
    _check(
        "params_full",
        "params",
        "params_full counts the weights of network B",
        "one weight for each kernel entry of each pair of an input and an output channel",
    ),
    _height(1),
    _height(2, "floor((map_height_1 + 2*1 - 4)/2) + 1"),
    _height(3, "floor((map_height_2 + 2*1 - 4)/2) + 1"),
    _check(
        "macs_separable",
        "macs",
        "macs_separable counts the multiply-adds of network A",
        "every weight works once for each output pixel of its convolution",
        rule="(16*3 + 3*64)*map_height_1^2 + (16*64 + 64*128)*map_height_2^2"
        " + (16*128 + 128*256)*map_height_3^2",
    ),
    _check(
        "macs_full",
        "macs",
        "macs_full counts the multiply-adds of network B",
        "every weight works once for each output pixel of its layer",
        rule="16*3*64*map_height_1^2 + 16*64*128*map_height_2^2 + 16*128*256*map_height_3^2",
    ),
    _check(
        "params_saving",
        "compare",
        "params_saving says how many times as many parameters B has",
        "the quotient of your two numbers of parameters, the larger network first",
        rule="params_full/params_separable",
    ),
    _check(
        "macs_saving",
        "compare",
        "macs_saving says how many times as many multiply-adds B has",
        "the quotient of your two numbers of multiply-adds, the larger network first",
        rule="macs_full/macs_separable",
    ),
    _check(
        "separable_ratio",
        "ratio",
        "separable_ratio is the cost of a separable layer over that of a full one",
        "the sum of the costs of both convolutions over the cost of one; what both share cancels",
        proven="mobilenet.ratio",
    ),
    _check(
        "multiplier_ratio",
        "multipliers",
        "multiplier_ratio is what both multipliers leave of the multiply-adds",
        "depthwise and pointwise part each scaled by what it depends on, over both unscaled",
        read=MULTIPLIERS,
        proven="mobilenet.multipliers",
        points=2,
    ),
    _check(
        "alpha_limit",
        "multipliers",
        "alpha_limit is what alpha alone leaves when there are many output channels",
        "the part of the cost that dominates, with both of the numbers that alpha scales in it",
        read=MULTIPLIERS,
        proven="mobilenet.above_alpha_squared",
    ),
    _check(
        "rho_alone",
        "multipliers",
        "rho_alone is what rho alone leaves of the multiply-adds",
        "both parts scale alike: with the number of pixels of the output map",
        read=MULTIPLIERS,
        proven="mobilenet.multipliers",
    ),
    _check(
        "rho_and_parameters",
        "multipliers",
        "the statement on rho and the parameters is judged rightly",
        "a count of the weights, with the size of the map in mind",
        read=MULTIPLIERS,
        proven="mobilenet.multipliers_parameters",
    ),
)
