"""The language of answers: what is read how, and what is refused with which sentence."""

import pytest

from backproof.answers.parser import parse
from backproof.answers.printing import to_latex, to_text
from backproof.answers.syntax import AnswerSyntaxError
from backproof.model.vocabulary import ArraySymbol, MatrixSymbol, Vocabulary

WORDS = Vocabulary(
    symbols={
        "x": "real", "y": "real", "p": "unit", "w_hat": "real", "lambda": "positive",
        "eps": "positive", "n": "int", "Gamma": "real", "x_1": "real",
    },
    definitions={"q": "1 - p"},
    aliases={"keep": "q"},
    arrays=(ArraySymbol(name="a", shape=("n",)),),
)  # fmt: skip
MATRICES = Vocabulary(
    symbols={"lambda": "positive"},
    matrices=(MatrixSymbol(name="X", shape=("n", "d")), MatrixSymbol(name="y", shape=("n", "1"))),
)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("2x^2", "2*x^2"),
        ("-x^2", "-x^2"),
        ("(-x)^2", "(-x)^2"),
        ("2^3^2", "2^3^2"),
        ("(2^3)^2", "(2^3)^2"),
        ("x**2", "x^2"),
        ("2^-x", "2^(-x)"),
        ("x−y", "x - y"),
        ("x · y × 2 ÷ n", "x*y*2/n"),
        ("x² + y⁻¹", "x^2 + y^(-1)"),
        ("√x·2", "sqrt(x)*2"),
        ("√(x+1)", "sqrt(x + 1)"),
        ("p w_hat", "p*w_hat"),
        ("p(1-p)", "p*(1 - p)"),
        ("(x+1)(y-1)", "(x + 1)*(y - 1)"),
        ("2(x+1)", "2*(x + 1)"),
        ("λ + lam + lambda", "lambda + lambda + lambda"),
        ("ε", "eps"),
        ("epsilon", "eps"),
        ("Γx", "Gamma*x"),
        ("ŵ", "w_hat"),
        ("x₁", "x_1"),
        ("x1", "x_1"),
        ("keep", "q"),
        ("ln(x)", "log(x)"),
        ("n!", "factorial(n)"),
        ("-x!", "-factorial(x)"),
        (".5x", ".5*x"),
        ("1e-3", "1e-3"),
        ("x/y/2", "x/y/2"),
        ("x/(2y)", "x/(2*y)"),
        ("x-(y-1)", "x - (y - 1)"),
        ("max(x, y, 0)", "max(x, y, 0)"),
        ("a[n-1]", "a[n - 1]"),
        ("sum(i=0, n-1, a[i])", "sum(i=0, n - 1, a[i])"),
        ("x = 2y", "x = 2*y"),
        ("{x, y}", "{x, y}"),
        ("[[x, y], [1, 2]]", "[[x, y], [1, 2]]"),
        ("+x", "x"),
        ("2 pi e", "2*pi*e"),
        ("x^1/2", "(x^1)/2"),
        ("-x^2/y", "-(x^2)/y"),
        ("√2 + √16", "sqrt(2) + sqrt(16)"),
        ("x + 1;", "x + 1"),
        ("(x).", "x"),
        ("np.sqrt(x) + math.pi", "sqrt(x) + pi"),
        ("np.linalg.det(x)", "det(x)"),
        ("½x + x^¾", "(1/2)*x + x^(3/4)"),
        ("２＋x＾２", "2 + x^2"),
        ("𝑥 + ٣", "x + 3"),
        ("x‐1‑2‒3–4—5―6", "x - 1 - 2 - 3 - 4 - 5 - 6"),
        ("\u202ax\u200b\u2069+\ufeff1", "x + 1"),
        ("x ∙ y ⋅ 2 ÷ n", "x*y*2/n"),
        ("x == 2y", "x = 2*y"),
    ],
)
def test_answers_are_read_as_they_look(typed: str, read: str) -> None:
    tree = parse(typed, WORDS)

    assert to_text(tree) == read
    assert parse(read, WORDS) == tree


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("X.T@X", "X.T@X"),
        ("Xᵀ X y", "X.T@X@y"),
        ("X^T@X", "X.T@X"),
        ("inv(X.T@X + 2λ)@y", "inv(X.T@X + 2@lambda)@y"),
        ("(X.T@X)⁻¹", "(X.T@X)^(-1)"),
        ("tr(X∘X)", "tr(X⊙X)"),
    ],
)
def test_matrix_answers(typed: str, read: str) -> None:
    tree = parse(typed, MATRICES)

    assert to_text(tree) == read
    assert parse(read, MATRICES) == tree


