"""Memory of parameters, gradients, optimizer state and activations: answers that follow each other.

MB and MiB are asked for separately. In the code, no two tensors have as many entries, and the sizes
of values differ, so that a forgotten factor shows.
"""

from functools import partial
from typing import Any

import numpy as np

from backproof import (
    AnswerAsk,
    Call,
    Case,
    Check,
    ChoiceField,
    Expected,
    FunctionAsk,
    NumberDemand,
    NumberField,
    OracleKind,
    Probe,
    Relation,
    TextField,
    TypedAnswer,
    Visibility,
)
from backproof_reference import optimizer_memory as reference
from backproof_reference.derivations import optimizer_memory

COUNT = NumberField(demand=NumberDemand(whole=True), domain="positive")
AMOUNT = NumberField(demand=NumberDemand(minimum_digits=3), domain="positive")
OPTIMIZERS = ("sgd", "momentum", "adam")
ADAM = "Kingma and Ba 2015, Adam, algorithm 1"
TORCH = "PyTorch documentation, torch.optim"
RESNET = "He et al. 2016, Deep residual learning, table 1"
UNITS = "IEC 80000-13, prefixes for binary multiples"
SEMANTICS = "PyTorch documentation, CUDA semantics, memory management"
LINE = "Bishop 2006, Pattern Recognition and Machine Learning, section 3.1.1"
DERIVATIONS = optimizer_memory.DERIVATIONS


def _ask(
    name: str, field: NumberField | ChoiceField, prompt: str, answer: str, *also: str
) -> AnswerAsk:
    return AnswerAsk(name=name, prompt=prompt, field=field, answer=answer, also=also)


ASKS = (
    _ask(
        "resnet_params",
        COUNT,
        "trainable parameters, 10 classes",
        "58164298",
        "58,164,298",
        "60192808 - 2049*1000 + 2049*10",
    ),
    _ask("resnet_bytes", COUNT, "bytes", "232657192", "232,657,192", "4*58164298"),
    _ask("resnet_mb", AMOUNT, "MB", "232.657192", "232.66", "232657192/10^6"),
    _ask("resnet_mib", AMOUNT, "MiB", "232657192/2^20", "221.88", "221.879"),
    _ask("card_mb", AMOUNT, "MB of 15360 MiB", "16106.12736", "16106.13", "15360*1.048576"),
    _ask(
        "context_mib",
        AMOUNT,
        "MiB beside the parameters",
        "815 - 232657192/2^20",
        "593.1",
        "593.12",
    ),
    _ask(
        "momentum_state",
        COUNT,
        "bytes of the state of SGD with momentum",
        "232657192",
        "232,657,192",
        "4*58164298",
    ),
    _ask(
        "adam_state",
        COUNT,
        "bytes of Adam's state",
        "465316252",
        "465,316,252",
        "2*232657192 + 4*467",
    ),
    _ask("sgd_mb", AMOUNT, "MB, plain SGD", "465.314384", "465.31", "2*232.657192"),
    _ask("momentum_mb", AMOUNT, "MB, SGD with momentum", "697.971576", "698.0", "3*232.657192"),
    _ask("adam_mb", AMOUNT, "MB, Adam", "930.630636", "930.63", "(4*232657192 + 1868)/10^6"),
    _ask(
        "most_memory",
        ChoiceField(options=OPTIMIZERS),
        "which needs most memory",
        "adam",
        "Adam",
        "ADAM",
    ),
    _ask("per_image_mib", AMOUNT, "MiB for each image", "22.5", "22.50", "(6910 - 1240)/252"),
    _ask("fixed_mib", AMOUNT, "MiB at any size", "1150", "1150.0", "1240 - 4*22.5"),
    _ask("largest_batch", COUNT, "images that fit", "631", "631.0", "floor(14210/22.5)"),
    _ask(
        "doubling",
        ChoiceField(),
        "does twice the batch need twice the memory?",
        "false",
        "False",
        "no",
    ),
    AnswerAsk(
        name="own_readings",
        prompt="readings for the three optimizers, and why they differ from your numbers",
        field=TextField(),
        answer="more than the tensors: activations, the context, and what the allocator keeps",
    ),
    AnswerAsk(
        name="own_batches",
        prompt="memory by batch, the largest batch, time and training",
        field=TextField(),
        answer="memory is a line in the batch; an epoch is faster; fewer and less noisy steps",
    ),
    FunctionAsk(reference=reference.parameter_bytes),
    FunctionAsk(reference=reference.held_by_training),
    FunctionAsk(reference=reference.memory_line),
)


