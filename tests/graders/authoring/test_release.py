"""What is in a release, and above all what is not."""

import ast
import io
import json
import tokenize
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backproof.answer_key import PUBLIC_SEED, AnswerKey
from backproof.authoring.release import (
    LEAST_TELLING,
    build_release,
    check_release,
    release_homework,
    write_release,
)
from backproof.grading import grade
from backproof.loading import load_assignment, load_released, render_solution
from backproof.model import (
    AnswerAsk,
    Assignment,
    ChoiceField,
    Mutant,
    Problem,
    Submission,
    TypedAnswer,
    Verdict,
    Visibility,
)
from backproof.model.vocabulary import canonical
from backproof.sandbox import InProcess

ASSIGNMENTS = Path(__file__).parents[3] / "assignments"
HOMEWORKS = sorted(path.parent.name for path in ASSIGNMENTS.glob("*/assignment.toml"))
FILES = ["README.md", "first_layers.ipynb", "first_layers.py", "manifest.json", "public_cases.json"]


# --- the same bytes every time ---------------------------------------------------------------


@pytest.mark.parametrize("name", HOMEWORKS)
def test_the_committed_release_is_up_to_date(name: str, repository: Path) -> None:
    """Run `backproof release <homework>` after changing a problem."""
    homework = repository / "assignments" / name

    assert release_homework(str(homework), check=True) == []


def test_a_release_comes_out_the_same_twice(
    first_layers: Assignment, release: dict[str, bytes]
) -> None:
    """No time stamp, no random wrong answer, no address in memory."""
    assert build_release(first_layers, AnswerKey(PUBLIC_SEED)) == release
    assert sorted(release) == FILES


def test_only_stale_files_are_written(tmp_path: Path, release: dict[str, bytes]) -> None:
    """The report names them, and a second run has nothing to do."""
    assert sorted(write_release(tmp_path, release)) == FILES
    (tmp_path / "README.md").write_text("old")

    assert check_release(tmp_path, release) == ["README.md"]
    assert write_release(tmp_path, release) == ["README.md"]
    assert check_release(tmp_path, release) == []


def test_a_foreign_file_in_the_folder_is_reported(
    tmp_path: Path, release: dict[str, bytes]
) -> None:
    """A solution that lies in the released folder by mistake is not handed out unseen."""
    write_release(tmp_path, release)
    (tmp_path / "solution.py").write_text("")

    assert check_release(tmp_path, release) == ["solution.py"]


# --- nothing of a solution -------------------------------------------------------------------


def squeezed(text: str) -> str:
    """Text without what formatting may change: white space, and the kind of quotes."""
    return "".join(text.split()).replace('"', "'")


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from (key, *strings(item))
    elif isinstance(value, list):
        yield "".join(item for item in value if isinstance(item, str))
        for item in value:
            yield from strings(item)


@pytest.fixture(scope="module", params=HOMEWORKS)
def homework(request: pytest.FixtureRequest) -> Assignment:
    return load_assignment(ASSIGNMENTS / request.param)


@pytest.fixture(scope="module")
def handed_out(homework: Assignment) -> dict[str, str]:
    """All text of each committed file; of JSON files also the text inside their strings."""
    folder = ASSIGNMENTS / homework.name / "release"
    texts = {path.name: path.read_text() for path in folder.iterdir() if path.is_file()}
    for name in texts:
        if name.endswith((".json", ".ipynb")):
            texts[name] += "\n".join(strings(json.loads(texts[name])))
    return texts


def reference_statements(source: str) -> Iterator[str]:
    """Every statement of every function body; of a compound one also its first line."""
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.FunctionDef):
            for child in (child for node in function.body for child in ast.walk(node)):
                docstring = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
                says_nothing = isinstance(child, ast.Pass | ast.Return) and not getattr(
                    child, "value", None
                )
                if isinstance(child, ast.stmt) and not docstring and not says_nothing:
                    yield ast.unparse(child)
                    if not isinstance(child, ast.Try):  # "try:" ends many a word, such as "entry:"
                        yield ast.unparse(child).splitlines()[0]
                    yield ast.get_source_segment(source, child) or ""


