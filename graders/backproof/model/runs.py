"""Submissions, and the process that runs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from backproof.model.probes import Probe
from backproof.model.problems import Inputs
from backproof.model.students import Student

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    """A student's work as text; nothing of it has been run.

    cells: the code, one element for a module, one per code cell for a notebook.
    weights: reads the file of weights beside it that has this name, or raises a BackproofError that
        says why not; None where the course's own code is run.
    fault: why it cannot be graded at all (a sentence for the student), or None.
    students: who handed it in, several for a group; none where nothing says who.
    late: whether it came late, where the platform says so; else None.
    """

    name: str
    path: Path
    digest: str
    cells: tuple[str, ...] = ()
    is_notebook: bool = False
    weights: Callable[[str], Mapping[str, NDArray[Any]]] | None = None
    fault: str | None = None
    students: tuple[Student, ...] = ()
    late: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What one submission may use. Seconds are wall time, or processor time where they say so.

    A process holds one submission: what is counted per process is counted per submission.
    gpu_memory_bytes: beyond what an empty process of its kind holds on the GPU.
    scratch_bytes, scratch_files: all files together; kept where a mount namespace is in force.
    """

    load_seconds: float = 60.0
    call_seconds: float = 10.0
    call_cpu_seconds: float = 40.0
    submission_seconds: float = 300.0
    submission_cpu_seconds: float = 600.0
    memory_bytes: int = 2 << 30
    gpu_memory_bytes: int = 8 << 30
    printed_bytes: int = 64 << 10
    reply_bytes: int = 64 << 20
    file_bytes: int = 64 << 20
    scratch_bytes: int = 64 << 20
    scratch_files: int = 4096
    open_files: int = 128
    threads: int = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """One value that came back from a student's process: untrusted plain data.

    form: "tensor", "array", "number", "text", "none" or "other".
    dtype, device: as the student's process reported them ("float64", "cuda:0").
    text: the text of a typed answer, or the type's name when the value could not travel.
    """

    form: str
    array: NDArray[Any] | None = None
    dtype: str = ""
    device: str = "cpu"
    text: str = ""


class Fault(StrEnum):
    """Why a probe brought nothing back."""

    MISSING = "missing"
    SIGNATURE = "signature"
    RAISED = "raised"
    STRUCTURE = "structure"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out of memory"
    FORBIDDEN = "forbidden"
    """Something was called that was out of reach; the message is its name."""
    CRASHED = "crashed"
    DEVICE = "device"
    """CUDA gave up: nothing more can be computed on the GPU in that process."""
    PROTOCOL = "protocol"


@dataclass(frozen=True, kw_only=True, slots=True)
class Returned:
    """A probe's outputs by name, and what was printed.

    changed_inputs: in a watched run, the inputs that the calls changed in place.
    unseen_inputs: those for which that is the word of the student's process: the grader could not
        look itself.
    """

    values: Mapping[str, Value]
    changed_inputs: tuple[str, ...] = ()
    unseen_inputs: tuple[str, ...] = ()
    printed: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stopped:
    """A probe that ended without outputs.

    message: one sentence for the student. error: the exception's type name, when one was raised.
    trace: the student's own frames, at most a few lines.
    """

    fault: Fault
    message: str
    error: str = ""
    trace: str = ""
    printed: str = ""


Outcome: TypeAlias = Returned | Stopped


class Session(Protocol):
    """A submission that has been loaded and answers probes."""

    def run(
        self,
        probe: Probe,
        inputs: Inputs,
        *,
        dtype: str,
        device: str,
        strided: bool,
        watched: bool = False,
    ) -> Outcome:
        """Run one probe. Never raises for anything that a submission does.

        watched: also find out whether inputs were changed in place.
        """
        ...


class Runner(Protocol):
    """Runs submissions; `isolation` names the layers that were in force."""

    @property
    def isolation(self) -> str:
        """The layers in force, in words."""
        ...

    def open(self, submission: Submission) -> AbstractContextManager[Session]:
        """Load a submission; leaving the context ends its process."""
        ...
