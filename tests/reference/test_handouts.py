"""The pages that people read: complete, honest, offline, and the same bytes each time."""

import dataclasses
import hashlib
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest
import sympy as sp
from sympy import KroneckerDelta, Sum

from backproof_reference.command.evidence import examine
from backproof_reference.command.report import as_json
from backproof_reference.command.tables import full
from backproof_reference.derivations import ALL, get
from backproof_reference.handouts.conditions import conditions, plain
from backproof_reference.handouts.folder import write_handouts
from backproof_reference.handouts.latex import to_latex
from backproof_reference.handouts.layout import Reader
from backproof_reference.handouts.markdown import markdown
from backproof_reference.handouts.mathml import lines, to_mathml
from backproof_reference.handouts.page import index_page, page
from backproof_reference.handouts.shared import GIVEN, at_sizes, number
from backproof_reference.handouts.typed import to_text
from backproof_reference.handouts.words import html_words, markdown_words
from backproof_reference.prove import Finding, Mutant, Step, StepReport, Verdict

EVERY = [pytest.param(derivation, id=derivation.id) for derivation in ALL]
WORDS = {
    Verdict.PROVED_ALL_SIZES: "proved at all sizes",
    Verdict.PROVED_AT: "proved at the listed sizes",
}
VOID = {"meta", "link", "br", "mspace"}