def comments(source: str) -> Iterator[str]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


@pytest.fixture(scope="module")
def references(repository: Path) -> dict[str, str]:
    """Every module of the reference, so that a helper in another module is not forgotten."""
    root = repository / "reference" / "backproof_reference"
    return {path.name: path.read_text() for path in root.glob("*.py")}


def test_no_statement_of_a_reference_is_handed_out(
    references: dict[str, str], handed_out: dict[str, str]
) -> None:
    """Neither code nor comments of a reference's body stand in any released file."""
    told = {name: squeezed(text) for name, text in handed_out.items()}
    found = [
        (module, statement, name)
        for module, source in references.items()
        for statement in {*reference_statements(source), *comments(source)}
        for name, text in told.items()
        if squeezed(statement) in text
    ]

    assert len(references) >= 4
    assert found == []


def test_a_leaked_statement_would_be_found(references: dict[str, str]) -> None:
    """The control of the test above: other spacing and quotes do not hide a statement."""
    leaked = squeezed("dgamma=(dout * x_hat) .sum( dim=0 )")

    assert leaked in {squeezed(s) for s in reference_statements(references["batchnorm.py"])}


def normal(text: str) -> str:
    """One spelling for texts that differ in white space or Greek letters."""
    return canonical("".join(text.split()))


def sentences(value: Any) -> str:
    """The texts of a JSON file without its arrays, in whose digits any number can be found."""
    if isinstance(value, dict):
        return "\n".join(sentences(item) for key, item in value.items() if key != "data")
    if isinstance(value, list):
        return "\n".join(map(sentences, value))
    return value if isinstance(value, str) else ""


def test_no_typed_answer_is_handed_out(homework: Assignment, handed_out: dict[str, str]) -> None:
    """Neither a right spelling nor a known wrong one stands anywhere: not in a sentence either.

    The options of a choice stand in its question, and answers such as `21` in any text.
    """
    told = {name: normal(text) for name, text in handed_out.items()}
    cases = ASSIGNMENTS / homework.name / "release" / "public_cases.json"
    told[cases.name] = normal(sentences(json.loads(cases.read_text())))
    spellings = [
        answer
        for problem in homework.problems
        for ask in problem.asks
        if isinstance(ask, AnswerAsk) and not isinstance(ask.field, ChoiceField)
        for answer in (ask.answer or "", *ask.also)
        if len(normal(answer)) >= LEAST_TELLING
    ]

    assert len(spellings) > 10
    assert [(s, name) for s in spellings for name in told if normal(s) in told[name]] == []
    wrong = [
        mutant.id for p in homework.problems for mutant in p.mutants if mutant.of in typed(homework)
    ]
    assert len(wrong) > 3
    assert [id_ for id_ in wrong if f'"{id_}"' in handed_out["public_cases.json"]] == []


def test_no_rubric_is_handed_out(homework: Assignment, handed_out: dict[str, str]) -> None:
    """What a person looks for in words would be the answer."""
    told = {name: normal(text) for name, text in handed_out.items()}
    rubrics = [
        point
        for problem in homework.problems
        for check in problem.checks
        if isinstance(check.oracle, TypedAnswer)
        for point in check.oracle.rubric
    ]

    assert [(p, name) for p in rubrics for name in told if normal(p) in told[name]] == []


def test_hidden_cases_and_checks_stay_at_home(
    first_layers: Assignment, release: dict[str, bytes]
) -> None:
    """Not even their names are in the file of public cases."""
    checks = [check for problem in first_layers.problems for check in problem.checks]
    hidden = [c.id for check in checks for c in check.cases if c.visibility is Visibility.HIDDEN]
    text = release["public_cases.json"].decode()

    assert "far_mean" in hidden
    assert not [
        id_ for id_ in hidden if f'"id": "{id_}"' in text and id_ not in typed(first_layers)
    ]


