"""Commands that a job's scripts make and find files with, on its small file system.

Each is what the real one does with the options that are taken here; with any other option it
raises NotFollowedError, and the piece of script is recorded as it stands.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from converter.shell.commandline import Command, plain, write_changed
from converter.shell.files import NOTHING
from converter.shell.shell import Shell
from converter.shell.syntax import NotFollowedError

__all__ = ["FILE_TOOLS"]


def _cat(shell: Shell, arguments: list[str]) -> int:
    _, names = plain(arguments)
    status = 0
    for name in names or ["-"]:
        # What is not there does not keep the others back.
        status = write_changed(shell, [name], lambda text: text) or status
    return status


def _is_storage(shell: Shell, name: str) -> bool:
    return name.startswith(("/", "$")) and name != NOTHING and not shell.files.is_ours(name)


def _copied(shell: Shell, source: str, target: str, *, moved: bool) -> int:
    """The status of `cp` or `mv` of one file."""
    files = shell.files
    if files.is_folder(target):
        target = target.rstrip("/") + "/" + posixpath.basename(source)
    if "://" in source or _is_storage(shell, source):
        return _written(shell, target, None) or shell.world.record(
            "fetch", source, files.path(target)
        )
    if "://" in target or _is_storage(shell, posixpath.dirname(target) or "."):
        there = files.is_file(source)
        return shell.world.record("store", source, target) if there else shell.complain()
    if files.is_folder(source) or files.is_folder(target):
        raise NotFollowedError(f"a folder: {source} to {target}")
    if files.path(source) == files.path(target):
        return shell.complain()
    try:
        text, new = files.read(source), moved or not files.is_file(target)
        files.write(target, text)
    except FileNotFoundError:
        return shell.complain()
    if new:
        files.set_may_run(target, files.is_file(source) and files.may_run(source))
    return 0


def _cp(shell: Shell, arguments: list[str]) -> int:
    letters, words = plain(arguments, "pfrRavLd")
    return _each(shell, words, letters, moved=False)


def _each(shell: Shell, words: list[str], letters: set[str], *, moved: bool) -> int:
    *sources, target = words or [""]
    several = len(sources) > 1
    if several and not (_is_storage(shell, target) or shell.files.is_folder(target)):
        return shell.complain()
    status = 0 if sources else shell.complain()
    for source in sources:
        failed = _copied(shell, source, target, moved=moved)
        if moved and not failed:
            shell.files.remove(source)
        status = failed or status
    if "v" in letters:
        shell.write(None)
    return status


def _mv(shell: Shell, arguments: list[str]) -> int:
    letters, words = plain(arguments, "fv")
    return _each(shell, words, letters, moved=True)


def _rm(shell: Shell, arguments: list[str]) -> int:
    letters, names = plain(arguments, "rfRv")
    if "v" in letters:
        shell.write(None)
    files, status = shell.world.files, 0
    if not names and "f" not in letters:
        return shell.complain()
    for name in names:
        if files.is_folder(name):
            if letters.isdisjoint("rR") or posixpath.basename(name.rstrip("/")) in (".", ".."):
                status = shell.complain()
                continue
            shell.spend(len(files) // 20)
            files.remove_folder(name)
        elif not (files.is_file(name) and files.remove(name)) and "f" not in letters:
            status = shell.complain()
    return status


def _mkdir(shell: Shell, arguments: list[str]) -> int:
    letters, names = plain(arguments, "pv")
    if "v" in letters:
        shell.write(None)
    files = shell.world.files
    # Every level is a name of its own, as long as the path down to it.
    shell.spend(sum(len(name) * name.count("/") for name in names) // 1_200)
    made = [name != "" and files.make_folder(name, parents="p" in letters) for name in names]
    return 0 if made and all(made) else shell.complain()


def _touch(shell: Shell, arguments: list[str]) -> int:
    _, names = plain(arguments)
    status = 0 if names else shell.complain()
    for name in names:
        path = shell.files.path(name)
        if path in shell.files.texts:
            shell.files.put(path, shell.files.texts[path])
        elif not (shell.files.is_file(name) or shell.files.is_folder(name)):
            status = max(status, _written(shell, name, ""))
    return status


def _written(shell: Shell, name: str, text: str | None) -> int:
    """The status of a command that makes a file."""
    try:
        shell.files.write(name, text)
    except FileNotFoundError:
        return shell.complain()
    return 0


_EXECUTABLE = re.compile(r"[ugoa]*\+[rwX]*x[rwxX]*|[0-7]?[1357][0-7]{2}")
_NOT_EXECUTABLE = re.compile(r"[ua]*o?-w*xw*|[0-7]?[46][0-7]{2}")
_NEITHER = re.compile(r"[ugoa]*[-+]w+|[ugoa]*\+[rw]+|[go]+-[rwx]+")
"""Modes of chmod, for who owns the file."""


def _chmod(shell: Shell, arguments: list[str]) -> int:
    if len(arguments) < 2:
        return shell.complain()
    mode, *names = arguments
    files = shell.world.files
    there = [name for name in names if files.is_file(name)]
    if _EXECUTABLE.fullmatch(mode) or (_NOT_EXECUTABLE.fullmatch(mode) and there == names):
        for name in there:
            files.set_may_run(name, _EXECUTABLE.fullmatch(mode) is not None)
    elif not _NEITHER.fullmatch(mode):
        raise NotFollowedError("chmod " + " ".join(arguments))
    known = len(there) + sum(map(files.is_folder, names))
    return 0 if known == len(names) else shell.complain()


def _ls(shell: Shell, arguments: list[str]) -> int:
    letters, names = plain(arguments, "1ts")
    files = shell.world.files
    folders = [name for name in names or ["."] if files.is_folder(name)]
    shell.spend(len(files) * (1 + len(folders)) // 20)
    if folders and (len(names) > 1 or "s" in letters):
        raise NotFollowedError("ls " + " ".join(arguments))
    found = [name for name in names if files.is_file(name)]
    status = 0 if len(found) + len(folders) >= len(names) else shell.complain(2)
    if folders:
        found = [name for name in files.names(folders[0]) if not name.startswith(".")]
        start = "" if not names else names[0].rstrip("/") + "/"
    else:
        start = ""
    found.sort()
    if "t" in letters:
        found.sort(key=lambda name: -files.ages.get(files.path(start + name), 0))
    for name in found:
        shell.write(f"4 {name}\n" if "s" in letters else f"{name}\n")
    return status


def _tar(shell: Shell, arguments: list[str]) -> int:
    if not arguments:
        return shell.complain(2)
    first = arguments[0].lstrip("-")
    if re.fullmatch("xf|-xf", arguments[0]) and len(arguments) == 2:
        found = shell.world.files.is_file(arguments[1])
        return shell.world.record("unpack", arguments[1]) if found else shell.complain(2)
    if "c" not in first or "f" not in first or len(arguments) < 2:
        return shell.program("run", "tar", *arguments)
    archive, *members = arguments[1:]
    shell.spend(len(shell.files) // 20)
    there = [name for name in shell.world.files.names() if not name.startswith(".")]
    if there and set(there) <= set(members):
        members = [word for word in members if word not in there] + ["*"]
    if _written(shell, archive, None):
        return 2
    return shell.world.record("pack", archive, *members)


def _find(shell: Shell, arguments: list[str]) -> int:
    """The files of a folder, copied to the one where the shell is; nobody here knows them."""
    folder, *rest = arguments or [""]
    if rest != ["-follow", "-type", "f", "-exec", "cp", "{}", ".", ";"]:
        return shell.program("run", "find", *arguments)
    found = shell.files.is_folder(folder)
    return shell.world.record("unpack", folder) if found else shell.complain()


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