class Page(HTMLParser):
    """Checks that tags nest, and collects text and addresses."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.addresses, self.words = [], [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.addresses += [value for name, value in attributes if name in ("href", "src")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join("".join(self.words).split())


@pytest.mark.parametrize("derivation", EVERY)
def test_a_page_says_everything_and_needs_no_network_and_no_script(derivation, examined):
    """Every step with its reason, every mistake with its sentence and counterexample."""
    html = page(derivation, examined(derivation))
    shown = Page(html)
    assert shown.tags.count("h1") == 1
    assert "script" not in shown.tags
    assert set(shown.addresses) == {"style.css", "index.html"}
    assert "computer-algebra checked under the listed assumptions" in shown.text
    assert "formally" not in html.lower()
    verdicts = [step.verdict for step in examined(derivation).report.steps]
    for verdict, words in WORDS.items():
        assert html.count(words) == verdicts.count(verdict)
    assert set(verdicts) <= WORDS.keys()
    assert html.count("Counterexample.") == len(derivation.mutants)
    for sentence in (
        derivation.claim,
        *(assumption.text for assumption in derivation.assumptions),
        *(step.because for step in derivation.steps),
        *(mutant.misconception for mutant in derivation.mutants),
    ):
        assert html_words(sentence) in html
    formulas = html.count('<div class="formula"')
    assert formulas == 1 + len(derivation.steps) + len(derivation.mutants)
    for formula in re.findall(r"<math.*?</math>", html):
        ET.fromstring(formula)  # well-formed


@pytest.mark.parametrize("derivation", EVERY)
def test_a_markdown_file_says_everything(derivation, examined):
    """Aligned LaTeX, numbered reasons, mistakes."""
    text = markdown(derivation, examined(derivation))
    assert f"# {markdown_words(derivation.title)}\n" in text
    assert r"\begin{aligned}" in text
    reports = examined(derivation).report.steps
    for at, step in enumerate(derivation.steps, 1):
        assert f"({at})" in text
        said = WORDS[reports[at - 1].verdict]
        assert f"{at}. **{markdown_words(step.name)}** ({said}, exactly" in text
        assert markdown_words(step.because) in text
    for mutant in derivation.mutants:
        assert f"### {markdown_words(mutant.misconception)}" in text
    assert text.count("Counterexample: at") == len(derivation.mutants)
    assert "NOT PROVED" not in text
    assert "formally" not in text.lower()
    assert text.count("$$") % 2 == 0
    for formula in re.findall(r"\$\$(.*?)\$\$", text, re.S):
        assert formula.count("{") == formula.count("}")
        assert formula.count(r"\left") == formula.count(r"\right")


def broken():
    good = get("batchnorm.dx")
    wrong = dataclasses.replace(good.steps[1], expr=good.mutants[0].expr)
    return dataclasses.replace(good, mutants=good.mutants[1:], steps=(good.steps[0], wrong))


def test_the_page_of_a_derivation_with_a_broken_step_shows_it_as_not_proved():
    """At the top, at the step, and in the index; nothing calls it checked."""
    bad = broken()
    found = examine(bad)
    html = page(bad, found)
    assert "<h2>Not proved</h2>" in html
    assert "step &#x27;closed form&#x27; is refuted by a counterexample at m=2, a=0" in html
    right = found.report.steps[1].finding.counterexample.left
    assert f"the right value is {number(right)}".replace("-", "−") in html
    shown = Page(html).text
    assert "✗ not proved" in shown
    assert "✗ refuted" in shown
    assert "✗ differs" in shown
    assert "computer-algebra checked" not in shown.lower()
    index = Page(index_page([bad], {bad.id: found})).text
    assert "✗ not proved" in index
    assert "✓" not in index
    text = markdown(bad, found)
    assert "**NOT PROVED**" in text
    assert "computer-algebra checked" not in text.lower()
    assert "1. **chain rule** (proved at all sizes" in text
    assert "2. **closed form** (refuted): " in text


def test_a_derivation_that_is_only_sampled_is_not_called_checked():
    """A sample is no proof."""
    good = get("batchnorm.dbeta")
    found = examine(good)
    steps = tuple(
        dataclasses.replace(step, finding=Finding(verdict=Verdict.NUMERIC_ONLY))
        for step in found.report.steps
    )
    found = dataclasses.replace(found, report=dataclasses.replace(found.report, steps=steps))
    assert not found.proved
    for text in (Page(page(good, found)).text, markdown(good, found), full(good, found)):
        assert "computer-algebra checked" not in text.lower()
        assert "not proved" in text.lower()


def test_every_condition_that_an_operator_carries_is_shown():
    """Signs, ranges, supports, domains and operators, whether or not the author mentions them."""
    for id, sentences in {
        "dropout.loss": (
            "the entries of D are independent of each other and of all else",
            "w is 0 outside its d entries",
            'from "first moment" on: m_1 is p',
            "positive whole numbers: N, d",
        ),
        "batchnorm.dx": ("is positive", "all else is held fixed but x[a]", "0 <= a <= m - 1"),
        "center_loss.form": (
            "each row of B has at most one 1, all else 0",
            "sum(j=0, K - 1, B[i, j]) is 1",
        ),
        "weight_noise.as_dropout": ("alpha is (1 - p)/p", "(1 - p)/p > 0"),
        "simplex.cosine": ("n - 2 >= 0",),
    }.items():
        bare = dataclasses.replace(get(id), assumptions=())
        evidence = examine(bare)
        shown = full(bare, evidence)
        told = [plain(each) for each in conditions(bare)]
        for sentence in sentences:
            assert sentence in shown
            assert any(sentence in each for each in told)
        assert as_json([bare], {bare.id: evidence})["derivations"][0]["conditions"] == told
        html, text = page(bare, evidence), markdown(bare, evidence)
        assert html.count("<li>", html.index(GIVEN), html.index("</section>", html.index(GIVEN)))
        assert text.count("\n- ", text.index(GIVEN), text.index("## Steps")) >= len(told)


def test_divisors_are_named_where_only_single_sizes_are_proved():
    """At all sizes the checker asks for certainty that nothing is divided by 0."""
    u, v = sp.symbols("u v", real=True)
    sizes = dataclasses.replace(
        get("pooling.average_blocks"),
        steps=(Step("only", u + v, ""),),
        start=(u**2 - v**2) / (u - v),
        mutants=(Mutant("m", "", "only", u - v),),
    )
    assert "u - v is not 0: it is divided by" in [plain(each) for each in conditions(sizes)]


def test_the_sizes_of_a_proof_are_all_named():
    """However many there are: "at 3 choices of sizes" says nothing."""
    for derivation in ALL:
        said = at_sizes(
            StepReport(
                name="",
                finding=Finding(verdict=Verdict.PROVED_AT),
                sizes=derivation.sizes,
                seconds=0,
            )
        )
        for sizes in derivation.sizes:
            assert all(str(number) in said for number in sizes.values())
        assert "choices" not in said
    assert at_sizes(examine(get("relu_nets.and")).report.steps[0]) == "exactly; no size enters"
    many = examine(get("conv.db"))
    assert f"({at_sizes(many.report.steps[0])})" in full(get("conv.db"), many)


def test_plain_numbers_in_ranges_and_moments_make_a_page():
    """They are numbers like SymPy's."""
    good = get("pooling.average_blocks")
    (p0, u0) = good.setting.ranges
    ranges = {p0: (0, good.setting.ranges[p0][1]), u0: (0, good.setting.ranges[u0][1])}
    plainly = dataclasses.replace(
        good, setting=dataclasses.replace(good.setting, ranges=ranges, nonnegative=(0,))
    )
    assert Page(page(plainly, examine(plainly))).text
    assert markdown(plainly, examine(plainly))


