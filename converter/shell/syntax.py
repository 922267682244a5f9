"""The grammar of bash, as far as jobs use it: a script to commands, words still as written."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Union

from msgspec import Struct

__all__ = [
    "RESERVED",
    "AndOr",
    "Case",
    "Command",
    "For",
    "Function",
    "Group",
    "If",
    "NotFollowedError",
    "Pipeline",
    "Redirect",
    "Sequence",
    "Simple",
    "While",
    "closing",
    "parse",
]


class NotFollowedError(Exception):
    """A piece of shell that is not followed here; the message is the piece."""


class Redirect(Struct, frozen=True):
    """`FD OP TARGET`; for a here-document `target` is its text and `quoted` its delimiter's."""

    fd: str
    operator: str
    target: str
    quoted: bool = False


class Simple(Struct):
    """`NAME=WORD … WORD … REDIRECT …`"""

    assignments: list[tuple[str, str]] = []
    words: list[str] = []
    redirects: list[Redirect] = []
    text: str = ""


class Group(Struct):
    """`{ …; }`, or `( … )` in a shell of its own."""

    body: Sequence
    subshell: bool = False
    redirects: list[Redirect] = []


class If(Struct):
    """Conditions with their commands, and what runs where none holds."""

    clauses: list[tuple[Sequence, Sequence]]
    otherwise: Sequence | None
    redirects: list[Redirect] = []


class For(Struct):
    """`for NAME in WORD …`; words None: the script's own arguments."""

    name: str
    words: list[str] | None
    body: Sequence
    redirects: list[Redirect] = []


class While(Struct):
    """`while` or `until`."""

    condition: Sequence
    body: Sequence
    until: bool = False
    redirects: list[Redirect] = []


class Case(Struct):
    """A word, and for each clause its patterns and commands."""

    word: str
    clauses: list[tuple[list[str], Sequence]]
    redirects: list[Redirect] = []


class Function(Struct):
    """`NAME() BODY`"""

    name: str
    body: Command
    redirects: list[Redirect] = []


Command = Union[Simple, Group, If, For, While, Case, Function]


class Pipeline(Struct):
    """Commands joined by `|`, perhaps negated."""

    commands: list[Command]
    negated: bool = False


class AndOr(Struct):
    """Pipelines joined by `&&` and `||`: (operator before it, pipeline), and the text.

    ends_line  no other command follows on its line
    """

    parts: list[tuple[str, Pipeline]]
    text: str = ""
    ends_line: bool = True


class Sequence(Struct):
    """Commands one after the other."""

    items: list[AndOr]


_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(\[[^\]]*\])?(\+?)=", re.ASCII)
_SKIPPED = re.compile(r"(?:[ \t]|\\\n)*(?:#[^\n]*)?")
"""What stands between two words of a line."""

_OPERATOR = re.compile(r"&&|\|\||;;|;|&(?!>)|\||[()\n]")
_REDIRECT = re.compile(r"(\d*)(<<<|<<-|<<|<&|<>|<|>>|>&|>\||>)|()(&>>|&>)", re.ASCII)
_PART = re.compile(
    r"""(?:[^ \t\n;&|()<>'"\\`$]+"""
    r"""|\\[\s\S]"""
    r"""|'[^']*'"""
    r"""|"[^"\\`$]*(?:(?:\\[\s\S]|\$(?![({]))[^"\\`$]*)*\""""
    r"""|\$(?![({['"]))+"""
)
"""As much of a word as holds no command or braces of its own."""

_NEXT = re.compile(r"(?:[ \t]|\\\n)*(?!#|\d*[<>]|\\\n)(" + _PART.pattern + ")")
"""The same, after blanks."""

_BARE = re.compile(r"""[^ \t\n;&|()<>'"\\`$]+(?=[ \t\n;&|()<>]|\Z)""")
"""A word without quotes: only such a one can be reserved."""

_UNREMARKABLE = re.compile(r"[^\\'\"`$()}#]+")
_BEFORE_COMMENT = frozenset(" \t\n;&|(")
_WORD_END = frozenset(" \t\n;&|()<>")
RESERVED = frozenset(
    (
        *("if", "then", "elif", "else", "fi", "for", "while", "until", "do", "done", "case"),
        *("esac", "in", "{", "}", "!", "function", "[["),
    )
)
"""Words that begin or end a piece of grammar."""

