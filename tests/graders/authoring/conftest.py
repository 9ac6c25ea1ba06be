"""One release for all tests: building it runs every wrong solution of the bank."""

import pytest

from backproof.answer_key import PUBLIC_SEED, AnswerKey
from backproof.authoring.release import build_release
from backproof.model import Assignment


@pytest.fixture(scope="session")
def release(first_layers: Assignment) -> dict[str, bytes]:
    return build_release(first_layers, AnswerKey(PUBLIC_SEED))
