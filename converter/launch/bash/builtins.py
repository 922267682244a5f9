"""Commands of the shell itself, and those that set up products.

Each is what the real one does with the options that are taken here; with any other option it
raises NotFollowedError, and the piece of script is recorded as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from converter.launch.bash.arithmetic import wrapped
from converter.launch.bash.commandline import Command, plain
from converter.launch.bash.shell import Input, Shell
from converter.launch.bash.syntax import NotFollowedError

__all__ = ["BUILTINS"]


def _true(shell: Shell, arguments: list[str], stdin: Input) -> int:
    return 0


def _false(shell: Shell, arguments: list[str], stdin: Input) -> int:
    return 1


def _echo(shell: Shell, arguments: list[str], stdin: Input) -> int:
    newline = "\n"
    while arguments and re.fullmatch(r"-[neE]+", arguments[0]):
        if "e" in arguments[0]:
            raise NotFollowedError("echo -e")
        newline = ""
        arguments = arguments[1:]
    shell.write(" ".join(arguments) + newline)
    return 0


def _printf(shell: Shell, arguments: list[str], stdin: Input) -> int:
    form, *values = arguments or [""]
    form = re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t"}.get(m[1], m[0]), form)
    places = re.findall(r"%[sd]", form)
    if form.replace("%%", "").count("%") != len(places):
        raise NotFollowedError("printf " + " ".join(arguments))
    while True:
        # The format serves again for what is left.
        for part in re.split(r"(%[sd%])", form):
            if part in ("%s", "%d"):
                shell.write(values.pop(0) if values else "")
            else:
                shell.write("%" if part == "%%" else part)
        if not values or not places:
            return 0


def _export(shell: Shell, arguments: list[str], stdin: Input) -> int:
    if arguments == ["-p"]:
        for name in sorted(shell.exported & set(shell.variables)):
            value = re.sub(r'(["\\$`])', r"\\\1", shell.variables[name])
            shell.write(f'declare -x {name}="{value}"\n')
        return 0
    for word in arguments:
        name, equals, value = word.partition("=")
        if equals:
            shell.variables[name] = value
        shell.exported.add(name)
    return 0


def _local(shell: Shell, arguments: list[str], stdin: Input) -> int:
    if arguments[:1] == ["-x"]:
        return _export(shell, arguments[1:], stdin)
    for word in arguments:
        name, equals, value = word.partition("=")
        if name.startswith("-"):
            raise NotFollowedError("declare " + " ".join(arguments))
        shell.variables[name] = value if equals else shell.variables.get(name, "")
    return 0


def _unset(shell: Shell, arguments: list[str], stdin: Input) -> int:
    for name in arguments:
        shell.variables.pop(name, None)
        shell.functions.pop(name, None)
    return 0


def _shift(shell: Shell, arguments: list[str], stdin: Input) -> int:
    shell.arguments = shell.arguments[int(arguments[0]) if arguments else 1 :]
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
    files = shell.world.files
    name = arguments[0] if arguments else ""
    text = files.read(name) if name and files.is_ours(name) and files.is_file(name) else None
    if text is None:
        return shell.world.record("run", "bash", *arguments, streams=shell.streams)
    return shell.child(text, name, arguments[1:], stdin)


def _leaving(how: str) -> Command:
    def leave(shell: Shell, arguments: list[str], stdin: Input) -> int:
        known = bool(arguments) and arguments[0].isdigit()
        return shell.leave(how, int(arguments[0]) if known else shell.status)

    return leave


def _read(shell: Shell, arguments: list[str], stdin: Input) -> int:
    _, names = plain(arguments, "r")
    line = stdin.line()
    values = (line or "").split(None, max(len(names) - 1, 0)) if len(names) > 1 else [line or ""]
    for number, name in enumerate(names):
        shell.variables[name] = values[number].strip() if number < len(values) else ""
    return int(line is None)


def _test(shell: Shell, arguments: list[str], stdin: Input) -> int:
    try:
        return int(not _Condition(shell, arguments).whole())
    except ValueError:
        # "integer expression expected", "unary operator expected"
        return 2


def _bracket(shell: Shell, arguments: list[str], stdin: Input) -> int:
    if not arguments or arguments[-1] not in ("]", "]]"):
        raise NotFollowedError("[ " + " ".join(arguments))
    return _test(shell, arguments[:-1], stdin)


class _Condition:
    """`test` with its operators; `-a` and `-o` bind as in bash."""

    def __init__(self, shell: Shell, words: list[str]) -> None:
        self.shell, self.words = shell, list(words)

    def whole(self) -> bool:
        if not self.words:
            return False
        value = self.either()
        if self.words:
            raise ValueError("a word too many")
        return value

    def either(self) -> bool:
        value = self.both()
        while self.words[:1] == ["-o"]:
            self.words.pop(0)
            value = self.both() or value
        return value

    def both(self) -> bool:
        value = self.one()
        while self.words[:1] == ["-a"]:
            self.words.pop(0)
            value = self.one() and value
        return value

    def one(self) -> bool:
        if not self.words:
            raise ValueError("something is missing")
        if len(self.words) > 2 and self.words[1] in _BINARY:
            left, operator, right = self.words[:3]
            del self.words[:3]
            return _BINARY[operator](left, right)
        word = self.words.pop(0)
        if word == "!":
            return not self.one()
        if word in _UNARY and self.words:
            return _UNARY[word](self.shell, self.words.pop(0))
        return bool(word)


def _integer(text: str) -> int:
    """A number, of those that `[` takes."""
    number = int(text)
    if wrapped(number) != number:
        raise ValueError(text)
    return number


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
    "-s": lambda shell, name: shell.world.files.is_file(name),
    "-x": lambda shell, name: shell.world.files.is_file(name),
    "-d": lambda shell, name: shell.world.files.is_folder(name),
    "-e": lambda shell, name: shell.world.files.is_file(name) or shell.world.files.is_folder(name),
}


def _setup(name: str) -> Command:
    def set_up(shell: Shell, arguments: list[str], stdin: Input) -> int:
        return shell.world.record("setup", name, *arguments)

    return set_up


BUILTINS: Mapping[str, Command] = {
    **dict.fromkeys((":", "true", "sleep", "set", "shopt", "ulimit", "umask"), _true),
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
    "test": _test,
    **dict.fromkeys(("[", "[["), _bracket),
    **{name: _setup(name) for name in ("setup", "unsetup", "spack", "ups")},
}
"""What a shell does itself, and the functions that set up products."""
