"""Which files a migration is about, and where in the output tree each belongs."""

from __future__ import annotations

import hashlib
import os
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from msgspec import Struct

from converter.files import in_utf8, of_system, shown
from converter.migration.names import AT_THE_TOP
from converter.poms.names import as_name

__all__ = ["Candidate", "Selection", "Unlisted", "listed", "prefixes", "survey"]

_NO_SOURCES = {".git", ".hg", ".svn", "CVS"}
"""Directories of version control, which nobody migrates."""

_LONGEST = 160
"""Longest name of a file or directory here, in bytes; file systems end at 255."""


class Candidate(Struct, frozen=True):
    """A file that may be a project.py XML.

    path    where it is read
    source  what it is called: the path below its directory; nothing that cannot be written
    stem    where its outputs go, without ending: a path in the output tree.  The last part of
            it holds the others too, and is the campaign's name: what is uploaded to POMS lies
            in one place there, whatever directory it comes from.
    avoid   last parts of other stems that begin with this one's and a dash, where a file with
            several projects would put theirs; in small letters
    """

    path: str
    source: str
    stem: str
    avoid: tuple[str, ...] = ()


class Unlisted(Struct, frozen=True):
    """A directory that cannot be listed, or is not entered, and why."""

    source: str
    reason: str
    failed: bool


class Selection(Struct, frozen=True):
    """Globs for names, or for paths below the directory; an excluded directory is not entered."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def file(self, name: str, path: str) -> bool:
        wanted = not self.include or _matches(name, path, self.include)
        return wanted and not _matches(name, path, self.exclude)

    def directory(self, name: str, path: str) -> bool:
        return not _matches(name, path, self.exclude)


def _matches(name: str, path: str, globs: Iterable[str]) -> bool:
    return any(fnmatchcase(name, glob) or fnmatchcase(path, glob) for glob in globs)


def survey(
    directories: Sequence[str], out: str, selection: Selection = Selection()
) -> Iterator[Candidate | Unlisted]:
    """All files below the directories, in order, one directory in memory at a time.

    Links to directories are not followed, and neither is `out`, the output tree.  With several
    directories each has one of its own in the output tree.
    """
    try:
        avoid = _identity(out)
    except OSError:
        avoid = None
    for directory, prefix in zip(directories, prefixes(directories)):
        yield from _walk(directory, prefix, prefix, selection, avoid, top=not prefix)


def listed(paths: Iterable[str], selection: Selection = Selection()) -> Iterator[Candidate]:
    """The files of a list, each at its path below the current directory, or below the root.

    What is below the current directory is called so, anything else by its whole path.

    paths  as UTF-8 has them
    """
    here = in_utf8(os.getcwd())
    known: dict[str, set[str]] = {}
    for path in paths:
        full = os.path.normpath(os.path.join(here, path))
        called = full[len(here) + 1 :] if full.startswith(here + os.sep) else full
        folder, name = os.path.split(called)
        source = shown(called)
        if not selection.file(shown(name), source):
            continue
        parts = [_clean(part) for part in folder.split(os.sep) if part]
        if parts and parts[0].casefold() in AT_THE_TOP:
            parts[0] += "_"
        place = "/".join(parts)
        top = AT_THE_TOP if not place else ()
        taken = known.setdefault(place.casefold(), set(top))
        yield Candidate(of_system(path), source, _placed(place, _unique(_stem(name), taken)))


def _walk(
    directory: str,
    below: str,
    place: str,
    selection: Selection,
    avoid: tuple[int, int] | None,
    *,
    top: bool = False,
) -> Iterator[Candidate | Unlisted]:
    """below: the directory as it is called; place: the same in the output tree."""
    names: list[str] = []
    folders: list[str] = []
    try:
        with os.scandir(directory) as entries:
            for entry in entries:
                name = in_utf8(entry.name)
                source = _joined(below, shown(name))
                if entry.is_dir(follow_symlinks=False):
                    if name in _NO_SOURCES or not selection.directory(shown(name), source):
                        continue
                    folders.append(name)
                elif entry.is_symlink() and entry.is_dir():
                    if selection.directory(shown(name), source):
                        yield Unlisted(source, "a link to a directory, which is not entered", False)
                elif selection.file(shown(name), source):
                    names.append(name)
    except OSError as error:
        reason = f"the directory cannot be listed: {error.strerror or error}"
        yield Unlisted(below or ".", reason, True)
        return
    taken = set(AT_THE_TOP if top else ())
    # What ends in .xml has the first choice of a name.
    stems = {
        name: _placed(place, _unique(_stem(name), taken))
        for name in sorted(names, key=lambda n: (not n.endswith(".xml"), n))
    }
    order = sorted(_last(stem).casefold() for stem in stems.values())
    for name in sorted(names):
        yield Candidate(
            os.path.join(directory, of_system(name)),
            _joined(below, shown(name)),
            stems[name],
            tuple(_beginning(order, _last(stems[name]).casefold() + "-")),
        )
    used = set(AT_THE_TOP if top else ())
    for name in sorted(folders):
        path = os.path.join(directory, of_system(name))
        try:
            if _identity(path) == avoid:
                continue
        except OSError:
            pass  # It vanished: listing it says so.
        part = _unique(_clean(name), used)
        yield from _walk(path, _joined(below, shown(name)), _joined(place, part), selection, avoid)


def _identity(path: str) -> tuple[int, int]:
    found = os.stat(path)
    return found.st_dev, found.st_ino


def prefixes(directories: Sequence[str]) -> list[str]:
    """What each directory is called in the output tree, and in front of its sources."""
    if len(directories) == 1:
        return [""]
    taken: set[str] = set(AT_THE_TOP)
    return [
        _unique(_clean(in_utf8(Path(one).resolve().name) or "root"), taken) for one in directories
    ]


def _joined(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _placed(place: str, name: str) -> str:
    """The stem of a file in that place."""
    flat = as_name(_joined(place, name))
    if len(flat) > _LONGEST:
        flat = f"{flat[: _LONGEST - 9]}_{hashlib.sha256(flat.encode()).hexdigest()[:8]}"
    return _joined(place, flat)


def _last(stem: str) -> str:
    return stem.rpartition("/")[2]


def _stem(name: str) -> str:
    return _clean(name[:-4] if name.lower().endswith(".xml") and len(name) > 4 else name)


def _unique(name: str, taken: set[str]) -> str:
    while name.casefold() in taken:
        name += "_"
    taken.add(name.casefold())
    return name


def _beginning(names: list[str], start: str) -> Iterator[str]:
    """Those of the sorted names that begin so."""
    for name in names[bisect_left(names, start) :]:
        if not name.startswith(start):
            return
        yield name


def _clean(name: str) -> str:
    """A name for the output tree: as it is, unless it is too long or holds what nobody types."""
    clean = re.sub(r"[\x00-\x1f\x7f-\x9f\udc80-\udcff]", "_", name).strip() or "_"
    if name != clean or len(clean.encode()) > _LONGEST:
        # What was replaced or cut away still tells two names apart.
        tail = hashlib.sha256(os.fsencode(name)).hexdigest()[:8]
        clean = clean.encode()[: _LONGEST - 9].decode("utf-8", "ignore") + "~" + tail
    return clean
