"""The output tree: nothing is written outside of it, and nothing half."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import stat
import time
from collections.abc import Iterator

from converter.errors import OutputError
from converter.files import of_system, unwritable
from converter.migration.names import SCRATCH

__all__ = ["Tree", "checksum", "is_fatal"]

_PART, _STORE = ".part", "rows.sqlite"
"""What a migration puts into its scratch directory: files on their way, what it knows."""

_PATIENCE = 3.0
"""Seconds to wait for what an interrupted migration's processes still do."""

_FATAL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}


def is_fatal(error: OSError) -> bool:
    """Whether no other file could be written either."""
    return error.errno in _FATAL


def checksum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _is_scratch(entry: os.DirEntry[str]) -> bool:
    """Whether a migration made this file for itself."""
    known = entry.name.endswith(_PART) or entry.name.startswith(_STORE)
    return known and entry.is_file(follow_symlinks=False)


class Tree:
    """An output tree.  Paths are relative to its root, with slashes.

    All methods raise OSError where the system does; OutputError where a path would lead out of
    the tree.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self._real = os.path.realpath(root)
        self._known: set[str] = set()

    @property
    def own(self) -> str:
        """The directory for what is needed only during a run."""
        return os.path.join(self.root, SCRATCH)

    @property
    def store(self) -> str:
        """Where what the migration knows is kept during a run."""
        return os.path.join(self.own, _STORE)

    @contextlib.contextmanager
    def opened(self) -> Iterator[None]:
        """Make the tree ready for one run, the only one at a time."""
        try:
            os.makedirs(self.root, exist_ok=True)
            lock = os.open(self.root, os.O_RDONLY)
        except OSError as error:
            raise unwritable(self.root, error) from None
        try:
            self._lock(lock)
            try:
                # Only now: the run before removes it at its end.
                self._make_own()
            except OSError as error:
                raise unwritable(self.own, error) from None
            yield
        finally:
            os.close(lock)

    def _make_own(self) -> None:
        """The directory for this run; one that is a link, or holds something else, is not ours."""
        if not os.path.islink(self.own):
            os.makedirs(self.own, exist_ok=True)
            strange = [entry.name for entry in os.scandir(self.own) if not _is_scratch(entry)]
        if os.path.islink(self.own) or strange:
            what = f"holds {min(strange)}" if not os.path.islink(self.own) else "is a link"
            raise OutputError(
                "X2P904",
                f"{what}: it is not what this program made for itself",
                "remove it, or choose another output directory",
                file=self.own,
            )
        for name in os.listdir(self.own):
            if name.endswith(_PART):
                os.unlink(os.path.join(self.own, name))

    def _lock(self, descriptor: int) -> None:
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > end:
                    raise OutputError(
                        "X2P904",
                        "another migration is writing here",
                        "wait for it, or choose another directory",
                        file=self.root,
                    ) from None
                time.sleep(0.05)
            except OSError:
                return  # A file system without locks.
            else:
                return

    def cleared(self) -> None:
        """Remove what was needed only during the run."""
        with contextlib.suppress(OSError):
            for entry in os.scandir(self.own):
                if _is_scratch(entry):
                    os.unlink(entry.path)
            os.rmdir(self.own)

    def read(self, path: str) -> bytes | None:
        """What is there; None where nothing is.  What is no file is read as no bytes of ours."""
        full = os.path.join(self.root, of_system(path))
        try:
            descriptor = os.open(full, os.O_RDONLY | os.O_NONBLOCK)
        except (FileNotFoundError, NotADirectoryError):
            return None
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return b"\0"
            return file.read()

    def put(self, path: str, data: bytes) -> None:
        """Write a file in one step, making its directory."""
        folder, _, name = path.rpartition("/")
        target = os.path.join(self._folder(folder), of_system(name))
        part = os.path.join(self.own, f"{os.getpid()}{_PART}")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        try:
            with open(descriptor, "wb", buffering=0) as file:
                view = memoryview(data)
                while view:
                    view = view[file.write(view) :]
            os.replace(part, target)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(part)
            raise

    def remove(self, path: str) -> None:
        """Remove a file, and the directories that it leaves empty."""
        folder, _, name = path.rpartition("/")
        os.unlink(os.path.join(self._folder(folder), of_system(name)))
        while folder:
            try:
                os.rmdir(os.path.join(self.root, of_system(folder)))
            except OSError:
                return
            self._known.discard(folder)
            folder = folder.rpartition("/")[0]

    def _folder(self, folder: str) -> str:
        full = os.path.join(self.root, of_system(folder))
        if folder not in self._known:
            parts = folder.split("/")
            real = os.path.realpath(full)
            inside = real == self._real or real.startswith(self._real + os.sep)
            if not inside or ".." in parts or folder.startswith("/"):
                raise OutputError(
                    "X2P904",
                    f"leads out of the output tree, to {real}",
                    "remove the link, or choose another output directory",
                    file=full,
                )
            os.makedirs(full, exist_ok=True)
            self._known.add(folder)
        return full
