"""Wrong accounts of memory, those of write-ups among them, with the rules by which they follow."""

from backproof import Mutant


def _wrong(
    of: str, id: str, answer: str, misconception: str, *, rule: str = "", cause: str = ""
) -> Mutant:
    return Mutant(
        id=f"{of}_{id}",
        of=of,
        misconception=misconception,
        killed_by=(of,),
        answer=answer,
        rule=rule,
        cause=cause,
    )


def _edit(of: str, id: str, misconception: str, old: str, new: str, *killed_by: str) -> Mutant:
    return Mutant(id=id, of=of, misconception=misconception, killed_by=killed_by, edit=(old, new))


_BYTES = "you counted the parameters, not their bytes: a value in float32 takes 4"
_MIB = "your number is in MiB, of 2^20 bytes; the question asks for MB, of 10^6"
_MB = "your number is in MB, of 10^6 bytes; the question asks for MiB, of 2^20"
_ONE_MOMENT = (
    "you counted one number for each parameter; Adam remembers two, the means of the gradient and "
    "of its square"
)
_SHOWN = (
    "this is a reading of nvidia-smi: it shows all that the allocator has ever reserved, with "
    "activations and the context in it, so it cannot tell optimizers apart; count the tensors"
)
_PROPORTIONAL = "a part of the memory does not depend on the batch: take it off before you divide"
_TYPED = (
    _wrong(
        "resnet_params",
        "wrong_head",
        "60192808",
        "these are the parameters of the published network, with a head for 1000 classes",
    ),
    _wrong(
        "resnet_params",
        "head_biases_kept",
        "58165288",
        "you took the weights of the old head away, and left its biases",
    ),
    _wrong(
        "resnet_params",
        "buffers_counted",
        "58315877",
        "you counted the buffers; running statistics are not trained",
    ),
    _wrong("resnet_params", "headless", "58143808", "these are the parameters without any head"),
    _wrong(
        "resnet_bytes",
        "bytes_forgotten",
        "58164298",
        _BYTES,
        rule="resnet_params",
        cause="bytes_forgotten",
    ),
    _wrong(
        "resnet_bytes",
        "double",
        "465314384",
        "you counted 8 bytes for each parameter, as in float64; float32 takes 4",
        rule="8*resnet_params",
    ),
    _wrong(
        "resnet_bytes",
        "bits",
        "1861257536",
        "you counted the bits; a byte has 8 of them",
        rule="32*resnet_params",
    ),
    _wrong(
        "resnet_mb",
        "bytes_forgotten",
        "58.16",
        _BYTES,
        rule="resnet_params/10^6",
        cause="bytes_forgotten",
    ),
    _wrong("resnet_mb", "is_mib", "221.88", _MIB, rule="resnet_bytes/2^20", cause="mb_and_mib"),
    _wrong(
        "resnet_mb",
        "wrong_head",
        "240.77",
        "this is the published network, with a head for 1000 classes",
    ),
    _wrong("resnet_mib", "is_mb", "232.66", _MB, rule="resnet_bytes/10^6", cause="mb_and_mib"),
    _wrong(
        "resnet_mib",
        "thousand_kib",
        "227.20",
        "you divided by 1000 and by 1024; a MiB has 1024 KiB of 1024 bytes",
        rule="resnet_bytes/1000/1024",
    ),
    _wrong(
        "resnet_mib",
        "bytes_forgotten",
        "55.47",
        _BYTES,
        rule="resnet_params/2^20",
        cause="bytes_forgotten",
    ),
    _wrong(
        "card_mb",
        "another_factor",
        "16057",
        "1 MiB is 1.048576 MB; your number was converted with another factor",
    ),
    _wrong(
        "card_mb", "not_converted", "15360", "15360 is the number of MiB; a MiB is more than a MB"
    ),
    _wrong(
        "card_mb",
        "divided",
        "14648.4",
        "you divided by 1.048576: there are more MB than MiB in the same memory",
    ),
    _wrong(
        "card_mb",
        "thousand_kib",
        "15728.64",
        "you counted 1000 KiB in a MiB; a MiB has 1024 KiB of 1024 bytes",
    ),
    _wrong(
        "context_mib",
        "not_subtracted",
        "815",
        "this is all that is in use; the parameters of the model are in it",
    ),
    _wrong(
        "context_mib",
        "not_subtracted_mb",
        "854.59",
        "this is all that is in use, in MB; take the parameters off, and stay with MiB",
    ),
    _wrong(
        "context_mib",
        "mb_from_mib",
        "582.3",
        "you took MB off from MiB: bring both to one unit first",
        rule="815 - resnet_mb",
    ),
    _wrong(
        "momentum_state",
        "nothing",
        "0",
        "momentum remembers a velocity for each parameter from step to step",
    ),
    _wrong(
        "momentum_state",
        "two",
        "465314384",
        "momentum remembers one number for each parameter; two are Adam's",
        rule="2*resnet_bytes",
    ),
    _wrong(
        "adam_state",
        "one_moment",
        "232659060",
        _ONE_MOMENT,
        rule="resnet_bytes + 4*467",
        cause="one_moment",
    ),
    _wrong(
        "adam_state",
        "one_moment_no_counters",
        "232657192",
        _ONE_MOMENT,
        rule="resnet_bytes",
        cause="one_moment",
    ),
    _wrong(
        "adam_state",
        "no_counters",
        "465314384",
        "your state lacks the step counters: 4 bytes for each tensor",
        rule="2*resnet_bytes",
    ),
    _wrong(
        "sgd_mb",
        "no_gradients",
        "232.66",
        "these are the parameters alone; each has a gradient of its own size",
        rule="resnet_bytes/10^6",
        cause="no_gradients",
    ),
    _wrong("sgd_mb", "shown", "3193", _SHOWN, cause="shown"),
    _wrong(
        "sgd_mb",
        "velocity",
        "697.97",
        "plain SGD remembers nothing of earlier steps; a velocity is momentum's",
        rule="3*resnet_bytes/10^6",
    ),
    _wrong(
        "sgd_mb",
        "is_mib",
        "443.76",
        _MIB,
        rule="2*resnet_bytes/2^20",
        cause="mb_and_mib",
    ),
    _wrong(
        "momentum_mb",
        "no_gradients",
        "465.31",
        "this is as much as plain SGD needs; momentum adds a velocity for each parameter",
        rule="(resnet_bytes + momentum_state)/10^6",
    ),
    _wrong(
        "momentum_mb",
        "less_than_sgd",
        "2999",
        "momentum cannot need less than plain SGD, which you have at 3193: " + _SHOWN,
        cause="shown",
    ),
    _wrong(
        "momentum_mb",
        "as_adam",
        "930.63",
        "this is what Adam needs; momentum remembers one number for each parameter",
    ),
    _wrong(
        "adam_mb",
        "one_moment",
        "697.97",
        _ONE_MOMENT,
        rule="3*resnet_bytes/10^6",
        cause="one_moment",
    ),
    _wrong("adam_mb", "shown", "3359", _SHOWN, cause="shown"),
    _wrong(
        "adam_mb",
        "is_mib",
        "887.52",
        _MIB,
        rule="(2*resnet_bytes + adam_state)/2^20",
        cause="mb_and_mib",
    ),
    _wrong("most_memory", "is_sgd", "sgd", "plain SGD remembers nothing from step to step"),
    _wrong(
        "most_memory",
        "is_momentum",
        "momentum",
        "momentum remembers one number for each parameter; another optimizer remembers two",
    ),
    _wrong("per_image_mib", "proportional", "310", _PROPORTIONAL, cause="proportional"),
    _wrong("per_image_mib", "largest", "26.99", _PROPORTIONAL, cause="proportional"),
    _wrong(
        "per_image_mib",
        "per_step",
        "270",
        "this is the difference of two readings; there are 12 images between them",
    ),
    _wrong(
        "fixed_mib",
        "smallest",
        "1240",
        "the smallest reading has 4 images in it",
    ),
    _wrong(
        "fixed_mib",
        "one_image",
        "1217.5",
        "you took off one image; the first reading has 4",
        rule="1240 - per_image_mib",
    ),
    _wrong(
        "largest_batch",
        "fixed_forgotten",
        "682",
        "you gave the whole card to the images; the fixed part comes first",
        rule="floor(15360/per_image_mib)",
    ),
    _wrong(
        "largest_batch",
        "rounded_up",
        "632",
        "you rounded up: the last image does not fit",
        rule="floor((15360 - fixed_mib)/per_image_mib) + 1",
    ),
    _wrong(
        "largest_batch",
        "proportional",
        "569",
        "you scaled the last reading; a part of it does not depend on the batch",
        cause="proportional",
    ),
    _wrong(
        "doubling",
        "is_true",
        "true",
        "the fixed part stays, so twice the batch needs less than twice the memory",
    ),
)
_TENSORS = "sum(part.numel() * part.element_size() for part in parameters)"
_STATE = '{"sgd": 0, "momentum": held, "adam": 2 * held + counters}[optimizer]'
_ALL = ("held_sgd", "held_momentum", "held_adam")
_SLOPE = "(sizes * readings).sum() / (sizes * sizes).sum()"


