"""A shell that follows a job's scripts and touches nothing: it tells what they would do.

Files are the small file system of files.py; programs that are not modelled (commands.py) are
recorded.  A piece of script that is not followed is recorded as it stands.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct, field

from converter.launch.bash.files import Files
from converter.launch.bash.syntax import (
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
from converter.launch.bash.words import CommandError, Words

__all__ = ["Event", "Exit", "Input", "Shell", "World"]

_MOST_STEPS = 20_000
"""A script that does more is not followed to its end."""


class Event(Struct, frozen=True):
    """One thing that the scripts do.

    kind     "run", "source", "setup", "fetch", "store", "pack", "unpack", "make folder", or
             "shell" for a piece of script that is not followed
    words    program and arguments, files, the text
    streams  where standard output and error go, by number, if not to the job's log
    """

    kind: str
    words: tuple[str, ...]
    streams: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return " ".join((self.kind, *self.words))


class World(Struct):
    """What the shells of a job share.

    program  what happens when something is recorded: files may be written; gives the status
    """

    files: Files = field(default_factory=Files)
    events: list[Event] = []
    program: Callable[[Event], int] = lambda event: 0
    steps: int = 0
    depth: int = 0

    def record(self, kind: str, *words: str, streams: tuple[tuple[str, str], ...] = ()) -> int:
        """Note an event; the status of the program."""
        event = Event(kind, words, streams)
        self.events.append(event)
        return self.program(event)


class Input(Struct):
    """Text that commands read, line by line."""

    text: str = ""

    def line(self) -> str | None:
        line, newline, rest = self.text.partition("\n")
        if not line and not newline:
            return None
        self.text = rest
        return line

    def all(self) -> str:
        text, self.text = self.text, ""
        return text


class Exit(Exception):  # noqa: N818 - not an error
    """The script ends."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class _Return(Exit):
    pass


class _Break(Exception):  # noqa: N818
    pass


class _Continue(Exception):  # noqa: N818
    pass


_DEEPEST = 30
"""Scripts and functions that call each other are followed so deep."""

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

    # -- running ----------------------------------------------------------------------------

    def run(self, text: str, stdin: Input | None = None) -> int:
        """Follow a script to its end; its status."""
        try:
            self.lines(self.parsed(text), stdin or Input())
        except Exit as end:
            self.status = end.status
        return self.status

    def lines(self, body: Sequence, stdin: Input) -> int:
        """The commands of a whole script; of a line in which bash gives up the rest is left out."""
        rest = list(body.items)
        while rest:
            item = rest.pop(0)
            try:
                self.sequence(Sequence([item]), stdin)
            except (_Break, _Continue):
                continue
            except CommandError:
                self.status = 1
                while not item.ends_line and rest:
                    item = rest.pop(0)
        return self.status

    def parsed(self, text: str) -> Sequence:
        try:
            return parse(text)
        except (NotFollowedError, RecursionError):
            for line in text.split("\n"):
                if line.strip():
                    self.world.record("shell", line.strip())
            return Sequence([])

    def sequence(self, body: Sequence, stdin: Input) -> int:
        for item in body.items:
            self.world.steps += 1
            if self.world.steps > _MOST_STEPS:
                self.world.record("shell", item.text)
                raise Exit(0)
            try:
                self.and_or(item, stdin)
            except (NotFollowedError, RecursionError):
                self.world.record("shell", item.text)
                self.status = 0
        return self.status

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
        with _Redirected(self, command.redirects, stdin) as redirected:
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
                if any(fnmatch.fnmatchcase(subject, self.pattern(p)) for p in patterns):
                    self.sequence(body, stdin)
                    return

    def _each(self, command: For, values: list[str]) -> Iterator[None]:
        for value in values:
            self.variables[command.name] = value
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
        except Exit as end:
            self.status = end.status
        finally:
            self.variables, self.functions, self.world.files.cwd = before

    def _simple(self, command: Simple, stdin: Input) -> None:
        words = [w for word in command.words for w in self.words(word)]
        values = [(name, self.value(raw)) for name, raw in command.assignments]
        if not words:
            self.variables.update(values)
            substitutes = any(sign in raw for _, raw in command.assignments for sign in ("$(", "`"))
            self.status = self.status if substitutes else 0
        with _Redirected(self, command.redirects, stdin) as redirected:
            if redirected.failed or not words:
                return
            before = self.variables, self.exported
            if values:
                self.variables = {**self.variables, **dict(values)}
                self.exported = self.exported | {name for name, _ in values}
            try:
                self.call(words, redirected.stdin)
            finally:
                if values:
                    self.variables, self.exported = before

    def call(self, words: list[str], stdin: Input) -> None:
        """Run a command, given its words; its status is the shell's."""
        self.world.depth += 1
        try:
            if self.world.depth > _DEEPEST:
                raise NotFollowedError(" ".join(words))
            self._called(words, stdin)
        finally:
            self.world.depth -= 1

    def _called(self, words: list[str], stdin: Input) -> None:
        # Imported here: the commands are given the shell that runs them.
        from converter.launch.bash.commands import COMMANDS

        name = words[0]
        if name in self.functions:
            before, self.arguments = self.arguments, tuple(words[1:])
            try:
                self.command(self.functions[name], stdin)
            except _Return as end:
                self.status = end.status
            finally:
                self.arguments = before
        elif name in COMMANDS:
            self.status = COMMANDS[name](self, words[1:], stdin)
        elif "/" in name and self.world.files.is_file(name) and self.world.files.read(name):
            self._script(name, words[1:], stdin)
        else:
            self.status = self.world.record("run", *words, streams=self.streams)

    def _script(self, name: str, arguments: list[str], stdin: Input) -> None:
        """A script that is called by its name."""
        text = self.world.files.read(name) or ""
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
        status = shell.run(text, stdin)
        self.world.files.cwd = cwd
        return status

    def source(self, name: str, arguments: list[str], stdin: Input) -> int:
        """`. NAME`: a file of the job is followed, any other is recorded."""
        files = self.world.files
        text = files.read(name) if files.is_ours(name) and files.is_file(name) else None
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
            raise Exit(status)
        if how == "return":
            raise _Return(status)
        raise (_Break if how == "break" else _Continue)()

    def write(self, text: str) -> None:
        self.out.append(text)

    @property
    def files(self) -> Files:
        return self.world.files

    def substituted(self, text: str) -> str:
        """The output of a command."""
        outer, self.out = self.out, []
        try:
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
                    shell.world.files.write(name, "")
            else:
                raise NotFollowedError(redirect.operator + redirect.target)
        shell.streams = tuple(sorted((fd, name) for fd, name in streams.items() if name))
        if self.target:
            shell.out = []
        return self

    def _read(self, name: str) -> None:
        try:
            self.stdin = Input(self.shell.world.files.read(name) or "")
        except FileNotFoundError:
            self.failed, self.shell.status = True, 1

    def __exit__(self, *error: object) -> None:
        shell = self.shell
        text = "".join(shell.out)
        shell.out, shell.streams = self.before
        if self.target is None or self.target[0] == "/dev/null":
            return
        name, append = self.target
        files = shell.world.files
        try:
            old = (files.read(name) or "") if append and files.is_file(name) else ""
            files.write(name, old + text)
        except FileNotFoundError:
            shell.status = 1
