"""The files that a job sees: a small file system of texts, which touches no real one."""

from __future__ import annotations

import posixpath

from msgspec import Struct, field

from converter.shell.patterns import is_wild, matches
from converter.shell.syntax import NotFollowedError

__all__ = ["HOME", "NOTHING", "Files", "Listing"]

HOME = "/job"
"""The folder in which fife_wrap runs, and lar."""

NOTHING = "/dev/null"

_OF_THE_SYSTEM = ("/dev/", "/proc/", "/sys/")
"""Files below are what the node has there."""

_LONGEST_PATH = 4_096
"""As Linux has it."""

_MOST_WAYS_UP = 50
"""Paths with more `..` are not followed."""

_MOST_LOOKS = 200_000
"""A pattern for which more names would be looked at is not followed."""


class Listing(str):
    """The text of a list of files.

    Whoever runs it as a script has another file: of that one nobody here knows the text.
    """

    __slots__ = ()


class Files(Struct):
    """Path → text, or None where nobody knows what is in it.

    Paths from the root that no command of the job has made are storage: there everything is
    that is asked for, as `$X/…` is whose variable only the job knows.
    """

    texts: dict[str, str | None] = {}
    folders: set[str] = field(default_factory=lambda: {"/", "/tmp", HOME})
    cwd: str = HOME
    ages: dict[str, int] = {}
    executable: set[str] = set()
    """Files made in the job that may be run; those that come along may."""
    reading: tuple[str, ...] = ()
    """Files that the shell has open."""
    _clock: int = 0

    def path(self, name: str) -> str:
        """The whole path of a name."""
        if len(name) > _LONGEST_PATH:
            raise NotFollowedError(name[:200])
        if name.startswith("$"):
            return name
        path = posixpath.join(self.cwd, name)
        if ".." in name:
            self._check_way(path)
        path = posixpath.normpath(path)
        if path.startswith(_OF_THE_SYSTEM) and path != NOTHING:
            raise NotFollowedError(name)
        return path

    def _check_way(self, path: str) -> None:
        """Raises NotFollowedError where `..` leads out of what is no folder of the job's."""
        if path.count("..") > _MOST_WAYS_UP:
            raise NotFollowedError(path[:200])
        way: list[str] = []
        for part in path.split("/")[1:]:
            if part == ".." and way:
                before = "/" + "/".join(way)
                if before.startswith(HOME) and before not in self.folders:
                    raise NotFollowedError(path)
                way.pop()
            elif part not in ("", ".", ".."):
                way.append(part)

    def __len__(self) -> int:
        """How many files and folders there are."""
        return len(self.texts) + len(self.folders)

    def copy(self) -> Files:
        """The same files, of which each copy goes its own way."""
        return Files(
            dict(self.texts),
            set(self.folders),
            self.cwd,
            dict(self.ages),
            set(self.executable),
            self.reading,
            self._clock,
        )

    def is_ours(self, name: str) -> bool:
        """Whether a name stands for something that the job itself has."""
        path = self.path(name)
        return path in self.texts or path in self.folders or self.path(name).startswith(HOME + "/")

    def is_file(self, name: str) -> bool:
        path = self.path(name)
        return (path in self.texts and not name.endswith("/")) or path.startswith("$")

    def is_folder(self, name: str) -> bool:
        return name != "" and self.path(name) in self.folders

    def read(self, name: str) -> str | None:
        """A file's text; None where it is not known.  Raises FileNotFoundError."""
        path = self.path(name)
        if path.startswith("$"):
            return None
        if path == NOTHING:
            return ""
        if path not in self.texts or name.endswith("/"):
            raise FileNotFoundError(name)
        return self.texts[path]

    def script(self, name: str) -> str | None:
        """The text of a script of the job; None where it is not known, or there is none."""
        if not (self.is_ours(name) and self.is_file(name)):
            return None
        text = self.read(name)
        return None if isinstance(text, Listing) else text

    def write(self, name: str, text: str | None) -> None:
        """Put a file in place.  Raises FileNotFoundError where its folder is none."""
        path = self.path(name)
        if path.startswith("$"):
            raise NotFollowedError(name)
        self.check_unread(path)
        if posixpath.dirname(path) not in self.folders or path in self.folders:
            raise FileNotFoundError(name)
        if name.endswith("/") or posixpath.dirname(path) == "/":
            raise FileNotFoundError(name)  # a folder, or one that is not ours
        self.put(path, text)

    def check_unread(self, path: str) -> None:
        """Raises NotFollowedError where the shell reads the file that is to be written."""
        if path in self.reading:
            raise NotFollowedError(f"{path} is read and written")

    def put(self, path: str, text: str | None) -> None:
        """Give a file that is there, by its whole path, another text."""
        self.texts[path] = text
        self._clock += 1
        self.ages[path] = self._clock

    def open(self, name: str, *, emptied: bool) -> None:
        """Make a file for what will be written.  Raises FileNotFoundError as write() does."""
        if emptied or not self.is_file(name):
            self.write(name, "")

    def may_run(self, name: str) -> bool:
        path = self.path(name)
        return path in self.executable or self.texts.get(path) is None

    def set_may_run(self, name: str, may: bool) -> None:
        (self.executable.add if may else self.executable.discard)(self.path(name))

    def remove(self, name: str) -> bool:
        """Whether there was such a file."""
        path = self.path(name)
        self.executable.discard(path)
        return self.texts.pop(path, self) is not self

    def remove_folder(self, name: str) -> None:
        """A folder with all in it, unless the job is in it, or it is none of the job's."""
        path = self.path(name)
        if not path.startswith(HOME + "/") or f"{self.cwd}/".startswith(f"{path}/"):
            return
        self.folders = {f for f in self.folders if not f"{f}/".startswith(f"{path}/")}
        self.texts = {p: text for p, text in self.texts.items() if not p.startswith(f"{path}/")}

    def make_folder(self, name: str, *, parents: bool = False) -> bool:
        """Whether it could be made."""
        path = self.path(name)
        if not parents and (path in self.folders or posixpath.dirname(path) not in self.folders):
            return False
        made: list[str] = []
        while path not in self.folders:
            if path in self.texts:
                return False
            made.append(path)
            path = posixpath.dirname(path)
        self.folders.update(made)
        return True

    def names(self, folder: str = ".") -> list[str]:
        """What is in a folder, in order."""
        start = self.path(folder).rstrip("/") + "/"
        there = [*self.texts, *self.folders]
        inside = (p[len(start) :] for p in there if p.startswith(start) and p != start)
        return sorted(name for name in inside if name and "/" not in name)

    def matching(self, pattern: str) -> list[str]:
        """The names that a pattern of the shell stands for."""
        absolute = pattern.startswith("/")
        found = [("/" if absolute else "", self.path("/" if absolute else "."))]
        looked = 0
        for part in pattern.strip("/").split("/"):
            if part.startswith(".") and is_wild(part):
                raise NotFollowedError(pattern)  # whether it stands for . and .. too
            these: list[tuple[str, str]] = []
            for shown, path in found:
                looked += len(self)
                if looked > _MOST_LOOKS:
                    raise NotFollowedError(pattern)
                for name in [".", "..", *self.names(path)]:
                    hidden = name.startswith(".") and not part.startswith(".")
                    if not hidden and matches(name, part):
                        joined = posixpath.normpath(posixpath.join(path, name))
                        start = shown if shown in ("", "/") else shown + "/"
                        these.append((start + name, joined))
            found = these
        return sorted(shown for shown, _ in found)
