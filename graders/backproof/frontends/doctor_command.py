"""`backproof doctor`: what this machine offers to isolate submissions, and whether it holds."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from importlib.metadata import version

from rich.console import Console
from rich.table import Table

from backproof.frontends.cli import ExitCode
from backproof.model import BackproofError
from backproof.reporting.text import one_line
from backproof.sandbox import Isolated, gpu_watch, layers, profiles
from backproof.sandbox.probes import Finding, probe
from backproof.sandbox.profiles import Profile

GPU_COSTS = """A GPU costs isolation. A submission may then
- open the device files above: NVIDIA's kernel driver is code that it can attack
- make files in memory (memfd), which the driver may need
- write below /proc/self/task, where the driver names its threads
- reserve any address space: main memory is watched from outside instead, every 50 ms
- keep the GPU busy until its wall time is over; only a GPU of its own (or MIG) prevents that"""


def run_doctor(options: argparse.Namespace) -> int:
    """Print what is in force and why more is not; with `--probe`, try to get out of it."""
    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    user = f"{os.geteuid()}{' (root)' if os.geteuid() == 0 else ''}"
    console.print(
        f"{platform.system()} {platform.release()} {platform.machine()}, user {user}, "
        f"Python {platform.python_version()}, torch {version('torch')}"
    )
    on_gpu = options.device == "cuda"
    if on_gpu:
        _say_gpu(console)
    with Isolated(device=options.device, least=Profile.NONE) as runner:
        _say_layers(console, runner, on_gpu=on_gpu)
        holds = profiles.reached(runner.layers, cold=False) in (Profile.FULL, Profile.BASE)
        found = {runner.profile: probe(runner)} if options.probe else {}
    if options.probe and Profile.FULL in found:
        with Isolated(device=options.device, least=Profile.NONE, namespaces=False) as runner:
            found[runner.profile] = probe(runner)
    if options.probe:
        holds = _say_findings(console, found) and holds
    return ExitCode.OK if holds else ExitCode.SOMETHING_FAILED


def _say_gpu(console: Console) -> None:
    """What stands here without a context, and what a GPU costs in isolation."""
    nodes = layers.gpu_files()
    console.print(f"device files of NVIDIA: {', '.join(nodes) or 'none'}")
    try:
        nvml = gpu_watch.Nvml()
        console.print(f"driver {nvml.driver()}: {'; '.join(nvml.gpus()) or 'no GPU'}")
    except OSError as error:
        console.print(f"driver: not known ({one_line(str(error))})", markup=False)
    console.print(GPU_COSTS, markup=False)


def _say_layers(console: Console, runner: Isolated, *, on_gpu: bool) -> None:
    table = Table("layer", "needed for", "in force", "why not")
    watch = (gpu_watch.LAYER,) if on_gpu else ()
    for name in (*profiles.NEEDED[Profile.FULL], "cgroup", *watch):
        found = [layer for layer in runner.layers if layer.startswith(name)]
        why = "" if found else _why_not(name, runner.missing)
        table.add_row(name, _needed_for(name), found[0] if found else "NO", one_line(why))
    console.print(table)
    console.print(f"profile: {runner.profile}")
    lowest = _accepted()
    if missing := profiles.lacking(lowest, runner.layers):
        console.print(f"grading refuses: {lowest!s} is asked for, and there is no {missing[0]}")
    else:
        console.print(f"grading accepts this: {lowest!s} is asked for")


def _accepted() -> Profile:
    try:
        return profiles.accepted()
    except BackproofError as error:
        print(f"backproof: {error}", file=sys.stderr)
        return Profile.BASE


def _needed_for(name: str) -> str:
    if name in profiles.NEEDED[Profile.BASE]:
        return "base, full"
    if name == gpu_watch.LAYER:
        return "(GPU memory limit)"
    return "full" if name in profiles.NEEDED[Profile.FULL] else "(more exact limits)"


def _why_not(name: str, missing: dict[str, str]) -> str:
    """The machine's reason; the namespaces have one together, the first that was refused."""
    return missing.get(name) or missing.get("namespaces", "")


def _say_findings(console: Console, found: dict[str, list[Finding]]) -> bool:
    """Print attempts by profile; whether everything is denied that should be."""
    table = Table("", "attempt", *found)
    columns = list(found.values())
    wrong = []
    for row in zip(*columns, strict=True):
        attempt = row[0].attempt
        cells = []
        for profile, finding in zip(found, row, strict=True):
            expected = attempt.only_full and profile != Profile.FULL
            if not finding.denied and not expected:
                wrong.append(f"{profile}: {attempt.name}")
            cells.append(_cell(finding, expected))
        table.add_row(attempt.group, attempt.name, *cells)
    console.print(table)
    for line in wrong:
        console.print(f"not denied, and should be: {line}")
    return not wrong


def _cell(finding: Finding, expected: bool) -> str:
    if finding.denied:
        return "denied"
    if finding.error:
        return f"NOT TRIED: {one_line(finding.error)[:60]}"
    return "possible (only full denies it)" if expected else "POSSIBLE"
