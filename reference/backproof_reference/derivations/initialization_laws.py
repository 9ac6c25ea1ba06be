"""Choices of the weight law at initialisation: the Xavier compromise, and uniform weights."""

import itertools
import math
import statistics
from collections.abc import Callable

import sympy as sp
import torch
from sympy import Rational

from backproof_reference.prove import (
    Assumption,
    Definition,
    Derivation,
    Differentiate,
    Expr,
    Mutant,
    Oracle,
    Setting,
    Sizes,
    Step,
    Substitute,
    Values,
)

n, m = sp.symbols("n_in n_out", integer=True, positive=True)
v_w, v_1, v_2, c, bound = sp.symbols("v_w v_1 v_2 c B", positive=True)
t, t_0 = sp.symbols("t t_0", real=True)
SIZES: tuple[Sizes, ...] = ({n: 1, m: 1}, {n: 2, m: 3}, {n: 5, m: 2})
xavier = 2 / (n + m)

HARMONIC = Derivation(
    id="initialization_laws.xavier",
    title="The Xavier compromise is a harmonic mean",
    claim="the harmonic mean of the two demands v_w = 1 / n_in and v_w = 1 / n_out is "
    "2 / (n_in + n_out)",
    assumptions=(
        Assumption(
            text="the demands are those of initialization.xavier_forward and xavier_backward",
            kind="convention",
        ),
    ),
    start=2 / (1 / v_1 + 1 / v_2),
    steps=(
        Step("forward", 2 / (n + 1 / v_2), "v_1 = 1 / n_in", Substitute(v_1, 1 / n)),
        Step("backward", xavier, "v_2 = 1 / n_out", Substitute(v_2, 1 / m)),
    ),
    mutants=(
        Mutant(
            "arithmetic",
            "The arithmetic mean of the two variances is another number: the numbers of inputs and "
            "outputs are averaged, not their reciprocals.",
            "backward",
            (1 / n + 1 / m) / 2,
        ),
        Mutant(
            "two-lost",
            "Divide by the mean of n_in and n_out, not by their sum.",
            "backward",
            1 / (n + m),
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={n: 40, m: 25},
        shapes={},
        expected=lambda values: torch.tensor(
            statistics.harmonic_mean((1 / 40, 1 / 25)), dtype=torch.float64
        ),
    ),
)

GAIN = Derivation(
    id="initialization_laws.xavier_gain",
    title="What the Xavier compromise does to each direction",
    claim="with v_w = 2 / (n_in + n_out) a forward pass multiplies the variance by "
    "1 + (n_in - n_out) / (n_in + n_out), and a backward pass by 1 minus the same number",
    assumptions=(
        Assumption(text="the gains are n_in v_w and n_out v_w, without ReLU", kind="convention"),
    ),
    start=n * v_w - 1,
    steps=(
        Step("choice", n * xavier - 1, "v_w = 2 / (n_in + n_out)", Substitute(v_w, xavier)),
        Step("forward", (n - m) / (n + m), "one common denominator"),
        Step("backward", 1 - m * xavier, "n_out v_w is short of 1 by as much"),
    ),
    mutants=(
        Mutant(
            "exact",
            "A compromise keeps neither variance unless n_in = n_out.",
            "forward",
            sp.S.Zero,
        ),
        Mutant(
            "sign",
            "With more inputs than outputs the forward variance grows.",
            "forward",
            (m - n) / (n + m),
        ),
        Mutant(
            "both-grow",
            "If one direction grows, the other shrinks: the two gains add up to 2.",
            "backward",
            m * xavier - 1,
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={n: 6, m: 2},
        shapes={},
        expected=lambda values: _gain_of_signs(6, 2 / 8) - 1,
    ),
)


def _gain_of_signs(inputs: int, variance: float) -> torch.Tensor:
    """The mean square of a sum of random signs times weights +-variance^(1/2), by enumeration."""
    signs = torch.tensor(list(itertools.product((-1.0, 1.0), repeat=inputs)), dtype=torch.float64)
    return (signs @ (signs * math.sqrt(variance)).T).square().mean()


def _primitive_slope(values: Values) -> torch.Tensor:
    leaf = values["t"].clone().requires_grad_()
    return torch.autograd.grad(leaf**3 / (6 * values["c"]), leaf)[0]


PRIMITIVE = Derivation(
    id="initialization_laws.uniform_primitive",
    title="An integral of t^2 times the uniform density",
    claim="t^3 / (6 c) has the derivative t^2 times 1 / (2 c)",
    assumptions=(Assumption(text="weights are uniform on (-c, c), c > 0", kind="range"),),
    start=t**3 / (6 * c),
    steps=(Step("integrand", t**2 / (2 * c), "power rule", Differentiate(t)),),
    mutants=(
        Mutant(
            "density",
            "The interval from -c to c has length 2 c, so the density is 1 / (2 c).",
            "integrand",
            t**2 / c,
        ),
        Mutant("power", "The derivative of t^3 is 3 t^2.", "integrand", t**3 / (2 * c)),
    ),
    sizes=({},),
    oracle=Oracle(
        sizes={},
        shapes={"t": (), "c": ()},
        expected=_primitive_slope,
    ),
)


def _uniform_variance(values: Values) -> torch.Tensor:
    return torch.distributions.Uniform(-values["c"], values["c"]).variance


UNIFORM = Derivation(
    id="initialization_laws.uniform_variance",
    title="Variance of a uniform weight",
    claim="a weight that is uniform on (-c, c) has variance c^2 / 3",
    assumptions=(
        Assumption(
            text="the mean is 0 and t^3 / (6 c) is an integral of t^2 times the density "
            "(initialization_laws.uniform_primitive)",
            kind="moment",
        ),
    ),
    start=(t**3 - t_0**3) / (6 * c),
    steps=(
        Step("upper limit", (c**3 - t_0**3) / (6 * c), "t = c", Substitute(t, c)),
        Step("lower limit", c**2 / 3, "t_0 = -c", Substitute(t_0, -c)),
    ),
    mutants=(
        Mutant(
            "bound-as-deviation",
            "The bound of a uniform law is sqrt(3) times its standard deviation.",
            "lower limit",
            c**2,
        ),
        Mutant(
            "width-for-bound",
            "w^2 / 12 is the variance for an interval of width w; here the width is 2 c.",
            "lower limit",
            c**2 / 12,
        ),
    ),
    sizes=({},),
    oracle=Oracle(sizes={}, shapes={"c": ()}, expected=_uniform_variance),
)


def _bound(name: str, title: str, squared: Expr, variance: Expr, oracle: Oracle) -> Derivation:
    """The variance of weights that are uniform up to a bound B, given B^2."""
    return Derivation(
        id=f"initialization_laws.{name}",
        title=title,
        claim=f"weights that are uniform up to B with B^2 = {squared} have variance {variance}",
        assumptions=(Assumption(text="B > 0", kind="sign"),),
        setting=Setting(definitions=(Definition(bound, Rational(1, 2), squared),)),
        start=c**2 / 3,
        steps=(
            Step("bound", bound**2 / 3, "c = B", Substitute(c, bound)),
            Step("variance", variance, f"B^2 = {squared}"),
        ),
        mutants=(
            Mutant(
                "bound-as-deviation",
                "The variance of a uniform law is a third of its squared bound.",
                "variance",
                3 * variance,
            ),
            Mutant(
                "bound-without-root",
                "The bound is squared in the variance: B is a square root.",
                "variance",
                squared**2 / 3,
            ),
        ),
        sizes=SIZES,
        oracle=oracle,
    )


def _torch_variance(draw: Callable[[], torch.Tensor]) -> Oracle:
    """The variance that belongs to the bound torch itself uses.

    torch scales one and the same stream of uniform numbers, so the bound is an exact ratio.
    """

    def expected(values: Values) -> torch.Tensor:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            drawn = draw()
            torch.manual_seed(0)
            standard = torch.empty_like(drawn).uniform_(-1, 1)
        limit = (drawn / standard).detach().median()
        return torch.distributions.Uniform(-limit, limit).variance

    return Oracle(sizes={n: 40, m: 25}, shapes={}, expected=expected)


def _drawn(initialiser: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[], torch.Tensor]:
    return lambda: initialiser(torch.empty(25, 40, dtype=torch.float64))


XAVIER_UNIFORM = _bound(
    "xavier_uniform",
    "The bound of Xavier's uniform law",
    6 / (n + m),
    xavier,
    _torch_variance(_drawn(torch.nn.init.xavier_uniform_)),
)
KAIMING_UNIFORM = _bound(
    "kaiming_uniform",
    "The bound of Kaiming's uniform law",
    6 / n,
    2 / n,
    _torch_variance(
        _drawn(lambda weight: torch.nn.init.kaiming_uniform_(weight, nonlinearity="relu"))
    ),
)
TORCH_DEFAULT = _bound(
    "torch_default",
    "What torch draws by default",
    1 / n,
    1 / (3 * n),
    _torch_variance(lambda: torch.nn.Linear(40, 25, bias=False, dtype=torch.float64).weight),
)

DERIVATIONS = (
    HARMONIC,
    GAIN,
    PRIMITIVE,
    UNIFORM,
    XAVIER_UNIFORM,
    KAIMING_UNIFORM,
    TORCH_DEFAULT,
)
