"""Signals that end this program: at any moment, with nothing half done and nothing left over.

Each is for the first process of a run, which tidies up and tells the others.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["SIGNALS", "Ended", "at_once", "held", "tidied"]

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, the batch system's or the shell's way, and a terminal that is closed."""


class Ended(BaseException):
    """A signal ends the program; `code` is the exit code that shells know it by."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.code = 128 + number


def at_once() -> None:
    """From now on a signal ends the process where it is: there is nothing to tidy up."""
    for number in SIGNALS:
        # What whoever started this process had ignored (nohup) stays so.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


def _end(number: int, frame: object) -> None:
    try:
        os.write(2, b"xml2poms: interrupted\n")
    finally:
        os._exit(128 + number)


def _raise(number: int, frame: object) -> None:
    raise Ended(number)


@contextmanager
def tidied() -> Iterator[None]:
    """A signal raises Ended within this, so that what was begun is tidied up."""
    with held():
        before = [(number, signal.getsignal(number)) for number in SIGNALS]
        for number, handler in before:
            if handler is not signal.SIG_IGN:
                signal.signal(number, _raise)
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


@contextmanager
def held() -> Iterator[None]:
    """Signals wait until the end of this; a process that is made meanwhile begins so too."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
