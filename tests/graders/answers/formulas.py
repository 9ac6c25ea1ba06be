"""Course formulas, honest rewrites and one-edit mutants of them, and a second evaluator."""

import random
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath

from backproof.answers.syntax import (
    Call,
    Chain,
    Name,
    Negative,
    Node,
    Number,
    Power,
    add,
    divide,
    multiply,
    rebuild,
    subtract,
    walk,
)
from backproof.model.vocabulary import Vocabulary


@dataclass(frozen=True, kw_only=True)
class Formula:
    name: str
    text: str
    symbols: dict[str, str]

    @property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary(symbols=self.symbols)


def _f(name: str, text: str, **symbols: str) -> Formula:
    return Formula(name=name, text=text, symbols=symbols)


FORMULAS = (
    _f("dropout Gamma", "(p*(1-p)*N*s2)^(1/2)", p="unit", N="int[2,50]", s2="positive"),
    _f("dropout scale", "1/(1-p)", p="unit"),
    _f("dropout penalty", "p*(1-p)*s2*w^2", p="unit", s2="positive", w="real"),
    _f("dropout variance", "x^2*p/(1-p)", p="unit", x="real"),
    _f("ridge in one dimension", "s/(q + lambda)", s="real", q="positive", **{"lambda": "positive"}),
    _f("BN normalise", "(x - mu)/sqrt(var + eps)", x="real", mu="real", var="positive", eps="positive"),
    _f("BN output", "gamma*(x - mu)/sqrt(var + eps) + beta", x="real", mu="real", var="positive", eps="positive", gamma="real", beta="real"),
    _f("BN dgamma term", "dy*(x - mu)/sqrt(var + eps)", dy="real", x="real", mu="real", var="positive", eps="positive"),
    _f("BN dvar term", "-dxhat*(x - mu)/2*(var + eps)^(-3/2)", dxhat="real", x="real", mu="real", var="positive", eps="positive"),
    _f("BN dx", "gamma/(m*sqrt(var + eps))*(m*dy - sdy - xhat*sdyx)", gamma="real", m="int[2,40]", var="positive", eps="positive", dy="real", sdy="real", xhat="real", sdyx="real"),
    _f("running mean", "(1 - a)*r + a*mu", a="unit", r="real", mu="real"),
    _f("unbiased variance", "m/(m-1)*var", m="int[2,40]", var="positive"),
    _f("MobileNet ratio", "1/N + 1/k^2", N="int[2,50]", k="int[2,9]"),
    _f("MobileNet cost", "k^2*M*F^2 + M*N*F^2", k="int[2,9]", M="int[2,30]", N="int[2,30]", F="int[2,30]"),
    _f("convolution parameters", "(k^2*c + 1)*n", k="int[1,9]", c="int[1,60]", n="int[1,60]"),
    _f("output size", "(W - k + 2*P)/S + 1", W="int[10,60]", k="int[1,9]", P="int[0,4]", S="int[1,4]"),
    _f("receptive field", "1 + L*(k - 1)*S", L="int[1,9]", k="int[2,9]", S="int[1,4]"),
    _f("softmax of two", "exp(a)/(exp(a) + exp(b))", a="real", b="real"),
    _f("softmax Jacobian", "exp(a)*exp(b)/(exp(a) + exp(b))^2", a="real", b="real"),
    _f("cross-entropy", "log(exp(a) + exp(b)) - a", a="real", b="real"),
    _f("logistic loss", "log(1 + exp(-y*z))", y="real", z="real"),
    _f("sigmoid slope", "sigmoid(z)*(1 - sigmoid(z))", z="real"),
    _f("tanh slope", "1 - tanh(z)^2", z="real"),
    _f("GELU", "x*(1 + erf(x/sqrt(2)))/2", x="real"),
    _f("GELU, tanh form", "x/2*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x^3)))", x="real"),
    _f("SiLU slope", "sigmoid(x)*(1 + x*(1 - sigmoid(x)))", x="real"),
    _f("Adam first moment", "(b1*m + (1 - b1)*g)/(1 - b1^t)", b1="unit", m="real", g="real", t="int[1,9]"),
    _f("Adam step", "lr*mhat/(sqrt(vhat) + eps)", lr="positive", mhat="real", vhat="positive", eps="positive"),
    _f("momentum", "mu*v - lr*g", mu="unit", v="real", lr="positive", g="real"),
    _f("KL of normals", "log(s2/s1) + (s1^2 + (m1 - m2)^2)/(2*s2^2) - 1/2", s1="positive", s2="positive", m1="real", m2="real"),
    _f("KL of Bernoullis", "p*log(p/q) + (1 - p)*log((1 - p)/(1 - q))", p="unit", q="unit"),
    _f("entropy", "-p*log(p) - (1 - p)*log(1 - p)", p="unit"),
    _f("Xavier variance", "2/(a + b)", a="int[1,90]", b="int[1,90]"),
    _f("attention scale", "q*k/sqrt(d)", q="real", k="real", d="int[1,64]"),
    _f("label smoothing", "(1 - a)*y + a/K", a="unit", y="real", K="int[2,20]"),
    _f("cosine schedule", "lo + (hi - lo)*(1 + cos(pi*t/T))/2", lo="real", hi="real", t="positive", T="positive"),
    _f("cosine similarity slope", "b/(u*v) - c*a/u^2", a="real", b="real", c="real", u="positive", v="positive"),
    _f("squared error", "s2/N + (m - t)^2", s2="positive", N="int[1,50]", m="real", t="real"),
)  # fmt: skip


