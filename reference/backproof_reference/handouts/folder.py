"""Write the pages of derivations into a folder."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from backproof_reference.command.evidence import Evidence
from backproof_reference.handouts.markdown import index_markdown, markdown
from backproof_reference.handouts.page import index_page, page
from backproof_reference.prove import Derivation


def write_handouts(library: Sequence[Derivation], found: dict[str, Evidence], folder: Path) -> int:
    """Two files for each derivation, two indexes and the style sheet; returns how many.

    Raises:
        OSError: the folder cannot be written.
    """
    texts = {
        "index.html": index_page(library, found),
        "index.md": index_markdown(library, found),
        "style.css": files("backproof_reference.handouts").joinpath("style.css").read_text(),
    }
    for derivation in library:
        texts[f"{derivation.id}.html"] = page(derivation, found[derivation.id])
        texts[f"{derivation.id}.md"] = markdown(derivation, found[derivation.id])
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return len(texts)