def typed(assignment: Assignment) -> set[str]:
    """A typed answer's only case has the name of its check."""
    return {c.id for p in assignment.problems for c in p.checks if c.probe.answer}


# --- the self-check decides as the grader does -----------------------------------------------


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory, release: dict[str, bytes]) -> Assignment:
    path = tmp_path_factory.mktemp("released") / "public_cases.json"
    path.write_bytes(release["public_cases.json"])
    return load_released(path)


def public_part(problem: Problem) -> Problem:
    checks = [
        replace(check, cases=cases)
        for check in problem.checks
        if (cases := tuple(c for c in check.cases if c.visibility is Visibility.PUBLIC))
    ]
    kept = {check.id for check in checks}
    return replace(
        problem,
        checks=tuple(replace(c, needs=tuple(n for n in c.needs if n in kept)) for c in checks),
    )


def verdicts(assignment: Assignment, code: str, key: AnswerKey) -> dict[str, Verdict]:
    submission = Submission(name="s", path=Path("s.py"), digest="", cells=(code,))
    report = grade(assignment, submission, InProcess(), key)
    names = typed(assignment)
    return {r.check: r.verdict for r in report.results if r.check.split("/")[1] not in names}


def test_the_self_check_decides_as_the_grader_does(
    first_layers: Assignment, released: Assignment
) -> None:
    """On the public cases, nine digits are enough for every known wrong solution and the right."""
    keys = AnswerKey(PUBLIC_SEED), AnswerKey(PUBLIC_SEED)
    different = []
    for problem in first_layers.problems:
        public = only(first_layers, problem.name, public_part(problem))
        told = only(released, problem.name)
        mutants: list[Mutant | None] = [None, *problem.mutants]
        for mutant in mutants:
            code = render_solution(problem.asks, replacing=mutant)
            graded, said = verdicts(public, code, keys[0]), verdicts(told, code, keys[1])
            if not all(agree(graded[check], said[check]) for check in graded | said):
                different.append((problem.name, mutant and mutant.id))

    assert different == []


def agree(graded: Verdict, told: Verdict) -> bool:
    """A self-check shows each wrong answer; that one follows from another is said with the marks."""
    follows = graded is Verdict.FOLLOWS and told in (Verdict.FAILED, Verdict.SKIPPED)
    return graded is told or follows


def only(homework: Assignment, name: str, instead: Problem | None = None) -> Assignment:
    """The questions of one problem, `instead` of it if given: a wrong answer is wrong nowhere else."""
    questions = [q for q in homework.questions if q.problem.name == name]
    return replace(
        homework, questions=tuple(replace(q, problem=instead or q.problem) for q in questions)
    )


def test_known_wrong_answers_in_a_release_are_wrong_and_repeatable(
    release: dict[str, bytes],
) -> None:
    """A wrong solution that is right in a public case, or random there, teaches nothing."""
    table = json.loads(release["public_cases.json"])
    kept = {
        (check["id"], case["id"]): set(case["key"]["lookalikes"])
        for problem in table["problems"]
        for check in problem["checks"]
        for case in check["cases"]
    }

    assert "eps_hard_coded" in kept["forward", "eps_half"]
    assert "eps_hard_coded" not in kept["forward", "default_eps"]
    assert "active_when_not_training" not in kept["identity", "evaluation"]
    assert kept["mask", "drop_0_3"] == set()


def test_arrays_in_a_list_come_back_as_arrays() -> None:
    """A public case may hold a list of tensors, as parameters of a network are."""
    released = load_released(ASSIGNMENTS / "eecs182_hw4" / "release" / "public_cases.json")
    memory = next(p for p in released.problems if p.name == "memory_accounting")
    check = next(check for check in memory.checks if check.id == "parameter_bytes")

    (parameters,) = (case.build(np.random.default_rng(0))["parameters"] for case in check.cases)

    assert [part.shape for part in parameters] == [(5, 3), (5,), (2, 5), (2,)]
