"""The table of `docs/nbgrader.md`: each row names a test, and the test is there."""

import re
from pathlib import Path

ROWS = re.compile(r"^\| (.+?) \| (.+?) \| (.+?) \| `(test_\w+)` \|$", re.MULTILINE)


def test_each_row_names_a_test_that_there_is(repository: Path) -> None:
    """Whoever renames or drops one finds the row."""
    page = (repository / "docs" / "nbgrader.md").read_text("utf-8")
    section = page.split("## Row by row")[1].split("\n## ")[0]
    named = [match[3] for match in ROWS.findall(section)]
    assert len(named) == section.count("\n| ") - 1  # the head is a row, too
    assert len(named) == len(set(named))
    sources = [path.read_text("utf-8") for path in (repository / "tests").rglob("test_*.py")]
    defined = {name for text in sources for name in re.findall(r"^def (test_\w+)", text, re.M)}
    assert set(named) <= defined


def test_each_stock_row_is_in_the_table(repository: Path) -> None:
    """And the other way round."""
    page = (repository / "docs" / "nbgrader.md").read_text("utf-8")
    source = Path(__file__).with_name("test_stock_rows.py").read_text("utf-8")
    for name in re.findall(r"^def (test_\w+)", source, re.M):
        assert f"`{name}`" in page
