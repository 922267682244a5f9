"""The output tree: nothing is written outside of it, and nothing half."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import io
import os
import stat
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from typing import BinaryIO

from converter.errors import OutputError
from converter.files import of_system, unwritable
from converter.migration.names import SCRATCH

__all__ = ["Tree", "checksum", "is_fatal"]

_PART, _STORE = ".part", "rows.sqlite"
"""What a migration puts into its scratch directory: files on their way, what it knows."""

_PATIENCE = 3.0
"""Seconds to wait for what an interrupted migration's processes still do."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY
"""How a directory is opened."""

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

    def changed(
        self,
        outputs: Mapping[str, bytes],
        ours: Mapping[str, Collection[str | None]],
        source: str,
        replace: bool,
    ) -> dict[str, bytes]:
        """The outputs of a source that are not there yet as they are to be.

        ours     path → checksums of what this program wrote there
        replace  also what somebody has changed since, for which OutputError is raised else
        """
        found = {}
        for path, content in outputs.items():
            there = self.read(path)
            if there == content:
                continue
            if there is not None and checksum(there) not in ours[path] and not replace:
                raise OutputError(
                    "X2P903",
                    f"{path} exists and is not what this program wrote",
                    "keep your changes elsewhere, then replace it with --force",
                    file=source,
                )
            found[path] = content
        return found

    def _make_own(self) -> None:
        """The directory for this run; one that holds something else is not ours."""
        with self._folder(SCRATCH) as own:
            strange = [entry.name for entry in os.scandir(own) if not _is_scratch(entry)]
            if strange:
                raise OutputError(
                    "X2P904",
                    f"holds {min(strange)}: it is not what this program made for itself",
                    "remove it, or choose another output directory",
                    file=self.own,
                )
            for name in os.listdir(own):
                if name.endswith(_PART):
                    os.unlink(name, dir_fd=own)

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
            with self._folder(SCRATCH) as own:
                for entry in os.scandir(own):
                    if _is_scratch(entry):
                        os.unlink(entry.name, dir_fd=own)
            os.rmdir(self.own)

    def read(self, path: str) -> bytes | None:
        """What is there; None where nothing is.  What is no file is read as no bytes of ours."""
        full = os.path.join(self.root, of_system(path))
        try:
            descriptor = os.open(full, os.O_RDONLY | os.O_NONBLOCK)
        except (FileNotFoundError, NotADirectoryError):
            return b"\0" if os.path.islink(full) else None
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            return b"\0"
        with open(descriptor, "rb") as file:
            return file.read()

    def put(self, path: str, data: bytes) -> None:
        """Write a file in one step, making its directory."""
        self.write(path, lambda file: file.write(data))

    def write(self, path: str, fill: Callable[[BinaryIO], object]) -> None:
        """Write a file in one step, making its directory; `fill` is given the file.

        What is there already stays.
        """
        try:
            self._write(path, fill)
        except OSError as error:
            # It names a part of the path, or the number of a directory.
            error.filename = os.path.join(self.root, of_system(path))
            raise

    def _write(self, path: str, fill: Callable[[BinaryIO], object]) -> None:
        folder, _, name = path.rpartition("/")
        part = os.urandom(8).hex() + _PART
        with self._folder(folder) as there, self._folder(SCRATCH) as own:
            try:
                with open(part, "x+b", opener=partial(os.open, mode=0o666, dir_fd=own)) as file:
                    fill(file)
                    file.seek(0)
                    same = _is_same(file, of_system(name), there)
                if same:
                    os.unlink(part, dir_fd=own)
                else:
                    os.replace(part, of_system(name), src_dir_fd=own, dst_dir_fd=there)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(part, dir_fd=own)
                raise

    def remove(self, path: str) -> None:
        """Remove a file, and the directories that it leaves empty."""
        folder, _, name = path.rpartition("/")
        with self._folder(folder) as there:
            os.unlink(of_system(name), dir_fd=there)
        while folder:
            folder, _, name = folder.rpartition("/")
            with self._folder(folder) as there:
                try:
                    os.rmdir(of_system(name), dir_fd=there)
                except OSError:
                    return

    @contextlib.contextmanager
    def _folder(self, folder: str) -> Iterator[int]:
        """A directory of the tree, open, and made where there is none.

        No link below the root is followed, whoever puts it there in the meantime.
        """
        here = os.open(self.root, _FOLDER)
        try:
            for name in folder.split("/") if folder else ():
                above, here = here, self._below(here, of_system(name), folder)
                os.close(above)
            yield here
        finally:
            os.close(here)

    def _below(self, here: int, name: str, folder: str) -> int:
        full = os.path.join(self.root, of_system(folder))
        if name in ("", os.curdir, os.pardir):
            raise OutputError(
                "X2P904", "leads out of the output tree", "migrate the sources anew", file=full
            )
        with contextlib.suppress(FileExistsError):
            os.mkdir(name, dir_fd=here)
        try:
            return os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=here)
        except OSError:
            if not stat.S_ISLNK(os.lstat(name, dir_fd=here).st_mode):
                raise
            raise OutputError(
                "X2P904",
                f"leads out of the output tree: {name} is a link",
                "remove the link, or choose another output directory",
                file=full,
            ) from None


def _is_same(file: BinaryIO, name: str, folder: int) -> bool:
    """Whether the file of that name holds the same."""
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW, dir_fd=folder)
    except OSError:
        return False
    with open(descriptor, "rb") as other:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return False
        while True:
            portion = file.read(io.DEFAULT_BUFFER_SIZE)
            if portion != other.read(io.DEFAULT_BUFFER_SIZE):
                return False
            if not portion:
                return True
