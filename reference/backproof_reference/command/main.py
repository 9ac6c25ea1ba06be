"""The command ``backproof-prove``.

Exit codes: 0 fine, 1 something is not proved, 2 interrupted, 3 our own error, 4 wrong usage.
"""

import argparse
import difflib
import json
import os
import sys
from collections.abc import Sequence
from enum import IntEnum
from pathlib import Path
from typing import NoReturn

from backproof_reference import record
from backproof_reference.command.evidence import Evidence, collect, library
from backproof_reference.command.report import as_json
from backproof_reference.command.tables import (
    full,
    listing,
    progress,
    show_table,
    summary,
)
from backproof_reference.handouts.folder import write_handouts
from backproof_reference.handouts.shared import problems
from backproof_reference.prove import Derivation


class ExitCode(IntEnum):
    """How the command ends."""

    OK = 0
    NOT_PROVED = 1
    INTERRUPTED = 2
    OWN_ERROR = 3
    USAGE = 4


class UsageError(Exception):
    """The command was called wrongly; the message says how."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(ExitCode.USAGE, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the result is the exit code."""
    options = _parser().parse_args(arguments)
    try:
        return int(_run(options))
    except UsageError as error:
        print(f"backproof-prove: {error}", file=sys.stderr)
        return ExitCode.USAGE
    except KeyboardInterrupt:
        print("backproof-prove: interrupted", file=sys.stderr)
        return ExitCode.INTERRUPTED
    except Exception as error:
        print(f"backproof-prove: {type(error).__name__}: {error}", file=sys.stderr)
        if os.environ.get("BACKPROOF_DEBUG"):
            raise
        print("This is an error of ours; BACKPROOF_DEBUG=1 shows where.", file=sys.stderr)
        return ExitCode.OWN_ERROR


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="backproof-prove",
        description="Check the derivations behind the expected answers by computer algebra.",
        epilog="Exit codes: 0 fine, 1 something is not proved, 2 interrupted, 3 own error, "
        "4 wrong usage.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("list", help="the derivations there are")
    check = commands.add_parser("check", help="prove every step and refuse every mutant")
    check.add_argument("--all", action="store_true", help="every derivation (the default)")
    check.add_argument("--json", type=Path, metavar="FILE", help="write the findings to FILE")
    show = commands.add_parser("show", help="one derivation with reasons and counterexamples")
    show.add_argument("id", metavar="ID")
    handout = commands.add_parser("handout", help="a page for each derivation, HTML and Markdown")
    handout.add_argument("--out", type=Path, metavar="FOLDER", required=True)
    for several in (check, handout):
        several.add_argument("ids", nargs="*", metavar="ID", help="default: all")
        several.add_argument(
            "--jobs",
            type=_count,
            default=os.cpu_count() or 1,
            metavar="N",
            help="processes to use (default: one for each core)",
        )
    for each in commands.choices.values():
        each.add_argument(
            "--module",
            default="",
            help="the derivations of this module instead of the bank's, such as one being written",
        )
    return parser


def _count(text: str) -> int:
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no positive number")
    return int(text)


def _run(options: argparse.Namespace) -> ExitCode:
    known = _library(options.module)
    match options.command:
        case "list":
            show_table(listing(known), sys.stdout, left=(0, 1, 2))
            return ExitCode.OK
        case "show":
            (derivation,) = _chosen(known, [options.id])
            evidence = collect(options.module, [derivation.id], 1, lambda id: None)[derivation.id]
            print(full(derivation, evidence))
            return ExitCode.OK if evidence.proved else ExitCode.NOT_PROVED
        case "check":
            return _check(options, _chosen(known, [] if options.all else options.ids))
        case _:
            return _handout(options, _chosen(known, options.ids))


def _check(options: argparse.Namespace, chosen: Sequence[Derivation]) -> ExitCode:
    found = _examined(options, chosen)
    show_table(summary(chosen, found), sys.stdout, left=(0, 1))
    code = _verdict(chosen, found)
    seconds = sum(evidence.seconds for evidence in found.values())
    proved = sum(evidence.proved for evidence in found.values())
    mutants = sum(len(each.mutants) - len(each.accepted) for each in found.values())
    print(f"{proved} of {len(chosen)} proved, {mutants} mutants refused, {seconds:.1f} s of work")
    if options.json:
        text = json.dumps(as_json(chosen, found), indent=2, ensure_ascii=False, allow_nan=False)
        _write(options.json, text + "\n")
    return code


def _handout(options: argparse.Namespace, chosen: Sequence[Derivation]) -> ExitCode:
    found = _examined(options, chosen)
    try:
        written = write_handouts(chosen, found, options.out)
    except OSError as error:
        raise UsageError(f"cannot write to {options.out}: {error.strerror}") from error
    print(f"{written} files in {options.out}; start at {options.out / 'index.html'}")
    return _verdict(chosen, found)


def _examined(options: argparse.Namespace, chosen: Sequence[Derivation]) -> dict[str, Evidence]:
    with progress(len(chosen), sys.stderr) as announce:
        found = collect(options.module, [each.id for each in chosen], options.jobs, announce)
    record.remember(*(each for each in chosen if found[each.id].proved))
    return found


def _verdict(chosen: Sequence[Derivation], found: dict[str, Evidence]) -> ExitCode:
    """The exit code; says what is not proved and why."""
    for each in chosen:
        if not found[each.id].proved:
            for problem in problems(each, found[each.id]):
                print(f"{each.id}: {problem}", file=sys.stderr)
    return ExitCode.OK if all(each.proved for each in found.values()) else ExitCode.NOT_PROVED


def _library(module: str) -> tuple[Derivation, ...]:
    if module and "" not in sys.path:
        sys.path.insert(0, "")  # a module in the current folder, as with python -m
    try:
        return library(module)
    except (ImportError, ValueError) as error:
        raise UsageError(str(error)) from error


def _chosen(known: Sequence[Derivation], ids: Sequence[str]) -> tuple[Derivation, ...]:
    by_id = {each.id: each for each in known}
    for id in ids:
        if id not in by_id:
            near = difflib.get_close_matches(id, by_id, n=3, cutoff=0.5)
            hint = f"did you mean {', '.join(near)}?" if near else "see `backproof-prove list`"
            raise UsageError(f"no derivation {id!r}: {hint}")
    return tuple(each for each in known if not ids or each.id in ids)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error


if __name__ == "__main__":
    sys.exit(main())
