"""What a student installs holds no solution: the archives are built, opened and searched."""

import ast
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest


def reference_statements(repository: Path) -> set[str]:
    """Statements of the reference solutions, in one spelling, longer than trivial ones."""
    found = set()
    for path in (repository / "reference" / "backproof_reference").glob("*.py"):
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef):
                found |= {
                    ast.unparse(node) for node in function.body if not isinstance(node, ast.Expr)
                }
    return {statement for statement in found if len(statement) > 40}


def texts(archive: Path) -> Iterator[tuple[str, str]]:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            for name in wheel.namelist():
                yield name, wheel.read(name).decode("utf-8", "replace")
    else:
        with tarfile.open(archive) as sdist:
            for member in sdist.getmembers():
                file = sdist.extractfile(member)
                if file is not None:
                    yield member.name, file.read().decode("utf-8", "replace")


@pytest.fixture(scope="session")
def archives(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    out = tmp_path_factory.mktemp("dist")
    command = [
        sys.executable,
        "-m",
        "build",
        "--no-isolation",
        "--outdir",
        str(out),
        str(repository),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return sorted(out.iterdir())


def test_the_templates_of_web_pages_are_inside(archives: list[Path]) -> None:
    """A page can be made from an installation."""
    for archive in archives:
        names = [name for name, _ in texts(archive)]
        assert any(name.endswith("backproof/reporting/templates/student.html.j2") for name in names)


def test_a_wheel_and_a_source_distribution_are_built(archives: list[Path]) -> None:
    """Both kinds of archive are searched below."""
    assert [path.name.split("-")[0] for path in archives] == ["backproof", "backproof"]
    assert {path.suffix for path in archives} == {".whl", ".gz"}


def test_no_archive_holds_a_file_of_the_staff(archives: list[Path]) -> None:
    """Neither the reference, the bank nor the tests are inside."""
    for archive in archives:
        for name, _ in texts(archive):
            parts = set(Path(name).parts)
            assert not parts & {
                "reference",
                "backproof_reference",
                "assignments",
                "bank",
                "tests",
            }, name


def test_no_statement_of_a_reference_body_is_in_an_archive(
    archives: list[Path], repository: Path
) -> None:
    """Not even copied into another file."""
    statements = reference_statements(repository)
    assert len(statements) > 20
    for archive in archives:
        for name, text in texts(archive):
            if name.endswith(".py"):
                spelled = {
                    ast.unparse(node)
                    for node in ast.walk(ast.parse(text))
                    if isinstance(node, ast.stmt)
                }
                assert not spelled & statements, name


def test_the_wheel_holds_the_package_its_types_and_its_entry_points(archives: list[Path]) -> None:
    """What a student needs is there: code, py.typed, the command, the pytest plugin, the licence."""
    wheel = next(path for path in archives if path.suffix == ".whl")
    names = dict(texts(wheel))

    assert "backproof/grading.py" in names
    assert "backproof/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    entry_points = next(text for name, text in names.items() if name.endswith("entry_points.txt"))
    assert "backproof = backproof.frontends.cli:main" in entry_points
    assert "[pytest11]" in entry_points


def test_the_students_requirements_are_torch_numpy_and_pytest(archives: list[Path]) -> None:
    """Nothing else is forced on a student's machine."""
    wheel = next(path for path in archives if path.suffix == ".whl")
    metadata = next(text for name, text in texts(wheel) if name.endswith("METADATA"))
    required = [
        line.split()[1].split(">")[0]
        for line in metadata.splitlines()
        if line.startswith("Requires-Dist") and "extra ==" not in line
    ]

    assert sorted(required) == ["numpy", "pytest", "torch"]