def positions(node: Node) -> list[Node]:
    return list(walk(node))


def replace_at(node: Node, place: int, new: Node) -> Node:
    """The tree with its place-th node, in walking order, replaced."""
    count = -1

    def change(inner: Node) -> Node:
        nonlocal count
        count += 1
        return new if count == place else rebuild(inner, change)

    return change(node)


def rewrite(node: Node, source: random.Random) -> Node:
    """An honestly equal tree: one step of algebra somewhere."""
    nodes = positions(node)
    place = source.randrange(len(nodes))
    return replace_at(node, place, _equal(nodes[place], source))


def _equal(node: Node, source: random.Random) -> Node:
    constant = Number(Fraction(source.randint(2, 9), source.randint(1, 9)))
    choices: list[Node] = [
        divide(multiply(constant, node), constant),
        subtract(add(constant, node), constant),
        Negative(Negative(node)),
        add(multiply(Number(Fraction(1, 3)), node), multiply(Number(Fraction(2, 3)), node)),
    ]
    match node:
        case Chain(items) if all(operator in "+*" for operator, _ in items):
            shuffled = list(items)
            source.shuffle(shuffled)
            choices += [Chain(tuple(shuffled))] * 3
        case Chain(items) if node.is_sum and len(items) > 1 and items[-1][0] == "-":
            choices += [Chain((*items[:-1], ("+", Negative(items[-1][1]))))] * 2
        case Chain(items) if len(items) > 1 and items[-1][0] == "/":
            inverse = Power(items[-1][1], Number(Fraction(-1)))
            choices += [Chain((*items[:-1], ("*", inverse)))] * 2
        case Power(base, Number(value)) if value == 2:
            choices += [multiply(base, base)] * 3
        case Call("sqrt", (argument,)):
            choices += [Power(argument, Number(Fraction(1, 2)))] * 3
        case Call("exp", (argument,)):
            choices += [
                Power(Name("e"), argument),
                divide(Number(Fraction(1)), Call("exp", (Negative(argument),))),
            ]
        case Call("sigmoid", (argument,)):
            choices += [
                divide(
                    Number(Fraction(1)),
                    add(Number(Fraction(1)), Call("exp", (Negative(argument),))),
                )
            ]
        case Call("tanh", (argument,)):
            choices += [
                subtract(
                    multiply(
                        Number(Fraction(2)),
                        Call("sigmoid", (multiply(Number(Fraction(2)), argument),)),
                    ),
                    Number(Fraction(1)),
                )
            ]
    return source.choice(choices)  # fmt: skip


