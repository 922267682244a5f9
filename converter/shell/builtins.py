"""Commands of the shell itself.

Each is what the real one does with the options that are taken here; with any other option it
raises NotFollowedError, and the piece of script is recorded as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from converter.shell.arithmetic import wrap
from converter.shell.commandline import Command, number, plain
from converter.shell.shell import Input, Shell
from converter.shell.syntax import NotFollowedError

__all__ = ["BUILTINS"]


def _true(shell: Shell, arguments: list[str], stdin: Input) -> int:
    return 0


def _false(shell: Shell, arguments: list[str], stdin: Input) -> int:
    return 1


def _echo(shell: Shell, arguments: list[str], stdin: Input) -> int:
    first = 0
    while first < len(arguments) and re.fullmatch(r"-[neE]+", arguments[first]):
        if "e" in arguments[first]:
            raise NotFollowedError("echo -e")
        first += 1
    newline = any("n" in option for option in arguments[:first])
    shell.write(" ".join(arguments[first:]) + ("" if newline else "\n"))
    return 0


_ESCAPES = {"n": "\n", "t": "\t", "\\": "\\", '"': '"'}


def _printf(shell: Shell, arguments: list[str], stdin: Input) -> int:
    if not arguments:
        return 2
    form, *values = arguments
    parts = re.split(r"(%[sd%]|\\.)", form)
    places = sum(part in ("%s", "%d") for part in parts)
    if any("%" in part or "\\" in part for part in parts[::2]):
        raise NotFollowedError("printf " + " ".join(arguments))
    shell.spend(len(parts) * (1 + len(values) // max(places, 1)) // 20)
    at = 0
    while True:
        # The format serves again for what is left.
        for part in parts:
            if part in ("%s", "%d"):
                value = values[at] if at < len(values) else "0" if part == "%d" else ""
                if part == "%d" and not re.fullmatch(r"0|-?[1-9]\d{0,17}", value, re.ASCII):
                    raise NotFollowedError("printf " + " ".join(arguments))
                shell.write(value)
                at += 1
            elif part.startswith("\\"):
                if part[1] not in _ESCAPES:
                    raise NotFollowedError("printf " + " ".join(arguments))
                shell.write(_ESCAPES[part[1]])
            else:
                shell.write("%" if part == "%%" else part)
        if at >= len(values) or not places:
            return 0


def _set(shell: Shell, arguments: list[str], stdin: Input) -> int:
    options, dashes, values = arguments, False, []
    if "--" in arguments:
        place = arguments.index("--")
        options, dashes, values = arguments[:place], True, arguments[place + 1 :]
    # These only say what is done; -e, -u and others change it.
    if not all(re.fullmatch(r"[-+][xvbh]+|\+[eu]+", word) for word in options):
        raise NotFollowedError("set " + " ".join(arguments))
    if dashes:
        shell.arguments = tuple(values)
    return 0


def _shopt(shell: Shell, arguments: list[str], stdin: Input) -> int:
    if arguments[:1] != ["-s"] or arguments[1:] != ["expand_aliases"]:
        raise NotFollowedError("shopt " + " ".join(arguments))
    return 0


def _export(shell: Shell, arguments: list[str], stdin: Input) -> int:
    if arguments == ["-p"]:
        for name in sorted(shell.exported & set(shell.variables)):
            value = re.sub(r'(["\\$`])', r"\\\1", shell.variables[name])
            shell.write(f'declare -x {name}="{value}"\n')
        return 0
    for word in arguments:
        name, equals, value = word.partition("=")
        if name.startswith("-"):
            raise NotFollowedError("export " + " ".join(arguments))
        if equals:
            shell.assign(name, value)
        shell.exported.add(name)
    return 0


def _local(shell: Shell, arguments: list[str], stdin: Input) -> int:
    if arguments[:1] == ["-x"]:
        return _export(shell, arguments[1:], stdin)
    for word in arguments:
        name, equals, value = word.partition("=")
        if name.startswith("-"):
            raise NotFollowedError("declare " + " ".join(arguments))
        shell.assign(name, value if equals else shell.variables.get(name, ""))
    return 0


def _unset(shell: Shell, arguments: list[str], stdin: Input) -> int:
    for name in arguments:
        shell.variables.pop(name, None)
        shell.functions.pop(name, None)
    return 0


def _shift(shell: Shell, arguments: list[str], stdin: Input) -> int:
    count = number(arguments[0]) if arguments else 1
    if not 0 <= count <= len(shell.arguments):
        return 1
    shell.arguments = shell.arguments[count:]
    return 0


def _cd(shell: Shell, arguments: list[str], stdin: Input) -> int:
    files = shell.world.files
    folder = arguments[0] if arguments else "/"
    if not files.is_folder(folder):
        return shell.world.record("run", "cd", folder) or 1
    files.cwd = files.path(folder)
    return 0


def _pwd(shell: Shell, arguments: list[str], stdin: Input) -> int:
    shell.write(shell.world.files.cwd + "\n")
    return 0


def _source(shell: Shell, arguments: list[str], stdin: Input) -> int:
    if not arguments:
        return 2
    return shell.source(arguments[0], arguments[1:], stdin)


def _eval(shell: Shell, arguments: list[str], stdin: Input) -> int:
    return shell.sequence(shell.parsed(" ".join(arguments)), stdin)


def _exec(shell: Shell, arguments: list[str], stdin: Input) -> int:
    if not arguments:
        return 0
    shell.call(arguments, stdin)
    return shell.leave("exit", shell.status)


def _bash(shell: Shell, arguments: list[str], stdin: Input) -> int:
    if arguments[:1] == ["-c"] and len(arguments) > 1:
        return shell.child(arguments[1], "bash", arguments[3:], stdin)
    name = arguments[0] if arguments else ""
    text = shell.files.script(name) if name else None
    if text is None:
        return shell.world.record("run", "bash", *arguments, streams=shell.streams)
    return shell.child(text, name, arguments[1:], stdin)


def _leaving(how: str) -> Command:
    def leave(shell: Shell, arguments: list[str], stdin: Input) -> int:
        known = number(arguments[0]) if arguments else shell.status
        if how in ("break", "continue") and arguments and known != 1:
            raise NotFollowedError(" ".join((how, *arguments)))
        return shell.leave(how, known & 255)

    return leave


def _read(shell: Shell, arguments: list[str], stdin: Input) -> int:
    _, names = plain(arguments, "r")
    line = stdin.line()
    values = (line or "").split(None, max(len(names) - 1, 0)) if len(names) > 1 else [line or ""]
    for place, name in enumerate(names):
        shell.assign(name, values[place].strip() if place < len(values) else "")
    return int(line is None)


def _test(shell: Shell, arguments: list[str], stdin: Input) -> int:
    try:
        return int(not _Condition(shell, arguments).whole())
    except ValueError:
        # "integer expression expected", "unary operator expected"
        return 2


def _bracket(shell: Shell, arguments: list[str], stdin: Input) -> int:
    if not arguments or arguments[-1] != "]":
        raise NotFollowedError("[ " + " ".join(arguments))
    return _test(shell, arguments[:-1], stdin)


class _Condition:
    """`test` with its operators; `-a` and `-o` bind as in bash."""

    def __init__(self, shell: Shell, words: list[str]) -> None:
        self.shell, self.words = shell, words
        self.at = 0

    def whole(self) -> bool:
        if not self.words:
            return False
        value = self.either()
        if self.at < len(self.words):
            raise ValueError("a word too many")
        return value

    def next(self, wanted: str) -> bool:
        """Whether that word follows; it is taken."""
        found = self.words[self.at : self.at + 1] == [wanted]
        self.at += found
        return found

    def either(self) -> bool:
        value = self.both()
        while self.next("-o"):
            value = self.both() or value
        return value

    def both(self) -> bool:
        value = self.one()
        while self.next("-a"):
            value = self.one() and value
        return value

    def one(self) -> bool:
        left = self.words[self.at : self.at + 3]
        if len(left) > 2 and left[1] in _BINARY:
            self.at += 3
            return _BINARY[left[1]](left[0], left[2])
        negated = False
        while len(self.words) - self.at > 1 and self.next("!"):
            negated = not negated
            left = self.words[self.at : self.at + 3]
            if len(left) > 2 and left[1] in _BINARY:
                self.at += 3
                return _BINARY[left[1]](left[0], left[2]) is not negated
        if self.at >= len(self.words):
            raise ValueError("something is missing")
        word = self.words[self.at]
        if word in ("(", ")"):
            raise NotFollowedError("[ " + " ".join(self.words))
        self.at += 1
        if word in _UNARY and self.at < len(self.words):
            self.at += 1
            return _UNARY[word](self.shell, self.words[self.at - 1]) is not negated
        return bool(word) is not negated


def _integer(text: str) -> int:
    """A number as `test` takes it."""
    if not re.fullmatch(r"\s*[-+]?\d+\s*", text, re.ASCII) or wrap(int(text)) != int(text):
        raise ValueError(text)
    return int(text)


_BINARY: Mapping[str, Callable[[str, str], bool]] = {
    "=": lambda a, b: a == b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "-eq": lambda a, b: _integer(a) == _integer(b),
    "-ne": lambda a, b: _integer(a) != _integer(b),
    "-lt": lambda a, b: _integer(a) < _integer(b),
    "-le": lambda a, b: _integer(a) <= _integer(b),
    "-gt": lambda a, b: _integer(a) > _integer(b),
    "-ge": lambda a, b: _integer(a) >= _integer(b),
}

_UNARY: Mapping[str, Callable[[Shell, str], bool]] = {
    "-n": lambda shell, text: bool(text),
    "-z": lambda shell, text: not text,
    "-f": lambda shell, name: shell.world.files.is_file(name),
    "-r": lambda shell, name: shell.world.files.is_file(name),
    "-s": lambda shell, name: shell.world.files.is_file(name) and shell.files.read(name) != "",
    "-x": lambda shell, name: (
        shell.files.is_folder(name) or (shell.files.is_file(name) and shell.files.may_run(name))
    ),
    "-d": lambda shell, name: shell.world.files.is_folder(name),
    "-e": lambda shell, name: shell.world.files.is_file(name) or shell.world.files.is_folder(name),
}


def _let(shell: Shell, arguments: list[str], stdin: Input) -> int:
    raise NotFollowedError("let " + " ".join(arguments))


BUILTINS: Mapping[str, Command] = {
    **dict.fromkeys((":", "true", "sleep", "ulimit", "umask"), _true),
    "set": _set,
    "shopt": _shopt,
    "false": _false,
    "echo": _echo,
    "printf": _printf,
    "export": _export,
    **dict.fromkeys(("local", "declare", "typeset"), _local),
    "unset": _unset,
    "shift": _shift,
    "cd": _cd,
    "pwd": _pwd,
    **dict.fromkeys((".", "source"), _source),
    "eval": _eval,
    "exec": _exec,
    **dict.fromkeys(("bash", "sh"), _bash),
    **{how: _leaving(how) for how in ("exit", "return", "break", "continue")},
    "read": _read,
    "let": _let,
    "test": _test,
    "[": _bracket,
}
"""What a shell does itself."""
