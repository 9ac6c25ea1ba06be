"""One release for all tests: building it runs every wrong solution of the bank."""

import pytest

from backproof.answer_key import PUBLIC_SEED, AnswerKey
from backproof.authoring.release import build_release
from backproof.model import Assignment


@pytest.fixture(scope="session")
def release(tehran: Assignment) -> dict[str, bytes]:
    return build_release(tehran, AnswerKey(PUBLIC_SEED))
