"""What the commands of a job's scripts have in common."""

from __future__ import annotations

import re
from collections.abc import Callable

from converter.shell.shell import Shell
from converter.shell.syntax import NotFollowedError

__all__ = ["Command", "number", "plain", "rows", "texts", "write_changed"]

Command = Callable[[Shell, list[str]], int]
"""A command: the shell, its arguments; its status."""


def plain(arguments: list[str], allowed: str = "") -> tuple[set[str], list[str]]:
    """Letters of options, all of them allowed, and the other words, none of them an option."""
    letters: set[str] = set()
    first = 0
    while first < len(arguments) and re.fullmatch(r"-[A-Za-z0-9]+", arguments[first]):
        letters |= set(arguments[first][1:])
        first += 1
    words = arguments[first:]
    if letters - set(allowed) or any(w.startswith("-") and w != "-" for w in words):
        raise NotFollowedError(" ".join(arguments))
    return letters, words


def number(text: str) -> int:
    """A whole number among the words of a command."""
    if not re.fullmatch(r"[-+]?\d{1,18}", text, re.ASCII):
        raise NotFollowedError(f"{text[:100]!r} is no number")
    return int(text)


def texts(shell: Shell, names: list[str]) -> str | None:
    """What the files hold, or what is read; None where nobody knows.  Raises FileNotFoundError."""
    found = [shell.rest() if n == "-" else shell.read(n) for n in names or ["-"]]
    known = [text for text in found if text is not None]
    return "".join(known) if known == found else None


def rows(text: str) -> list[str]:
    """The lines of a text, without their ends."""
    return text.removesuffix("\n").split("\n") if text else []


def write_changed(
    shell: Shell, names: list[str], change: Callable[[str], str], *, missing: int = 1
) -> int:
    """The files' texts, changed, to standard output; the status, `missing` without the file."""
    try:
        text = texts(shell, names)
    except FileNotFoundError:
        if len(names) > 1:
            raise NotFollowedError(f"one of {' '.join(names)} is missing") from None
        return shell.complain(missing)
    shell.write(None if text is None else change(text))
    return 0
