"""The student's README of a released homework."""

from __future__ import annotations

from backproof.model import AnswerAsk, Assignment, TextField

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
* A slip that the course knows costs its points once: code of another question that is wrong by it
  alone earns its marks. Code that builds on another mistake is not marked; the notebook says which
  questions build on which.
{typed}"""

_TYPED = """\
* A typed answer is judged by what it means, not by how it is written: `a/2 + b/2` is as good as
  `(a+b)/2`. What cannot be read or decided costs nothing by itself: a person looks at it.
* What follows correctly from a wrong earlier answer of yours earns its marks. Where that answer
  leaves nothing to work out (0, or 1), a person looks.

## Typing answers

Between quotes, in the names of the comment beside the blank; no LaTeX. Try how an answer is read
(it is not said whether it is right):

    backproof answer {example} "..."

    + - * / ^ or **    -x^2 is -(x^2); write 1/(2*x) or (1/2)*x, never 1/2x
    sqrt(x) exp(x) log(x) (natural) abs(x) max(x, y) floor(x) ...    pi, e
    lambda = lam = λ, and so on for all Greek letters; x_1 = x1
    X@Y  X.T  inv(X)  tr(X)  diag(x)  [[a, b], [c, d]]    matrices
    sum(i=0, n-1, x[i]*y[i+j])    sums over an index
    12.5 MB, 815 MiB, 3 GMAC, 90.2 %    numbers with units, where they are asked for
"""


def render_readme(assignment: Assignment) -> str:
    """The text of `README.md`."""
    answers = [
        ask.name
        for problem in assignment.problems
        for ask in problem.asks
        if isinstance(ask, AnswerAsk) and not isinstance(ask.field, TextField)
    ]
    typed = _TYPED.format(example=answers[0]) if answers else ""
    return _TEXT.format(title=assignment.title, name=assignment.name, typed=typed)