_UNKNOWN = frozenset(("select", "coproc", "time"))
_COMPOUND = frozenset(("{", "if", "for", "while", "until", "case"))

_LONGEST = 1 << 20
"""Longer scripts are not followed, in characters."""

_MOST_WORDS = 20_000
"""Nor those with more words."""

_DEEPEST = 30
"""Nor what is nested deeper: commands in commands, quotes in quotes."""

_SHORT = 20_000
"""Scripts up to this length are remembered by the hundred: jobs differ little in what they run.

Of longer ones a few are: a job is followed anew for each program that may fail.
"""


def parse(text: str) -> Sequence:
    """The commands of a script.  Raises NotFollowedError for what this grammar does not have."""
    return _short(text) if len(text) <= _SHORT else _long(text)


def _parsed(text: str) -> Sequence:
    if len(text) > _LONGEST:
        raise NotFollowedError(text[:200])
    reader = _Reader(text)
    found = reader.sequence(())
    if reader.at < len(reader.text):
        raise NotFollowedError(reader.line())
    return found


_short = lru_cache(256)(_parsed)
_long = lru_cache(4)(_parsed)


def closing(text: str, at: int, end: str, depth: int = 0) -> int:
    """The index of the `end` that closes what was opened before `at`, quotes left alone."""
    if depth > _DEEPEST:
        raise NotFollowedError(text[:200])
    while at < len(text):
        char = text[at]
        if char == end:
            return at
        if char == "\\":
            at += 2
        elif char == "'" and end != '"':
            at = _found(text, "'", at + 1) + 1
        elif char in '"`':
            at = closing(text, at + 1, char, depth + 1) + 1
        elif text.startswith("${", at):
            at = closing(text, at + 2, "}", depth + 1) + 1
        elif text.startswith("$(", at):
            at = closing(text, at + 2, ")", depth + 1) + 1
        elif char == "#" and end == ")" and text[at - 1] in _BEFORE_COMMENT:
            at = _found(text, "\n", at)
        elif char == "(" and end == ")":
            at = closing(text, at + 1, ")", depth + 1) + 1
        else:
            plain = _UNREMARKABLE.match(text, at)
            at = plain.end() if plain else at + 1
    raise NotFollowedError(text[:200])


def _is_no_condition(words: list[str]) -> bool:
    """Whether bash refuses a `[[ … ]]`: of one to three words the place decides what each is."""
    if words[:1] != ["[["] or words[-1] != "]]":
        return False
    inside = words[1 + (words[1] == "!") : -1]
    unary = [re.fullmatch("-[a-zA-Z]", word) is not None for word in inside[:1]]
    return len(inside) <= 3 and unary != [len(inside) == 2]