def _typed(
    name: str,
    question: str,
    claim: str,
    expects: str,
    read: str,
    rule: str = "",
    proven: tuple[str, ...] = (),
) -> Check:
    kind = OracleKind.PROVEN if proven else OracleKind.REFERENCE
    return Check(
        id=name,
        question=question,
        claim=claim,
        expects=expects,
        read=read,
        points=1,
        probe=Probe(answer=name),
        oracle=TypedAnswer(rule=rule, kind=kind, provenance=proven or (read,)),
    )


def _proven(*names: str) -> tuple[str, ...]:
    return tuple(f"optimizer_memory.{name}" for name in names)


TOTAL = "parameters, gradients of the same size, and the optimizer's state"
TYPED = (
    _typed(
        "resnet_params",
        "model",
        "resnet_params counts the parameters of the network for 10 classes",
        "those of the published network without its last layer, and those of the new one",
        RESNET,
    ),
    _typed(
        "resnet_bytes",
        "model",
        "resnet_bytes is the memory of the parameters in bytes",
        "every parameter takes the bytes of a value in float32",
        TORCH,
        "4*resnet_params",
    ),
    _typed(
        "resnet_mb",
        "model",
        "resnet_mb is the memory of the parameters in MB",
        "the bytes, divided by those of a MB",
        UNITS,
        "resnet_bytes/10^6",
    ),
    _typed(
        "resnet_mib",
        "model",
        "resnet_mib is the memory of the parameters in MiB",
        "the bytes, divided by those of a MiB",
        UNITS,
        "resnet_bytes/2^20",
    ),
    _typed(
        "card_mb",
        "card",
        "card_mb is the memory of the card in MB",
        "the same number of bytes, counted in MB",
        UNITS,
    ),
    _typed(
        "context_mib",
        "card",
        "context_mib is what is in use beside the parameters",
        "what is shown, less the parameters in the same unit",
        SEMANTICS,
        "815 - resnet_mib",
    ),
    _typed(
        "momentum_state",
        "optimizers",
        "momentum_state is the memory of the state of SGD with momentum",
        "what SGD with momentum must remember of each parameter",
        TORCH,
        "resnet_bytes",
        _proven("momentum"),
    ),
    _typed(
        "adam_state",
        "optimizers",
        "adam_state is the memory of Adam's state",
        "what Adam must remember of each parameter, and its step counters",
        ADAM,
        "2*resnet_bytes + 4*467",
        _proven("adam"),
    ),
    _typed(
        "sgd_mb",
        "optimizers",
        "sgd_mb is what plain SGD needs in all",
        TOTAL,
        TORCH,
        "2*resnet_bytes/10^6",
        _proven("sgd"),
    ),
    _typed(
        "momentum_mb",
        "optimizers",
        "momentum_mb is what SGD with momentum needs in all",
        TOTAL,
        TORCH,
        "(2*resnet_bytes + momentum_state)/10^6",
        _proven("momentum"),
    ),
    _typed(
        "adam_mb",
        "optimizers",
        "adam_mb is what Adam needs in all",
        TOTAL,
        ADAM,
        "(2*resnet_bytes + adam_state)/10^6",
        _proven("adam"),
    ),
    _typed(
        "most_memory",
        "optimizers",
        "most_memory is the optimizer with the largest state",
        "the one that remembers most of each parameter",
        ADAM,
        proven=_proven("sgd", "momentum", "adam"),
    ),
    _typed(
        "per_image_mib",
        "batch",
        "per_image_mib is what each further image adds",
        "the difference of two readings, for each image between them",
        SEMANTICS,
    ),
    _typed(
        "fixed_mib",
        "batch",
        "fixed_mib is what does not depend on the batch",
        "a reading without the images that are in it",
        SEMANTICS,
        "1240 - 4*per_image_mib",
    ),
    _typed(
        "largest_batch",
        "batch",
        "largest_batch is the largest batch that fits on the card",
        "whole images, in the memory that the fixed part leaves",
        SEMANTICS,
        "floor((15360 - fixed_mib)/per_image_mib)",
    ),
    _typed(
        "doubling",
        "batch",
        "doubling says whether memory is proportional to the size of the batch",
        "whether anything does not depend on the batch",
        SEMANTICS,
    ),
)