@pytest.mark.parametrize(
    ("typed", "position", "says"),
    [
        ("", 0, "empty"),
        ("   ", 3, "empty"),
        ("1/2x", 3, "`(1/2)*x`"),
        ("x/2(y+1)", 3, "`x/(2*(...))`"),
        ("x^2y", 3, "`^(2*y)`"),
        ("√x²", 2, "under the root"),
        ("5 5", 2, "two numbers"),
        ("+-x", 1, "may mean both signs"),
        ("(x)2", 3, "number after a bracket"),
        ("mu", 0, "unknown name `mu`"),
        ("lamda2", 0, "did you mean"),
        ("xy", 0, "for a product write `x*y`"),
        ("f(x)", 0, "unknown name `f`"),
        ("sin x", 0, "`sin` is a function"),
        ("sin(x, y)", 0, "takes 1 argument"),
        ("(x + 1", 6, "`)`"),
        ("x + ", 4, "ends where an operand"),
        ("x + * y", 4, "operand"),
        ("x; y", 1, "not used in answers"),
        ("x.y", 1, "not used in answers"),
        ("√1-p/√p", 2, "as `sqrt(1) - ...` or as `sqrt(1 - ...)`"),
        ("√1/p-1", 2, "as `sqrt(1) / ...` or as `sqrt(1 / ...)`"),
        ("√9p", 2, "can be read as"),
        ("2½", 1, "the sum or the product"),
        (r"\frac{1}{x}", 0, "LaTeX is not read: write sqrt(...), (a)/(b), x^(...)"),
        ("$x$", 0, "LaTeX is not read"),
        ("x^{2}", 1, "LaTeX is not read"),
        ("x_{1}", 1, "LaTeX is not read"),
        ("2|x|", 1, "write abs(x)"),
        ("n//2", 1, "write floor(...)"),
        ("⌊x⌋", 0, "write floor(...)"),
        ("⌈x⌉", 0, "write ceil(...)"),
        ("x\x07", 1, "the character U+0007"),
        ("\ud800", 0, "the character U+D800"),
        ("X", 0, "did you mean `x`?"),
        ("PI", 0, "did you mean `pi`?"),
        ("SQRT(x)", 0, "did you mean `sqrt`?"),
        ("gamma", 0, "did you mean `Gamma`?"),
        ("sigmiod(x)", 0, "did you mean the function `sigmoid`?"),
        ("a", 0, "is an array"),
        ("x[1]", 0, "not an array"),
        ("a[1, 2]", 0, "1 index"),
        ("sum(2, 3, x)", 4, "starts with its index"),
        ("sum(x=0, 3, x)", 4, "starts with its index"),
        ("sum(i=0, 3, sum(i=0, 2, i))", 16, "already in use"),
        ("x = y = 2", 6, "does not fit"),
        ("1e999", 0, "decimal exponent"),
        ("{x, y", 5, "close the set"),
    ],
)
def test_refusals_say_where_and_why(typed: str, position: int, says: str) -> None:
    with pytest.raises(AnswerSyntaxError) as caught:
        parse(typed, WORDS)

    assert says in caught.value.message
    assert caught.value.position == position


def test_numbers_are_exact() -> None:
    assert parse("0.1 + 0.2", WORDS) != parse("0.3", WORDS)
    assert parse("0.10", WORDS) == parse("0.1", WORDS)


@pytest.mark.parametrize(
    ("typed", "latex"),
    [
        ("p ŵ/(1-p)", r"\frac{p \cdot \hat{w}}{1 - p}"),
        ("sqrt(x+eps)", r"\sqrt{x + \epsilon}"),
        ("2^(x+1)", r"2^{x + 1}"),
        ("-(x+y)", r"-\left(x + y\right)"),
        ("λ", r"\lambda"),
        ("sum(i=0, n, a[i])", r"\sum_{i=0}^{n} a_{i}"),
    ],
)
def test_latex_shows_what_was_understood(typed: str, latex: str) -> None:
    assert to_latex(parse(typed, WORDS)) == latex


@pytest.mark.parametrize("typed", ["inf", "not", "macs_1", "Gamma"])
def test_no_function_is_suggested_that_only_sounds_alike(typed: str) -> None:
    with pytest.raises(AnswerSyntaxError) as caught:
        parse(typed, Vocabulary(symbols={"p": "unit"}))

    assert caught.value.message == f"unknown name `{typed}`; the names of this question are: p"


def test_where_nothing_is_declared_no_empty_list_is_shown() -> None:
    with pytest.raises(AnswerSyntaxError, match="this answer is a number, without names"):
        parse("x", Vocabulary())


def test_a_declared_name_that_looks_like_a_module_is_that_name() -> None:
    words = Vocabulary(matrices=(MatrixSymbol(name="np", shape=("n", "d")),))

    assert to_text(parse("np.T", words)) == "np.T"


def test_references_may_hold_longer_numbers_than_answers() -> None:
    long = "9" * 300

    assert to_text(parse(f"x + {long}", WORDS, trusted=True)) == f"x + {long}"
    with pytest.raises(AnswerSyntaxError, match="120 characters"):
        parse(f"x + {long}", WORDS)
