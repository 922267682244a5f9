"""Reading a file that somebody names: nothing that is waited for without an end."""

from __future__ import annotations

import errno
import os
import select
import stat
from typing import TextIO

__all__ = ["open_text", "read_bytes", "read_text"]

_PATIENCE = 10.0
"""Seconds to wait for what the other end of a pipe writes next."""

_PORTION = 1 << 16


def read_bytes(path: str | os.PathLike[str], most: int = -1) -> bytes:
    """What a file holds, or a pipe that is written to; `most` bytes of it, if that is given.

    Raises OSError where it cannot be read: a device never ends, and neither does the wait for
    a pipe to which nobody writes.
    """
    # Without waiting: opening a pipe waits for the one who writes.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_NOCTTY", 0))
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISFIFO(mode):
            return _from_pipe(descriptor, most)
        if stat.S_ISDIR(mode):
            raise OSError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "it is a device, not a file")
        with os.fdopen(os.dup(descriptor), "rb") as file:
            return file.read(most)
    finally:
        os.close(descriptor)


def open_text(path: str | os.PathLike[str], errors: str = "strict") -> TextIO:
    """A file in UTF-8, to be read line by line.  Raises OSError where it is none.

    errors  what happens where it is no text: as for `open`
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_NOCTTY", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is a pipe or a device, not a file")
    return os.fdopen(descriptor, encoding="utf-8", errors=errors)


def _from_pipe(descriptor: int, most: int) -> bytes:
    found = b""
    while most < 0 or len(found) < most:
        # At the end, and where nobody ever writes, there is something to read: nothing.
        if not select.select([descriptor], [], [], _PATIENCE)[0]:
            raise OSError(errno.ETIMEDOUT, "nothing comes out of this pipe")
        portion = os.read(descriptor, _PORTION)
        if not portion:
            break
        found += portion
    return found[:most] if most >= 0 else found


def read_text(path: str | os.PathLike[str]) -> str:
    """The text of a file in UTF-8.  Raises OSError and UnicodeDecodeError."""
    return read_bytes(path).decode("utf-8")
