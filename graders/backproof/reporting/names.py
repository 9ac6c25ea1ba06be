"""File names for what is written about a submission."""

from __future__ import annotations

import hashlib


def page_name(submission: str, suffix: str = ".html") -> str:
    """A file name for the page of a submission: readable, one of its own for each name."""
    kept = "".join(c if c.isalnum() or c in "._-" else "-" for c in submission)
    short = kept.encode("utf-8", "replace")[-100:].decode("utf-8", "ignore").lstrip(".-")
    digest = hashlib.sha256(submission.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{short or 'submission'}-{digest}{suffix}"
