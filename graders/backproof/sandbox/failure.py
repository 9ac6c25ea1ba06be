"""How a submission's errors become plain text (runs beside the student's code)."""

from __future__ import annotations

import errno
import os
import sys
import sysconfig
import traceback
from pathlib import Path
from types import TracebackType

from backproof.model import Fault

CONFINED = False
"""True in a confined process: some errors there come from its limits."""

MAX_MESSAGE = 500
MAX_FRAMES = 5
MAX_LINE = 200

# Files of ours and of libraries; every other frame of a traceback is the student's own.
_FOREIGN = tuple(
    os.path.join(folder, "")
    for folder in {
        str(Path(__file__).resolve().parent.parent),
        *(sysconfig.get_path(key) for key in ("stdlib", "platstdlib", "purelib", "platlib")),
        os.path.join(sys.base_prefix, "lib"),
    }
)


class Failed(Exception):  # noqa: N818  it carries an outcome, not an error of ours
    """A probe that cannot go on: the fault and its sentence for the student."""

    def __init__(self, fault: Fault, message: str, error: str = "", trace: str = "") -> None:
        super().__init__(message)
        self.fault, self.message, self.error, self.trace = fault, message, error, trace


def from_exception(error: BaseException, what: str) -> Failed:
    """The failure that describes an exception raised by `what` ("`forward`")."""
    name, text = describe(error)
    trace = student_frames(error.__traceback__)
    if is_out_of_memory(error):
        shown = f"{name}: {text}" if text else name
        return Failed(Fault.OUT_OF_MEMORY, f"{what} ran out of memory ({shown})", name, trace)
    if is_device_error(error):
        message = f"{what} broke the GPU's context ({name}: {text.splitlines()[0]})"
        return Failed(Fault.DEVICE, message + _likely_cause(text), name, trace)
    message = f"{what} raised {name}: {text}" if text else f"{what} raised {name}"
    if CONFINED and (limit := limit_behind(error)):
        message += f"; {limit}"
    return Failed(Fault.RAISED, message, name, trace)


def limit_behind(error: BaseException) -> str:
    """The limit of a confined process that an error comes from, as a sentence's second half."""
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.EMFILE:
        return f"at most {_limit('NOFILE')} files may be open"
    if number == errno.EFBIG:
        return f"a file may have at most {_limit('FSIZE') >> 20} MiB"
    if number == errno.ENOSPC:
        return "all files of a submission together may not take more room, or be more files"
    if number in (errno.EPERM, errno.EACCES, errno.EROFS):
        return "a submission has no network, no other processes, and only files of its own folder"
    if isinstance(error, RuntimeError) and "can't start new thread" in describe(error)[1]:
        return f"at most {_limit('NPROC')} threads may run"
    return ""


def _limit(name: str) -> int:
    import resource  # not on Windows, where nothing is confined

    return int(resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))[0])


def describe(error: BaseException) -> tuple[str, str]:
    """Type name and text of an exception, whose own methods may fail too."""
    name = str(type(error).__name__)[:100]
    try:
        text = str(error)
    except BaseException:  # a student's __str__ may raise anything; the type's name must do
        text = "(its message cannot be shown)"
    return name, text if len(text) <= MAX_MESSAGE else text[: MAX_MESSAGE - 3] + "..."


def is_out_of_memory(error: BaseException) -> bool:
    """Whether Python or a torch allocator found no memory."""
    if isinstance(error, MemoryError):
        return True
    text = describe(error)[1].lower()
    return isinstance(error, RuntimeError | OSError) and (
        "can't allocate memory" in text or "out of memory" in text or "cannot allocate" in text
    )


def is_device_error(error: BaseException) -> bool:
    """Whether CUDA gave up: its context, and so this process, may be of no more use."""
    return isinstance(error, RuntimeError) and "CUDA error:" in describe(error)[1]


def _likely_cause(text: str) -> str:
    if "device-side assert" in text:
        return (
            ": usually an index out of range, such as a class label that is not below the number "
            "of classes; the same call on the CPU says where"
        )
    if "illegal memory access" in text or "misaligned address" in text:
        return ": a kernel reached beyond its memory; the same call on the CPU may say where"
    return ""


def student_frames(trace: TracebackType | None) -> str:
    """The last frames of the student's own code, one line each."""
    frames = [frame for frame in traceback.extract_tb(trace) if is_students(frame.filename)]
    lines = []
    for frame in frames[-MAX_FRAMES:]:
        place = f"{os.path.basename(frame.filename)}, line {frame.lineno}, in {frame.name}"
        lines.append(f"{place}: {frame.line}"[:MAX_LINE] if frame.line else place[:MAX_LINE])
    return "\n".join(lines)


def is_students(filename: str) -> bool:
    """Whether a frame's file is neither ours nor a library's."""
    return not filename.startswith((*_FOREIGN, "<frozen "))


def load_error(error: BaseException) -> str:
    """One line on an error met while the submission was loaded: place, type and text."""
    name, text = describe(error)
    if isinstance(error, SyntaxError) and error.lineno is not None:
        file = os.path.basename(error.filename or "")
        return f"{name} in {file}, line {error.lineno}: {error.msg}"
    lines = student_frames(error.__traceback__).splitlines()
    place = " in " + lines[-1].split(", in ")[0] if lines else ""
    return f"{name}{place}: {text}" if text else f"{name}{place}"
