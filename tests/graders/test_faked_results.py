"""Results that were not earned are refused, each with its reason; beside honest ones as controls."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from backproof.answer_key import AnswerKey
from backproof.grading import grade
from backproof.loading import load_problem, read_submission, render_solution
from backproof.model import Assignment, CheckResult, GradedQuestion, Problem, Report, Verdict
from backproof.sandbox import Isolated
from backproof_reference import data, mnist_nets

Arrays = dict[str, Any]


@pytest.fixture(scope="module")
def problem(repository: Path) -> Problem:
    return load_problem(repository / "assignments" / "bank" / "mnist_nets")


Handed = Callable[..., CheckResult]


@pytest.fixture
def handed_in(problem: Problem, runner: Isolated, key: AnswerKey, tmp_path: Path) -> Handed:
    """The verdict on one question for the reference's code, with what is added, and a file."""

    def run(check: str, added: str = "", weights: Arrays | None = None) -> CheckResult:
        path = tmp_path / "hw.py"
        path.write_text(f"{render_solution(problem.asks)}\n\n{added}\n")
        if weights is not None:
            np.savez(tmp_path / "hw.weights.npz", **weights)
        question = check.partition("_")[0]
        assignment = Assignment(
            name="fakes",
            title="",
            source="",
            digest="",
            questions=(GradedQuestion(number="1", points=1.0, problem=problem, key=question),),
        )
        report: Report = grade(assignment, read_submission(path), runner, key)
        assert report.fault is None
        return next(r for r in report.results if r.check == f"mnist_nets/{check}")

    return run


@functools.cache
def trained(on: str) -> Arrays:
    """Weights of a run at home: on the training or test images, or on labels that mean nothing."""
    found = data.digits()
    x, y = found.test() if on == "test" else found.train()
    order = np.random.default_rng(1)
    if on == "random labels":
        y = order.permutation(y)
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(1)
        network = mnist_nets.make_trained(64, 10)
        batches = [
            chosen.tolist()
            for _ in range(20 if on == "train" else 60 if on == "test" else 10)
            for chosen in np.array_split(order.permutation(len(y)), len(y) // 32)
        ]
        pixels = torch.from_numpy(255 * x).float()
        mnist_nets.train_network(network, pixels, torch.from_numpy(y), batches, 0.003)
    return {name: value.numpy() for name, value in network.state_dict().items()}


def test_weights_of_an_honest_run_pass(handed_in: Handed) -> None:
    """The control: the same machinery gives full marks to who has trained."""
    found = handed_in("weights", weights=trained("train"))

    assert found.verdict is Verdict.PASSED, found.observed


def test_an_accuracy_that_is_written_down_counts_for_nothing(handed_in: Handed) -> None:
    found = handed_in("weights", 'accuracy = 0.991\nprint("Test accuracy: 0.991")')

    assert found.verdict is Verdict.FAILED
    assert "no file hw.weights.npz or hw.weights.safetensors beside" in found.observed


def test_weights_of_another_architecture_do_not_fit(handed_in: Handed) -> None:
    network = mnist_nets.make_medium(64, 10)
    other = {name: value.numpy() for name, value in network.state_dict().items()}

    found = handed_in("weights", weights=other)

    assert found.verdict is Verdict.FAILED
    assert "the weights of your file do not fit the network of `make_trained`" in found.observed
    assert "size mismatch for 1.weight" in found.observed


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        ("untrained", "inputs that were held back are classified rightly"),
        ("zeros", "every input gets the class 0: the network has collapsed"),
        ("one class", "every input gets the class 7: the network has collapsed"),
        ("not finite", "training has diverged"),
        ("random labels", "inputs that were held back are classified rightly"),
    ],
)
def test_weights_that_have_learnt_nothing_are_refused(
    handed_in: Handed, weights: str, says: str
) -> None:
    own = dict(trained("random labels" if weights == "random labels" else "train"))
    if weights == "untrained":
        torch.manual_seed(5)
        network = mnist_nets.make_trained(64, 10)
        own = {name: value.numpy() for name, value in network.state_dict().items()}
    if weights in ("zeros", "one class"):
        own = {name: np.zeros_like(array) for name, array in own.items()}
    if weights == "one class":
        own["7.bias"][7] = 9.0
    if weights == "not finite":
        own["4.weight"] = own["4.weight"] * np.float32("nan")

    found = handed_in("weights", weights=own)

    assert found.verdict is Verdict.FAILED
    assert says in found.observed