def _words(name: str, question: str, claim: str, expects: str, *rubric: str) -> Check:
    return Check(
        id=name,
        question=question,
        claim=claim,
        expects=expects,
        read=SEMANTICS,
        points=1,
        probe=Probe(answer=name),
        oracle=TypedAnswer(kind=OracleKind.PERSON, rubric=rubric),
    )


WORDS = (
    _words(
        "own_readings",
        "readings",
        "own_readings says what nvidia-smi shows, and why",
        "what else lies in memory when it is read",
        "activations, the CUDA context and the allocator's pool are in a reading; the pool is what "
        "was ever reserved, and activations are freed before the optimizer's state is made",
        "momentum below plain SGD cannot come from the state of the optimizer: it is such an effect",
        "without a GPU, the explanation alone is enough",
    ),
    _words(
        "own_batches",
        "own_batches",
        "own_batches says what the size of the batch does",
        "memory, time and training, each with a number or a reason",
        "memory grows along a line; parameters and state are its fixed part",
        "larger batches: a faster epoch as long as the GPU is not full, fewer steps, less noise",
        "an answer with the largest batch alone, or with a number left blank, is incomplete",
    ),
)


def _tensors(rng: np.random.Generator, *shapes: tuple[int, ...]) -> dict[str, Any]:
    return {"parameters": [rng.normal(size=shape) for shape in shapes]}


TENSORS = (
    Case(
        id="two_layers",
        why="weights and biases of two layers, all of different sizes",
        build=lambda rng: _tensors(rng, (5, 3), (5,), (2, 5), (2,)),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="kernels",
        why="kernels with four axes and a single number",
        build=lambda rng: _tensors(rng, (4, 3, 2, 5), (4,), ()),
    ),
    Case(
        id="counters",
        why="whole numbers have sizes of their own",
        build=lambda rng: {
            "parameters": [
                rng.integers(0, 9, size=13).astype(np.int16),
                rng.normal(size=(3, 7)),
                rng.integers(0, 9, size=11),
            ]
        },
    ),
)
MIXED = Case(
    id="mixed",
    why="whole numbers take 8 bytes, whatever the others take",
    build=lambda rng: {"parameters": [rng.normal(size=(6, 2)), rng.integers(0, 9, size=5)]},
    visibility=Visibility.PUBLIC,
)


def _held(optimizer: str, shapes: list[list[int]], **size: int) -> Any:
    return lambda _: {"shapes": shapes, "optimizer": optimizer, **size}


def _held_cases(optimizer: str) -> tuple[Case, ...]:
    return (
        Case(
            id=f"{optimizer}_small",
            why="a convolution and a fully connected layer, the size of a value left out",
            build=_held(optimizer, [[6, 3, 5, 5], [6], [10, 24], [10]]),
            visibility=Visibility.PUBLIC,
        ),
        Case(
            id=f"{optimizer}_double",
            why="values of 8 bytes; step counters stay as they are",
            build=_held(optimizer, [[7, 4], [7], [3, 7]], bytes_per_value=8),
            visibility=Visibility.PUBLIC,
        ),
        Case(
            id=f"{optimizer}_half",
            why="values of 2 bytes, a tensor that is a single number",
            build=_held(optimizer, [[9, 2, 3], [], [11]], bytes_per_value=2),
        ),
    )


def _readings(rng: np.random.Generator, sizes: list[int], noise: float) -> dict[str, Any]:
    x = np.array(sizes, dtype=float)
    exact = rng.uniform(300, 900) + rng.uniform(5, 30) * x
    return {"batch_sizes": x, "readings": exact + noise * rng.normal(size=len(sizes))}


