"""How a confined process ended, in one sentence for the student."""

from __future__ import annotations

import os
import signal

from backproof.model import Fault, Limits, Stopped
from backproof.sandbox.layers import LOST_CONNECTION
from backproof.sandbox.warm_client import Ended

MAX_LEFT_OUT = 3
"""Cells of one notebook that may end their process before loading it is given up."""


def spoils_process(stopped: Stopped) -> bool:
    """After these a process cannot be trusted to answer the next probe rightly."""
    return stopped.fault in (Fault.OUT_OF_MEMORY, Fault.DEVICE)


def leaves_out(stopped: Stopped) -> bool:
    """Whether what ended the loading of a notebook may be the fault of one of its cells."""
    return stopped.fault in (Fault.CRASHED, Fault.TIMEOUT, Fault.OUT_OF_MEMORY)


def instead_of_cell(stopped: Stopped) -> str:
    """What is run in place of a cell that ended the process: an error that says so."""
    return f"raise RuntimeError({f'this cell was left out: {stopped.message}'!r})"


def sentence_for(ended: Ended, limits: Limits) -> Stopped:
    """The fault of a process that closed its socket, with one sentence for the student."""
    code = os.waitstatus_to_exitcode(ended.status)
    if ended.watched:
        return Stopped(fault=Fault.OUT_OF_MEMORY, message=ended.watched)
    if ended.out_of_memory:
        text = f"your code used more than {limits.memory_bytes >> 20} MiB of memory"
        return Stopped(fault=Fault.OUT_OF_MEMORY, message=text)
    # The kernel may end a process a moment before its counters show the whole limit.
    if code == -signal.SIGKILL and ended.cpu_seconds >= limits.submission_cpu_seconds - 0.5:
        text = f"your submission used up the {limits.submission_cpu_seconds:g} seconds of processor"
        return Stopped(fault=Fault.TIMEOUT, message=f"{text} time that all its checks may take")
    call = min(limits.call_cpu_seconds, limits.submission_cpu_seconds)
    if code in (signal.SIGXCPU, -signal.SIGXCPU) and ended.cpu_seconds >= call - 0.5:
        text = f"the call used more than {limits.call_cpu_seconds:g} seconds of processor time"
        return Stopped(fault=Fault.TIMEOUT, message=text)
    if ended.killed or code == LOST_CONNECTION:
        text = "your code closed the connection to the grader"
    elif code >= 0:
        text = f"your code ended the interpreter (exit code {code}) before answering"
    else:
        # The filter ends a process that kills itself with the signal of a bad system call.
        number = signal.SIGKILL if code == -signal.SIGSYS else -code
        name = signal.strsignal(number) or f"signal {number}"
        text = f"your code crashed the interpreter ({name.lower()})"
    return Stopped(fault=Fault.CRASHED, message=text)