def _found(text: str, what: str, at: int) -> int:
    found = text.find(what, at)
    if found < 0:
        raise NotFollowedError(text[:200])
    return found


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.waiting: list[tuple[list[Redirect], int, str, bool, bool]] = []
        """Here-documents that begin after the end of the line."""
        self.looked = -1, ""
        """The operator that was looked for last, and where that was."""
        self.words = 0
        self.depth = 0

    def line(self) -> str:
        """The line at which the reader stands, for a message."""
        start = self.text.rfind("\n", 0, self.at) + 1
        return self.text[start : start + 200].split("\n")[0]

    # -- tokens -----------------------------------------------------------------------------

    def blanks(self) -> None:
        match = _SKIPPED.match(self.text, self.at)
        assert match is not None
        self.at = match.end()

    def newlines(self) -> None:
        while True:
            self.blanks()
            if not self.text.startswith("\n", self.at):
                return
            self.at += 1
            if self.waiting:
                self.here_documents()

    def here_documents(self) -> None:
        for redirects, place, delimiter, quoted, dashed in self.waiting:
            lines: list[str] = []
            while self.at < len(self.text):  # bash ends the document with the script, and warns
                end = self.text.find("\n", self.at)
                end = len(self.text) if end < 0 else end
                line = self.text[self.at : end]
                self.at = min(end + 1, len(self.text))
                line = line.lstrip("\t") if dashed else line
                if line == delimiter:
                    break
                lines.append(line + "\n")
            redirects[place] = Redirect("0", "<<", "".join(lines), quoted)
        self.waiting = []

    def operator(self) -> str:
        """The operator that follows, not yet taken; '' before a word, a redirection or the end."""
        if self.at != self.looked[0]:
            self.blanks()
            match = _OPERATOR.match(self.text, self.at)
            self.looked = self.at, match.group() if match else ""
        return self.looked[1]

    def peek(self) -> str:
        """The word that follows, not yet taken; '' before an operator, a quote or the end."""
        self.blanks()
        match = _BARE.match(self.text, self.at)
        return match.group() if match else ""

    def word(self) -> str:
        self.blanks()
        start = at = self.at
        text = self.text
        self.count_word()
        while at < len(text) and text[at] not in _WORD_END:
            part = _PART.match(text, at)
            if part:
                at = part.end()
            elif text[at] in '"`':
                at = closing(text, at + 1, text[at]) + 1
            elif text.startswith("${", at):
                at = closing(text, at + 2, "}") + 1
            elif text.startswith("$(", at):
                at = closing(text, at + 2, ")") + 1
            elif text[at] == "\\":
                at += 1  # the last character of all
            else:
                raise NotFollowedError(self.line())
        self.at = at
        return text[start:at]

    def count_word(self) -> None:
        self.words += 1
        if self.words > _MOST_WORDS:
            raise NotFollowedError(self.line())

    def expect(self, word: str) -> None:
        self.newlines()
        if word in (")", "("):
            if not self.text.startswith(word, self.at):
                raise NotFollowedError(self.line())
            self.at += 1
        elif self.word() != word:
            raise NotFollowedError(self.line())

    # -- grammar ----------------------------------------------------------------------------

    def sequence(self, ends: tuple[str, ...]) -> Sequence:
        items: list[AndOr] = []
        while True:
            self.newlines()
            if self.at >= len(self.text):
                break
            if self.operator() in (")", ";;") or (ends and self.peek() in ends):
                break
            items.append(self.and_or())
            found = self.operator()
            if found == ";":
                self.at += 1
                items[-1].ends_line = self.operator() == "\n"
            elif found not in ("\n", ")", ";;") and self.at < len(self.text):
                raise NotFollowedError(self.line())
        return Sequence(items)

    def body(self, ends: tuple[str, ...]) -> Sequence:
        """Commands within something else, of which there has to be one."""
        found = self.sequence(ends)
        if not found.items:
            raise NotFollowedError(self.line())
        return found

    def and_or(self) -> AndOr:
        start = self.at
        parts = [("", self.pipeline())]
        while self.operator() in ("&&", "||"):
            operator = self.operator()
            self.at += 2
            self.newlines()
            parts.append((operator, self.pipeline()))
        return AndOr(parts, self.text[start : self.at].strip())

    def pipeline(self) -> Pipeline:
        negated = self.peek() == "!"
        if negated:
            self.word()
        commands = [self.command()]
        while self.operator() == "|":
            self.at += 1
            self.newlines()
            commands.append(self.command())
        return Pipeline(commands, negated)

    def command(self) -> Command:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise NotFollowedError(self.line())
        try:
            return self._command()
        finally:
            self.depth -= 1

    def _command(self) -> Command:
        start = self.at
        if self.operator() == "(":
            if self.text.startswith("((", self.at):
                raise NotFollowedError(self.line())
            self.at += 1
            body = self.body(())
            self.expect(")")
            return self.redirected(Group(body, subshell=True))
        word = self.peek()
        if word in _UNKNOWN:
            raise NotFollowedError(self.line())
        if word in _COMPOUND:
            return self.redirected(self.compound(word))
        if word == "function":
            self.word()
            return self.function(self.word())
        simple = self.simple()
        if self.operator() == "(" and len(simple.words) == 1 and not simple.assignments:
            return self.function(simple.words[0])
        simple.text = self.text[start : self.at].strip()
        return simple

    def compound(self, word: str) -> Command:
        if word == "{":
            self.word()
            body = self.body(("}",))
            self.expect("}")
            return Group(body)
        if word == "if":
            return self.conditional()
        if word == "for":
            return self.loop()
        if word == "case":
            return self.case()
        self.word()
        condition = self.body(("do",))
        return While(condition, self.do_group(), word == "until")

    def function(self, name: str) -> Function:
        if self.operator() == "(":
            self.expect("(")
            self.expect(")")
        self.newlines()
        return Function(name, self.command())

    def conditional(self) -> If:
        clauses = []
        otherwise = None
        self.expect("if")
        while True:
            condition = self.body(("then",))
            self.expect("then")
            clauses.append((condition, self.body(("elif", "else", "fi"))))
            word = self.word()
            if word == "else":
                otherwise = self.body(("fi",))
                self.expect("fi")
            elif word not in ("elif", "fi"):
                raise NotFollowedError(self.line())
            if word != "elif":
                return If(clauses, otherwise)

    def loop(self) -> For:
        self.expect("for")
        name = self.word()
        if not _NAME.fullmatch(name):
            raise NotFollowedError(self.line())
        self.newlines()
        words: list[str] | None = None
        if self.peek() == "in":
            self.word()
            words = []
            while self.operator() not in (";", "\n") and self.at < len(self.text):
                words.append(self.one_word())
        if self.operator() == ";":
            self.at += 1
        return For(name, words, self.do_group())

    def do_group(self) -> Sequence:
        self.expect("do")
        body = self.body(("done",))
        self.expect("done")
        return body

    def case(self) -> Case:
        self.expect("case")
        subject = self.word()
        self.expect("in")
        clauses: list[tuple[list[str], Sequence]] = []
        while True:
            self.newlines()
            if self.peek() == "esac":
                self.word()
                return Case(subject, clauses)
            if self.operator() == "(":
                self.at += 1
            patterns = [self.one_word()]
            while self.operator() == "|":
                self.at += 1
                patterns.append(self.one_word())
            self.expect(")")
            clauses.append((patterns, self.sequence(("esac",))))
            if self.operator() == ";;":
                self.at += 2

    def one_word(self) -> str:
        word = self.word()
        if not word:
            raise NotFollowedError(self.line())
        return word

    def redirected(self, command: Command) -> Command:
        while self.redirect(command.redirects):
            pass
        return command

    def simple(self) -> Simple:
        found = Simple()
        text = self.text
        while True:
            plain = _NEXT.match(text, self.at)
            if plain and (plain.end() == len(text) or text[plain.end()] in _WORD_END):
                word, self.at = plain[1], plain.end()
                self.count_word()
            elif self.operator() or self.at >= len(text):
                break
            elif self.redirect(found.redirects):
                continue
            else:
                word = self.one_word()
            if found.words:
                found.words.append(word)
                continue
            assignment = _ASSIGNMENT.match(word)
            if assignment:
                if assignment[2] or assignment[3] or text.startswith("(", self.at):
                    raise NotFollowedError(self.line())
                found.assignments.append((assignment[1], word[assignment.end() :]))
            elif not found.assignments and word in RESERVED and word != "[[":
                raise NotFollowedError(self.line())
            else:
                found.words.append(word)
        nothing = not (found.words or found.assignments or found.redirects)
        if nothing or _is_no_condition(found.words):
            raise NotFollowedError(self.line())
        return found

    def redirect(self, into: list[Redirect]) -> bool:
        self.blanks()
        match = _REDIRECT.match(self.text, self.at)
        if not match:
            return False
        self.at = match.end()
        fd, operator = match[1] or "", match[2] or match[4]
        target = self.one_word()
        if operator in ("<<", "<<-"):
            delimiter = re.sub(r"[\\'\"]", "", target)
            into.append(Redirect("0", "<<", ""))
            quoted = delimiter != target
            self.waiting.append((into, len(into) - 1, delimiter, quoted, operator == "<<-"))
        else:
            into.append(Redirect(fd or ("0" if operator[0] == "<" else "1"), operator, target))
        return True
