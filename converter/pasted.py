"""Words of commands that people paste into a shell, whatever is in them."""

from __future__ import annotations

import shlex

__all__ = ["file_word", "operand"]


def file_word(path: str) -> str:
    """A file as one word, which no program takes for an option; `-` is standard input."""
    return shlex.quote(f"./{path}" if path.startswith("-") and path != "-" else path)


def operand(name: str) -> str:
    """A name that is no file, as the first word after options, and none itself."""
    return f"-- {shlex.quote(name)}" if name.startswith("-") else shlex.quote(name)
