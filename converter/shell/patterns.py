"""Patterns of the shell (`*.root`) and of grep, within bounds: no text takes long to match."""

from __future__ import annotations

import fnmatch
import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache

from converter.shell.syntax import NotFollowedError

__all__ = ["Expression", "cut", "is_wild", "matches", "replace"]

_LONGEST_PATTERN = 1_000
_LONGEST_TEXT = 4_096
"""Texts in which a pattern with signs of its own is looked for, in characters."""

_WILD = re.compile(r"[*?\[]")
_SPECIAL = re.compile(r"[*?\[\\]")
_PIECE = re.compile(r"\\(.?)|\[([!^]?)(\]?(?:\[:\w+:\]|[^\]])*)\]|.", re.DOTALL)
"""Of a pattern: a sign that stands for itself, a choice of signs, or another sign."""


_CLASSES = {
    "alpha": "a-zA-Z",
    "digit": "0-9",
    "alnum": "a-zA-Z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "space": " \t\n\r\v\f",
}


def is_wild(pattern: str) -> bool:
    """Whether a pattern stands for more than itself."""
    return _WILD.search(pattern) is not None


def matches(text: str, pattern: str) -> bool:
    """Whether the shell's pattern stands for the whole text."""
    return _matcher(pattern)(text) is not None


@lru_cache(256)
def _matcher(pattern: str) -> Callable[[str], re.Match[str] | None]:
    _bounded(pattern)
    return re.compile(_translated(pattern)).match


def _translated(pattern: str) -> str:
    """A pattern as a regular expression for the whole text."""
    return fnmatch.translate(_PIECE.sub(_plainer, pattern))


def _plainer(piece: re.Match[str]) -> str:
    """A piece of a pattern as fnmatch has it, which knows neither backslashes nor classes."""
    protected, negated, choice = piece.groups()
    if protected is not None:
        return f"[{protected}]" if protected and protected in "*?[" else protected or "\\"
    if choice is None:
        return piece[0]
    if "\\" in choice or "[." in choice or "[=" in choice:
        raise NotFollowedError(piece[0])
    return f"[{'!' if negated else ''}{_CLASS.sub(_signs, choice)}]"


_CLASS = re.compile(r"\[:(\w+):\]")


def _signs(name: re.Match[str]) -> str:
    if name[1] not in _CLASSES:
        raise NotFollowedError(name[0])
    return _CLASSES[name[1]]


def _bounded(pattern: str, text: str = "") -> None:
    if len(pattern) > _LONGEST_PATTERN or len(text) > _LONGEST_TEXT:
        raise NotFollowedError(pattern[:200])


def cut(value: str, pattern: str, *, front: bool, greedy: bool) -> str:
    """`${x#p}` and its like: the shortest or longest match cut off."""
    if not _SPECIAL.search(pattern):
        return value.removeprefix(pattern) if front else value.removesuffix(pattern)
    _bounded(pattern, value)
    match = _matcher(pattern)
    lengths = range(len(value) + 1)
    for length in reversed(lengths) if greedy else lengths:
        if match(value[:length] if front else value[len(value) - length :]):
            return value[length:] if front else value[: len(value) - length]
    return value


def replace(value: str, pattern: str, new: str, *, every: bool) -> str:
    """`${x/p/new}`: the first match, or every one, replaced."""
    count = -1 if every else 1
    if not _SPECIAL.search(pattern):
        return value.replace(pattern, new, count) if pattern else value
    _bounded(pattern, value)
    if not value:
        raise NotFollowedError(pattern)
    expression = re.sub(r"\\[zZ]\Z", "", _translated(pattern))
    # After a match of everything nothing is left to match.
    return re.sub(expression, lambda found: new if found[0] else "", value, count=max(count, 0))


