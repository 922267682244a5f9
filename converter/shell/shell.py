"""A shell that follows a job's scripts and touches nothing: it tells what they would do.

Files are the small file system of files.py; programs that are not among the given commands are
recorded.  A piece of script that is not followed is recorded as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager

from msgspec import Struct

from converter.shell.files import Files
from converter.shell.patterns import matches
from converter.shell.syntax import (
    AndOr,
    Case,
    Command,
    For,
    Function,
    Group,
    If,
    NotFollowedError,
    Pipeline,
    Redirect,
    Sequence,
    Simple,
    While,
    parse,
)
from converter.shell.words import CommandError, Words
from converter.shell.world import Spent, World

__all__ = ["Input", "Shell"]

_CHARACTERS_A_STEP = 600
_TRIES_A_STEP = 3_000
"""What is read, and how often a pattern is tried, in the time of a step."""

_MOST_LINES = 100
"""Of a script that is not followed so many lines are recorded."""


class Input(Struct):
    """Text that commands read, line by line."""

    text: str = ""
    at: int = 0

    def line(self) -> str | None:
        if self.at >= len(self.text):
            return None
        end = self.text.find("\n", self.at)
        end = len(self.text) if end < 0 else end
        line, self.at = self.text[self.at : end], end + 1
        return line

    def all(self) -> str:
        text, self.at = self.text[self.at :], len(self.text)
        return text


class _Exit(Exception):  # noqa: N818 - not an error
    """The script ends before its last line."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class _Return(_Exit):
    pass


class _Break(Exception):  # noqa: N818
    pass


class _Continue(Exception):  # noqa: N818
    pass


_OURS = re.compile(r"#! ?(/usr)?/bin/(env )?(ba)?sh( -\w+)*\s*")
"""The first line of a script that is followed."""


