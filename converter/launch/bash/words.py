"""Words of the shell: quotes taken off, variables, commands and arithmetic put in.

The rules are bash's for `$X`, `${X…}`, `$(…)`, backquotes, `$((…))`, splitting and patterns.
"""

from __future__ import annotations

import fnmatch
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator

from converter.launch.bash.arithmetic import evaluated
from converter.launch.bash.files import Files
from converter.launch.bash.syntax import NotFollowedError, closing

__all__ = ["CommandError", "Words"]

_Piece = tuple[str, bool, bool]
"""Text, whether it is quoted, whether it is what a variable stands for."""


_LONGEST = 1 << 20
"""Longer values are not followed."""


class CommandError(Exception):
    """bash gives up the command, and goes on with the next line."""


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
    def substituted(self, text: str) -> str:
        """The output of a command."""

    def words(self, raw: str) -> list[str]:
        """A word of a command: expanded, split at blanks, patterns replaced by names."""
        fields: list[list[tuple[str, bool]]] = []
        current: list[tuple[str, bool]] | None = None
        for text, quoted, expanded in self._pieces(raw):
            if text == "\0":  # the border between two of "$@"
                fields.append(current or [])
                current = []
            elif expanded and not quoted:
                for number, part in enumerate(re.split(r"([ \t\n]+)", text)):
                    if number % 2:
                        if current is not None:
                            fields.append(current)
                        current = None
                    elif part:
                        current = (current or []) + [(c, False) for c in part]
            elif text or quoted:
                current = (current or []) + [(c, quoted) for c in text]
        if current is not None:
            fields.append(current)
        return [name for one in fields for name in self._names(one)]

    def _names(self, characters: list[tuple[str, bool]]) -> list[str]:
        plain = "".join(c for c, _ in characters)
        if not any(c in "*?[" and not quoted for c, quoted in characters):
            return [plain]
        pattern = "".join(f"[{c}]" if quoted and c in "*?[" else c for c, quoted in characters)
        return self.files.matching(pattern) or [plain]

    def value(self, raw: str) -> str:
        """A word where nothing is split: an assignment, a redirection."""
        return _short("".join(" " if text == "\0" else text for text, _, _ in self._pieces(raw)))

    def pattern(self, raw: str) -> str:
        """A pattern: what is quoted in it stands for itself."""
        return "".join(
            re.sub(r"([*?\[])", r"[\1]", text) if quoted else text
            for text, quoted, _ in self._pieces(raw)
        )

    def document(self, text: str) -> str:
        """A here-document whose delimiter is not quoted."""
        return _short("".join(piece for piece, _, _ in self._quoted(text, document=True)))

    def _pieces(self, raw: str) -> Iterator[_Piece]:
        at = 0
        if raw.startswith("~") and (len(raw) == 1 or raw[1] == "/"):
            yield self.variables.get("HOME", "~"), True, False
            at = 1
        while at < len(raw):
            char = raw[at]
            if char == "'":
                end = raw.index("'", at + 1)
                yield raw[at + 1 : end], True, False
                at = end + 1
            elif char == '"':
                end = closing(raw, at + 1, '"')
                inside = list(self._quoted(raw[at + 1 : end]))
                if not inside and raw[at + 1 : end] != "$@":
                    yield "", True, False
                yield from inside
                at = end + 1
            elif char == "\\":
                if raw[at + 1 : at + 2] != "\n":
                    yield raw[at + 1 : at + 2], True, False
                at += 2
            elif char in "$`":
                pieces, at = self._expansion(raw, at, quoted=False)
                yield from pieces
            else:
                end = next((i for i in range(at, len(raw)) if raw[i] in "'\"\\$`"), len(raw))
                yield raw[at:end], False, False
                at = end

    def _quoted(self, raw: str, *, document: bool = False) -> Iterator[_Piece]:
        special = "$`\\\n" if document else '$`"\\\n'
        at = 0
        while at < len(raw):
            char = raw[at]
            if char == "\\" and raw[at + 1 : at + 2] in tuple(special):
                if raw[at + 1] != "\n":
                    yield raw[at + 1], True, False
                at += 2
            elif char in "$`":
                pieces, at = self._expansion(raw, at, quoted=True)
                yield from pieces
            else:
                end = next((i for i in range(at + 1, len(raw)) if raw[i] in "\\$`"), len(raw))
                yield raw[at:end], True, False
                at = end

    def _expansion(self, raw: str, at: int, *, quoted: bool) -> tuple[list[_Piece], int]:
        """What stands at a `$` or a backquote, and where it ends."""
        if raw[at] == "`":
            end = closing(raw, at + 1, "`")
            inside = re.sub(r"\\([`$\\])", r"\1", raw[at + 1 : end])
            return [(self.substituted(inside), quoted, True)], end + 1
        if raw.startswith("$((", at):
            end = closing(raw, at + 2, ")")
            if raw[end - 1] == ")" and closing(raw, at + 3, ")") == end - 1:
                inside = self.value(raw[at + 3 : end - 1].replace('"', ""))
                try:
                    number = evaluated(inside, self.variables)
                except ZeroDivisionError:
                    raise CommandError from None
                except ValueError as error:
                    raise NotFollowedError(raw) from error
                return [(str(number), quoted, True)], end + 1
        if raw.startswith("$(", at):
            end = closing(raw, at + 2, ")")
            return [(self.substituted(raw[at + 2 : end]), quoted, True)], end + 1
        if raw.startswith("${", at):
            end = closing(raw, at + 2, "}")
            return self._parameter(raw[at + 2 : end], quoted=quoted), end + 1
        match = re.compile(r"\$([A-Za-z_]\w*|[0-9@*#?$!-])").match(raw, at)
        if not match:
            return [("$", quoted, False)], at + 1
        return self._parameter(match.group(1), quoted=quoted), match.end()

    def lookup(self, name: str) -> str | None:
        """A variable's value, or a special parameter's; None where it is not set."""
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
        if name.isdigit():
            number = int(name)
            return self.arguments[number - 1] if number <= len(self.arguments) else None
        return self.variables.get(name)

    def _parameter(self, inside: str, *, quoted: bool) -> list[_Piece]:
        if inside == "@" and quoted:
            pieces: list[_Piece] = []
            for number, argument in enumerate(self.arguments):
                pieces += [("\0", True, False)] if number else []
                pieces.append((argument, True, False))
            return pieces
        length = re.fullmatch(r"#(\w+)", inside)
        if length:
            return [(str(len(self.lookup(length.group(1)) or "")), quoted, True)]
        match = re.match(r"([A-Za-z_]\w*|\d+|[@*#?$!-])", inside)
        if not match:
            raise NotFollowedError(f"${{{inside}}}")
        name, rest = match.group(), inside[match.end() :]
        value = self.lookup(name)
        if not rest:
            return [(value or "", quoted, True)]
        choice = re.match(r":?[-+=?]", rest)
        if choice:
            empty = not value if rest[0] == ":" else value is None
            operator, word = choice.group()[-1], rest[choice.end() :]
            if operator == "?":
                raise NotFollowedError(f"${{{inside}}}")
            if (operator == "+") is empty:
                return [("" if operator == "+" else value or "", quoted, True)]
            if operator == "=":
                self.variables[name] = self.value(word)
            pieces = list(self._quoted(word) if quoted else self._pieces(word))
            return [(text, quoted or own, not own) for text, own, _ in pieces]
        return [(self._edited(value or "", rest, inside), quoted, True)]

    def _edited(self, value: str, rest: str, inside: str) -> str:
        part = re.fullmatch(r":\s*(-?\d+)(?::(\d+))?", rest)
        if part:
            start = int(part.group(1))
            end = None if part.group(2) is None else start + int(part.group(2))
            return value[start:end]
        if rest[0] in "#%":
            greedy = rest[:2] in ("##", "%%")
            pattern = self.pattern(rest[2 if greedy else 1 :])
            return _cut(value, pattern, front=rest[0] == "#", greedy=greedy)
        if rest[0] == "/":
            every = rest.startswith("//")
            pattern, new = _halves(rest[2 if every else 1 :])
            expression = fnmatch.translate(self.pattern(pattern)).removesuffix(r"\Z")
            expression = expression.removesuffix(r"\z")
            text = self.value(new)
            return re.sub(expression, lambda _: text, value, count=0 if every else 1)
        raise NotFollowedError(f"${{{inside}}}")


def _short(text: str) -> str:
    """The text, unless it grows without bounds."""
    if len(text) > _LONGEST:
        raise NotFollowedError(text[:100])
    return text


def _halves(text: str) -> tuple[str, str]:
    """Pattern and replacement, at the first slash that no backslash protects."""
    match = re.match(r"((?:\\.|[^\\/])*)/?(.*)", text, re.DOTALL)
    assert match is not None
    return match[1], match[2]


def _cut(value: str, pattern: str, *, front: bool, greedy: bool) -> str:
    """`${x#p}` and its like: the shortest or longest match cut off."""
    lengths = range(len(value) + 1)
    for length in reversed(lengths) if greedy else lengths:
        piece = value[:length] if front else value[len(value) - length :]
        if fnmatch.fnmatchcase(piece, pattern):
            return value[length:] if front else value[: len(value) - length]
    return value
