"""From a typed text to a tree: a Pratt parser that runs nothing and guesses nothing."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import NoReturn

from backproof.answers.lexer import Token, Type, tokens
from backproof.answers.printing import to_text
from backproof.answers.syntax import (
    LONGEST_INTEGER,
    MAX_DECIMAL_EXPONENT,
    MAX_DEPTH,
    AnswerSyntaxError,
    Call,
    Chain,
    Entry,
    Equation,
    MatrixLiteral,
    Name,
    Negative,
    Node,
    Number,
    Power,
    SetOf,
    Sum,
    Transpose,
    height,
)
from backproof.model.vocabulary import ARITY, Vocabulary

_ADD, _MULTIPLY, _SIGN, _POWER, _POSTFIX = 10, 20, 25, 30, 40
_BINDING = {
    "+": _ADD, "-": _ADD, "*": _MULTIPLY, "/": _MULTIPLY, "@": _MULTIPLY, "⊙": _MULTIPLY,
    "^": _POWER, "!": _POSTFIX, ".T": _POSTFIX,
}  # fmt: skip
_LOOSE_INDICES = frozenset("ijklmnrst")
_LOOSE = 4
"""By how much a tree may be higher than its text is nested: signs that follow operands."""


def parse(text: str, vocabulary: Vocabulary, *, trusted: bool = False) -> Node:
    """Read one answer: a formula, `a = b`, or `{a, b}`.

    trusted: a reference, in which numbers and the whole may be of any length.

    Raises:
        AnswerSyntaxError: anything that is not an answer in this vocabulary.
    """
    return _Parser(text, vocabulary, trusted=trusted).answer()


def is_simple(token: Token) -> bool:
    """Whether a token starts an operand."""
    return token.type in (Type.NUMBER, Type.NAME) or token.text in ("(", "√")


def _is_square(digits: str) -> bool:
    """Whether digits are a whole number whose root nobody would write."""
    return digits.isdecimal() and math.isqrt(int(digits)) ** 2 == int(digits)


class _Parser:
    def __init__(self, text: str, vocabulary: Vocabulary, *, trusted: bool) -> None:
        self.text = text
        self.vocabulary = vocabulary
        self.tokens = tokens(text, trusted=trusted)
        self.largest_exponent = LONGEST_INTEGER if trusted else MAX_DECIMAL_EXPONENT
        self.at = 0
        self.depth = 0
        self.bound: list[str] = []

    # --- tokens ---

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.token
        self.at += token.type is not Type.END
        return token

    def sees(self, sign: str) -> bool:
        return self.token.type is Type.SIGN and self.token.text == sign

    def expect(self, sign: str, why: str) -> Token:
        if not self.sees(sign):
            self.fail(f"expected `{sign}` {why}, found `{self.token.text}`")
        return self.take()

    def fail(self, message: str, token: Token | None = None) -> NoReturn:
        raise AnswerSyntaxError(message, (token or self.token).position)

    # --- the whole answer ---

    def answer(self) -> Node:
        first = self.tokens[0]
        if first.type is Type.END:
            self.fail("the answer is empty")
        if self.sees("{"):
            node: Node = self.set_of()
        else:
            node = self.expression(0)
            if self.sees("="):
                self.take()
                node = Equation(node, self.expression(0))
        left = self.token
        if left.type is not Type.END:
            self.fail(f"`{left.text}` does not fit here", left)
        if height(node) > MAX_DEPTH + _LOOSE:
            self.fail(f"brackets, signs and exponents may be nested {MAX_DEPTH} deep", first)
        return node

    def set_of(self) -> Node:
        self.take()
        members = [] if self.sees("}") else self.listed()
        self.expect("}", "to close the set")
        return SetOf(tuple(members))

    def listed(self) -> list[Node]:
        found = [self.expression(0)]
        while self.sees(","):
            self.take()
            found.append(self.expression(0))
        return found

    # --- expressions ---

    def expression(self, binding: int) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"brackets, signs and exponents may be nested {MAX_DEPTH} deep")
        node = self.prefix()
        wraps = 0
        while True:
            operator = self.operator()
            power = _BINDING.get(operator, 0)
            if power == 0 or power <= binding:
                break
            if power in (_ADD, _MULTIPLY):
                node = self.chain(node, power)
                continue
            node = self.tight(node, operator)
            wraps += 1
            if wraps > MAX_DEPTH:
                self.fail(f"at most {MAX_DEPTH} signs may follow one operand")
        self.depth -= 1
        return node

    def operator(self) -> str:
        """The operator at this place; `*` where a product is implied."""
        token = self.token
        if token.type is Type.SIGN and token.text in _BINDING:
            return token.text
        if self.at and is_simple(token) and self.implied(self.tokens[self.at - 1], token):
            return "*"
        return ""

    def implied(self, before: Token, token: Token) -> bool:
        """Whether two neighbours mean a product. Raises where that would be a guess."""
        closed = before.text in (")", "]", "!", ".T")
        if before.type is Type.NUMBER:
            if token.type is Type.NUMBER:
                self.fail("two numbers side by side: write the operator between them")
            return True
        if closed:
            if token.type is Type.NUMBER:
                self.fail(f"a number after a bracket: write `*{token.text}` for a product")
            return True
        if before.type is Type.NAME:
            # Names are declared by now, and functions have taken their bracket.
            return token.type is Type.NAME or token.text == "("
        return False

    def chain(self, first: Node, power: int) -> Node:
        items: list[tuple[str, Node]] = [("+" if power == _ADD else "*", first)]
        while _BINDING.get(operator := self.operator(), 0) == power:
            explicit = self.sees(operator)
            start = self.token
            if explicit:
                self.take()
            elif items[-1][0] == "/" and len(items) > 1:
                self.ambiguous(items[-2][1], items[-1][1], start)
            elif self.vocabulary.matrices:
                operator = "@"  # which also multiplies by numbers
            items.append((operator, self.expression(power)))
        return Chain(tuple(items))

    def ambiguous(self, numerator: Node, denominator: Node, token: Token) -> NoReturn:
        over, below, then = to_text(numerator), to_text(denominator), token.text
        if then == "(":
            then = "(...)"
        self.fail(
            f"`{over}/{below} {then}` can be read as `({over}/{below})*{then}` or as "
            f"`{over}/({below}*{then})`: write the one that you mean",
            token,
        )

    def tight(self, node: Node, operator: str) -> Node:
        token = self.take()
        if operator == "!":
            return Call("factorial", (node,))
        if operator == ".T":
            return Transpose(node)
        if self.token.text == "T" and self.vocabulary.matrices and not self.vocabulary.resolve("T"):
            self.take()
            return Transpose(node)
        if token.raised:
            self.take()
            exponent = self.expression(0)
            self.expect(")", "after the exponent")
            return Power(node, exponent)
        exponent = self.expression(_POWER - 1)
        last, following = self.tokens[self.at - 1], self.token
        if last.type is Type.NUMBER and following.type is Type.NAME and not following.spaced:
            name = following.text
            self.fail(
                f"`^{last.text}{name}` can be read as `^{last.text}*{name}` or as "
                f"`^({last.text}*{name})`: write the one that you mean"
            )
        return Power(node, exponent)

    # --- operands ---

    def prefix(self) -> Node:
        token = self.take()
        if token.type is Type.NUMBER:
            return self.number(token)
        if token.type is Type.NAME:
            return self.name(token)
        match token.text:
            case "-":
                return Negative(self.expression(_SIGN))
            case "+":
                if self.sees("-"):
                    self.fail("`+-` may mean both signs: write the one that you mean")
                return self.expression(_SIGN)
            case "(":
                inner = self.expression(0)
                self.expect(")", f"to close the bracket at character {token.position + 1}")
                return inner
            case "√":
                return self.root()
            case "[":
                return self.matrix()
        if token.type is Type.END:
            self.fail("the answer ends where an operand is needed", token)
        self.fail(f"`{token.text}` where an operand is needed", token)

    def root(self) -> Node:
        first = self.token
        radicand = self.expression(_POSTFIX - 1)
        if self.sees("^") and self.tokens[self.at - 1].text != ")":
            self.fail("write `sqrt(...)` to show whether the power is under the root")
        following = self.operator()
        if first.type is Type.NUMBER and following and _is_square(first.text):
            sign = {"!": "!"}.get(following, f" {following} ...")
            self.fail(
                f"`√{first.text}{sign}` can be read as `sqrt({first.text}){sign}` or as "
                f"`sqrt({first.text}{sign})`: write the one that you mean"
            )
        return Call("sqrt", (radicand,))

    def number(self, token: Token) -> Node:
        digits, _, exponent = token.text.lower().partition("e")
        if exponent and (len(exponent) > 5 or abs(int(exponent)) > self.largest_exponent):
            self.fail(f"a decimal exponent may be at most {self.largest_exponent}", token)
        value = Fraction(digits if digits[-1] != "." else digits[:-1])
        if exponent:
            value *= Fraction(10) ** int(exponent)
        return Number(value, token.text)

    def name(self, token: Token) -> Node:
        name = token.text
        if name in self.bound:
            return Name(name)
        called = self.sees("(") and not self.token.raised
        declared = self.vocabulary.resolve(name)
        if name == "sum" and called and declared is None:
            return self.sum()
        if called and declared is None:
            function = self.vocabulary.function(name)
            if function is not None:
                return self.call(function, token)
        if declared is None:
            if self.vocabulary.function(name) is not None and not self.vocabulary.meant(name):
                self.fail(f"`{name}` is a function: write `{name}(...)`", token)
            raise AnswerSyntaxError(self.vocabulary.unknown(name), token.position)
        if self.sees("["):
            return self.entry(declared, token)
        if any(array.name == declared for array in self.vocabulary.arrays):
            self.fail(f"`{name}` is an array: write an entry, as in `{name}[i]`", token)
        return Name(declared)

    def call(self, function: str, token: Token) -> Node:
        self.take()
        arguments = [] if self.sees(")") else self.listed()
        self.expect(")", f"to close `{token.text}(`")
        low, high = ARITY.get(function, (1, 1))
        if not low <= len(arguments) <= high:
            wanted = f"{low}" if low == high else f"{low} to {high}"
            self.fail(f"`{token.text}` takes {wanted} argument(s), not {len(arguments)}", token)
        return Call({"ln": "log"}.get(function, function), tuple(arguments))

    def entry(self, declared: str, token: Token) -> Node:
        arrays = {array.name: array for array in self.vocabulary.arrays}
        if declared not in arrays:
            self.fail(f"`{token.text}` is not an array and has no entries", token)
        self.take()
        indices = self.listed()
        self.expect("]", f"to close `{token.text}[`")
        if len(indices) != len(arrays[declared].shape):
            self.fail(f"`{token.text}` takes {len(arrays[declared].shape)} index(es)", token)
        return Entry(declared, tuple(indices))

    def sum(self) -> Node:
        self.take()
        token = self.take()
        free = {index.name for index in self.vocabulary.indices}
        known = self.vocabulary.resolve(token.text)
        if token.type is not Type.NAME or (known is not None and known not in free | {"i", "e"}):
            self.fail("a sum starts with its index, as in `sum(i=0, N-1, ...)`", token)
        if token.text not in _LOOSE_INDICES and known is None:
            self.fail(f"use one of {', '.join(sorted(_LOOSE_INDICES))} as the index", token)
        if token.text in self.bound:
            self.fail(f"the index `{token.text}` is already in use", token)
        self.expect("=", "after the index of the sum")
        low = self.expression(0)
        self.expect(",", "after the first value of the index")
        high = self.expression(0)
        self.expect(",", "after the last value of the index")
        self.bound.append(token.text)
        body = self.expression(0)
        self.bound.pop()
        self.expect(")", "to close the sum")
        return Sum(token.text, low, high, body)

    def matrix(self) -> Node:
        rows = []
        while True:
            self.expect("[", "to open a row of the matrix, as in `[[a, b], [c, d]]`")
            rows.append(tuple(self.listed()))
            self.expect("]", "to close the row")
            if not self.sees(","):
                break
            self.take()
        self.expect("]", "to close the matrix")
        return MatrixLiteral(tuple(rows))
