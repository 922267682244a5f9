"""Reading input and putting output in place: whole, or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from typing import BinaryIO, Union

from converter.errors import CfgError, OutputError, UsageError, XmlError
from converter.interrupts import held, tidied
from converter.poms.ini import campaign_key
from converter.projectpy.limits import MAX_BYTES
from converter.reading import read_bytes, read_text
from converter.version import version

__all__ = [
    "beside",
    "called",
    "campaigns_beside",
    "check_apart",
    "check_reports",
    "in_utf8",
    "included",
    "keep_defect",
    "of_system",
    "plain",
    "put",
    "put_reports",
    "put_together",
    "read_campaign",
    "read_input",
    "shown",
    "shown_as",
    "state",
    "unreadable",
    "unwritable",
]

# Without pathlib, which takes longer to import than most of this program.
Named = Union[str, "os.PathLike[str]"]
"""A file by its path."""


_LARGEST_CAMPAIGN = 4 * MAX_BYTES
"""Bytes of a campaign's file; of those that are written hardly any has 1 % of it."""


def read_input(name: str, most: int | None = MAX_BYTES) -> bytes:
    """The bytes of a file, `-` for standard input.  Raises XmlError where it cannot be read.

    most  that are accepted: of what has more there is one byte more, enough to refuse it.  None:
          all of it
    """
    size = -1 if most is None else most + 1
    try:
        if name == "-":
            return sys.stdin.buffer.read(size)
        return read_bytes(name, size)
    except OSError as error:
        raise unreadable(name, error) from None


def read_campaign(name: str) -> str:
    """A campaign's file.  Raises CfgError where it is no text, or far too large."""
    advice = "check that it is the right file"
    data = read_input(name, _LARGEST_CAMPAIGN)
    if len(data) > _LARGEST_CAMPAIGN:
        message = f"has more than {_LARGEST_CAMPAIGN:,} bytes"
        raise CfgError("X2P830", message, advice, file=name)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise CfgError("X2P830", "is no text in UTF-8", advice, file=name) from None


def included(name: str, cfg: str) -> str | None:
    """A file that a campaign.cfg includes: beside it, or where fife_launch looks too."""
    folders = [os.path.dirname(cfg), ".", *os.environ.get("FIFE_LAUNCH_PATH", "").split(":")]
    for folder in folders:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return read_campaign(path)
    return None


def beside(name: str, cfg: str) -> str | None:
    """A file in the folder of a campaign.cfg, which goes with its jobs."""
    path = os.path.join(os.path.dirname(cfg), name)
    return read_campaign(path) if os.path.isfile(path) else None


def in_utf8(path: str) -> str:
    """A path of the system's as UTF-8 has it, in any locale; other bytes are surrogates."""
    return os.fsencode(path).decode("utf-8", "surrogateescape")


def of_system(path: str) -> str:
    """The same path as the system takes it in this locale."""
    return os.fsdecode(path.encode("utf-8", "surrogateescape"))


def shown(typed: str) -> str:
    """A path, or other words of a command line, as text that can always be written.

    Bytes that are no UTF-8 are `\\udcXX`.
    """
    return typed.encode("utf-8", "backslashreplace").decode()


def called(path: str) -> str:
    """What a path is called wherever it is written, in any locale."""
    return shown(in_utf8(path))


def shown_as(text: str) -> Iterable[str]:
    """The paths, as the system takes them, that are shown so."""
    meant = re.sub(r"\\(udc[89a-f][0-9a-f])", lambda m: chr(int(m[1][1:], 16)), text)
    return dict.fromkeys([of_system(text), of_system(meant)])


def plain(path: str) -> str:
    """The same path without `.`, and without slashes that say nothing."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    return f"{'/' * path.startswith('/')}{'/'.join(parts)}" or "."


def state(path: Named, text: str) -> str:
    """What is there already: "new", "same" or "different".

    Raises OutputError where something else than a file is there: that is not replaced.
    """
    try:
        if os.path.islink(path):
            raise OutputError(
                "X2P904",
                f"is a link, to {os.readlink(path)}",
                "name the file itself",
                file=os.fspath(path),
            )
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise OutputError("X2P904", "is no file", "choose another name", file=os.fspath(path))
        with open(path, "rb") as file:
            return "same" if file.read() == _encoded(text) else "different"
    except FileNotFoundError:
        return "new"
    except OSError as error:
        raise unwritable(path, error) from None


def check_reports(names: Sequence[str], formats: Iterable[str]) -> None:
    """Whether there is a rendering for each report's ending.  Raises UsageError."""
    for name in names:
        ending = os.path.splitext(plain(name))[1]
        if ending not in formats:
            raise UsageError(
                "X2P907",
                f"{name}: no kind of report has the ending {ending!r}",
                f"use one of {', '.join(formats)}",
            )


def put_reports(names: Sequence[str], render: Callable[[str], str]) -> None:
    """Put the reports in place; `render` makes the text, given a report's ending."""
    for name in names:
        path = plain(name)
        put(path, render(os.path.splitext(path)[1]))


def campaigns_beside(paths: Sequence[str]) -> dict[tuple[str, str], str]:
    """The names of the other .ini files in the directory of `paths`, by experiment and name."""
    found = {}
    folder = os.path.dirname(paths[0])
    with contextlib.suppress(OSError):
        for name in sorted(os.listdir(folder or os.curdir), reverse=True):
            other = os.path.join(folder, name)
            if not name.endswith(".ini") or other in paths or not os.path.isfile(other):
                continue
            with contextlib.suppress(OSError, UnicodeDecodeError):
                key = campaign_key(read_text(other))
                if key is not None:
                    found[key] = name
    return found