def mutate(node: Node, source: random.Random) -> Node:
    """One edit of the kind that students make. It may happen to be equal (see the test)."""
    nodes = positions(node)
    names = sorted({inner.name for inner in nodes if isinstance(inner, Name)} - {"e", "pi"})
    while True:
        place = source.randrange(len(nodes))
        new = _edited(nodes[place], names, source)
        if new is not None and new != nodes[place]:
            return replace_at(node, place, new)


def _edited(node: Node, names: list[str], source: random.Random) -> Node | None:
    match node:
        case Number(value):
            return Number(value + source.choice((1, -1, Fraction(1, 2))))
        case Name(name):
            others = [other for other in names if other != name]
            return Name(source.choice(others)) if others else add(node, Number(Fraction(1)))
        case Chain(items):
            place = source.randrange(len(items))
            operator, operand = items[place]
            turned = {"+": "-", "-": "+", "*": "/", "/": "*"}[operator]
            if place == 0:
                return (
                    items[1][1]
                    if len(items) == 2
                    else Chain((("+" if node.is_sum else "*", items[1][1]), *items[2:]))
                )
            if source.random() < 0.5:
                return Chain((*items[:place], (turned, operand), *items[place + 1 :]))
            return Chain((*items[:place], *items[place + 1 :]))
        case Power(base, exponent):
            return source.choice((base, Power(base, Negative(exponent))))
        case Negative(operand):
            return operand
        case Call("sqrt" | "exp" | "log", (argument,)):
            return argument
        case _:
            return Negative(node)  # fmt: skip


# --- a second evaluator, in mpmath and on its own ---------------------------------------------


def value(node: Node, point: dict[str, Any]) -> Any:
    """The value of a tree at a point, to mpmath's working precision."""
    match node:
        case Number(exact):
            return mpmath.mpf(exact.numerator) / exact.denominator
        case Name("e" | "pi" as name) if name not in point:
            return mpmath.e + 0 if name == "e" else mpmath.pi + 0
        case Name(name):
            return point[name]
        case Negative(operand):
            return -value(operand, point)
        case Power(base, exponent):
            return mpmath.power(value(base, point), value(exponent, point))
        case Call("sigmoid", (argument,)):
            return 1 / (1 + mpmath.exp(-value(argument, point)))
        case Call(function, arguments):
            return getattr(mpmath, function)(*(value(a, point) for a in arguments))
        case Chain(items):
            total = mpmath.mpf(0 if node.is_sum else 1)
            for operator, operand in items:
                part = value(operand, point)
                if operator in "+-":
                    total = total + part if operator == "+" else total - part
                else:
                    total = total * part if operator == "*" else total / part
            return total
    raise AssertionError(node)


def really_equal(given: Node, expected: Node, names: list[str]) -> bool:
    """Whether two trees agree at random positive points: some edits change nothing."""
    source = random.Random(1)
    with mpmath.workdps(40):
        for _ in range(4):
            point = {n: mpmath.mpf(source.randint(2, 90)) / 97 for n in names}
            try:
                mine, theirs = value(given, point), value(expected, point)
            except ZeroDivisionError:
                return False
            if abs(mine - theirs) > 1e-25 * (1 + abs(theirs)):
                return False
    return True


# --- cases -----------------------------------------------------------------------------------


def rewrites(formula: Formula, expected: Node, wanted: int) -> list[Node]:
    """So many different trees that equal the formula by one to four steps of algebra."""
    source, found = random.Random(formula.name), dict[Node, None]()
    while len(found) < wanted:
        tree = expected
        for _ in range(source.randint(1, 4)):
            tree = rewrite(tree, source)
        if tree != expected:
            found[tree] = None
    return list(found)


def mutants(formula: Formula, expected: Node, wanted: int) -> list[Node]:
    """Up to so many different trees that are one edit away and not equal after all."""
    source, found = random.Random(formula.name), dict[Node, None]()
    for _ in range(20 * wanted):
        tree = mutate(expected, source)
        if tree not in found and not really_equal(tree, expected, list(formula.symbols)):
            found[tree] = None
        if len(found) == wanted:
            break
    return list(found)
