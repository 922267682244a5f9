"""A shell that follows a job's scripts and touches nothing: it tells what they would do.

Files are the small file system of files.py; programs that are not among the given commands are
recorded.  A piece of script that is not followed is recorded as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from functools import partial
from typing import Optional

from converter.shell.files import Files
from converter.shell.patterns import matches
from converter.shell.streams import CHARACTERS_A_STEP, Input, Output, Streams
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
    Sequence,
    Simple,
    While,
    parse,
)
from converter.shell.words import CommandError
from converter.shell.world import Spent, World

__all__ = ["Shell"]

_TRIES_A_STEP = 3_000
"""How often a pattern is tried in the time of a step."""

_VARIABLES_A_STEP = 500
"""What a shell of its own takes over, in the time of a step."""

_WORDS_A_STEP = 20

_MOST_LINES = 100
"""Of a script that is not followed so many lines are recorded."""


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


_State = tuple[Optional[str], bool]
"""Of a variable: its value, None where it is not set, and whether it is exported."""

_DECLARING = frozenset(("export", "local", "declare", "typeset", "readonly"))
_DECLARED = re.compile(r"[A-Za-z_]\w*=", re.ASCII)

_OURS = re.compile(r"#! ?(/usr)?/bin/(env )?(ba)?sh( -\w+)*\s*")
"""The first line of a script that is followed."""


class Shell(Streams):
    """One shell: variables, functions, arguments; `world` is shared with others."""

    def __init__(
        self,
        world: World,
        variables: Mapping[str, str],
        arguments: tuple[str, ...] = (),
        name: str = "bash",
    ) -> None:
        super().__init__()
        self.world = world
        self.variables = dict(variables)
        self.arguments = arguments
        self.name = name
        self.exported: set[str] = set(variables)
        self.functions: dict[str, Command] = {}
        self.status = 0
        self.hidden: dict[str, _State] | None = None
        """Of a function: the variables that it has of its own, as they were before."""
        self.given: frozenset[str] = frozenset()
        """Of a function: the variables that it has by its call, `NAME=VALUE FUNCTION`."""
        self.sourced = False
        """Whether this is a file that another script reads in."""
        self.loops = 0
        """In how many it is that `break` can leave."""
        self.substitutions = 0
        """How many commands have been put in."""
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
            self._whole(text)
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

    def _whole(self, text: str) -> None:
        """The commands of a whole script; of a line in which bash gives up the rest is left out."""
        given_up = False
        for item in self.parsed(text).items:
            self.item = item
            if not given_up:
                try:
                    self._one(item)
                except CommandError:
                    self.status = self.complain()
                    given_up = True
            given_up = given_up and not item.ends_line

    def parsed(self, text: str) -> Sequence:
        self.world.spend(len(text) // CHARACTERS_A_STEP)
        try:
            return parse(text)
        except NotFollowedError:
            lines = [line.strip() for line in text.split("\n") if line.strip()]
            for line in lines[:_MOST_LINES]:
                self._not_followed(line)
            if len(lines) > _MOST_LINES:
                self._not_followed(f"… and {len(lines) - _MOST_LINES} more lines")
            return Sequence([])

    def _not_followed(self, text: str) -> None:
        """Record a piece of script; it may have written something."""
        self.world.record("shell", text)
        self.status = 0
        for stream in ("1", "2"):
            with suppress(NotFollowedError):
                self.outputs[stream].write(None)

    def sequence(self, body: Sequence) -> int:
        for item in body.items:
            self._one(item)
        return self.status

    def _one(self, item: AndOr) -> None:
        self.world.spend(1)
        try:
            self.and_or(item)
        except NotFollowedError:
            self._not_followed(item.text)

    def _strictly(self, body: Sequence) -> int:
        """Commands on which something else depends: what is not followed there ends it, too."""
        for item in body.items:
            self.world.spend(1)
            self.and_or(item)
        return self.status

    def and_or(self, item: AndOr) -> None:
        for operator, pipeline in item.parts:
            if (operator == "&&" and self.status) or (operator == "||" and not self.status):
                continue
            self.pipeline(pipeline)

    def pipeline(self, pipeline: Pipeline) -> None:
        *before, last = pipeline.commands
        if not before:
            self.command(last)
        else:
            outer = self.stdin
            try:
                for command in before:
                    self.stdin = Input(self._written_by(partial(self.command, command)))
                self._apart(partial(self.command, last))
            finally:
                self.stdin = outer
        if pipeline.negated:
            self.status = int(not self.status)

    def _written_by(self, work: Callable[[], object]) -> str | None:
        """What something writes to its standard output, in a shell of its own."""
        outer, pipe = self.outputs, Output()
        self.outputs = {**outer, "1": pipe}
        try:
            self._apart(work)
        finally:
            self.outputs = outer
        return pipe.text

    def _apart(self, work: Callable[[], object]) -> None:
        """Do something in a shell of its own, of which only the status is left."""
        self.spend((len(self.variables) + len(self.functions)) // _VARIABLES_A_STEP)
        before = dict(vars(self))
        cwd = self.world.files.cwd
        self.variables, self.functions = dict(self.variables), dict(self.functions)
        self.exported, self.loops = set(self.exported), 0
        self.hidden = None if self.hidden is None else dict(self.hidden)
        try:
            work()
        except _Exit as end:
            self.status = end.status
        except CommandError:
            self.status = self.complain()
        finally:
            self.world.files.cwd = cwd
            vars(self).update(before, status=self.status)

    def command(self, command: Command) -> None:
        if isinstance(command, Function):
            self.functions[command.name] = command.body
            self.status = 0
        elif isinstance(command, Simple):
            self._simple(command)
        else:
            with self.deeper(), self.redirected(command.redirects) as there:
                if there:
                    self._compound(command)

    def _compound(self, command: Command) -> None:
        if isinstance(command, Group):
            if command.subshell:
                self._apart(partial(self.sequence, command.body))
            else:
                self.sequence(command.body)
        elif isinstance(command, If):
            for condition, body in command.clauses:
                if self._strictly(condition) == 0:
                    self.sequence(body)
                    return
            if command.otherwise is not None:
                self.sequence(command.otherwise)
            else:
                self.status = 0
        elif isinstance(command, For):
            values = list(self.arguments)
            if command.words is not None:
                values = [w for word in command.words for w in self.words(word)]
            if not values:
                self.status = 0
            self._loop(self._each(command, values), command.body)
        elif isinstance(command, While):
            self._loop(self._while(command), command.body)
        elif isinstance(command, Case):
            self._case(command)

    def _case(self, command: Case) -> None:
        subject = self.value(command.word)
        for patterns, body in command.clauses:
            if any(self._matches(subject, p) for p in patterns):
                if not body.items:
                    self.status = 0
                self.sequence(body)
                return
        self.status = 0

    def _matches(self, text: str, raw: str) -> bool:
        pattern = self.pattern(raw)
        self.spend(len(text) * len(pattern) // _TRIES_A_STEP)
        return matches(text, pattern)

    def _each(self, command: For, values: list[str]) -> Iterator[None]:
        for value in values:
            self.spend(1)
            self.assign(command.name, value)
            yield

    def _while(self, command: While) -> Iterator[None]:
        status = 0
        while bool(self._strictly(command.condition)) is command.until:
            yield
            status = self.status
        self.status = status

    def _loop(self, rounds: Iterator[None], body: Sequence) -> None:
        self.loops += 1
        try:
            for _ in rounds:
                with suppress(_Continue):
                    self.sequence(body)
        except _Break:
            pass
        finally:
            self.loops -= 1

    def _simple(self, command: Simple) -> None:
        if command.words and command.words[0] == "[[":
            self.status = self._condition(command)
            return
        substitutions = self.substitutions
        self.spend(len(command.words) // _WORDS_A_STEP)
        words = self._words(command.words)
        if words == ["exec"] and command.redirects:
            before = self.stdin, self.files.reading, self.outputs
            self.status = 0
            if not self.reopen(command.redirects):
                self.stdin, self.files.reading, self.outputs = before
            return
        if not words:
            self._assign(command.assignments)
            if self.substitutions == substitutions:
                self.status = 0
        with self.redirected(command.redirects) as there:
            if there and words:
                self._with_values(command.assignments, words)

    def _words(self, raw: list[str]) -> list[str]:
        """The words of a command; `export` and its like take a value whole."""
        words: list[str] = []
        for word in raw:
            value = _DECLARED.match(word) if raw[0] in _DECLARING else None
            words += [value[0] + self._assigned(word[value.end() :])] if value else self.words(word)
        return words

    def _with_values(self, assignments: list[tuple[str, str]], words: list[str]) -> None:
        """Run a command that has variables of its own."""
        if not assignments:
            self.call(words)
            return
        before, given = {name: self._state(name) for name, _ in assignments}, self.given
        try:
            self._assign(assignments)
            self.exported |= set(before)
            self.given |= before.keys()
            self.call(words)
        finally:
            self.given = given
            self._restore(before)

    def _assign(self, assignments: list[tuple[str, str]]) -> None:
        for name, raw in assignments:
            self.assign(name, self._assigned(raw))

    def _assigned(self, raw: str) -> str:
        if ":~" in raw:
            raise NotFollowedError(raw)  # a home in every part of a path
        return self.value(raw)

    def _state(self, name: str) -> _State:
        return self.variables.get(name), name in self.exported

    def _restore(self, states: Mapping[str, _State]) -> None:
        for name, (value, exported) in states.items():
            self.variables.pop(name, None)
            if value is not None:
                self.variables[name] = value
            (self.exported.add if exported else self.exported.discard)(name)

    def declared(self, name: str) -> None:
        """Raises NotFollowedError where bash has rules of its own for what is declared anew."""
        if name in self.given:
            raise NotFollowedError(f"{name} is a variable of the call")

    def hide(self, name: str) -> None:
        """`local`: from here on the function has a variable of that name of its own."""
        if self.hidden is not None and name not in self.hidden:
            self.hidden[name] = self._state(name)
            self.variables.pop(name, None)

    def _condition(self, command: Simple) -> int:
        """`[[ … ]]` of one comparison: nothing is split, what is on the right is a pattern."""
        words = command.words[1:-1]
        negated = words[:1] == ["!"]
        words = words[negated:]
        plain = not command.redirects and not command.assignments and command.words[-1] == "]]"
        if plain and len(words) == 3 and words[1] in ("=", "==", "!="):
            found = self._matches(self.value(words[0]), words[2]) is not (words[1] == "!=")
        elif plain and len(words) == 3 and re.fullmatch("-(eq|ne|lt|le|gt|ge)", words[1]):
            numbers = [self.value(words[0]), self.value(words[2])]
            if not all(re.fullmatch(r"0|-?[1-9]\d{0,17}", one, re.ASCII) for one in numbers):
                raise NotFollowedError(command.text)  # expressions
            found = self.meets(numbers[0], words[1], numbers[1])
        elif plain and len(words) == 2 and re.fullmatch("-[nzfrsxde]", words[0]):
            found = self.meets(words[0], self.value(words[1]))
        elif plain and len(words) == 1 and not words[0].startswith(("-", "!")):
            found = bool(self.value(words[0]))
        else:
            raise NotFollowedError(command.text)
        return int(found is negated)

    def meets(self, *words: str) -> bool:
        """Whether a condition of `test` holds."""
        self.call(["test", *words])
        return self.status == 0

    def assign(self, name: str, value: str) -> None:
        """Set a variable."""
        if name == "IFS":
            raise NotFollowedError("IFS=")
        self.variables[name] = value

    def call(self, words: list[str]) -> int:
        """Run a command, given its words; its status is the shell's."""
        with self.deeper():
            self._called(words)
        return self.status

    def _called(self, words: list[str]) -> None:
        name = words[0]
        if name in self.functions:
            self._function(self.functions[name], tuple(words[1:]))
        elif name in self.world.commands:
            self.status = self.world.commands[name](self, words[1:])
        elif "/" in name and (text := self.files.script(name)):
            self._script(text, name, words[1:])
        else:
            self.status = self.program("run", *words)

    def _function(self, body: Command, arguments: tuple[str, ...]) -> None:
        before = self.arguments, self.hidden, self.loops
        own: dict[str, _State] = {}
        self.arguments, self.hidden, self.loops = arguments, own, 0
        try:
            self.command(body)
        except _Return as end:
            self.status = end.status
        finally:
            self._restore(own)
            self.arguments, self.hidden, self.loops = before

    def program(self, kind: str, *words: str) -> int:
        """Record a program, of which nobody here knows what it writes; its status."""
        streams = tuple((n, out.name) for n, out in sorted(self.outputs.items()) if out.name)
        status = self.world.record(kind, *words, streams=streams)
        self.outputs["1"].write(None)
        self.outputs["2"].write(None)
        return status

    def _script(self, text: str, name: str, arguments: list[str]) -> None:
        """A script that is called by its name."""
        first = text.split("\n", 1)[0]
        if not self.world.files.may_run(name):
            self.status = self.complain(126)
        elif first.startswith("#!") and not _OURS.fullmatch(first):
            self.status = self.program("run", name, *arguments)
        else:
            self.status = self.child(text, name, arguments)

    def child(self, text: str, name: str, arguments: list[str]) -> int:
        """A script in a shell of its own, which has what is exported; its status."""
        self.spend(len(self.variables) // _VARIABLES_A_STEP)
        handed = {k: v for k, v in self.variables.items() if k in self.exported}
        shell = Shell(self.world, handed, tuple(arguments), name)
        shell.stdin, shell.outputs = self.stdin, self.outputs
        cwd = self.world.files.cwd
        try:
            shell._whole(text)
        except _Exit as end:
            shell.status = end.status
        finally:
            self.world.files.cwd = cwd
        return shell.status

    def source(self, name: str, arguments: list[str]) -> int:
        """`. NAME`: a file of the job is followed, any other is recorded."""
        text = self.files.script(name)
        if text is None:
            return self.program("source", name, *arguments)
        before = self.arguments, self.sourced
        self.arguments, self.sourced = tuple(arguments) or self.arguments, True
        try:
            return self.lines(text)
        except _Return as end:
            return end.status
        finally:
            if arguments:
                self.arguments = before[0]
            self.sourced = before[1]

    def lines(self, text: str) -> int:
        """Commands of a text; their status."""
        body = self.parsed(text)
        return self.sequence(body) if body.items else 0

    # -- what builtins raise ----------------------------------------------------------------

    def leave(self, how: str, status: int) -> int:
        """`exit`, `return`, `break`, `continue`."""
        if how == "exit":
            raise _Exit(status)
        if how == "return":
            if self.hidden is None and not self.sourced:
                raise NotFollowedError("return outside of a function")
            raise _Return(status)
        if not self.loops:
            self.complain()
            return 0
        self.status = 0
        raise (_Break if how == "break" else _Continue)()

    def spend(self, steps: int) -> None:
        self.world.spend(steps)

    def deeper(self) -> AbstractContextManager[None]:
        return self.world

    @property
    def files(self) -> Files:
        return self.world.files

    def substituted(self, text: str) -> str:
        """The output of a command."""
        self.spend(1)
        with self.deeper():
            written = self._written_by(partial(self._put_in, self.parsed(text)))
        self.substitutions += 1
        if written is None:
            raise NotFollowedError(f"$({text})")
        return written.rstrip("\n")

    def _put_in(self, body: Sequence) -> None:
        if len(body.items) == 1:
            command = body.items[0].parts[0][1].commands[0]
            if isinstance(command, Simple) and _only_reads(command, body.items[0].text):
                command = Simple(words=["cat"], redirects=command.redirects)
                self._simple(command)
                return
        self._strictly(body)


def _only_reads(command: Simple, text: str) -> bool:
    """Whether it is the `<FILE` of `$(<FILE)`, which stands for the file's text."""
    operators = [redirect.operator for redirect in command.redirects]
    return not command.words and operators == ["<"] and command.text == text
