"""Commands that a job's scripts change and choose text with.

Each is what the real one does with the options that are taken here; with any other option it
raises NotFollowedError, and the piece of script is recorded as it stands.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping

from converter.shell.arithmetic import evaluate
from converter.shell.commandline import (
    Command,
    number,
    plain,
    rows,
    texts,
    write_changed,
)
from converter.shell.patterns import Expression
from converter.shell.shell import Shell
from converter.shell.syntax import NotFollowedError

__all__ = ["TEXT_TOOLS", "UNIQUE"]


UNIQUE = "UNIQUE"
"""What stands for the uuid in a name that is made unique."""


def _sed(shell: Shell, arguments: list[str]) -> int:
    if len(arguments) >= 2 and arguments[0] == "-n":
        part = re.fullmatch(r"(\d{1,18})(?:,(\d{1,18}))?p", arguments[1], re.ASCII)
        if part:
            first = int(part[1])
            last = int(part[2] or first)
            if first == 0:
                return shell.complain()
            # Of a range that ends before it begins sed takes the first line.
            last = max(first, last)
            return write_changed(
                shell,
                arguments[2:],
                lambda text: _portion(text, first - 1, last),
                missing=2,
            )
    if arguments[:1] == ["-n"] and re.fullmatch(r"(,\d*|\d*,|-\d*)p", "".join(arguments[1:2])):
        return shell.complain()  # sed refuses such an address
    raise NotFollowedError("sed " + " ".join(arguments))


def _sort(shell: Shell, arguments: list[str]) -> int:
    letters, names = plain(arguments, "nru")

    def ordered(text: str) -> str:
        lines = rows(text)
        if "n" in letters:
            # Equal numbers go by the whole line, backwards too with -r.
            lines.sort(key=lambda line: (_leading(line), line), reverse="r" in letters)
        else:
            lines.sort(reverse="r" in letters)
        if letters >= {"n", "u"}:
            raise NotFollowedError("sort -nu")
        return _ended(dict.fromkeys(lines) if "u" in letters else lines)

    return write_changed(shell, names, ordered, missing=2)


def _leading(line: str) -> int:
    match = re.match(r"[ \t]*(-?\d{1,18})(?![\d.])", line, re.ASCII)
    if not match and re.match(r"[ \t]*-?[\d.]", line, re.ASCII):
        raise NotFollowedError(f"sort -n: {line[:100]}")
    return int(match[1]) if match else 0


def _portion(text: str, first: int, last: int) -> str:
    """The lines from `first`, counted from 0, to before `last`."""
    lines = rows(text)
    found = _ended(lines[first:last])
    return found if text.endswith("\n") or last < len(lines) else found.removesuffix("\n")


def _ended(lines: Iterable[str]) -> str:
    """Lines as a text."""
    return "".join(line + "\n" for line in lines)


def _awk(shell: Shell, arguments: list[str]) -> int:
    match = re.fullmatch(r"\{\s*print \$([1-9]\d{0,8})\s*\}", "".join(arguments[:1]), re.ASCII)
    if not match:
        raise NotFollowedError("awk " + " ".join(arguments))
    number = int(match[1])

    def column(text: str) -> str:
        words = (re.findall(r"[^ \t]+", line) for line in rows(text))
        return _ended(found[number - 1] if len(found) >= number else "" for found in words)

    return write_changed(shell, arguments[1:], column, missing=2)


def _head(shell: Shell, arguments: list[str]) -> int:
    count, names = 10, list(arguments)
    if names and re.fullmatch(r"-(n?)(\d{1,18})", names[0], re.ASCII):
        count = int(names.pop(0).lstrip("-n"))
    elif names[:1] == ["-n"] and len(names) > 1:
        count = number(names[1])
        names = names[2:]
    elif names and names[0].startswith("-"):
        raise NotFollowedError("head " + " ".join(arguments))
    if count < 0 or len(names) > 1:
        raise NotFollowedError("head " + " ".join(arguments))
    return write_changed(shell, names, lambda text: _portion(text, 0, count))


def _grep(shell: Shell, arguments: list[str]) -> int:
    letters, words = plain(arguments, "cEvqi")
    if not words:
        return shell.complain(2)
    if len(words) > 2 and "q" not in letters:
        raise NotFollowedError("grep " + " ".join(arguments))
    try:
        expression = Expression(words[0], extended="E" in letters, any_case="i" in letters)
        text = texts(shell, words[1:])
    except (re.error, FileNotFoundError):
        if len(words) > 2:
            raise NotFollowedError("grep " + " ".join(arguments)) from None
        return shell.complain(2)
    if text is None:
        raise NotFollowedError("grep " + " ".join(arguments))
    lines = rows(text)
    tries = expression.tries(lines)
    shell.spend(min(tries, _MOST_TRIES) // _TRIES_A_STEP)
    if tries > _MOST_TRIES:
        raise NotFollowedError("grep " + " ".join(arguments))
    if not words[0] and "v" in letters:
        return 1  # without a word, with -c too
    kept = [line for line in lines if expression.finds(line) is not bool("v" in letters)]
    if "c" in letters:
        shell.write(f"{len(kept)}\n")
    elif "q" not in letters:
        shell.write(_ended(kept))
    return 0 if kept else 1


_MOST_TRIES = 20_000_000
"""Places that one grep may look at, at worst."""

_TRIES_A_STEP = 3_000


def _wc(shell: Shell, arguments: list[str]) -> int:
    letters, names = plain(arguments, "lc")
    if len(letters) != 1 or len(names) > 1:
        raise NotFollowedError("wc " + " ".join(arguments))
    ending = f" {names[0]}\n" if names else "\n"
    return write_changed(
        shell,
        names,
        lambda text: str(text.count("\n") if "l" in letters else _size(text)) + ending,
    )


def _size(text: str) -> int:
    """In bytes."""
    return len(text.encode("utf-8", "surrogatepass"))


_CUT = re.compile(r"-d\n?([^\n])\n-f\n?([1-9]\d{0,3})|-c\n?([1-9]\d{0,8})-([1-9]\d{0,8})", re.ASCII)
"""Its words, a line each."""


def _cut(shell: Shell, arguments: list[str]) -> int:
    match = _CUT.fullmatch("\n".join(arguments))
    if not match or (match[3] and int(match[3]) > int(match[4])):
        raise NotFollowedError("cut " + " ".join(arguments))
    text = shell.rest()
    if text is None:
        shell.write(None)
        return 0
    if match[3] and not text.isascii():
        raise NotFollowedError("cut counts bytes")
    lines = rows(text)
    if match[1]:
        sign, number = match[1], int(match[2])
        # A line without the delimiter is written whole.
        parts = [
            (row.split(sign) + [""] * number)[number - 1] if sign in row else row for row in lines
        ]
        shell.spend(len(lines) * number // 600)
    else:
        parts = [row[int(match[3]) - 1 : int(match[4])] for row in lines]
    shell.write(_ended(parts))
    return 0


def _tr(shell: Shell, arguments: list[str]) -> int:
    signs = arguments[1:] if arguments[:1] == ["-d"] else arguments
    plain = all(re.fullmatch(r"[^\\\[\]-]+|-", sign) and sign.isascii() for sign in signs)
    if not plain or not signs or (signs is arguments and list(map(len, signs)) != [1, 1]):
        raise NotFollowedError("tr " + " ".join(arguments))
    change = str.maketrans(*signs) if signs is arguments else dict.fromkeys(map(ord, signs[0]))
    return write_changed(shell, [], lambda text: text.translate(change))


def _basename(shell: Shell, arguments: list[str]) -> int:
    if any(re.match("-.", word) for word in arguments):
        raise NotFollowedError("basename " + " ".join(arguments))
    if not 1 <= len(arguments) <= 2:
        return shell.complain()
    name = arguments[0].rstrip("/").rpartition("/")[2] or arguments[0][:1]
    suffix = arguments[1] if len(arguments) > 1 else ""
    shell.write((name.removesuffix(suffix) if name != suffix else name) + "\n")
    return 0


def _dirname(shell: Shell, arguments: list[str]) -> int:
    if any(re.match("-.", word) for word in arguments):
        raise NotFollowedError("dirname " + " ".join(arguments))
    for word in arguments:
        name = word.rstrip("/") or word[:1]
        shell.write((posixpath.dirname(name) or ".") + "\n")
    return 0 if arguments else shell.complain()


def _seq(shell: Shell, arguments: list[str]) -> int:
    numbers = [number(a) for a in arguments]
    if not 1 <= len(numbers) <= 2:
        raise NotFollowedError("seq " + " ".join(arguments))
    first, last = (1, *numbers)[-2:]
    if last - first > 10_000:
        raise NotFollowedError("seq " + " ".join(arguments))
    shell.write("".join(f"{n}\n" for n in range(first, last + 1)))
    return 0


_SUM = re.compile(
    r"N( [-+*/%] N)*( (<|<=|=|==|!=|>=|>) N( [-+*/%] N)*)?".replace("N", r"(-?(0|[1-9]\d*))"),
    re.ASCII,
)
_MOST_DIGITS = 18
"""Of all numbers together."""


def _expr(shell: Shell, arguments: list[str]) -> int:
    line = " ".join(arguments)
    # Decimal here, octal for the shell; longer numbers have no bound here, there 64 bits.
    known = _SUM.fullmatch(line) and len(re.sub(r"\D", "", line)) <= _MOST_DIGITS
    if not known or any(" " in word for word in arguments):
        raise NotFollowedError("expr " + line)
    try:
        value = evaluate(line.replace(" = ", " == "), {}, shell.spend)
    except ZeroDivisionError:
        return shell.complain(2)
    shell.write(f"{value}\n")
    return int(value == 0)


def _uuidgen(shell: Shell, arguments: list[str]) -> int:
    shell.write(UNIQUE + "\n")
    return 0


TEXT_TOOLS: Mapping[str, Command] = {
    "sed": _sed,
    "sort": _sort,
    "awk": _awk,
    "head": _head,
    "grep": _grep,
    "wc": _wc,
    "cut": _cut,
    "tr": _tr,
    "basename": _basename,
    "dirname": _dirname,
    "seq": _seq,
    "expr": _expr,
    "uuidgen": _uuidgen,
}
"""Commands that change and choose text."""
