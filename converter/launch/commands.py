"""The commands that a job's scripts use to make and find files, on the job's small file system.

Each is what the real one does with the options that are taken here; with any other option it
raises NotFollowedError, and the piece of script is recorded as it stands.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping

from converter.launch.arithmetic import evaluated
from converter.launch.shell import Input, Shell
from converter.launch.syntax import NotFollowedError

__all__ = ["COMMANDS", "UNIQUE"]

UNIQUE = "UNIQUE"
"""What stands for the uuid in a name that is made unique."""

_Command = Callable[[Shell, list[str], Input], int]


def _plain(arguments: list[str], allowed: str = "") -> tuple[set[str], list[str]]:
    """Letters of options, all of them allowed, and the other words."""
    letters: set[str] = set()
    words = list(arguments)
    while words and re.fullmatch(r"-[A-Za-z0-9]+", words[0]):
        letters |= set(words.pop(0)[1:])
    if letters - set(allowed) or any(w.startswith("--") for w in words):
        raise NotFollowedError(" ".join(arguments))
    return letters, words


def _texts(shell: Shell, names: list[str], stdin: Input) -> str:
    """What the files hold, or what is read."""
    if not names:
        return stdin.all()
    return "".join(shell.world.files.read(name) or "" for name in names)


# -- builtins -------------------------------------------------------------------------------


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
    for word in arguments:
        name, equals, value = word.partition("=")
        if equals:
            shell.variables[name] = value
        shell.exported.add(name)
    return 0


def _local(shell: Shell, arguments: list[str], stdin: Input) -> int:
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


def _leaving(how: str) -> _Command:
    def leave(shell: Shell, arguments: list[str], stdin: Input) -> int:
        known = bool(arguments) and arguments[0].isdigit()
        return shell.leave(how, int(arguments[0]) if known else shell.status)

    return leave


def _read(shell: Shell, arguments: list[str], stdin: Input) -> int:
    _, names = _plain(arguments, "r")
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


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise NotFollowedError(f"{text!r} is no number") from None


_BINARY: Mapping[str, Callable[[str, str], bool]] = {
    "=": lambda a, b: a == b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "-eq": lambda a, b: int(a) == int(b),
    "-ne": lambda a, b: int(a) != int(b),
    "-lt": lambda a, b: int(a) < int(b),
    "-le": lambda a, b: int(a) <= int(b),
    "-gt": lambda a, b: int(a) > int(b),
    "-ge": lambda a, b: int(a) >= int(b),
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

# -- files ----------------------------------------------------------------------------------


def _cat(shell: Shell, arguments: list[str], stdin: Input) -> int:
    _, names = _plain(arguments)
    return _written(shell, names, stdin, lambda text: text)


def _written(shell: Shell, names: list[str], stdin: Input, change: Callable[[str], str]) -> int:
    try:
        shell.write(change(_texts(shell, names, stdin)))
    except FileNotFoundError:
        return 1
    return 0


def _is_storage(shell: Shell, name: str) -> bool:
    return name.startswith(("/", "$")) and not shell.world.files.is_ours(name)


def _copy_one(shell: Shell, source: str, target: str) -> int:
    files = shell.world.files
    if files.is_folder(target):
        target = target.rstrip("/") + "/" + posixpath.basename(source)
    if "://" in source or _is_storage(shell, source):
        try:
            files.write(target, None)
        except FileNotFoundError:
            return 1
        return shell.world.record("fetch", source, files.path(target))
    if "://" in target or _is_storage(shell, posixpath.dirname(target) or "."):
        return shell.world.record("store", source, target) if files.is_file(source) else 1
    try:
        files.write(target, files.read(source))
    except FileNotFoundError:
        return 1
    return 0


def _cp(shell: Shell, arguments: list[str], stdin: Input) -> int:
    _, words = _plain(arguments, "pfrRavLd")
    status = 0
    for source in words[:-1]:
        status = _copy_one(shell, source, words[-1]) or status
    return status if len(words) > 1 else 1


def _mv(shell: Shell, arguments: list[str], stdin: Input) -> int:
    status = _cp(shell, arguments, stdin)
    _, words = _plain(arguments, "fv")
    for source in words[:-1]:
        shell.world.files.remove(source)
    return status


def _rm(shell: Shell, arguments: list[str], stdin: Input) -> int:
    letters, names = _plain(arguments, "rfRv")
    found = [shell.world.files.remove(name) for name in names]
    return 0 if "f" in letters or all(found) else 1


def _mkdir(shell: Shell, arguments: list[str], stdin: Input) -> int:
    letters, names = _plain(arguments, "pv")
    files = shell.world.files
    made = [files.make_folder(name, parents="p" in letters) for name in names]
    return 0 if all(made) else 1


def _touch(shell: Shell, arguments: list[str], stdin: Input) -> int:
    for name in arguments:
        if not shell.world.files.is_file(name):
            shell.world.files.write(name, "")
    return 0


def _chmod(shell: Shell, arguments: list[str], stdin: Input) -> int:
    if not arguments:
        return 1
    mode, *names = arguments
    files = shell.world.files
    missing = [name for name in names if not files.is_file(name) and not files.is_folder(name)]
    if re.fullmatch(r"[ugoa]*\+[rw]*x[rw]*|[0-7]?[1357][0-7]{2}", mode):
        files.executable |= {files.path(name) for name in names}
    return int(bool(missing))


def _ls(shell: Shell, arguments: list[str], stdin: Input) -> int:
    letters, names = _plain(arguments, "1ts")
    files = shell.world.files
    there = [n for name in names for n in ([name] if files.is_file(name) else _inside(shell, name))]
    if not names:
        there = files.names()
    if "t" in letters:
        there.sort(key=lambda name: -files.ages.get(files.path(name), 0))
    for name in there:
        shell.write(f"4 {name}\n" if "s" in letters else f"{name}\n")
    missing = [n for n in names if not files.is_file(n) and not files.is_folder(n)]
    return 2 if missing else 0


def _inside(shell: Shell, folder: str) -> list[str]:
    return shell.world.files.names(folder) if shell.world.files.is_folder(folder) else []


def _tar(shell: Shell, arguments: list[str], stdin: Input) -> int:
    if not arguments:
        return 2
    first = arguments[0].lstrip("-")
    if "c" not in first or "f" not in first or len(arguments) < 2:
        return shell.world.record("run", "tar", *arguments)
    archive, *members = arguments[1:]
    there = [name for name in shell.world.files.names() if not name.startswith(".")]
    if there and set(there) <= set(members):
        members = [word for word in members if word not in there] + ["*"]
    shell.world.files.write(archive, None)
    return shell.world.record("pack", archive, *members)


def _ifdh(shell: Shell, arguments: list[str], stdin: Input) -> int:
    action, *words = arguments or [""]
    files = shell.world.files
    if action == "cp":
        letters, words = _plain(words, "D")
        status = 0
        for source in words[:-1]:
            target = words[-1]
            if "D" in letters and not files.is_folder(target):
                target = target.rstrip("/") + "/" + posixpath.basename(source)
            status = _copy_one(shell, source, target) or status
        return status
    if action in ("mkdir_p", "mkdir"):
        return shell.world.record("make folder", *words)
    return shell.world.record("run", "ifdh", *arguments)


# -- text -----------------------------------------------------------------------------------


def _sed(shell: Shell, arguments: list[str], stdin: Input) -> int:
    if len(arguments) >= 2 and arguments[0] == "-n":
        part = re.fullmatch(r"(\d+)(?:,(\d+))?p", arguments[1])
        if part:
            first = int(part[1])
            last = int(part[2] or first)
            if first == 0:
                return 1
            # Of a range that ends before it begins sed takes the first line.
            last = max(first, last)
            return _written(
                shell,
                arguments[2:],
                stdin,
                lambda text: "".join(text.splitlines(keepends=True)[first - 1 : last]),
            )
    if len(arguments) >= 2 and re.fullmatch(r"(\d*,\d*|-\d*)p", arguments[1]):
        return 1  # sed refuses such an address
    raise NotFollowedError("sed " + " ".join(arguments))


def _sort(shell: Shell, arguments: list[str], stdin: Input) -> int:
    letters, names = _plain(arguments, "nru")

    def ordered(text: str) -> str:
        lines = text.splitlines(keepends=True)
        if "n" in letters:
            # Equal numbers go by the whole line, backwards too with -r.
            lines.sort(key=lambda line: (_leading(line), line), reverse="r" in letters)
        else:
            lines.sort(reverse="r" in letters)
        return "".join(dict.fromkeys(lines) if "u" in letters else lines)

    return _written(shell, names, stdin, ordered)


def _leading(line: str) -> int:
    match = re.match(r"\s*(-?\d+)", line)
    return int(match[1]) if match else 0


def _awk(shell: Shell, arguments: list[str], stdin: Input) -> int:
    match = re.fullmatch(r"\{\s*print \$(\d+)\s*\}", arguments[0]) if arguments else None
    if not match:
        raise NotFollowedError("awk " + " ".join(arguments))
    number = int(match[1])

    def column(text: str) -> str:
        rows = (line.split() for line in text.splitlines())
        return "".join((row[number - 1] if len(row) >= number else "") + "\n" for row in rows)

    return _written(shell, arguments[1:], stdin, column)


def _head(shell: Shell, arguments: list[str], stdin: Input) -> int:
    count, names = 10, list(arguments)
    if names and re.fullmatch(r"-(n?)(\d+)", names[0]):
        count = int(names.pop(0).lstrip("-n"))
    elif names[:1] == ["-n"] and len(names) > 1:
        count = _number(names[1])
        names = names[2:]
    elif names and names[0].startswith("-"):
        raise NotFollowedError("head " + " ".join(arguments))
    return _written(
        shell, names, stdin, lambda text: "".join(text.splitlines(keepends=True)[:count])
    )


def _grep(shell: Shell, arguments: list[str], stdin: Input) -> int:
    letters, words = _plain(arguments, "cEvqi")
    if not words:
        return 2
    pattern = words[0] if "E" in letters else re.sub(r"([+?(){}|])", r"\\\1", words[0])
    try:
        expression = re.compile(pattern, re.IGNORECASE if "i" in letters else 0)
        text = _texts(shell, words[1:], stdin)
    except (re.error, FileNotFoundError):
        return 2
    kept = [
        line
        for line in text.splitlines()
        if bool(expression.search(line)) is not bool("v" in letters)
    ]
    if "c" in letters:
        shell.write(f"{len(kept)}\n")
    elif "q" not in letters:
        shell.write("".join(line + "\n" for line in kept))
    return 0 if kept else 1


def _wc(shell: Shell, arguments: list[str], stdin: Input) -> int:
    letters, names = _plain(arguments, "lc")
    if len(letters) != 1:
        raise NotFollowedError("wc " + " ".join(arguments))
    ending = f" {names[0]}\n" if names else "\n"
    return _written(
        shell,
        names,
        stdin,
        lambda text: str(text.count("\n") if "l" in letters else len(text)) + ending,
    )


def _cut(shell: Shell, arguments: list[str], stdin: Input) -> int:
    line = " ".join(arguments)
    match = re.fullmatch(r"-d ?(.) -f ?(\d+)|-c ?(\d+)-(\d+)", line)
    if not match:
        raise NotFollowedError("cut " + line)
    rows = stdin.all().splitlines()
    if match[1]:
        sign, number = match[1], int(match[2])
        # A line without the delimiter is written whole.
        parts = [
            (row.split(sign) + [""] * number)[number - 1] if sign in row else row for row in rows
        ]
    else:
        parts = [row[int(match[3]) - 1 : int(match[4])] for row in rows]
    shell.write("".join(part + "\n" for part in parts))
    return 0


def _tr(shell: Shell, arguments: list[str], stdin: Input) -> int:
    match = re.fullmatch(r"(.) (.)", " ".join(arguments), re.DOTALL)
    if arguments[:1] == ["-d"] and len(arguments) == 2:
        kept = arguments[1]
        shell.write("".join(c for c in stdin.all() if c not in kept))
    elif match:
        shell.write(stdin.all().replace(match[1], match[2]))
    else:
        raise NotFollowedError("tr " + " ".join(arguments))
    return 0


def _basename(shell: Shell, arguments: list[str], stdin: Input) -> int:
    if not arguments:
        return 1
    name = arguments[0].rstrip("/").rsplit("/", 1)[-1]
    suffix = arguments[1] if len(arguments) > 1 else ""
    shell.write((name.removesuffix(suffix) if name != suffix else name) + "\n")
    return 0


def _dirname(shell: Shell, arguments: list[str], stdin: Input) -> int:
    if not arguments:
        return 1
    shell.write((posixpath.dirname(arguments[0].rstrip("/")) or ".") + "\n")
    return 0


def _seq(shell: Shell, arguments: list[str], stdin: Input) -> int:
    numbers = [_number(a) for a in arguments]
    first, last = (1, numbers[0]) if len(numbers) == 1 else (numbers[0], numbers[-1])
    if len(numbers) > 2 or last - first > 10_000:
        raise NotFollowedError("seq " + " ".join(arguments))
    shell.write("".join(f"{n}\n" for n in range(first, last + 1)))
    return 0


def _expr(shell: Shell, arguments: list[str], stdin: Input) -> int:
    try:
        value = evaluated(" ".join(arguments), {})
    except (ValueError, ZeroDivisionError) as error:
        raise NotFollowedError("expr " + " ".join(arguments)) from error
    shell.write(f"{value}\n")
    return int(value == 0)


def _uuidgen(shell: Shell, arguments: list[str], stdin: Input) -> int:
    shell.write(UNIQUE + "\n")
    return 0


def _setup(name: str) -> _Command:
    def set_up(shell: Shell, arguments: list[str], stdin: Input) -> int:
        return shell.world.record("setup", name, *arguments)

    return set_up


COMMANDS: Mapping[str, _Command] = {
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
    **{how: _leaving(how) for how in ("exit", "return", "break", "continue")},
    "read": _read,
    "test": _test,
    **dict.fromkeys(("[", "[["), _bracket),
    "cat": _cat,
    "cp": _cp,
    "mv": _mv,
    "rm": _rm,
    "mkdir": _mkdir,
    "touch": _touch,
    "chmod": _chmod,
    "ls": _ls,
    "tar": _tar,
    "ifdh": _ifdh,
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
    **{name: _setup(name) for name in ("setup", "unsetup", "spack", "ups")},
}
"""Every command that is followed."""
