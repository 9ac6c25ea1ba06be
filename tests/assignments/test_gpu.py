"""The same checks on a CUDA device."""

from pathlib import Path

import pytest

from backproof.answer_key import AnswerKey
from backproof.audit import audit_problem
from backproof.loading import load_problem
from backproof.sandbox import Isolated

BANK = Path(__file__).parent.parent.parent / "assignments" / "bank"
PROBLEMS = sorted(path.parent for path in BANK.glob("*/problem.py"))


@pytest.mark.gpu
@pytest.mark.parametrize("folder", PROBLEMS, ids=lambda folder: folder.name)
def test_references_pass_and_stubs_and_mutants_fail_on_the_gpu(folder: Path) -> None:
    """Every problem's reference and mutants get the same verdicts on the GPU, TF32 off.

    Honest variants are written for the CPU (NumPy refuses tensors of a GPU), so only theirs may be
    among the faults.
    """
    with Isolated(device="cuda") as runner:
        card = audit_problem(load_problem(folder), runner, AnswerKey("gpu"), device="cuda")

    assert [fault for fault in card.faults if "honest variant" not in fault] == []