READINGS = (
    Case(
        id="exact",
        why="readings on a line",
        build=lambda rng: _readings(rng, [4, 16, 64], 0.0),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="scattered",
        why="readings that scatter, sizes in no order",
        build=lambda rng: _readings(rng, [64, 2, 24, 8, 40], 30.0),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="seven",
        why="more readings that scatter, two of them at the same size",
        build=lambda rng: _readings(rng, [12, 3, 96, 3, 20, 50, 7], 50.0),
    ),
    Case(
        id="two",
        why="two readings have exactly one line",
        build=lambda rng: _readings(rng, [10, 3], 20.0),
    ),
)


def _line(batch_sizes: Any, readings: Any) -> dict[str, Any]:
    intercept, slope = reference.memory_line(batch_sizes, readings)
    return {"fixed": intercept, "per_sample": slope}


def _counted(size: int, parameters: list[Any]) -> dict[str, int]:
    """Real numbers reach the student in the dtype of the check, all others as they are."""
    return {"n": sum(p.size * (size if p.dtype.kind == "f" else p.itemsize) for p in parameters)}


def _tensor_bytes(dtype: str, cases: tuple[Case, ...]) -> Check:
    narrow = dtype == "float32"
    return Check(
        id="parameter_bytes_float32" if narrow else "parameter_bytes",
        question="code",
        claim="parameter_bytes counts the bytes of tensors" + (" of float32" if narrow else ""),
        expects="every entry of every tensor, at the size of its dtype",
        read="PyTorch documentation, tensor attributes, torch.dtype",
        points=1,
        probe=Probe(
            calls=(Call(function="parameter_bytes", takes=("parameters",), returns=("n",)),)
        ),
        cases=cases,
        dtype=dtype,
        oracle=Expected(
            compute=partial(_counted, 4 if narrow else 8),
            kind=OracleKind.REFERENCE,
            provenance=("PyTorch documentation, tensor attributes, torch.dtype",),
        ),
        needs=("parameter_bytes",) if narrow else (),
    )


def _held_check(optimizer: str) -> Check:
    names = ("parameters", "gradients", "state")
    return Check(
        id=f"held_{optimizer}",
        question="code",
        claim=f"held_by_training counts what training with {optimizer!r} holds",
        expects="bytes of the parameters, of the gradients, and of what the optimizer remembers",
        read=ADAM if optimizer == "adam" else TORCH,
        points=1,
        probe=Probe(
            calls=(
                Call(
                    function="held_by_training",
                    takes=("shapes", "optimizer", "bytes_per_value"),
                    returns=names,
                ),
            )
        ),
        cases=_held_cases(optimizer),
        oracle=Expected(
            compute=lambda **given: dict(
                zip(names, reference.held_by_training(**given), strict=True)
            ),
            kind=OracleKind.REFERENCE,  # the derivations count one layer, this a list of tensors
            provenance=("torch.optim: every tensor that it holds after a step, counted", ADAM),
        ),
    )


LINE_CHECK = Check(
    id="memory_line",
    question="code",
    claim="memory_line fits a line to the readings",
    expects="the line whose squared errors have the least sum: its value at 0 and its slope",
    read=LINE,
    points=2,
    probe=Probe(
        calls=(
            Call(
                function="memory_line",
                takes=("batch_sizes", "readings"),
                returns=("fixed", "per_sample"),
            ),
        )
    ),
    cases=READINGS,
    oracle=Expected(compute=_line, kind=OracleKind.REFERENCE, provenance=(LINE,)),
)
CHECKS = (
    *TYPED,
    *WORDS,
    _tensor_bytes("float64", TENSORS),
    _tensor_bytes("float32", (MIXED, *TENSORS[:1], TENSORS[2])),
    *(_held_check(optimizer) for optimizer in OPTIMIZERS),
    LINE_CHECK,
    Check(
        id="inputs_unchanged",
        question="code",
        claim="the caller's readings are left as they were",
        expects="batch_sizes and readings hold after the call what they held before",
        read="torch documentation, in-place operations on tensors",
        points=1,
        probe=LINE_CHECK.probe,
        outputs=(),
        cases=READINGS[:1],
        oracle=Relation(name="inputs_unchanged"),
        needs=("memory_line",),
    ),
)
