"""Integer arithmetic as bash's `$((…))` does it, in 64 bits."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

__all__ = ["evaluate", "wrap"]

_TOKEN = re.compile(
    r"\s*(0[xX][0-9a-fA-F]+|\d+|[A-Za-z_]\w*|\*\*|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%<>!~&|^?:(),=])",
    re.ASCII,
)

_INCREMENT = re.compile(r"[A-Za-z_]\w*\s*(\+\+|--)|(\+\+|--)\s*[A-Za-z_]", re.ASCII)

_PRECEDENCE: Mapping[str, int] = {
    operator: level
    for level, operators in enumerate(
        (
            ("||",),
            ("&&",),
            ("|",),
            ("^",),
            ("&",),
            ("==", "!="),
            ("<=", ">=", "<", ">"),
            ("<<", ">>"),
            ("+", "-"),
            ("*", "/", "%"),
        )
    )
    for operator in operators
}
"""How tightly an operator binds."""

_LONGEST = 4_000
"""Longer expressions are not evaluated, in characters."""

_DEEPEST = 25
"""Nor those nested deeper, by brackets, signs, choices, or variables that hold expressions."""

_OPERANDS_A_STEP = 5
_MOST_OPERANDS = 10_000
"""Nor those of which variables that hold expressions make more operands and signs."""


def _divided(a: int, b: int) -> int:
    """bash rounds towards 0."""
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def _power(a: int, b: int) -> int:
    if b < 0:
        raise ValueError(f"{a} ** {b}")
    return pow(a, b, 1 << 64)


_OPERATORS: Mapping[str, Callable[[int, int], int]] = {
    "||": lambda a, b: int(bool(a or b)),
    "&&": lambda a, b: int(bool(a and b)),
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
    "&": lambda a, b: a & b,
    "==": lambda a, b: int(a == b),
    "!=": lambda a, b: int(a != b),
    "<=": lambda a, b: int(a <= b),
    ">=": lambda a, b: int(a >= b),
    "<": lambda a, b: int(a < b),
    ">": lambda a, b: int(a > b),
    "<<": lambda a, b: a << (b & 63),
    ">>": lambda a, b: a >> (b & 63),
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divided,
    "%": lambda a, b: a - b * _divided(a, b),
}


def evaluate(
    text: str, variables: Mapping[str, str], spend: Callable[[int], None] = lambda steps: None
) -> int:
    """The value of an expression; variables may hold expressions themselves.

    spend  is told what it takes, in steps
    Raises ZeroDivisionError, and ValueError for what else bash refuses, for assignments and for
    what is too long or too deep, which are not followed.
    """
    return _Reader(text, variables, spend, 0, [0]).whole()


def wrap(value: int) -> int:
    """As 64 bits hold it."""
    return (value + (1 << 63)) % (1 << 64) - (1 << 63)


@lru_cache(1024)
def _tokens(text: str) -> tuple[str, ...]:
    if _INCREMENT.search(text):
        raise ValueError(f"an assignment: {text!r}")
    tokens, at, end = [], 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if not match:
            raise ValueError(f"no arithmetic: {text!r}")
        tokens.append(match[1])
        at = match.end()
    return tuple(tokens)


class _Reader:
    def __init__(
        self,
        text: str,
        variables: Mapping[str, str],
        spend: Callable[[int], None],
        depth: int,
        operands: list[int],
    ) -> None:
        if len(text) > _LONGEST:
            raise ValueError(f"too long: {text[:100]!r}")
        self.variables, self.spend = variables, spend
        self.depth, self.operands = depth, operands
        self.idle = 0
        """More than 0 in a part that does not count, such as the other branch of a choice."""
        self.tokens = _tokens(text)
        self.at = 0

    def whole(self) -> int:
        if not self.tokens:
            return 0
        value = self.choice()
        if self.at < len(self.tokens):
            raise ValueError(f"no arithmetic: … {' '.join(self.tokens[self.at :])}")
        return value

    @property
    def token(self) -> str:
        """The one that follows; '' at the end."""
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def next(self, *wanted: str) -> str:
        token = self.token
        if token in wanted:
            self.at += 1
            return token
        return ""

    def choice(self) -> int:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise ValueError("too deep, or it goes round in circles")
        value = self.binary(0)
        if self.next("?"):
            yes = self.beside(not value, self.choice)
            if not self.next(":"):
                raise ValueError("`?` without `:`")
            no = self.beside(bool(value), self.choice)
            value = yes if value else no
        self.depth -= 1
        return value

    def beside(self, idle: bool, part: Callable[[], int]) -> int:
        """A part of the expression, which perhaps does not count."""
        self.idle += idle
        try:
            return part()
        finally:
            self.idle -= idle

    def binary(self, least: int) -> int:
        """Operands joined by operators that bind at least so tightly."""
        value = self.power()
        while (level := _PRECEDENCE.get(self.token, -1)) >= least:
            operator = self.token
            self.at += 1
            decided = (operator == "&&" and not value) or (operator == "||" and bool(value))
            self.idle += decided
            other = self.binary(level + 1)
            self.idle -= decided
            value = 0 if self.idle else wrap(_OPERATORS[operator](value, other))
        return value

    def power(self) -> int:
        """bash raises from the right, and a sign binds more tightly: -2**2 is 4.

        It does so even where the result does not count.
        """
        operands = [self.unary()]
        while self.next("**"):
            operands.append(self.unary())
        value = operands.pop()
        for base in reversed(operands):
            value = wrap(_power(base, value))
        return value

    def unary(self) -> int:
        signs = []
        while sign := self.next("-", "+", "!", "~"):
            self.count()
            signs.append(sign)
        value = self.primary()
        for sign in reversed(signs):
            value = {"-": -value, "+": value, "!": int(not value), "~": ~value}[sign]
        return wrap(value)

    def count(self) -> None:
        self.operands[0] += 1
        if self.operands[0] > _MOST_OPERANDS:
            raise ValueError("too long")
        if self.operands[0] % _OPERANDS_A_STEP == 0:
            self.spend(1)

    def primary(self) -> int:
        self.count()
        token = self.token
        if not token:
            raise ValueError("something is missing")
        self.at += 1
        if token == "(":
            value = self.choice()
            if not self.next(")"):
                raise ValueError("a `(` is not closed")
            return value
        if token[0].isdigit():
            if token[1:2] in ("x", "X"):
                return wrap(int(token, 16))
            return wrap(int(token, 8 if len(token) > 1 and token[0] == "0" else 10))
        if token[0].isalpha() or token[0] == "_":
            text = "" if self.idle else self.variables.get(token, "")
            inner = _Reader(text, self.variables, self.spend, self.depth + 1, self.operands)
            return inner.whole()
        raise ValueError(f"no arithmetic: {token!r}")
