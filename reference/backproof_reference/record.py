"""A record of derivations that passed, so that a bank of problems loads quickly.

It lies in the user's cache folder and is bound to the source of the engine and of every derivation
and to the versions of what they use: any change makes it void. It can only spare the time of a
check; what is handed out is the expression in the source. ``BACKPROOF_RECORD=off`` ignores it.
"""

import functools
import hashlib
import importlib.metadata
import json
import os
import sys
import tempfile
from pathlib import Path

import backproof_reference
from backproof_reference import derivations
from backproof_reference.prove import Derivation


def passed(derivation: Derivation) -> bool:
    """Whether this very derivation of the library is on record."""
    return _recordable(derivation) and derivation.id in _read()


def remember(*passing: Derivation) -> None:
    """Put derivations on record that have just passed; without a place to write, do nothing."""
    fresh = {derivation.id for derivation in passing if _recordable(derivation)}
    if not fresh or fresh <= _read():
        return
    path = _path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
            json.dump(sorted(_read() | fresh), file)
        os.replace(file.name, path)
    except OSError:
        return  # a read-only home: the next process checks again


def _recordable(derivation: Derivation) -> bool:
    """Only what the fingerprint covers: a derivation of the library itself, not a changed copy."""
    if os.environ.get("BACKPROOF_RECORD") == "off":
        return False
    try:
        return derivation is derivations.get(derivation.id)
    except KeyError:
        return False


def _read() -> set[str]:
    try:
        found = json.loads(_path().read_text())
    except (OSError, ValueError):
        return set()  # none yet, or not one of ours
    return {id for id in found if isinstance(id, str)} if isinstance(found, list) else set()


def _path() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "backproof" / f"passed-{_fingerprint()}.json"


@functools.cache
def _fingerprint() -> str:
    root = Path(backproof_reference.__file__).parent
    digest = hashlib.sha256(sys.version.encode())
    for package in ("sympy", "torch", "numpy"):
        digest.update(f"{package} {importlib.metadata.version(package)}\n".encode())
    for path in sorted(root.rglob("*.py")):
        digest.update(f"{path.relative_to(root).as_posix()}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:32]
