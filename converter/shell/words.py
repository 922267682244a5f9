"""Words of the shell: quotes taken off, variables, commands and arithmetic put in.

The rules are bash's for `$X`, `${X…}`, `$(…)`, backquotes, `$((…))`, splitting and patterns.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import lru_cache

from msgspec import Struct

from converter.shell.arithmetic import evaluate
from converter.shell.files import Files
from converter.shell.patterns import cut, is_wild, replace
from converter.shell.syntax import NotFollowedError, closing

__all__ = ["CommandError", "Words"]

_Piece = tuple[str, bool, bool]
"""Text, whether it is quoted, whether it is what a variable stands for."""

_BORDER = "\0"
"""Between two of "$@"."""

_LONGEST = 1 << 20
"""Longer values are not followed."""

_MOST_FIELDS = 20_000
"""Nor a word that stands for more words."""

_TRIES_A_STEP = 3_000
"""Places that a pattern looks at in the time of a step."""


class CommandError(Exception):
    """bash gives up the command, and goes on with the next line."""


class _Part(Struct, frozen=True):
    """A part of a word: "text", or what takes its place: "command", "number", "parameter", "home".

    text  for a command its script, for a number its expression, of a parameter what is in `${…}`
    """

    kind: str
    text: str
    quoted: bool


class _Word(Struct, frozen=True):
    """A word taken apart; `plain` where it is always the same, one text."""

    parts: tuple[_Part, ...]
    plain: str | None


class Words(ABC):
    """What a shell needs to know to expand a word: variables, arguments, files."""

    variables: dict[str, str]
    arguments: tuple[str, ...]
    name: str
    status: int

    @property
    @abstractmethod
    def files(self) -> Files:
        """Of which patterns are names."""

    @abstractmethod
    def assign(self, name: str, value: str) -> None:
        """Set a variable."""

    @abstractmethod
    def substituted(self, text: str) -> str:
        """The output of a command."""

    @abstractmethod
    def spend(self, steps: int) -> None:
        """Count steps of work; raises where there are too many."""

    @abstractmethod
    def deeper(self) -> AbstractContextManager[None]:
        """While something within something else is followed; raises where it is too deep."""

    def words(self, raw: str) -> list[str]:
        """A word of a command: expanded, split at blanks, patterns replaced by names."""
        if _ORDINARY.fullmatch(raw):
            return [raw]
        word = _taken_apart(raw)
        if word.plain is not None:
            return [word.plain]
        if _has_braces(raw):
            raise NotFollowedError(raw)
        fields: list[list[tuple[str, bool]]] = []
        current: list[tuple[str, bool]] | None = None
        for text, quoted, expanded in self._pieces(word.parts):
            if text == _BORDER:
                fields.append(current or [])
                current = []
            elif expanded and not quoted:
                for number, part in enumerate(re.split(r"([ \t\n]+)", text)):
                    if number % 2:
                        if current is not None:
                            fields.append(current)
                        current = None
                    elif part:
                        current = [] if current is None else current
                        current.append((part, False))
            elif text or quoted:
                current = [] if current is None else current
                current.append((text, quoted))
        if current is not None:
            fields.append(current)
        self.spend(len(fields) // 20)
        if len(fields) > _MOST_FIELDS:
            raise NotFollowedError(raw[:200])
        return [name for one in fields for name in self._names(one)]

    def _names(self, pieces: list[tuple[str, bool]]) -> list[str]:
        plain = "".join(text for text, _ in pieces)
        if all(quoted or not is_wild(text) for text, quoted in pieces):
            return [plain]
        pattern = "".join(_protected(text) if quoted else text for text, quoted in pieces)
        self.spend(len(self.files) * (1 + pattern.count("/")) // 20)
        return self.files.matching(pattern) or [plain]

    def value(self, raw: str) -> str:
        """A word where nothing is split: an assignment, a redirection."""
        if _ORDINARY.fullmatch(raw):
            return raw
        word = _taken_apart(raw)
        if word.plain is not None:
            return word.plain
        return self._joined(self._pieces(word.parts))

    def pattern(self, raw: str) -> str:
        """A pattern: what is quoted in it stands for itself."""
        return "".join(
            _protected(text) if quoted else text
            for text, quoted, _ in self._pieces(_taken_apart(raw).parts)
        )

    def document(self, text: str) -> str:
        """A here-document whose delimiter is not quoted."""
        return self._joined(self._pieces(tuple(_quoted(text, document=True))))

    def _joined(self, pieces: Iterator[_Piece]) -> str:
        text = "".join(" " if text == _BORDER else text for text, _, _ in pieces)
        self._bounded(text)
        return text

    def _bounded(self, text: str) -> None:
        self.spend(len(text) // 600)
        if len(text) > _LONGEST:
            raise NotFollowedError(text[:100])

    def _pieces(self, parts: tuple[_Part, ...]) -> Iterator[_Piece]:
        self.spend(len(parts) // 20)
        for part in parts:
            if part.kind == "text":
                yield part.text, part.quoted, False
            elif part.kind == "parameter":
                yield from self._parameter(part.text, quoted=part.quoted)
            elif part.kind == "command":
                yield self.substituted(part.text), part.quoted, True
            elif part.kind == "number":
                yield self._number(part.text), part.quoted, True
            else:
                yield self.variables.get("HOME", "~"), True, False

    def _number(self, text: str) -> str:
        inside = self.value(text.replace('"', ""))
        if _OF_BASH.intersection(re.findall(r"\w+", inside)).difference(self.variables):
            raise NotFollowedError(f"$(({text}))")
        try:
            return str(evaluate(inside, self.variables, self.spend))
        except ZeroDivisionError:
            raise CommandError from None
        except ValueError as error:
            raise NotFollowedError(f"$(({text}))") from error

    def lookup(self, name: str) -> str | None:
        """A variable's value, or a special parameter's; None where it is not set."""
        if name == "PWD":
            return self.files.cwd
        if name in self.variables:
            return self.variables[name]
        if name in ("@", "*"):
            return " ".join(self.arguments)
        if name == "#":
            return str(len(self.arguments))
        if name == "?":
            return str(self.status)
        if name == "$":
            return "1"
        if name == "0":
            return self.name
        if name.isdigit() and len(name) < 9 and int(name) <= len(self.arguments):
            return self.arguments[int(name) - 1]
        if name in _OF_BASH:
            raise NotFollowedError(f"${name}")
        return None

    def _parameter(self, inside: str, *, quoted: bool) -> list[_Piece]:
        if inside == "@" and quoted:
            self.spend(len(self.arguments) // 20)
            pieces: list[_Piece] = []
            for number, argument in enumerate(self.arguments):
                pieces += [(_BORDER, True, False)] if number else []
                pieces.append((argument, True, False))
            return pieces
        length = re.fullmatch(r"#(\w+)", inside, re.ASCII)
        if length:
            return [(str(len(self.lookup(length.group(1)) or "")), quoted, True)]
        match = _NAME.match(inside)
        if not match:
            raise NotFollowedError(f"${{{inside}}}")
        name, rest = match.group(), inside[match.end() :]
        value = self.lookup(name)
        if not rest:
            self.spend(len(value or "") // 600)
            return [(value or "", quoted, True)]
        if name in ("@", "*"):
            raise NotFollowedError(f"${{{inside}}}")
        choice = re.match(r":?[-+=?]", rest)
        if choice:
            empty = not value if rest[0] == ":" else value is None
            operator, word = choice.group()[-1], rest[choice.end() :]
            if operator == "?":
                raise NotFollowedError(f"${{{inside}}}")
            if (operator == "+") is empty:
                return [("" if operator == "+" else value or "", quoted, True)]
            with self.deeper():
                parts = tuple(_quoted(word, without='"')) if quoted else _taken_apart(word).parts
                if operator == "=":
                    self.assign(name, self._joined(self._pieces(parts)))
                    return [(self.variables[name], quoted, True)]
                return [(text, quoted or own, not own) for text, own, _ in self._pieces(parts)]
        return [(self._edited(value or "", rest, inside), quoted, True)]

    def _edited(self, value: str, rest: str, inside: str) -> str:
        part = re.fullmatch(r":\s*(-?\d{1,9})(?::(\d{1,9}))?", rest, re.ASCII)
        if part:
            start = int(part.group(1))
            if start < 0:
                start += len(value)
                if start < 0:
                    return ""
            end = None if part.group(2) is None else start + int(part.group(2))
            return value[start:end]
        if rest[0] in "#%":
            greedy = rest[:2] in ("##", "%%")
            pattern = self.pattern(rest[2 if greedy else 1 :])
            self._look(value, pattern)
            return cut(value, pattern, front=rest[0] == "#", greedy=greedy)
        if rest[0] == "/":
            every = rest.startswith("//")
            raw, new = _halves(rest[1:], every=every)
            pattern = self.pattern(raw)
            text = self.value(new)
            if (pattern[:1] in ("#", "%") and not every) or "&" in text:
                raise NotFollowedError(f"${{{inside}}}")  # anchors; what & is depends on the bash
            self._look(value, pattern)
            text = replace(value, pattern, text, every=every)
            self._bounded(text)
            return text
        raise NotFollowedError(f"${{{inside}}}")

    def _look(self, text: str, pattern: str) -> None:
        """Count what it takes to look for a pattern anywhere in a text."""
        self.spend((len(text) ** 2 if is_wild(pattern) else len(text)) // _TRIES_A_STEP)


_OF_BASH = frozenset(
    (
        *("RANDOM", "SRANDOM", "SECONDS", "EPOCHSECONDS", "EPOCHREALTIME", "LINENO", "BASHPID"),
        *("PPID", "UID", "EUID", "HOSTNAME", "HOSTTYPE", "OSTYPE", "MACHTYPE", "BASH", "SHLVL"),
        *("BASH_VERSION", "BASH_SOURCE", "BASH_LINENO", "BASH_COMMAND", "BASH_SUBSHELL", "GROUPS"),
        *("SHELLOPTS", "BASHOPTS", "FUNCNAME", "PIPESTATUS", "DIRSTACK", "OLDPWD", "OPTIND"),
        *("IFS", "PS4", "_", "!", "-"),
    )
)
"""Variables that bash sets itself, as nobody here can."""

_NAME = re.compile(r"([A-Za-z_]\w*|\d+|[@*#?$!-])", re.ASCII)
_VARIABLE = re.compile(r"\$([A-Za-z_]\w*|[0-9@*#?$!-])", re.ASCII)
_BRACES = re.compile(r"\{[^{}]*(?:,|\.\.)[^{}]*\}")


def _protected(text: str) -> str:
    """A text as a pattern that stands for itself."""
    return re.sub(r"([*?\[\\])", r"\\\1", text)


def _has_braces(raw: str) -> bool:
    """Whether bash would make several words of `{a,b}` or `{1..3}`; this shell does not."""
    if "{" not in raw or not ("," in raw or ".." in raw):
        return False
    # Of what is quoted or put in, the border counts, not the text.
    parts = _taken_apart(raw).parts
    outline = "".join("x" if p.quoted or p.kind != "text" else p.text for p in parts)
    return _BRACES.search(outline) is not None


@lru_cache(4096)
def _remembered(raw: str) -> _Word:
    parts = tuple(_unquoted(raw))
    plain = None
    if parts and all(p.kind == "text" for p in parts) and not _has_open_signs(parts):
        plain = "".join(p.text for p in parts)
    return _Word(parts, plain)


def _has_open_signs(parts: tuple[_Part, ...]) -> bool:
    """Whether there are signs without quotes that stand for names of files, or several words."""
    return any(not p.quoted and re.search(r"[*?\[{]", p.text) for p in parts)


_SHORT = 2_000
"""Words up to this length are taken apart once, in characters."""

_ORDINARY = re.compile(r"""[^'"\\$`*?\[{~]+""")


def _taken_apart(raw: str) -> _Word:
    return _remembered(raw) if len(raw) <= _SHORT else _remembered.__wrapped__(raw)


def _unquoted(raw: str) -> Iterator[_Part]:
    """The parts of a word that may have quotes in it."""
    at = 0
    if raw.startswith("~") and (len(raw) == 1 or raw[1] == "/"):
        yield _Part("home", "", True)
        at = 1
    elif re.match(r"~[\w+-]", raw):
        raise NotFollowedError(raw[:200])  # somebody's home, or a folder where the shell was
    while at < len(raw):
        char = raw[at]
        if char == "'":
            end = raw.find("'", at + 1)
            if end < 0:
                raise NotFollowedError(raw[:200])
            yield _Part("text", raw[at + 1 : end], True)
            at = end + 1
        elif char == '"':
            end = closing(raw, at + 1, '"')
            inside = list(_quoted(raw[at + 1 : end]))
            if not inside:
                yield _Part("text", "", True)
            yield from inside
            at = end + 1
        elif char == "\\":
            if raw[at + 1 : at + 2] != "\n":
                yield _Part("text", raw[at + 1 : at + 2], True)
            at += 2
        elif char in "$`":
            part, at = _expansion(raw, at, quoted=False)
            yield part
        else:
            end = _end(raw, at, _UNQUOTED_SIGN)
            yield _Part("text", raw[at:end], False)
            at = end


def _quoted(raw: str, *, document: bool = False, without: str = "") -> Iterator[_Part]:
    """The parts of what stands in double quotes, or in a here-document.

    without  a sign to leave out: quotes in a word in braces, which is quoted as a whole
    """
    special = "$`\\\n" if document else '$`"\\\n'
    at = 0
    while at < len(raw):
        char = raw[at]
        if char == "\\" and raw[at + 1 : at + 2] in tuple(special):
            if raw[at + 1] != "\n":
                yield _Part("text", raw[at + 1], True)
            at += 2
        elif char in "$`":
            part, at = _expansion(raw, at, quoted=True)
            yield part
        else:
            end = _end(raw, at + 1, _QUOTED_SIGN)
            yield _Part("text", raw[at:end].replace(without, ""), True)
            at = end


_UNQUOTED_SIGN = re.compile(r"""['"\\$`]""")
_QUOTED_SIGN = re.compile(r"[\\$`]")


def _end(raw: str, at: int, sign: re.Pattern[str]) -> int:
    found = sign.search(raw, at)
    return found.start() if found else len(raw)


def _expansion(raw: str, at: int, *, quoted: bool) -> tuple[_Part, int]:
    """What stands at a `$` or a backquote, and where it ends."""
    if raw[at] == "`":
        end = closing(raw, at + 1, "`")
        inside = re.sub(r"\\([`$\\])", r"\1", raw[at + 1 : end])
        return _Part("command", inside, quoted), end + 1
    if raw.startswith("$(", at):
        end = closing(raw, at + 2, ")")
        if raw[at + 2] == "(" and raw[end - 1] == ")" and closing(raw, at + 3, ")") == end - 1:
            return _Part("number", raw[at + 3 : end - 1], quoted), end + 1
        return _Part("command", raw[at + 2 : end], quoted), end + 1
    if raw.startswith("${", at):
        end = closing(raw, at + 2, "}")
        return _Part("parameter", raw[at + 2 : end], quoted), end + 1
    if raw.startswith("$[", at):
        raise NotFollowedError(raw[:200])
    match = _VARIABLE.match(raw, at)
    if not match:
        return _Part("text", "$", quoted), at + 1
    return _Part("parameter", match.group(1), quoted), match.end()


def _halves(text: str, *, every: bool) -> tuple[str, str]:
    """Pattern and replacement, at the first slash that no backslash protects.

    With `//` that is not the next sign, which may be a slash.
    """
    first = "/(/?" if every else "("
    match = re.match(first + r"(?:\\.|[^\\/])*)/?(.*)", text, re.DOTALL)
    assert match is not None
    return match[1], match[2]
