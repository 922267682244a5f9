"""Integer arithmetic as bash's `$((…))` does it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

__all__ = ["evaluated", "wrapped"]

_HALF = 2**63
"""bash has 64 bits; what is more goes round."""

_TOKEN = re.compile(r"\s*(\d+|[A-Za-z_]\w*|\*\*|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%<>!~&|^?:(),=])")

_LEVELS = (
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


def wrapped(number: int) -> int:
    """A number as bash keeps it."""
    return (number + _HALF) % (2 * _HALF) - _HALF


def _divided(a: int, b: int) -> int:
    """bash rounds towards 0."""
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


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
    "<<": lambda a, b: a << min(b, 63),
    ">>": lambda a, b: a >> b,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divided,
    "%": lambda a, b: a - b * _divided(a, b),
}


def evaluated(text: str, variables: Mapping[str, str]) -> int:
    """The value of an expression; variables may hold expressions themselves.

    Raises ZeroDivisionError, and ValueError for what else bash refuses and for assignments,
    which are not followed.
    """
    return _Reader(text, variables, 0).whole()


class _Reader:
    def __init__(self, text: str, variables: Mapping[str, str], depth: int) -> None:
        if depth > 20:
            raise ValueError(f"{text!r} goes round in circles")
        self.variables, self.depth = variables, depth
        self.idle = 0
        """More than 0 in a part that does not count, such as the other branch of a choice."""
        self.tokens: list[str] = []
        at = 0
        while text[at:].strip():
            match = _TOKEN.match(text, at)
            if not match:
                raise ValueError(f"no arithmetic: {text!r}")
            self.tokens.append(match.group(1))
            at = match.end()

    def whole(self) -> int:
        if not self.tokens:
            return 0
        value = self.choice()
        if self.tokens:
            raise ValueError(f"no arithmetic: … {' '.join(self.tokens)}")
        return value

    def next(self, *wanted: str) -> str:
        if self.tokens and self.tokens[0] in wanted:
            return self.tokens.pop(0)
        return ""

    def choice(self) -> int:
        condition = self.level(0)
        if not self.next("?"):
            return condition
        yes = self.beside(not condition, self.choice)
        if not self.next(":"):
            raise ValueError("`?` without `:`")
        no = self.beside(bool(condition), self.choice)
        return yes if condition else no

    def beside(self, idle: bool, part: Callable[[], int]) -> int:
        """A part of the expression, which perhaps does not count."""
        self.idle += idle
        try:
            return part()
        finally:
            self.idle -= idle

    def level(self, number: int) -> int:
        if number == len(_LEVELS):
            return self.unary()
        value = self.level(number + 1)
        while operator := self.next(*_LEVELS[number]):
            decided = (operator == "&&" and not value) or (operator == "||" and bool(value))
            other = self.beside(decided, lambda: self.level(number + 1))
            try:
                value = 0 if self.idle else wrapped(_OPERATORS[operator](value, other))
            except ValueError as error:
                raise ValueError(f"{value} {operator} {other}") from error
        return value

    def unary(self) -> int:
        operator = self.next("-", "+", "!", "~")
        if operator:
            value = self.unary()
            signs = {"-": -value, "+": value, "!": int(not value), "~": ~value}
            return wrapped(signs[operator])
        return self.power()

    def power(self) -> int:
        value = self.primary()
        if self.next("**"):
            other = self.unary()
            if not 0 <= other <= 64:
                raise ValueError(f"{value} ** {other}")
            return wrapped(int(value**other))
        return value

    def primary(self) -> int:
        if self.next("("):
            value = self.choice()
            if not self.next(")"):
                raise ValueError("a `(` is not closed")
            return value
        if not self.tokens:
            raise ValueError("something is missing")
        token = self.tokens.pop(0)
        if token.isdigit():
            octal = len(token) > 1 and token[0] == "0"
            return wrapped(int(token, 8 if octal else 10))
        if re.fullmatch(r"[A-Za-z_]\w*", token):
            text = "" if self.idle else self.variables.get(token, "")
            return _Reader(text, self.variables, self.depth + 1).whole()
        raise ValueError(f"no arithmetic: {token!r}")
