"""Wrong dropout layers and wrong words about them, each with the sentence that a student reads."""

from backproof import Mutant

_BODY = "return x * (mask / keep_prob)"
_DRAW = "torch.empty_like(x).bernoulli_(keep_prob)"
_CHANNEL_BODY = "return x * (channels / keep_prob)"
_CHANNEL_DRAW = "x.new_empty(*x.shape[:2], 1, 1).bernoulli_(keep_prob)"


def _spatial(id: str, misconception: str, old: str, new: str) -> Mutant:
    return Mutant(
        id=f"spatial_{id}",
        of="spatial_dropout",
        misconception=misconception,
        killed_by=("channel_mask",),
        edit=(old, new),
    )


def _unit(layer: str, answer: str, id: str, misconception: str, source: str = "") -> Mutant:
    return Mutant(
        id=id,
        of=f"{layer}_unit",
        misconception=misconception,
        killed_by=(f"{layer}_unit",),
        answer=answer,
        source=source,
    )


MUTANTS = (
    Mutant(
        id="not_rescaled",
        of="dropout",
        misconception="your survivors are not scaled: inverted dropout divides by 1 - drop_prob",
        killed_by=("mask",),
        edit=(_BODY, "return x * mask"),
    ),
    Mutant(
        id="keep_for_drop",
        of="dropout",
        misconception="your layer keeps with probability drop_prob",
        killed_by=("mask",),
        edit=("keep_prob = 1 - drop_prob", "keep_prob = max(drop_prob, 1e-9)"),
    ),
    Mutant(
        id="one_mask_per_row",
        of="dropout",
        misconception="your mask is the same for all entries of a row",
        killed_by=("mask",),
        edit=(_DRAW, "torch.empty_like(x[:, :1]).bernoulli_(keep_prob)"),
    ),
    Mutant(
        id="one_mask_per_column",
        of="dropout",
        misconception="your mask is the same for all rows",
        killed_by=("mask",),
        edit=(_DRAW, "torch.empty_like(x[:1]).bernoulli_(keep_prob)"),
    ),
    Mutant(
        id="same_mask_every_call",
        of="dropout",
        misconception="your mask is the same at every call",
        killed_by=("mask",),
        edit=("mask = torch", "torch.manual_seed(0)\n    mask = torch"),
    ),
    Mutant(
        id="fixed_count",
        of="dropout",
        misconception="your layer drops a fixed number of entries",
        killed_by=("mask",),
        edit=(
            f"mask = {_DRAW}",
            "mask = torch.ones(x.numel(), dtype=x.dtype)\n"
            "    mask[torch.randperm(x.numel())[: round(drop_prob * x.numel())]] = 0\n"
            "    mask = mask.reshape(x.shape)",
        ),
    ),
    Mutant(
        id="rate_off_by_a_hundredth",
        of="dropout",
        misconception="your layer drops at a rate that is off by 0.01",
        killed_by=("mask",),
        edit=("bernoulli_(keep_prob)", "bernoulli_(keep_prob - 0.01)"),
    ),
    Mutant(
        id="gaussian",
        of="dropout",
        misconception="your layer multiplies by Gaussian noise: nothing is ever dropped",
        killed_by=("mask",),
        edit=(_BODY, "return x * (1 + torch.randn_like(x) * (drop_prob / keep_prob) ** 0.5)"),
    ),
    Mutant(
        id="active_when_not_training",
        cause="drops at test time",
        of="dropout",
        misconception="your layer drops entries although training is False",
        killed_by=("identity",),
        edit=("if not training:", "if False:"),
    ),
    Mutant(
        id="scaled_when_not_training",
        cause="scales at test time",
        of="dropout",
        misconception="your layer scales by 1 - drop_prob at test time; inverted dropout has done "
        "that while training",
        killed_by=("identity",),
        edit=("return x.clone()", "return x * (1 - drop_prob)"),
    ),
    _spatial(
        "per_pixel",
        "your mask is drawn for every pixel: that is standard dropout",
        _CHANNEL_DRAW,
        "torch.empty_like(x).bernoulli_(keep_prob)",
    ),
    _spatial(
        "shared_over_batch",
        "your mask is the same for all examples of the batch",
        _CHANNEL_DRAW,
        "x.new_empty(1, x.shape[1], 1, 1).bernoulli_(keep_prob)",
    ),
    _spatial(
        "whole_examples",
        "your layer drops all channels of an example together",
        _CHANNEL_DRAW,
        "x.new_empty(x.shape[0], 1, 1, 1).bernoulli_(keep_prob)",
    ),
    _spatial(
        "rows_of_pixels",
        "your mask differs from row to row of an image",
        _CHANNEL_DRAW,
        "x.new_empty(*x.shape[:3], 1).bernoulli_(keep_prob)",
    ),
    _spatial(
        "not_rescaled",
        "your survivors are not scaled: inverted dropout divides by 1 - drop_prob",
        _CHANNEL_BODY,
        "return x * channels",
    ),
    _spatial(
        "keep_for_drop",
        "your layer keeps with probability drop_prob",
        "keep_prob = 1 - drop_prob",
        "keep_prob = max(drop_prob, 1e-9)",
    ),
    _spatial(
        "same_every_call",
        "your mask is the same at every call",
        "channels = x",
        "torch.manual_seed(0)\n    channels = x",
    ),
    _spatial(
        "rate_off",
        "your layer drops at a rate that is off by 0.03",
        "bernoulli_(keep_prob)",
        "bernoulli_(keep_prob - 0.03)",
    ),
    _spatial(
        "gaussian",
        "your layer multiplies channels by Gaussian noise: nothing is ever dropped",
        _CHANNEL_BODY,
        "return x * (1 + torch.randn_like(x[:, :, :1, :1]) * (drop_prob / keep_prob) ** 0.5)",
    ),
    Mutant(
        id="spatial_active_when_not_training",
        cause="drops at test time",
        of="spatial_dropout",
        misconception="your layer drops channels although training is False",
        killed_by=("channel_identity",),
        edit=("if not training:", "if False:"),
    ),
    Mutant(
        id="spatial_scaled_when_not_training",
        cause="scales at test time",
        of="spatial_dropout",
        misconception="your layer scales by 1 - drop_prob at test time; inverted dropout has done "
        "that while training",
        killed_by=("channel_identity",),
        edit=("return x.clone()", "return x * (1 - drop_prob)"),
    ),
    _unit(
        "spatial",
        "pixel",
        "spatial_as_standard",
        "that is standard dropout; spatial dropout draws once for a whole channel",
    ),
    _unit(
        "spatial",
        "example",
        "spatial_as_example",
        "an example keeps its other channels: each of them has a draw of its own",
    ),
    _unit("spatial", "nothing", "spatial_as_noise", "that is Gaussian dropout"),
    _unit(
        "standard",
        "channel",
        "standard_as_spatial",
        "that is spatial dropout; standard dropout draws for every pixel",
    ),
    _unit(
        "standard",
        "example",
        "standard_as_example",
        "every pixel has a draw of its own",
    ),
    _unit("standard", "nothing", "standard_as_noise", "that is Gaussian dropout"),
    _unit(
        "gaussian",
        "pixel",
        "gaussian_drops_pixels",
        "Gaussian dropout multiplies every pixel by a number around 1; the chance of exactly 0 is 0",
        "a homework write-up, question 1.8",
    ),
    _unit(
        "gaussian",
        "channel",
        "gaussian_drops_channels",
        "Gaussian dropout draws for every pixel, and no draw is exactly 0",
    ),
    _unit(
        "gaussian",
        "example",
        "gaussian_drops_examples",
        "Gaussian dropout draws for every pixel, and no draw is exactly 0",
    ),
)
