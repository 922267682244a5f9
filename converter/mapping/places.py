"""Paths that mean something only where project.py is run, or no longer anything at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from converter.findings.fates import Fate
from converter.mapping.context import StageContext
from converter.model import Stage, Value
from converter.poms import jobsub
from converter.poms.escape import submit_value
from converter.text import Text

__all__ = ["is_relative", "places"]

_SCHEMES = ("dropbox://", "tardir://")


def is_relative(path: str) -> bool:
    """Whether a file is looked for in the current folder of whoever launches."""
    return bool(path) and not path.startswith(("/", "$", "~")) and "://" not in path


def places(ctx: StageContext) -> None:
    """Findings about paths of the one who launches, about areas that are gone, and no names.

    A relative list of input files is the input's own business.
    """
    for what, path, setting, is_folder in _read(ctx):
        if is_relative(path):
            if is_folder:
                ctx.finding(Fate.MANUAL, "X2P431", setting, what=what, path=path)
            else:
                name = submit_value(Text(path.rpartition("/")[2]))
                ctx.finding(Fate.MANUAL, "X2P430", setting, what=what, path=path, name=str(name))
        _gone(ctx, what, path, setting)
    _no_names(ctx)
    stage = ctx.stage
    for tag in ("outdir", "logdir"):
        value: Value[str] = getattr(stage, tag)
        path = value.value.strip()
        if value.origin is not None:
            if is_relative(path):
                ctx.finding(Fate.MANUAL, "X2P431", value, keys=(), what=f"<{tag}>", path=path)
            # Of others that are outside of /pnfs the output has its own finding.
            if path.startswith("/pnfs/"):
                _gone(ctx, f"<{tag}>", path, value)


_LONGEST_NAME = 255
"""Bytes of a file's name, in any file system."""


_VARIABLES = re.compile(r"(?:\$\w+|\$\{\w+\})+")


def _is_no_name(path: str) -> bool:
    """Whether no file can have the path, or a command takes its name for an option, or nothing."""
    if path.startswith("-") or _VARIABLES.fullmatch(path):
        return True
    name = path.rpartition("/")[2]
    return name in ("", ".", "..") or len(name.encode()) > _LONGEST_NAME


def _no_names(ctx: StageContext) -> None:
    """Findings about names that no file can have."""
    stage = ctx.stage
    files: list[Value[Any]] = [stage.TFileName, *_scripts(stage)]
    for substage in stage.substages:
        files += [substage.exe, substage.output]
    read = stage.input.value
    if stage.input.kind in ("list", "file") and not read.value.strip().endswith("/"):
        # Without a name it has a finding of its own.
        files.append(read)
    # Blanks alone are a name of an fcl, elsewhere as good as nothing.
    names = [(one.fcl, one.fcl.value.strip()) for one in stage.substages]
    names += [(setting, path) for setting in files if (path := _path(setting))]
    for setting, path in names:
        if _is_no_name(path):
            ctx.finding(Fate.INVALID, "X2P513", setting, name=_short(path))
    for directory in (stage.outdir, stage.logdir):
        path = directory.value.strip()
        if path.startswith("-"):
            ctx.finding(Fate.INVALID, "X2P513", directory, name=_short(path))


def _scripts(stage: Stage) -> list[Value[Any]]:
    """What runs or is sourced in a job."""
    scripts: list[Value[Any]] = [*stage.initscript, *stage.endscript, *stage.finscript]
    scripts += stage.initsource
    for substage in stage.substages:
        scripts += [*substage.initsource, *substage.endscript]
    return scripts


def _path(setting: Value[Any]) -> str:
    """A setting's file: the first of its words, where it is read as such."""
    value = setting.value
    return value.strip() if isinstance(value, str) else value[0] if value else ""


def _short(path: str) -> str:
    return path if len(path) <= _LONGEST_NAME else path[:_LONGEST_NAME] + "…"


def _gone(ctx: StageContext, what: str, path: str, setting: Value[Any]) -> None:
    """A path in an area that is no more, unless the user's own profile moves it."""
    if any(path.startswith(old) for old in ctx.profile.paths):
        return
    for old, new in ctx.profile.gone.items():
        if path == old or path.startswith(old + "/"):
            ctx.about("X2P432", setting, what=what, path=path, old=old, new=new)


def _read(ctx: StageContext) -> Iterator[tuple[str, str, Value[Any], bool]]:
    """What is read where the launch happens: what it is, path, setting, whether a folder."""
    project, stage = ctx.project, ctx.stage
    if stage.input.kind in ("list", "file"):
        tag = "inputlist" if stage.input.kind == "list" else "inputfile"
        path = stage.input.value.value.strip()
        # A relative list has a finding of its own.
        if not (tag == "inputlist" and is_relative(path)):
            yield f"<{tag}>", path, stage.input.value, False
    for directory in project.fcldir:
        yield "<fcldir>", directory.value.strip(), directory, True
    if project.release.local:
        yield "<local>", project.release.local.value.strip(), project.release.local, True
    for substage in stage.substages:
        if substage.fcl.value.startswith("/"):
            yield "<fcl>", substage.fcl.value, substage.fcl, False
    for script in (*_scripts(stage), stage.submitscript):
        path = _path(script)
        if "/" in path:
            yield "the script", path, script, script is stage.submitscript
    for given in jobsub.parse(tuple(ctx.words(stage.jobsub))):
        if given.option is not None and given.option.key in ("f", "tar_file_name") and given.values:
            path = given.values[0].string
            for scheme in _SCHEMES:
                path = path.removeprefix(scheme)
            yield given.word, path, stage.jobsub, given.values[0].string.startswith("tardir://")
