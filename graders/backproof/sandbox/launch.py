"""The first steps of a warm parent, before anything slow is imported.

    launcher (waits) -> keeper of the namespaces (waits) -> warm parent, first of its PID namespace

Where the machine refuses a namespace, the launcher itself becomes the warm parent, and the report
says which step was refused.
"""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any, NoReturn

from backproof.sandbox import cgroups, kernel, layers, namespaces, scratch


def main(control_fd: int, options: dict[str, Any]) -> None:
    """Find the strongest confinement up to the one asked for, and be the warm parent there.

    options: scratch_root, device, namespaces (whether to try them), warm (whether to warm up), and
    the name of its control groups. The folders of both are made here and removed here, and by the
    grader too: whichever of the two is killed, the other one knows their names.
    """
    inherited: tuple[str, ...] = ()
    try:
        scratch.make_root(Path(options["scratch_root"]))
        roots, why = cgroups.make_roots(options["cgroups"])
        options |= {"cgroup_roots": list(map(str, roots)), "no_cgroup": why}
        refused = "not asked for"
        if options["namespaces"]:
            inherited, refused = _in_namespaces(control_fd, options)
        from backproof.sandbox import warm_parent

        warm_parent.main(control_fd, options, inherited, refused)
    finally:
        if not inherited:
            _tidy_up(options)


def _in_namespaces(control_fd: int, options: dict[str, Any]) -> tuple[tuple[str, ...], str]:
    """What is in force and no refusal, or nothing and the refusal: in another process or here."""
    heard, said = os.pipe()
    keeper = os.fork()
    if keeper == 0:
        os.close(heard)
        names = _leave(control_fd, options, said)
        return names, ""
    os.close(said)
    with open(heard, "rb") as pipe:
        answer = json.loads(pipe.read() or b'{"refused": "it ended without a word"}')
    if "refused" in answer:
        os.waitpid(keeper, 0)
        return (), answer["refused"]
    _wait_for(keeper, control_fd, options)


def _leave(control_fd: int, options: dict[str, Any], said: int) -> tuple[str, ...]:
    """In the keeper: returns only in its child, the warm parent to be."""
    try:
        names = namespaces.leave()
        kernel.prctl(kernel.PR_SET_PDEATHSIG, int(signal.SIGKILL))
        inner = os.fork()
        if inner:
            os.close(said)
            _wait_for(inner, control_fd, None)
        kernel.prctl(kernel.PR_SET_PDEATHSIG, int(signal.SIGKILL))
        on_cuda = options["device"].startswith("cuda")
        paths, devices = layers.visible(on_cuda=on_cuda)
        hidden = layers.hidden_solutions()
        namespaces.build_view(options["scratch_root"], paths, devices, hidden)
    except OSError as error:
        os.write(said, json.dumps({"refused": str(error)[:500]}).encode())
        os._exit(1)
    os.write(said, b'{"entered": true}')
    os.close(said)
    os.environ.update(layers.environment(namespaces.SCRATCH))
    return names


def _wait_for(pid: int, control_fd: int, options: dict[str, Any] | None) -> NoReturn:
    """Wait for the warm parent. Its socket must end with it, so no other process keeps it."""
    os.close(control_fd)
    status = os.waitpid(pid, 0)[1]
    if options is not None:
        _tidy_up(options)
    os._exit(0 if status == 0 else 1)


def _tidy_up(options: dict[str, Any]) -> None:
    """Remove what the grader made for us, in case it was killed and cannot."""
    cgroups.remove_roots(options["cgroups"])
    scratch.remove(Path(options["scratch_root"]))