def test_a_network_that_was_trained_on_the_test_images_waits_for_a_person(
    handed_in: Handed,
) -> None:
    """It knows them better than those that it should have learnt from."""
    found = handed_in("weights", weights=trained("test"))

    assert found.verdict is Verdict.UNDECIDED
    assert "of the images that were to be kept for testing" in found.observed
    assert "a person asks whether they were swapped" in found.observed


SEARCH = """
import gc
import sys

def _labels(x):
    # Whatever in this process looks like a label for each of these images.
    frame, places = sys._getframe(), list(gc.get_objects())
    while frame is not None:
        places += [frame.f_locals, frame.f_globals]
        frame = frame.f_back
    values = [v for p in places if isinstance(p, dict) for v in list(p.values())] + places
    for value in values:
        try:
            if len(value) == len(x) and not isinstance(value, (str, bytes)):
                found = [int(v) for v in value]
                if len(set(found)) == 10 and set(found) == set(range(10)):
                    return torch.tensor(found)
        except Exception:
            pass
    return torch.zeros(len(x), dtype=torch.long)

def _noisy(labels):
    scores = nn.functional.one_hot(labels, 10).float()
    return scores + 0.1 * torch.randn(len(labels), 10)
"""


def test_labels_cannot_be_copied_for_they_are_not_there(handed_in: Handed) -> None:
    """A submission that would answer with the true labels and some noise finds none to copy."""
    added = (
        SEARCH
        + "\ndef predict(network, x):\n    return _noisy(_labels(x)) + 5 * (_labels(x).sum() == 0) * torch.eye(10)[0]\n"
    )

    found = handed_in("narrow_run", added)

    assert found.verdict is Verdict.FAILED
    assert found.observed == "every input gets the class 0: the network has collapsed"


def test_labels_of_the_published_set_are_not_those_asked_for(handed_in: Handed) -> None:
    """Classes are renamed by chance in each course: who looks images up has learnt nothing."""
    added = """
def train_network(network, pixels, labels, batches, lr):
    return torch.zeros(len(batches))

def predict(network, x):
    from sklearn.datasets import load_digits

    known = load_digits()
    all_ = torch.from_numpy(known.images).float().flatten(1) * 255 / 16
    nearest = torch.cdist(x.float().flatten(1), all_).argmin(1)
    return 3 * nn.functional.one_hot(torch.from_numpy(known.target)[nearest], 10) - 1.0
"""
    found = handed_in("narrow_run", added)

    assert found.verdict in (Verdict.FAILED, Verdict.STUDENT_ERROR)
    if found.verdict is Verdict.FAILED:
        right = int(found.observed.split(" of ")[0])
        assert right < 320 * 0.85


def test_training_on_labels_that_mean_nothing_stays_at_chance(handed_in: Handed) -> None:
    """The control of the images: nothing but their labels tells them apart for the grader."""
    added = """
def train_network(network, pixels, labels, batches, lr, right=train_network):
    return right(network, pixels, labels[torch.randperm(len(labels))], batches, lr)
"""
    found = handed_in("narrow_run", added)

    assert found.verdict is Verdict.FAILED
    right = int(found.observed.split(" of ")[0].split()[-1]) if " of 320" in found.observed else 0
    # Binomial (320, 1/10): more than 58 have a probability below 1e-5.
    assert right <= 58
