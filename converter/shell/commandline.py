"""What the commands of a job's scripts have in common."""

from __future__ import annotations

import re
from collections.abc import Callable

from converter.shell.shell import Input, Shell
from converter.shell.syntax import NotFollowedError

__all__ = ["Command", "number", "plain", "rows", "texts", "write_changed"]

Command = Callable[[Shell, list[str], Input], int]
"""A command: the shell, its arguments, its standard input; its status."""


def plain(arguments: list[str], allowed: str = "") -> tuple[set[str], list[str]]:
    """Letters of options, all of them allowed, and the other words."""
    letters: set[str] = set()
    first = 0
    while first < len(arguments) and re.fullmatch(r"-[A-Za-z0-9]+", arguments[first]):
        letters |= set(arguments[first][1:])
        first += 1
    words = arguments[first:]
    if letters - set(allowed) or any(w.startswith("--") for w in words):
        raise NotFollowedError(" ".join(arguments))
    return letters, words


def number(text: str) -> int:
    """A whole number among the words of a command."""
    if not re.fullmatch(r"[-+]?\d{1,18}", text, re.ASCII):
        raise NotFollowedError(f"{text[:100]!r} is no number")
    return int(text)


def texts(shell: Shell, names: list[str], stdin: Input) -> str:
    """What the files hold, or what is read.  Raises FileNotFoundError."""
    if not names:
        return shell.rest(stdin)
    return "".join(shell.rest(stdin) if n == "-" else shell.read(n) or "" for n in names)


def rows(text: str) -> list[str]:
    """The lines of a text, without their ends."""
    return text.removesuffix("\n").split("\n") if text else []


def write_changed(
    shell: Shell, names: list[str], stdin: Input, change: Callable[[str], str]
) -> int:
    """The files' texts, changed, to standard output; the status."""
    try:
        shell.write(change(texts(shell, names, stdin)))
    except FileNotFoundError:
        return 1
    return 0