def check_apart(written: Iterable[str], read: Iterable[str | None]) -> None:
    """Whether all that is written is named once, and is nothing that is read.  Raises UsageError.

    read  names of files; None, and `-`, for none
    """
    inputs = {os.path.realpath(name) for name in read if name is not None and name != "-"}
    seen: set[str] = set()
    for name in written:
        real = os.path.realpath(name)
        if real in inputs or real in seen:
            problem = "is read and written" if real in inputs else "is to be written twice"
            raise UsageError("X2P916", problem, "choose another name for it", file=name)
        seen.add(real)


def put(path: Named, text: str) -> None:
    """Write a file in one step: what was there stays until all of the new one is on disk."""
    put_together([(path, text)])


def put_together(files: Sequence[tuple[Named, str]]) -> None:
    """Write files that belong together: all of them, or none.

    All are on disk before the first is put in place; where one cannot be, what was there before
    comes back.  What is there already stays as it is.  What an earlier run that was killed has
    left beside them goes.  Raises OutputError.
    """
    with tidied():
        _put_together([(path, text) for path, text in files if state(path, text) != "same"])
        _tidy_up(path for path, _ in files)


def _put_together(files: Sequence[tuple[Named, str]]) -> None:
    ready: list[tuple[Named, str]] = []
    undo: list[tuple[Named, str | None]] = []
    path: Named = ""
    try:
        for path, text in files:
            os.makedirs(os.path.dirname(path) or os.curdir, exist_ok=True)
            with held():
                file = _beside(path)
                ready.append((path, file.name))
            with file:
                file.write(_encoded(text))
                file.flush()
                os.fsync(file.fileno())
                os.chmod(file.name, _mode(path))
        for path, part in ready:
            with held():
                undo.append((path, _kept(path) if len(ready) > 1 else None))
                os.replace(part, path)
    except BaseException as error:
        placed = [] if len(ready) == 1 else undo
        with held():
            for done, before in reversed(placed):
                with contextlib.suppress(OSError):
                    if before is not None:
                        os.replace(before, done)
                    elif not os.path.exists(dict(ready)[done]):
                        os.unlink(done)
        if isinstance(error, OSError):
            raise unwritable(path, error) from None
        raise
    finally:
        with held():
            for name in (*(part for _, part in ready), *(before for _, before in undo)):
                if name is not None:
                    with contextlib.suppress(OSError):
                        os.unlink(name)


def _encoded(text: str) -> bytes:
    """The text in UTF-8; paths in it have their own bytes."""
    return text.encode("utf-8", "surrogateescape")


_LEFT = 3600.0
"""Seconds after which a file on its way belongs to no run any more."""


def _beside(path: Named) -> BinaryIO:
    """A new file in the same directory, which nobody else may read yet."""
    part = os.path.join(os.path.dirname(path), _prefix(path) + os.urandom(4).hex())
    return open(part, "xb", opener=lambda name, flags: os.open(name, flags, 0o600))


def _prefix(path: Named) -> str:
    """How a file begins that is on its way to be that one: whose it is, and not too long."""
    return f".{os.fsdecode(os.fsencode(os.path.basename(path))[:200])}.xml2poms-"


def _tidy_up(paths: Iterable[Named]) -> None:
    """Remove what a run that was killed has left beside files: ours, and of no run any more."""
    prefixes: dict[str, set[str]] = {}
    for path in paths:
        folder = os.fspath(os.path.dirname(path)) or os.curdir
        prefixes.setdefault(folder, set()).add(_prefix(path))
    for folder, known in prefixes.items():
        with contextlib.suppress(OSError):
            for entry in os.scandir(folder):
                random = not entry.name[-8:].strip("0123456789abcdef")
                if entry.name[:-8] in known and random:
                    _remove_left(entry)


def _remove_left(entry: os.DirEntry[str]) -> None:
    with contextlib.suppress(OSError):
        found = entry.stat(follow_symlinks=False)
        # When it was written or linked here: what is in it may be older.
        left = time.time() - found.st_ctime > _LEFT
        if stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and left:
            os.unlink(entry.path)


def _kept(path: Named) -> str | None:
    """A second name for what is there; None where nothing is."""
    if not os.path.exists(path):
        return None
    with _beside(path) as file:
        name = file.name
    try:
        os.unlink(name)
        os.link(path, name)
    except OSError:
        # A file system without links.
        import shutil

        try:
            shutil.copy2(path, name)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise
    return name


def keep_defect(about: str) -> str:
    """Write the exception that is being handled into a file of its own; where, or its text."""
    import tempfile
    import traceback

    text = "".join(
        [
            f"xml2poms {version()}, Python {sys.version}\n",
            f"{about}\n",
            traceback.format_exc(),
        ]
    )
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="xml2poms-error-", suffix=".txt", delete=False, errors="backslashreplace"
        ) as file:
            file.write(text)
    except OSError:
        return text
    return file.name


def _mode(path: Named) -> int:
    """The mode of the file that is replaced, or that of any new file."""
    try:
        return os.stat(path).st_mode & 0o777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def unreadable(name: str, error: OSError) -> XmlError:
    """That an input cannot be read."""
    return XmlError(
        "X2P905",
        f"cannot be read: {error.strerror or error}",
        "check the name and its permissions",
        file=name,
    )


def unwritable(path: Named, error: OSError | str) -> OutputError:
    """That an output cannot be written, and why."""
    reason = error if isinstance(error, str) else error.strerror or error
    if isinstance(error, FileExistsError):
        reason = "something else stands where a directory is to be"
    return OutputError(
        "X2P904",
        f"cannot be written: {reason}",
        "choose another place, or make room",
        file=os.fspath(path),
    )