def test_a_derivation_whose_check_crashes_is_shown_as_not_proved():
    """A crash is never a pass, nor a missing page."""

    class Crash(type(get("batchnorm.dx"))):
        def check(self):
            raise RuntimeError("the engine fell over")

    good = get("batchnorm.dx")
    crash = Crash(**{f.name: getattr(good, f.name) for f in dataclasses.fields(good)})
    found = examine(crash)
    shown = Page(page(crash, found)).text
    assert "RuntimeError: the engine fell over" in shown
    assert shown.count("✗ not checked") == 2
    assert "proved at all sizes" not in shown
    assert "**NOT PROVED**" in markdown(crash, found)


def test_the_folder_holds_all_pages_and_every_link_leads_somewhere(tmp_path, examined):
    """Two files for each derivation, two indexes, one style sheet."""
    count = write_handouts(
        ALL, {each.id: examined(each) for each in ALL}, tmp_path / "new" / "folder"
    )
    names = {path.name for path in (tmp_path / "new" / "folder").iterdir()}
    assert len(names) == count == 2 * len(ALL) + 3
    for path in (tmp_path / "new" / "folder").glob("*.html"):
        for address in Page(path.read_text()).addresses:
            assert address in names
    css = (tmp_path / "new" / "folder" / "style.css").read_text()
    assert "prefers-color-scheme: dark" in css
    assert "@media print" in css
    assert "url(" not in css


