"""The class of thirteen of `nbclass.py`, graded once for all tests of a process."""

import importlib

import pytest

from backproof.loading.assignments import assignments_root


@pytest.fixture(scope="session")
def nbclass():
    """The module; skipped by name where nbgrader is not installed."""
    pytest.importorskip("nbgrader")
    return importlib.import_module("nbclass")


@pytest.fixture(scope="session")
def assignments(nbclass, tmp_path_factory):
    """The bank with the small homework of the class."""
    root = tmp_path_factory.mktemp("bank") / "assignments"
    (root / nbclass.HOMEWORK).mkdir(parents=True)
    (root / nbclass.HOMEWORK / "assignment.toml").write_text(nbclass.TOML)
    (root / "bank").symlink_to(assignments_root().resolve() / "bank")
    return root


@pytest.fixture(scope="session")
def ungraded(nbclass, assignments, tmp_path_factory):
    return nbclass.handed_in(tmp_path_factory.mktemp("class") / "course", assignments, nbclass.LATE)


@pytest.fixture(scope="session")
def by_nbgrader(nbclass, ungraded, tmp_path_factory):
    """The class after nbgrader's own command, with what the command printed."""
    course = nbclass.copied(ungraded, tmp_path_factory.mktemp("nbgrader") / "course")
    # Whatever would start a kernel stops here with an error.
    printed = course.run("autograde", course.homework, "--Execute.kernel_name=no_such_kernel")
    course.run("generate_feedback", course.homework)
    course.run("export")
    return course, printed


@pytest.fixture(scope="session")
def by_backproof(nbclass, ungraded, tmp_path_factory):
    """The same after ours, with workers."""
    course = nbclass.copied(ungraded, tmp_path_factory.mktemp("backproof") / "course")
    printed = course.run("autograde", course.homework, "--jobs", "2", program="backproof")
    course.run("generate_feedback", course.homework)
    course.run("export")
    return course, printed
