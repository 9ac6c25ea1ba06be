"""The student's README of a released homework."""

from __future__ import annotations

from backproof.model import Assignment

_TEXT = """\
# {title}

The questions stand in `{name}.ipynb`. Write your answers there or in `{name}.py`,
which asks for the same things, and hand in the one file that you worked in.

## Check yourself

In the notebook, run the cell below each question. In a terminal, in this folder:

    pytest                     every question of the file that you have changed
    pytest -k dx               only what has "dx" in its name; a question's number works, too
    pytest --lf                only what failed last time
    pytest --backproof FILE    a file under another name

This needs `pip install backproof`, and Jupyter or IPython for a notebook. A failure says what was
checked, what you returned, what is expected of it, its likely cause, and where to read. Ctrl-C ends
a loop that never ends.

## How answers are marked

* The self-check uses the public cases in `public_cases.json`, whose expected values you may read.
  Your marks come from hidden cases of the same kind: a public pass is a good sign, not a mark.
* Functions are judged by what they return, within the rounding that any correct computation shows.
  How you write them is yours: loops or none, helpers, prints, torch or NumPy. Keep their names and
  the order of their arguments, and leave the tensors that you get as they were. Everything stands
  in one file. What a docstring says under "Raises" is not marked.
* A typed answer is compared with known right and known wrong ones; a person reads every other.
"""


def render_readme(assignment: Assignment) -> str:
    """The text of `README.md`."""
    return _TEXT.format(title=assignment.title, name=assignment.name)