def test_the_bytes_do_not_depend_on_the_hash_seed(tmp_path):
    """Two processes with different seeds write the same files."""
    ids = ["batchnorm.dx", "dropout.loss", "tikhonov.dropout", "conv1d.dx"]
    command = [sys.executable, "-m", "backproof_reference.prove", "handout", *ids, "--jobs", "1"]
    digests = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        environment = {**os.environ, "PYTHONHASHSEED": seed, "XDG_CACHE_HOME": str(tmp_path)}
        done = subprocess.run(
            [*command, "--out", str(folder)], env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        digests.append(
            {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}
        )
    assert len(digests[0]) == 11
    assert digests[0] == digests[1]


i, j, k, n, m = sp.symbols("i j k n m", integer=True)
p, gamma, x_hat = sp.symbols("p gamma x_hat")
x, w = sp.IndexedBase("x"), sp.IndexedBase("w")
FORMULAS = [
    (-x[i], "-x[i]", "-x_{i}"),
    (p - x[i] ** 2, "p - x[i]^2", "p - x_{i}^{2}"),
    (x[i] / (2 * p), "x[i]/(2*p)", r"\frac{x_{i}}{2 \, p}"),
    ((p + 1) / p, "(p + 1)/p", r"\frac{p + 1}{p}"),
    (gamma * (p + 1) / p, "gamma/p*(p + 1)", r"\frac{\gamma}{p} \, \left(p + 1\right)"),
    (sp.sqrt(p) * 3, "3*sqrt(p)", r"3 \, \sqrt{p}"),
    (p ** sp.Rational(-1, 2), "1/sqrt(p)", r"\frac{1}{\sqrt{p}}"),
    (p ** sp.Rational(-3, 2), "1/p^(3/2)", r"\frac{1}{p^{\frac{3}{2}}}"),
    ((p * x[i]) ** n, "(p*x[i])^n", r"\left(p \, x_{i}\right)^{n}"),
    (x_hat + 1, "x_hat + 1", r"\hat{x} + 1"),
    (KroneckerDelta(i, j), "delta(i, j)", r"\delta_{i, j}"),
    (KroneckerDelta(i, 2 * j), "delta(i, 2*j)", r"\left[i = 2 \, j\right]"),
    (
        Sum(x[i], (i, 0, n)) * p,
        "p*sum(i=0, n, x[i])",
        r"p \, \sum_{i=0}^{n} x_{i}",
    ),
    (
        Sum(x[i], (i, 0, n)) ** 2,
        "sum(i=0, n, x[i])^2",
        r"\left(\sum_{i=0}^{n} x_{i}\right)^{2}",
    ),
    (
        Sum(x[i] + p, (i, 0, n)),
        "sum(i=0, n, p + x[i])",
        r"\sum_{i=0}^{n} \left(p + x_{i}\right)",
    ),
    (
        Sum(x[i] * w[j], (i, 0, j), (j, 0, n)),  # the inner limit depends on the outer index
        "sum(j=0, n, sum(i=0, j, w[j]*x[i]))",
        r"\sum_{j=0}^{n} \sum_{i=0}^{j} w_{j} \, x_{i}",
    ),
    (sp.exp(-p), "exp(-p)", r"\exp\left(-p\right)"),
]  # fmt: skip


@pytest.mark.parametrize(("expr", "text", "latex"), FORMULAS, ids=[f[1] for f in FORMULAS])
def test_a_formula_is_printed_with_the_brackets_it_needs(expr, text, latex):
    """As text, as LaTeX and as well-formed MathML."""
    node = Reader()(expr)
    assert to_text(node) == text
    assert to_latex(node) == latex
    ET.fromstring(to_mathml(node))


def test_broken_lines_hold_the_same_symbols_in_the_same_order():
    """Breaking a formula loses nothing."""
    for derivation in ALL:
        for expr in (derivation.start, *(step.expr for step in derivation.steps)):
            node = Reader()(expr)
            broken_up = "".join(lines(node, 20))
            for symbols in (r"<mi>(.*?)</mi>", r"<mn>(.*?)</mn>", r"<mo[^>]*>([+−∑=])</mo>"):
                assert re.findall(symbols, broken_up) == re.findall(symbols, to_mathml(node))


@pytest.mark.parametrize(
    ("plain", "html"),
    [
        ("dx_a = gamma r / m", "dx<sub>a</sub> = γ r / m"),
        ("dgamma = sum_i g_i x_hat_i", "dγ = ∑<sub>i</sub> g<sub>i</sub> x\u0302<sub>i</sub>"),
        ("sum_{i=0}^{N-K} dz_i", "∑<sub>i=0</sub><sup>N-K</sup> dz<sub>i</sub>"),
        (
            "A_(np)(n'y) X_n'y = D * w_{y-p}",
            "A<sub>(np)(n'y)</sub> X<sub>n'y</sub> = D * w<sub>y-p</sub>",
        ),
        ("the sum of squares", "the sum of squares"),
        ("(v + eps)^(-1/2) with a < b", "(v + ε)<sup>-1/2</sup> with a &lt; b"),
        ("p^2 X^T X, m >= 2", "p<sup>2</sup> X<sup>T</sup> X, m ≥ 2"),
    ],
)
def test_ascii_mathematics_in_sentences_becomes_readable(plain, html):
    """Subscripts, exponents, Greek letters and accents; markup stays harmless."""
    assert html_words(plain) == html


def test_markdown_shows_every_character_of_a_sentence():
    """No underscore or star starts an emphasis."""
    assert markdown_words("x_hat_a * [b] ^2 <i>") == r"x\_hat\_a \* \[b\] ^2 \<i\>"
