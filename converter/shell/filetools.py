"""Commands that a job's scripts make and find files with, on its small file system.

Each is what the real one does with the options that are taken here; with any other option it
raises NotFollowedError, and the piece of script is recorded as it stands.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from converter.shell.commandline import Command, plain, write_changed
from converter.shell.shell import Input, Shell

__all__ = ["FILE_TOOLS"]


def _cat(shell: Shell, arguments: list[str], stdin: Input) -> int:
    _, names = plain(arguments)
    status = 0
    for name in names or ["-"]:
        # What is not there does not keep the others back.
        status = write_changed(shell, [name], stdin, lambda text: text) or status
    return status


def _is_storage(shell: Shell, name: str) -> bool:
    return name.startswith(("/", "$")) and not shell.world.files.is_ours(name)


def _copy_one(shell: Shell, source: str, target: str) -> int:
    files = shell.world.files
    if files.is_folder(target):
        target = target.rstrip("/") + "/" + posixpath.basename(source)
    if "://" in source or _is_storage(shell, source):
        if _written(shell, target, None):
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
    _, words = plain(arguments, "pfrRavLd")
    status = 0
    for source in words[:-1]:
        status = _copy_one(shell, source, words[-1]) or status
    return status if len(words) > 1 else 1


def _mv(shell: Shell, arguments: list[str], stdin: Input) -> int:
    status = _cp(shell, arguments, stdin)
    _, words = plain(arguments, "fv")
    for source in words[:-1]:
        shell.world.files.remove(source)
    return status


def _rm(shell: Shell, arguments: list[str], stdin: Input) -> int:
    letters, names = plain(arguments, "rfRv")
    files, status = shell.world.files, 0
    for name in names:
        if files.is_folder(name):
            if letters.isdisjoint("rR"):
                status = 1
                continue
            shell.spend(len(files) // 20)
            files.remove_folder(name)
        elif not files.remove(name) and "f" not in letters:
            status = 1
    return status


def _mkdir(shell: Shell, arguments: list[str], stdin: Input) -> int:
    letters, names = plain(arguments, "pv")
    files = shell.world.files
    # Every level is a name of its own, as long as the path down to it.
    shell.spend(sum(len(name) * name.count("/") for name in names) // 1_200)
    made = [files.make_folder(name, parents="p" in letters) for name in names]
    return 0 if all(made) else 1


def _touch(shell: Shell, arguments: list[str], stdin: Input) -> int:
    _, names = plain(arguments)
    status = 0
    for name in names:
        if not shell.files.is_file(name) and not shell.files.is_folder(name):
            status = max(status, _written(shell, name, ""))
    return status


def _written(shell: Shell, name: str, text: str | None) -> int:
    """The status of a command that makes a file."""
    try:
        shell.files.write(name, text)
    except FileNotFoundError:
        return 1
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
    letters, names = plain(arguments, "1ts")
    files = shell.world.files
    shell.spend(len(files) * (1 + sum(map(files.is_folder, names))) // 20)
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
    if re.fullmatch("xf|-xf", arguments[0]) and len(arguments) == 2:
        found = shell.world.files.is_file(arguments[1])
        return shell.world.record("unpack", arguments[1]) if found else 2
    if "c" not in first or "f" not in first or len(arguments) < 2:
        return shell.world.record("run", "tar", *arguments)
    archive, *members = arguments[1:]
    shell.spend(len(shell.files) // 20)
    there = [name for name in shell.world.files.names() if not name.startswith(".")]
    if there and set(there) <= set(members):
        members = [word for word in members if word not in there] + ["*"]
    if _written(shell, archive, None):
        return 2
    return shell.world.record("pack", archive, *members)


def _find(shell: Shell, arguments: list[str], stdin: Input) -> int:
    """The files of a folder, copied to the one where the shell is; nobody here knows them."""
    folder, *rest = arguments or [""]
    if rest != ["-follow", "-type", "f", "-exec", "cp", "{}", ".", ";"]:
        return shell.world.record("run", "find", *arguments)
    return shell.world.record("unpack", folder) if shell.world.files.is_folder(folder) else 1


FILE_TOOLS: Mapping[str, Command] = {
    "cat": _cat,
    "cp": _cp,
    "mv": _mv,
    "rm": _rm,
    "mkdir": _mkdir,
    "touch": _touch,
    "chmod": _chmod,
    "ls": _ls,
    "tar": _tar,
    "find": _find,
}
"""Commands that make, move and find files."""
