"""A node of Fermilab: what its shell has beside the usual commands.

ifdh copies files and makes folders on storage; ups and spack set up products.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping

from converter.shell import (
    COMMANDS,
    MOST_STEPS,
    Event,
    Files,
    NotFollowedError,
    Shell,
    World,
)

__all__ = ["FOLLOWED", "node", "what_runs"]

_Command = Callable[[Shell, list[str]], int]


_STEPS_A_LINE = 100
_CHARACTERS_A_STEP = 50
"""Of one line, which is a command and its words, more is not followed."""


def node(files: Files | None = None, most: int = MOST_STEPS) -> World:
    """One with these files, or none, on which nothing has happened yet; `most` steps of it."""
    return World(FOLLOWED, Files() if files is None else files, most=most)


def what_runs(line: str, variables: Mapping[str, str]) -> list[Event]:
    """What a shell runs that gets one line, a command and its words."""
    world = node(most=_STEPS_A_LINE + len(line) // _CHARACTERS_A_STEP)
    Shell(world, variables).run(line)
    return world.events


def _set_up(name: str) -> _Command:
    def command(shell: Shell, arguments: list[str]) -> int:
        return shell.program("setup", name, *arguments)

    return command


def _ifdh(shell: Shell, arguments: list[str]) -> int:
    action, *words = arguments or [""]
    if action == "cp":
        return _ifdh_cp(shell, words)
    if action in ("mkdir_p", "mkdir"):
        return shell.world.record("make folder", *words)
    return shell.program("run", "ifdh", *arguments)


def _ifdh_cp(shell: Shell, words: list[str]) -> int:
    to_folder = words[:1] == ["-D"]
    *sources, target = words[to_folder:] or [""]
    if any(word.startswith("-") for word in (*sources, target)):
        raise NotFollowedError("ifdh cp " + " ".join(words))
    status = 0
    for source in sources:
        place = target
        if to_folder and not shell.files.is_folder(target):
            place = target.rstrip("/") + "/" + posixpath.basename(source)
        status = COMMANDS["cp"](shell, [source, place]) or status
    return status


FOLLOWED: Mapping[str, _Command] = {
    **COMMANDS,
    "ifdh": _ifdh,
    **{name: _set_up(name) for name in ("setup", "unsetup", "spack", "ups")},
}
"""Every command of a job's scripts that is followed; any other one is recorded."""
