"""The standard streams: there even where they were closed, and what nobody hears is no failure."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from typing import Any, TextIO

__all__ = ["standard_streams"]


@contextlib.contextmanager
def standard_streams() -> Iterator[None]:
    """Within this all three are there, and standard error takes whatever it is given.

    A standard input that was closed holds nothing; what is written to such a standard output
    says so.
    """
    # In this order each gets the number that is free; otherwise a file of ours would get it.
    for number, flags in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, flags)
    sys.stdin = sys.stdin or os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8", closefd=False)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # As standard error does: a sign that the locale does not have is written out.
        sys.stdout.reconfigure(errors="backslashreplace")
    with contextlib.redirect_stderr(_unfailing(sys.stderr)) as said:
        try:
            yield
        finally:
            said.flush()


def _unfailing(stream: TextIO | None) -> TextIO:
    if stream is None:
        return os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
    try:
        raw = _Said(stream.fileno(), "wb", closefd=False)
    except io.UnsupportedOperation:
        return stream  # No file of the system's: a test listens.
    return io.TextIOWrapper(
        io.BufferedWriter(raw), stream.encoding, stream.errors, line_buffering=True
    )


class _Said(io.FileIO):
    """Standard error.  What it does not take is lost: the exit code says how it went."""

    def write(self, data: Any) -> int:
        try:
            return super().write(data) or len(data)
        except OSError:
            return len(data)
