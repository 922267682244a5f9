"""The output tree: nothing is written outside of it, and nothing half."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
import stat
import time
from collections.abc import Iterator

from converter.errors import OutputError
from converter.files import unwritable

__all__ = ["Tree", "checksum", "is_fatal"]

_OWN = ".xml2poms"
"""Where a migration keeps what it needs while it runs, within the output tree."""

_PATIENCE = 3.0
"""Seconds to wait for what an interrupted migration's processes still do."""

_FATAL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}


def is_fatal(error: OSError) -> bool:
    """Whether no other file could be written either."""
    return error.errno in _FATAL


def checksum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


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
        return os.path.join(self.root, _OWN)

    @contextlib.contextmanager
    def opened(self) -> Iterator[None]:
        """Make the tree ready for one run, the only one at a time."""
        try:
            os.makedirs(self.own, exist_ok=True)
            lock = os.open(self.root, os.O_RDONLY)
        except OSError as error:
            raise unwritable(self.root, error) from None
        try:
            self._lock(lock)
            for name in os.listdir(self.own):
                if name.endswith(".part"):
                    os.unlink(os.path.join(self.own, name))
            yield
        finally:
            os.close(lock)

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
        shutil.rmtree(self.own, ignore_errors=True)

    def read(self, path: str) -> bytes | None:
        """What is there; None where nothing is.  What is no file is read as no bytes of ours."""
        full = os.path.join(self.root, path)
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
        target = os.path.join(self._folder(folder), name)
        part = os.path.join(self.own, f"{os.getpid()}.part")
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
        os.unlink(os.path.join(self._folder(folder), name))
        while folder:
            try:
                os.rmdir(os.path.join(self.root, folder))
            except OSError:
                return
            self._known.discard(folder)
            folder = folder.rpartition("/")[0]

    def _folder(self, folder: str) -> str:
        full = os.path.join(self.root, folder)
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
