"""What the commands of a job's scripts have in common."""

from __future__ import annotations

import re
from collections.abc import Callable

from converter.launch.bash.shell import Input, Shell
from converter.launch.bash.syntax import NotFollowedError

__all__ = ["Command", "number", "plain", "texts", "write_changed"]

Command = Callable[[Shell, list[str], Input], int]
"""A command: the shell, its arguments, its standard input; its status."""


def plain(arguments: list[str], allowed: str = "") -> tuple[set[str], list[str]]:
    """Letters of options, all of them allowed, and the other words."""
    letters: set[str] = set()
    words = list(arguments)
    while words and re.fullmatch(r"-[A-Za-z0-9]+", words[0]):
        letters |= set(words.pop(0)[1:])
    if letters - set(allowed) or any(w.startswith("--") for w in words):
        raise NotFollowedError(" ".join(arguments))
    return letters, words


def number(text: str) -> int:
    """A whole number among the words of a command."""
    try:
        return int(text)
    except ValueError:
        raise NotFollowedError(f"{text!r} is no number") from None


def texts(shell: Shell, names: list[str], stdin: Input) -> str:
    """What the files hold, or what is read.  Raises FileNotFoundError."""
    if not names:
        return stdin.all()
    return "".join(shell.world.files.read(name) or "" for name in names)


def write_changed(
    shell: Shell, names: list[str], stdin: Input, change: Callable[[str], str]
) -> int:
    """The files' texts, changed, to standard output; the status."""
    try:
        shell.write(change(texts(shell, names, stdin)))
    except FileNotFoundError:
        return 1
    return 0
