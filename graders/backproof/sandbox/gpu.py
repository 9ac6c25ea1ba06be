"""The GPU of a confined process: its context, its settings, its errors.

Runs beside the student's code, which can undo all of it: so no verdict depends on a setting, and
what holds memory in is watched from outside (`gpu_watch`).
"""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Iterator
from typing import Any

import torch

from backproof.sandbox import failure
from backproof.sandbox.layers import VISIBLE_GPUS


class Gpu:
    """The CUDA device of this process.

    Making one starts the context. That comes after confinement, because threads that CUDA starts
    before it would stay unconfined, and before the student's code, whose clock must not pay for it.
    """

    def __init__(self, device: str, visible: str | None, memory_bytes: int) -> None:
        """`visible`: the devices that the grader was told to use; its own copy hides them all."""
        os.environ.pop(VISIBLE_GPUS, None)
        if visible is not None:
            os.environ[VISIBLE_GPUS] = visible
        torch.cuda.init()  # type: ignore[no-untyped-call]
        index = torch.device(device).index
        total = torch.cuda.get_device_properties(index or 0).total_memory
        torch.cuda.set_per_process_memory_fraction(min(1.0, memory_bytes / total), index)
        # A remark on every operation without a deterministic form would stand in what was printed.
        warnings.filterwarnings("ignore", message=".*does not have a deterministic implementation")
        set_exact()
        # The first product loads cuBLAS, which reads CUBLAS_WORKSPACE_CONFIG once.
        one = torch.ones(1, 1, device=device)
        (one @ one).item()

    @contextlib.contextmanager
    def call(self) -> Iterator[None]:
        """Around student code: settings as they should be, and its late errors are its own."""
        set_exact()
        try:
            yield
        except BaseException as error:
            if not failure.is_device_error(error):
                torch.cuda.synchronize()
            raise
        torch.cuda.synchronize()


def set_exact() -> None:
    """No TF32, no half-precision sums, the same result every time, no memory left unwritten.

    `torch.empty` fills with NaN as long as deterministic algorithms are on, also when an operation
    that has none only warns.
    """
    # PyTorch has two interfaces for this, and refuses to read either when they disagree: the
    # older one first, then the newer one for what the older does not reach.
    backends: Any = torch.backends
    backends.fp32_precision = "none"
    torch.set_float32_matmul_precision("highest")
    backends.cuda.matmul.allow_tf32 = False
    backends.cudnn.allow_tf32 = False
    for part in (backends.cudnn, backends.cudnn.conv, backends.cudnn.rnn):
        part.fp32_precision = "ieee"
    backends.cuda.matmul.allow_fp16_reduced_precision_reduction = False
    backends.cuda.matmul.allow_bf16_reduced_precision_reduction = False
    backends.cuda.matmul.allow_fp16_accumulation = False
    backends.cudnn.benchmark = False
    backends.cudnn.deterministic = True
    torch.use_deterministic_algorithms(True, warn_only=True)
    filling: Any = torch.utils.deterministic
    filling.fill_uninitialized_memory = True