class Shell(Words):
    """One shell: variables, functions, arguments; `world` is shared with others."""

    def __init__(
        self,
        world: World,
        variables: Mapping[str, str],
        arguments: tuple[str, ...] = (),
        name: str = "bash",
    ) -> None:
        self.world = world
        self.variables = dict(variables)
        self.arguments = arguments
        self.name = name
        self.exported: set[str] = set(variables)
        self.functions: dict[str, Command] = {}
        self.status = 0
        self.out: list[str] = []
        self.streams: tuple[tuple[str, str], ...] = ()
        self.item: AndOr | None = None
        """Of the whole script, what it is at."""
        self.to_the_end = False
        """Whether the script came to its last line."""

    # -- running ----------------------------------------------------------------------------

    def run(self, text: str) -> int:
        """Follow a script as far as it goes; its status."""
        self.item = None
        self.to_the_end = False
        try:
            self._whole(text, Input())
            self.to_the_end = True
        except _Exit as end:
            self.status = end.status
        except Spent:
            self.world.record("shell", self.item.text if self.item else text.strip()[:200])
            self.status = 0
        return self.status

    def meant(self, word: str) -> str | None:
        """The text that a word stands for; None where that is not followed, or bash gives up."""
        try:
            return self.value(word)
        except (CommandError, NotFollowedError, Spent):
            return None

    def _whole(self, text: str, stdin: Input) -> None:
        """The commands of a whole script; of a line in which bash gives up the rest is left out."""
        given_up = False
        for item in self.parsed(text).items:
            self.item = item
            if not given_up:
                try:
                    self._one(item, stdin)
                except (_Break, _Continue):
                    pass
                except CommandError:
                    self.status = 1
                    given_up = True
            given_up = given_up and not item.ends_line

    def parsed(self, text: str) -> Sequence:
        self.world.spend(len(text) // _CHARACTERS_A_STEP)
        try:
            return parse(text)
        except NotFollowedError:
            lines = [line.strip() for line in text.split("\n") if line.strip()]
            for line in lines[:_MOST_LINES]:
                self.world.record("shell", line)
            if len(lines) > _MOST_LINES:
                self.world.record("shell", f"… and {len(lines) - _MOST_LINES} more lines")
            return Sequence([])

    def sequence(self, body: Sequence, stdin: Input) -> int:
        for item in body.items:
            self._one(item, stdin)
        return self.status

    def _one(self, item: AndOr, stdin: Input) -> None:
        self.world.spend(1)
        try:
            self.and_or(item, stdin)
        except NotFollowedError:
            self.world.record("shell", item.text)
            self.status = 0

    def and_or(self, item: AndOr, stdin: Input) -> None:
        for operator, pipeline in item.parts:
            if (operator == "&&" and self.status) or (operator == "||" and not self.status):
                continue
            self.pipeline(pipeline, stdin)

    def pipeline(self, pipeline: Pipeline, stdin: Input) -> None:
        *before, last = pipeline.commands
        for command in before:
            outer, self.out = self.out, []
            try:
                self.command(command, stdin)
            finally:
                text, self.out = "".join(self.out), outer
            stdin = Input(text)
        self.command(last, stdin)
        if pipeline.negated:
            self.status = int(not self.status)

    def command(self, command: Command, stdin: Input) -> None:
        if isinstance(command, Function):
            self.functions[command.name] = command.body
            self.status = 0
            return
        if isinstance(command, Simple):
            self._simple(command, stdin)
            return
        with self.deeper(), _Redirected(self, command.redirects, stdin) as redirected:
            if redirected.failed:
                return
            self._compound(command, redirected.stdin)

    def _compound(self, command: Command, stdin: Input) -> None:
        if isinstance(command, Group):
            if command.subshell:
                self._subshell(command.body, stdin)
            else:
                self.sequence(command.body, stdin)
        elif isinstance(command, If):
            for condition, body in command.clauses:
                if self.sequence(condition, stdin) == 0:
                    self.sequence(body, stdin)
                    return
            self.status = 0
            if command.otherwise is not None:
                self.sequence(command.otherwise, stdin)
        elif isinstance(command, For):
            values = list(self.arguments)
            if command.words is not None:
                values = [w for word in command.words for w in self.words(word)]
            self.status = 0
            self._loop(self._each(command, values), command.body, stdin)
        elif isinstance(command, While):
            self._loop(self._while(command, stdin), command.body, stdin)
        elif isinstance(command, Case):
            subject = self.value(command.word)
            self.status = 0
            for patterns, body in command.clauses:
                if any(self._matches(subject, p) for p in patterns):
                    self.sequence(body, stdin)
                    return

    def _matches(self, text: str, raw: str) -> bool:
        pattern = self.pattern(raw)
        self.spend(len(text) * len(pattern) // _TRIES_A_STEP)
        return matches(text, pattern)

    def _each(self, command: For, values: list[str]) -> Iterator[None]:
        for value in values:
            self.spend(1)
            self.assign(command.name, value)
            yield

    def _while(self, command: While, stdin: Input) -> Iterator[None]:
        while bool(self.sequence(command.condition, stdin)) is command.until:
            self.status = 0
            yield
        self.status = 0

    def _loop(self, rounds: Iterator[None], body: Sequence, stdin: Input) -> None:
        for _ in rounds:
            try:
                self.sequence(body, stdin)
            except _Break:
                break
            except _Continue:
                continue

    def _subshell(self, body: Sequence, stdin: Input) -> None:
        before = self.variables, self.functions, self.world.files.cwd
        self.variables, self.functions = dict(self.variables), dict(self.functions)
        try:
            self.sequence(body, stdin)
        except _Exit as end:
            self.status = end.status
        finally:
            self.variables, self.functions, self.world.files.cwd = before

    def _simple(self, command: Simple, stdin: Input) -> None:
        if command.words and command.words[0] == "[[":
            self.status = self._condition(command)
            return
        words = [w for word in command.words for w in self.words(word)]
        values = [(name, self.value(raw)) for name, raw in command.assignments]
        if not words:
            for name, value in values:
                self.assign(name, value)
            substitutes = any(sign in raw for _, raw in command.assignments for sign in ("$(", "`"))
            self.status = self.status if substitutes else 0
        if not command.redirects:
            self._with_values(values, words, stdin)
            return
        with _Redirected(self, command.redirects, stdin) as redirected:
            if not redirected.failed:
                self._with_values(values, words, redirected.stdin)

    def _with_values(self, values: list[tuple[str, str]], words: list[str], stdin: Input) -> None:
        """Run a command that has variables of its own."""
        if not words:
            return
        if not values:
            self.call(words, stdin)
            return
        before = self.variables, self.exported
        self.variables = dict(self.variables)
        self.exported = self.exported | {name for name, _ in values}
        try:
            for name, value in values:
                self.assign(name, value)
            self.call(words, stdin)
        finally:
            self.variables, self.exported = before

    def _condition(self, command: Simple) -> int:
        """`[[ … ]]` of one comparison: nothing is split, what is on the right is a pattern."""
        words = command.words[1:-1]
        negated = words[:1] == ["!"]
        words = words[negated:]
        plain = not command.redirects and not command.assignments and command.words[-1] == "]]"
        if plain and len(words) == 3 and words[1] in ("=", "==", "!="):
            found = self._matches(self.value(words[0]), words[2]) is not (words[1] == "!=")
        elif plain and len(words) == 3 and re.fullmatch("-(eq|ne|lt|le|gt|ge)", words[1]):
            self.call(["test", self.value(words[0]), words[1], self.value(words[2])], Input())
            found = self.status == 0
        elif plain and len(words) == 2 and re.fullmatch("-[nzfrsxde]", words[0]):
            self.call(["test", words[0], self.value(words[1])], Input())
            found = self.status == 0
        elif plain and len(words) == 1:
            found = bool(self.value(words[0]))
        else:
            raise NotFollowedError(command.text)
        return int(found is negated)

    def assign(self, name: str, value: str) -> None:
        """Set a variable."""
        if name == "IFS":
            raise NotFollowedError("IFS=")
        self.variables[name] = value

    def call(self, words: list[str], stdin: Input) -> None:
        """Run a command, given its words; its status is the shell's."""
        with self.deeper():
            self._called(words, stdin)

    def _called(self, words: list[str], stdin: Input) -> None:
        name = words[0]
        if name in self.functions:
            before, self.arguments = self.arguments, tuple(words[1:])
            try:
                self.command(self.functions[name], stdin)
            except _Return as end:
                self.status = end.status
            finally:
                self.arguments = before
        elif name in self.world.commands:
            self.status = self.world.commands[name](self, words[1:], stdin)
        elif "/" in name and (text := self.files.script(name)):
            self._script(text, name, words[1:], stdin)
        else:
            self.status = self.world.record("run", *words, streams=self.streams)

    def _script(self, text: str, name: str, arguments: list[str], stdin: Input) -> None:
        """A script that is called by its name."""
        first = text.split("\n", 1)[0]
        if not self.world.files.may_run(name):
            self.status = 126
        elif first.startswith("#!") and not _OURS.fullmatch(first):
            self.status = self.world.record("run", name, *arguments, streams=self.streams)
        else:
            self.status = self.child(text, name, arguments, stdin)

    def child(self, text: str, name: str, arguments: list[str], stdin: Input) -> int:
        """A script in a shell of its own, which has what is exported; its status."""
        handed = {k: v for k, v in self.variables.items() if k in self.exported}
        shell = Shell(self.world, handed, tuple(arguments), name)
        shell.out, shell.streams = self.out, self.streams
        cwd = self.world.files.cwd
        try:
            shell._whole(text, stdin)
        except _Exit as end:
            shell.status = end.status
        finally:
            self.world.files.cwd = cwd
        return shell.status

    def source(self, name: str, arguments: list[str], stdin: Input) -> int:
        """`. NAME`: a file of the job is followed, any other is recorded."""
        text = self.files.script(name)
        if text is None:
            return self.world.record("source", name, *arguments)
        before = self.arguments
        self.arguments = tuple(arguments) or before
        try:
            return self.sequence(self.parsed(text), stdin)
        except _Return as end:
            return end.status
        finally:
            self.arguments = before

    # -- what builtins raise ----------------------------------------------------------------

    def leave(self, how: str, status: int) -> int:
        """`exit`, `return`, `break`, `continue`."""
        if how == "exit":
            raise _Exit(status)
        if how == "return":
            raise _Return(status)
        raise (_Break if how == "break" else _Continue)()

    def write(self, text: str) -> None:
        self.spend(len(text) // _CHARACTERS_A_STEP)
        self.out.append(text)

    def read(self, name: str) -> str | None:
        """A file's text, for a command.  Raises FileNotFoundError."""
        text = self.files.read(name)
        self.spend(len(text or "") // _CHARACTERS_A_STEP)
        return text

    def rest(self, stdin: Input) -> str:
        """All that is left to read of it."""
        text = stdin.all()
        self.spend(len(text) // _CHARACTERS_A_STEP)
        return text

    def spend(self, steps: int) -> None:
        self.world.spend(steps)

    def deeper(self) -> AbstractContextManager[None]:
        return self.world

    @property
    def files(self) -> Files:
        return self.world.files

    def substituted(self, text: str) -> str:
        """The output of a command."""
        outer, self.out = self.out, []
        try:
            with self.deeper():
                self._subshell(self.parsed(text), Input())
            return "".join(self.out).rstrip("\n")
        finally:
            self.out = outer


class _Redirected:
    """The redirections of a command, done and undone."""

    def __init__(self, shell: Shell, redirects: list[Redirect], stdin: Input) -> None:
        self.shell, self.redirects, self.stdin = shell, redirects, stdin
        self.failed = False
        self.target: tuple[str, bool] | None = None
        self.before = shell.out, shell.streams

    def __enter__(self) -> _Redirected:
        shell = self.shell
        streams = dict(shell.streams)
        for redirect in self.redirects:
            if redirect.operator == "<<":
                text = redirect.target if redirect.quoted else shell.document(redirect.target)
                self.stdin = Input(text)
                continue
            name = shell.value(redirect.target)
            if redirect.operator == "<<<":
                self.stdin = Input(name + "\n")
            elif redirect.operator == "<":
                self._read(name)
            elif redirect.operator == ">&" and name.isdigit():
                streams[redirect.fd] = streams.get(name, "")
                if redirect.fd == "1" and name != "1":
                    self.target = "/dev/null", False
            elif redirect.operator in (">", ">>", ">|", "&>", "&>>"):
                both = redirect.operator.startswith("&")
                for fd in ("1", "2") if both else (redirect.fd,):
                    streams[fd] = name
                if both or redirect.fd == "1":
                    self.target = name, ">>" in redirect.operator
                elif name != "/dev/null" and not shell.world.files.is_file(name):
                    self._make(name)
            else:
                raise NotFollowedError(redirect.operator + redirect.target)
        shell.streams = tuple(sorted((fd, name) for fd, name in streams.items() if name))
        if self.target:
            shell.out = []
        return self

    def _make(self, name: str) -> None:
        try:
            self.shell.files.write(name, "")
        except FileNotFoundError:
            self.failed, self.shell.status = True, 1

    def _read(self, name: str) -> None:
        try:
            text = "" if name == "/dev/null" else self.shell.world.files.read(name)
            self.stdin = Input(text or "")
        except FileNotFoundError:
            self.failed, self.shell.status = True, 1

    def __exit__(self, *error: object) -> None:
        shell = self.shell
        written = shell.out
        shell.out, shell.streams = self.before
        if self.target is None or self.target[0] == "/dev/null":
            return
        text = "".join(written)
        name, append = self.target
        files = shell.world.files
        try:
            old = (shell.read(name) or "") if append and files.is_file(name) else ""
            files.write(name, old + text)
        except FileNotFoundError:
            shell.status = 1
