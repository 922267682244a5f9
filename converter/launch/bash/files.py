"""The files that a job sees: a small file system of texts, which touches no real one."""

from __future__ import annotations

import fnmatch
import posixpath

from msgspec import Struct, field

__all__ = ["HOME", "Files"]

HOME = "/job"
"""The folder in which fife_wrap runs, and lar."""


class Files(Struct):
    """Path → text, or None where nobody knows what is in it.

    Paths from the root that no command of the job has made are storage: there everything is
    that is asked for, as `$X/…` is whose variable only the job knows.
    """

    texts: dict[str, str | None] = {}
    folders: set[str] = field(default_factory=lambda: {"/", HOME})
    cwd: str = HOME
    ages: dict[str, int] = {}
    executable: set[str] = set()
    """Files made in the job that may be run; those that come along may."""
    _clock: int = 0

    def path(self, name: str) -> str:
        """The whole path of a name."""
        if name.startswith("$"):
            return name
        return posixpath.normpath(posixpath.join(self.cwd, name))

    def is_ours(self, name: str) -> bool:
        """Whether a name stands for something that the job itself has."""
        path = self.path(name)
        return path in self.texts or path in self.folders or self.path(name).startswith(HOME + "/")

    def is_file(self, name: str) -> bool:
        path = self.path(name)
        return path in self.texts or path.startswith("$")

    def is_folder(self, name: str) -> bool:
        return self.path(name) in self.folders

    def read(self, name: str) -> str | None:
        """A file's text; None where it is not known.  Raises FileNotFoundError."""
        path = self.path(name)
        if path.startswith("$"):
            return None
        if path not in self.texts:
            raise FileNotFoundError(name)
        return self.texts[path]

    def write(self, name: str, text: str | None) -> None:
        """Put a file in place.  Raises FileNotFoundError where its folder is none."""
        path = self.path(name)
        if posixpath.dirname(path) not in self.folders or path in self.folders:
            raise FileNotFoundError(name)
        self.texts[path] = text
        self._clock += 1
        self.ages[path] = self._clock

    def may_run(self, name: str) -> bool:
        path = self.path(name)
        return path in self.executable or self.texts.get(path) is None

    def remove(self, name: str) -> bool:
        """Whether there was such a file."""
        return self.texts.pop(self.path(name), self) is not self

    def make_folder(self, name: str, *, parents: bool = False) -> bool:
        """Whether it could be made."""
        path = self.path(name)
        if posixpath.dirname(path) not in self.folders and not parents:
            return False
        while path not in self.folders:
            self.folders.add(path)
            path = posixpath.dirname(path)
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
        for part in pattern.strip("/").split("/"):
            matches = []
            for shown, path in found:
                for name in [".", "..", *self.names(path)]:
                    hidden = name.startswith(".") and not part.startswith(".")
                    if not hidden and fnmatch.fnmatchcase(name, part):
                        joined = posixpath.normpath(posixpath.join(path, name))
                        start = shown if shown in ("", "/") else shown + "/"
                        matches.append((start + name, joined))
            found = matches
        return sorted(shown for shown, _ in found)
