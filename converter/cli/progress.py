"""How far a migration is: a bar on a terminal, lines in a log."""

from __future__ import annotations

import os
import sys
import time

import click

from converter.migration.run import Progress
from converter.report.model import VERDICTS
from converter.report.plain import is_plain

__all__ = ["MOST_JOBS", "cores", "progress_for"]

MOST_JOBS = 256
"""Processes that may be asked for: more than any machine has cores, and fewer than it bears."""

_LINES_EVERY = 10.0
"""Seconds between the lines of a log."""

_REFRESH = 0.1
"""Seconds between two looks of the bar."""

_FIRST = (*VERDICTS, "skipped")


def cores() -> int:
    """Those that this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def progress_for(*, quiet: bool) -> Progress:
    """What suits the standard error stream."""
    if quiet:
        return _Silent()
    return _Bar() if sys.stderr.isatty() and not is_plain() else _Lines()


class _Silent:
    def start(self, total: int) -> None:
        pass

    def advance(self, status: str) -> None:
        pass

    def end(self) -> None:
        pass


class _Counts:
    """How many files were done, by status, and how fast."""

    def __init__(self) -> None:
        self.total = self.done = 0
        self.statuses: dict[str, int] = {}
        self.began = time.monotonic()

    def add(self, status: str) -> None:
        self.done += 1
        self.statuses[status] = self.statuses.get(status, 0) + 1

    @property
    def rate(self) -> float:
        """Files a second."""
        return self.done / max(time.monotonic() - self.began, 1e-6)

    def __str__(self) -> str:
        names = dict.fromkeys((*_FIRST, *sorted(self.statuses)))
        counts = [f"{self.statuses[name]:,} {name}" for name in names if name in self.statuses]
        return ", ".join(counts)


class _Lines:
    """A line at the start, every few seconds, and at the end."""

    def __init__(self) -> None:
        self.counts = _Counts()
        self.said = 0.0

    def start(self, total: int) -> None:
        self.counts.total = total
        self.said = time.monotonic()
        click.echo(f"{total:,} files to look at", err=True)

    def advance(self, status: str) -> None:
        self.counts.add(status)
        if time.monotonic() - self.said > _LINES_EVERY:
            self.said = time.monotonic()
            self._say()

    def end(self) -> None:
        if self.counts.done:
            self._say()

    def _say(self) -> None:
        counts = self.counts
        left = (counts.total - counts.done) / counts.rate
        click.echo(
            f"{counts.done:,} of {counts.total:,} files, {counts.rate:.0f} a second, "
            f"{left:.0f} s left: {counts}",
            err=True,
        )


class _Bar:
    def __init__(self) -> None:
        # rich is imported only where something is shown.
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        self.counts = _Counts()
        self.shown = 0.0
        # Without a thread of its own: processes are forked while the bar is there.
        self.bar = Bar(
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[counts]}"),
            console=Console(stderr=True),
            auto_refresh=False,
            transient=True,
        )
        self.task = self.bar.add_task("", total=None, rate="", counts="")

    def start(self, total: int) -> None:
        self.counts.total = total
        self.bar.update(self.task, total=total)
        self.bar.start()

    def advance(self, status: str) -> None:
        self.counts.add(status)
        if time.monotonic() - self.shown > _REFRESH:
            self._look()

    def end(self) -> None:
        self._look()
        self.bar.stop()

    def _look(self) -> None:
        self.shown = time.monotonic()
        rate = f"{self.counts.rate:.0f}/s"
        self.bar.update(
            self.task, completed=self.counts.done, rate=rate, counts=str(self.counts), refresh=True
        )
