"""Words of commands that people paste into bash, whatever is in them."""

from __future__ import annotations

import re
import shlex

__all__ = ["file_word", "operand", "phrase", "word"]


def word(text: str) -> str:
    """The text as one word, which holds nothing that a terminal or a line editor obeys."""
    if text.isprintable():
        return shlex.quote(text)
    return f"$'{re.sub(_WRITTEN_OUT, _in_bytes, text)}'"


_WRITTEN_OUT = re.compile(r"[^ -~]|['\\]")


def _in_bytes(match: re.Match[str]) -> str:
    sign = match[0]
    if sign.isprintable():
        return f"\\{sign}" if sign in "'\\" else sign
    return "".join([f"\\x{byte:02x}" for byte in sign.encode("utf-8", "surrogateescape")])


def phrase(text: str) -> str:
    """The same for several words, in double quotes where these do: so people write them."""
    plain = text.isprintable() and not re.search(r'["$`\\!]', text)
    return f'"{text}"' if plain else word(text)


def file_word(path: str) -> str:
    """A file as one word, which no program takes for an option; `-` is standard input."""
    return word(f"./{path}" if path.startswith("-") and path != "-" else path)


def operand(name: str) -> str:
    """A name that is no file, as the first word after options, and none itself."""
    return f"-- {word(name)}" if name.startswith("-") else word(name)
