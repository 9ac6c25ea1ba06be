"""What several tests ask of the library, worked out once in a run."""

import functools

import pytest

from backproof_reference.command.evidence import examine


@pytest.fixture(scope="session")
def examined():
    """The full check of a derivation: its steps, its oracle and its mutants."""
    return functools.cache(examine)
