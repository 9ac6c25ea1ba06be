"""The escape probes of `backproof doctor`: all denied in a sandbox, and real attempts outside."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from backproof.frontends import doctor_command
from backproof.frontends.cli import main
from backproof.sandbox import probes
from backproof.sandbox.probes import Attempt, Finding

POSSIBLE_OUTSIDE = (
    "read a hidden test",
    "list the folder of hidden tests",
    "list the grader's home",
    "read the system's users",
    "connect to this machine",
    "open a UDP socket",
    "see other processes",
    "signal the grader",
    "start a process",
    "start a program",
    "make a memfd",
)


@pytest.mark.parametrize("profile", ["isolated", "in_base"])
def test_every_escape_is_denied(request, profile):
    """In `base` one is known to be possible; nothing else, in either profile."""
    runner = request.getfixturevalue(profile)
    found = probes.probe(runner)
    known = {f.attempt.name for f in found if f.attempt.only_full and runner.profile != "full"}
    assert {finding.attempt.name for finding in found if not finding.denied} == known
    assert len(found) > 30


def test_the_attempts_succeed_where_nothing_confines_them(tmp_path):
    """An attempt that could never succeed would prove nothing."""
    secret = tmp_path / "secret.py"
    secret.write_text("expected = 1")
    with socket.create_server(("127.0.0.1", 0)) as server:
        tried = probes.attempts(secret, server.getsockname()[1])
        chosen = [attempt for attempt in tried if attempt.name in POSSIBLE_OUTSIDE]
        source = probes._submission([attempt.code for attempt in chosen]).cells[0]
        calls = ", ".join(f"attempt_{number}(0)" for number in range(len(chosen)))
        run = [sys.executable, "-c", f"{source}\nprint(*[{calls}], sep='\\n')"]
        done = subprocess.run(run, capture_output=True, text=True, cwd=tmp_path)
    assert len(chosen) == len(POSSIBLE_OUTSIDE)
    assert done.stdout.splitlines() == ["possible"] * len(chosen), done.stderr


def test_an_attempt_that_goes_wrong_is_not_denied(ask, isolated, submission):
    """A misspelt attempt must not look like a locked door."""
    broken = Attempt("files", "misspelt", "opne('/etc/passwd')")
    with isolated.open(probes._submission([broken.code])) as session:
        finding = probes._finding(session, 0, broken)
    assert not finding.denied
    assert "NameError" in finding.error


def test_what_is_possible_ends_the_command_with_one(monkeypatch, capsys):
    """The table says which, and the exit code is not zero."""
    leak = Finding(Attempt("files", "read a hidden test", ""), denied=False)
    known = Finding(Attempt("files", "many files", "", only_full=True), denied=False)
    monkeypatch.setattr(doctor_command, "probe", lambda runner: [leak, known])
    assert main(["doctor", "--probe"]) == 1
    said = capsys.readouterr().out
    assert "not denied, and should be: " in said
    assert "read a hidden test" in said
    assert "base: many files" not in said


def test_the_doctor_says_what_is_in_force_and_why_more_is_not(capsys, monkeypatch):
    """Each layer is a line; a level that is not reached is named."""
    monkeypatch.setenv("BACKPROOF_ISOLATION", "base")
    make = doctor_command.Isolated
    monkeypatch.setattr(
        doctor_command, "Isolated", lambda **options: make(**options, namespaces=False)
    )
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert "profile: base" in said
    assert "not asked for" in said
    assert "grading accepts this: base is asked for" in said
    monkeypatch.setenv("BACKPROOF_ISOLATION", "full")
    assert main(["doctor"]) == 0
    assert "grading refuses: full is asked for, and there is no user namespace" in (
        capsys.readouterr().out
    )


def test_grading_below_the_accepted_level_is_one_sentence(capsys, monkeypatch):
    """Nothing is graded, and the way out stands in the message."""
    from backproof.sandbox import isolated as module

    made = module._options
    monkeypatch.setattr(
        module,
        "_options",
        lambda *words, **options: made(*words, **options | {"namespaces": False}),
    )
    command = ["grade", "first_layers", "--controls", "--isolation", "full"]
    assert main(command) == 4
    said = capsys.readouterr().err
    assert "isolation 'full' is asked for" in said
    assert "--isolation base" in said
    assert "Traceback" not in said
