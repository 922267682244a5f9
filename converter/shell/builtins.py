"""Commands of the shell itself.

Each is what the real one does with the options that are taken here; with any other option it
raises NotFollowedError, and the piece of script is recorded as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import zip_longest

from converter.shell.arithmetic import wrap
from converter.shell.commandline import Command, number, plain
from converter.shell.shell import Shell
from converter.shell.syntax import NotFollowedError

__all__ = ["BUILTINS"]

_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
"""Of a variable."""


def _true(shell: Shell, arguments: list[str]) -> int:
    return 0


def _false(shell: Shell, arguments: list[str]) -> int:
    return 1


def _echo(shell: Shell, arguments: list[str]) -> int:
    first = 0
    while first < len(arguments) and re.fullmatch(r"-[neE]+", arguments[first]):
        if "e" in arguments[first]:
            raise NotFollowedError("echo -e")
        first += 1
    newline = any("n" in option for option in arguments[:first])
    shell.write(" ".join(arguments[first:]) + ("" if newline else "\n"))
    return 0


_ESCAPES = {"n": "\n", "t": "\t", "\\": "\\", '"': '"'}


def _printf(shell: Shell, arguments: list[str]) -> int:
    if not arguments:
        return shell.complain(2)
    if arguments == ["--"]:
        return shell.complain(2)
    form, *values = arguments[arguments[0] == "--" :]
    if form.startswith("-"):
        raise NotFollowedError("printf " + " ".join(arguments))
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


def _set(shell: Shell, arguments: list[str]) -> int:
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


def _shopt(shell: Shell, arguments: list[str]) -> int:
    if arguments[:1] != ["-s"] or arguments[1:] != ["expand_aliases"]:
        raise NotFollowedError("shopt " + " ".join(arguments))
    return 0


def _export(shell: Shell, arguments: list[str]) -> int:
    if arguments == ["-p"]:
        for name in sorted(shell.exported & set(shell.variables)):
            value = re.sub(r'(["\\$`])', r"\\\1", shell.variables[name])
            shell.write(f'declare -x {name}="{value}"\n')
        return 0
    for word in arguments:
        name, equals, value = word.partition("=")
        if not _NAME.fullmatch(name):
            raise NotFollowedError("export " + " ".join(arguments))
        shell.declared(name)
        if equals:
            shell.assign(name, value)
        shell.exported.add(name)
    return 0


def _local(shell: Shell, arguments: list[str]) -> int:
    if shell.hidden is None:
        return shell.complain()
    return _declare(shell, arguments)


def _declare(shell: Shell, arguments: list[str]) -> int:
    """In a function as `local`."""
    exported = arguments[:1] == ["-x"]
    for word in arguments[exported:]:
        name, equals, value = word.partition("=")
        if not _NAME.fullmatch(name):
            raise NotFollowedError("declare " + " ".join(arguments))
        shell.declared(name)
        shell.hide(name)
        if equals:
            shell.assign(name, value)
        if exported:
            shell.exported.add(name)
    return 0


def _unset(shell: Shell, arguments: list[str]) -> int:
    letters, names = plain(arguments, "fv")
    for name in names:
        shell.declared(name)
        if "f" in letters or (name not in shell.variables and "v" not in letters):
            shell.functions.pop(name, None)
        else:
            shell.variables.pop(name, None)
            shell.exported.discard(name)
    return 0


def _shift(shell: Shell, arguments: list[str]) -> int:
    count = number(arguments[0]) if arguments else 1
    if not 0 <= count <= len(shell.arguments):
        return 1 if count > 0 else shell.complain()
    shell.arguments = shell.arguments[count:]
    return 0


def _cd(shell: Shell, arguments: list[str]) -> int:
    files = shell.world.files
    folder = arguments[0] if arguments else shell.variables.get("HOME", "")
    if len(arguments) > 1 or folder.startswith("-"):
        raise NotFollowedError("cd " + " ".join(arguments))
    if folder and not files.is_folder(folder):
        if files.is_ours(folder):
            return shell.complain()
        return shell.program("run", "cd", folder) or 1
    files.cwd = files.path(folder or ".")
    return 0


def _pwd(shell: Shell, arguments: list[str]) -> int:
    shell.write(shell.world.files.cwd + "\n")
    return 0


def _source(shell: Shell, arguments: list[str]) -> int:
    if not arguments:
        return shell.complain(2)
    return shell.source(arguments[0], arguments[1:])


def _eval(shell: Shell, arguments: list[str]) -> int:
    return shell.lines(" ".join(arguments))


def _exec(shell: Shell, arguments: list[str]) -> int:
    if not arguments:
        return 0
    shell.call(arguments)
    return shell.leave("exit", shell.status)


def _bash(shell: Shell, arguments: list[str]) -> int:
    if arguments[:1] == ["-c"] and len(arguments) > 1:
        return shell.child(arguments[1], (*arguments, "bash")[2], arguments[3:])
    name = arguments[0] if arguments else ""
    text = shell.files.script(name) if name else None
    if text is None:
        return shell.program("run", "bash", *arguments)
    return shell.child(text, name, arguments[1:])


def _leaving(how: str) -> Command:
    def leave(shell: Shell, arguments: list[str]) -> int:
        known = number(arguments[0]) if arguments else shell.status
        if how in ("break", "continue") and arguments and known != 1:
            raise NotFollowedError(" ".join((how, *arguments)))
        return shell.leave(how, known & 255)

    return leave


def _read(shell: Shell, arguments: list[str]) -> int:
    letters, names = plain(arguments, "r")
    line = shell.stdin.line()
    ended = line.endswith("\n")
    line = line.removesuffix("\n")
    if ("\\" in line and "r" not in letters) or not all(map(_NAME.fullmatch, names)):
        raise NotFollowedError("read " + " ".join(arguments))
    values = [line]
    if names:
        line = line.strip(" \t")
        values = re.split("[ \t]+", line, maxsplit=len(names) - 1) if names[1:] else [line]
    for name, value in zip_longest(names or ["REPLY"], values, fillvalue=""):
        shell.assign(name, value)
    return int(not ended)


def _test(shell: Shell, arguments: list[str]) -> int:
    try:
        return int(not _Condition(shell, arguments).whole())
    except ValueError:
        # "integer expression expected", "unary operator expected"
        return shell.complain(2)


def _bracket(shell: Shell, arguments: list[str]) -> int:
    if not arguments or arguments[-1] != "]":
        raise NotFollowedError("[ " + " ".join(arguments))
    return _test(shell, arguments[:-1])


class _Condition:
    """`test` with its operators; `-a` and `-o` bind as in bash."""

    def __init__(self, shell: Shell, words: list[str]) -> None:
        self.shell, self.words = shell, words
        self.at = 0

    def whole(self) -> bool:
        if not self.words:
            return False
        if len(self.words) == 3 and self.words[1] in ("-a", "-o"):
            left, _, right = map(bool, self.words)
            return left and right if self.words[1] == "-a" else left or right
        if len(self.words) == 2 and self.words[0] in ("-a", "-o"):
            raise NotFollowedError("[ " + " ".join(self.words))
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
        if self.words[self.at : self.at + 1] and self.words[self.at] in _OTHER_BINARY:
            raise NotFollowedError("[ " + " ".join(self.words))
        if re.fullmatch("-[a-zA-Z]", word) and word not in (*_UNARY, "-a", "-o"):
            raise NotFollowedError("[ " + " ".join(self.words))
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

_OTHER_BINARY = frozenset((">", "-nt", "-ot", "-ef", "=~"))

_UNARY: Mapping[str, Callable[[Shell, str], bool]] = {
    "-n": lambda shell, text: bool(text),
    "-z": lambda shell, text: not text,
    "-f": lambda shell, name: shell.world.files.is_file(name),
    "-r": lambda shell, name: shell.files.is_file(name) or shell.files.is_folder(name),
    "-s": lambda shell, name: shell.files.is_folder(name) or _has_text(shell, name),
    "-x": lambda shell, name: (
        shell.files.is_folder(name) or (shell.files.is_file(name) and shell.files.may_run(name))
    ),
    "-d": lambda shell, name: shell.world.files.is_folder(name),
    "-e": lambda shell, name: shell.world.files.is_file(name) or shell.world.files.is_folder(name),
}


def _has_text(shell: Shell, name: str) -> bool:
    if not shell.files.is_file(name):
        return False
    text = shell.files.read(name)
    if text is None:
        raise NotFollowedError(f"-s {name}")
    return text != ""


def _let(shell: Shell, arguments: list[str]) -> int:
    raise NotFollowedError("let " + " ".join(arguments))


BUILTINS: Mapping[str, Command] = {
    **dict.fromkeys((":", "true", "sleep", "ulimit", "umask"), _true),
    "set": _set,
    "shopt": _shopt,
    "false": _false,
    "echo": _echo,
    "printf": _printf,
    "export": _export,
    "local": _local,
    **dict.fromkeys(("declare", "typeset"), _declare),
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