def _state(id: str, misconception: str, new: str, *killed_by: str) -> Mutant:
    return _edit("held_by_training", id, misconception, _STATE, new, *killed_by)


MUTANTS = (
    *_TYPED,
    _edit(
        "parameter_bytes",
        "entries",
        "your function counts entries; each takes the bytes of its dtype",
        _TENSORS,
        "sum(part.numel() for part in parameters)",
        "parameter_bytes",
    ),
    _edit(
        "parameter_bytes",
        "always_four",
        "your function counts 4 bytes for every entry; float64 takes 8",
        "part.element_size()",
        "4",
        "parameter_bytes",
    ),
    _edit(
        "parameter_bytes",
        "size_of_the_first",
        "your function counts every tensor at the size of the first one's dtype",
        "part.element_size()",
        "parameters[0].element_size()",
        "parameter_bytes",
    ),
    _edit(
        "parameter_bytes",
        "always_eight",
        "your function counts 8 bytes for every entry; float32 takes 4, int16 takes 2",
        "part.element_size()",
        "8",
        "parameter_bytes",
    ),
    _edit(
        "parameter_bytes",
        "floating_eight",
        "your function counts 8 bytes for every entry of a floating dtype; float32 takes 4",
        "part.element_size()",
        "(8 if part.is_floating_point() else part.element_size())",
        "parameter_bytes_float32",
    ),
    _edit(
        "parameter_bytes",
        "first_axis",
        "your function counts the rows of each tensor, not its entries",
        "part.numel()",
        "(len(part) if part.ndim else 1)",
        "parameter_bytes",
    ),
    _state(
        "adam_one_moment",
        _ONE_MOMENT,
        '{"sgd": 0, "momentum": held, "adam": held + counters}[optimizer]',
        "held_adam",
    ),
    _state(
        "adam_without_counters",
        "your state of Adam lacks the step counters: 4 bytes for each tensor",
        '{"sgd": 0, "momentum": held, "adam": 2 * held}[optimizer]',
        "held_adam",
    ),
    _state(
        "adam_one_counter",
        "your state of Adam has one step counter; every tensor has one",
        '{"sgd": 0, "momentum": held, "adam": 2 * held + 4}[optimizer]',
        "held_adam",
    ),
    _edit(
        "held_by_training",
        "counters_of_the_dtype",
        "your step counters have the size of the values; they take 4 bytes in any dtype",
        "4 * len(shapes)",
        "bytes_per_value * len(shapes)",
        "held_adam",
    ),
    _state(
        "momentum_is_free",
        "momentum remembers a velocity for each parameter from step to step",
        '{"sgd": 0, "momentum": 0, "adam": 2 * held + counters}[optimizer]',
        "held_momentum",
    ),
    _state(
        "momentum_is_two",
        "momentum remembers one number for each parameter; two are Adam's",
        '{"sgd": 0, "momentum": 2 * held, "adam": 2 * held + counters}[optimizer]',
        "held_momentum",
    ),
    _state(
        "sgd_has_a_velocity",
        "plain SGD needs nothing of earlier steps; a velocity is momentum's",
        '{"sgd": held, "momentum": held, "adam": 2 * held + counters}[optimizer]',
        "held_sgd",
    ),
    _edit(
        "held_by_training",
        "no_gradients",
        "your function leaves the gradients out: each parameter has one of its own size",
        "return held, held, state",
        "return held, 0, state",
        *_ALL,
    ),
    _edit(
        "held_by_training",
        "values_for_bytes",
        "your function counts values, not their bytes",
        "values * bytes_per_value",
        "values",
        *_ALL,
    ),
    _edit(
        "held_by_training",
        "always_float32",
        "your function counts 4 bytes for each value; `bytes_per_value` says how many there are",
        "values * bytes_per_value",
        "values * 4",
        *_ALL,
    ),
    _edit(
        "memory_line",
        "through_the_origin",
        "your line goes through 0 at a batch of 0; a part of the memory does not depend on it",
        "return readings.mean() - slope * batch_sizes.mean(), slope",
        "return 0 * slope, (batch_sizes * readings).sum() / batch_sizes.square().sum()",
        "memory_line",
    ),
    _edit(
        "memory_line",
        "ratio",
        "your slope is the mean memory for each image; the fixed part is in it",
        _SLOPE,
        "(readings / batch_sizes).mean()",
        "memory_line",
    ),
    _edit(
        "memory_line",
        "mean_reading",
        "your fixed part is the mean reading; take off what its images add",
        "readings.mean() - slope * batch_sizes.mean()",
        "readings.mean()",
        "memory_line",
    ),
    _edit(
        "memory_line",
        "first_and_last",
        "your line goes through the first and the last reading; all of them count",
        _SLOPE,
        "(readings[-1] - readings[0]) / (batch_sizes[-1] - batch_sizes[0])",
        "memory_line",
    ),
    _edit(
        "memory_line",
        "swapped",
        "you returned the slope first; the value at 0 comes before it",
        "return readings.mean() - slope * batch_sizes.mean(), slope",
        "return slope, readings.mean() - slope * batch_sizes.mean()",
        "memory_line",
    ),
    _edit(
        "memory_line",
        "in_place",
        "your function changes the caller's own batch_sizes",
        """sizes = batch_sizes - batch_sizes.mean()
    slope""",
        """mean = batch_sizes.mean()
    sizes = batch_sizes.sub_(mean)
    batch_sizes = mean
    slope""",
        "inputs_unchanged",
    ),
)