class Expression:
    """A regular expression of grep that no line can make long work of.

    What could be (repeated groups, references to groups), and what Python understands in another
    way, raises NotFollowedError; what grep refuses raises re.error.
    """

    def __init__(self, pattern: str, *, extended: bool, any_case: bool) -> None:
        _bounded(pattern)
        if "\n" in pattern:
            raise NotFollowedError(pattern)
        reader = _Reader(pattern, extended)
        self._search = re.compile(reader.whole(), re.IGNORECASE if any_case else 0).search
        self._unbounded, self._branches = reader.unbounded, reader.branches

    def finds(self, line: str) -> bool:
        """Whether the line has a match."""
        return self._search(line) is not None

    def tries(self, lines: Sequence[str]) -> int:
        """So many places the search may look at, at worst."""
        power = self._unbounded + 1
        lengths = Counter(map(len, lines))
        tries = sum(int(length**power) * count for length, count in lengths.items())
        return tries * (1 << min(self._branches, 60))


_REPEATED = re.compile(r"\{(\d{1,3})(,(\d{1,3})?)?\}", re.ASCII)
_MARKS = "(){}|+?"
"""Signs that mean something with -E, and without it after a backslash."""


class _Reader:
    """grep's expression in Python's words, and what it may cost."""

    def __init__(self, pattern: str, extended: bool) -> None:
        self.pattern, self.extended = pattern, extended
        self.at = 0
        self.unbounded = self.branches = 0
        self.repeatable = False
        """Whether what stands before can be repeated."""

    def whole(self) -> str:
        parts = []
        while self.at < len(self.pattern):
            parts.append(self.part())
        return "".join(parts)

    def part(self) -> str:
        char = self.pattern[self.at]
        if char == "[":
            return self.bracket()
        marked = False
        if char == "\\":
            self.at += 1
            if self.at == len(self.pattern):
                raise re.error("Trailing backslash")
            char, marked = self.pattern[self.at], True
            if char in "wWsSbB<>":
                self.at += 1
                self.repeatable = char in "wWsS"
                return r"\b" if char in "<>" else "\\" + char
            if char.isalnum():
                raise NotFollowedError(self.pattern)
        if char in _MARKS and self.extended is not marked:
            return self.mark(char)
        if char == "*" and not marked:
            return self.mark(char)
        self.at += 1
        self.repeatable = True
        if char in ".^$" and not marked:
            place = {"^": self.at == 1, "$": self.at == len(self.pattern), ".": True}[char]
            if not self.extended and not place:
                return "\\" + char
            self.repeatable = char == "."
            return r"\Z" if char == "$" else char
        return re.escape(char)

    def mark(self, char: str) -> str:
        self.at += 1
        if char in "(|)":
            self.repeatable = False
            self.branches += char == "|"
            return "(?:" if char == "(" else char
        if not self.repeatable or (char == "{" and not self.extended) or char == "}":
            raise NotFollowedError(self.pattern)
        self.repeatable = False
        if char == "{":
            match = _REPEATED.match(self.pattern, self.at - 1)
            if not match:
                raise NotFollowedError(self.pattern)
            self.at = match.end()
            self.unbounded += 1
            return match.group()
        if char == "?":
            self.branches += 1
        else:
            self.unbounded += 1
        return char

    def bracket(self) -> str:
        match = re.compile(r"\[(\^?)(\]?(?:\[:\w+:\]|[^\]\[])*)\]").match(self.pattern, self.at)
        if not match or not match[2]:
            raise NotFollowedError(self.pattern)
        self.at = match.end()
        self.repeatable = True
        inside = []
        for part in re.findall(r"\[:\w+:\]|[\s\S]", match[2]):
            if part.startswith("[:"):
                if part[2:-2] not in _CLASSES:
                    raise NotFollowedError(self.pattern)
                inside.append(_CLASSES[part[2:-2]])
            else:
                inside.append(part if part == "-" else re.escape(part))
        if "--" in match[2]:
            raise NotFollowedError(self.pattern)
        return f"[{match[1]}{''.join(inside)}]"
