"""Jobs over processes: in order, a few at a time, whatever happens to a process."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from itertools import islice
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, Protocol, TypeVar

from converter.errors import UsageError
from converter.interrupts import SIGNALS, held
from converter.migration.work import Job, Outcome, Settings, Worker

__all__ = ["Works", "in_order", "outcomes"]

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
Asked_contra = TypeVar("Asked_contra", contravariant=True)
Answer_co = TypeVar("Answer_co", covariant=True)


class Works(Protocol[Asked_contra, Answer_co]):
    """Does one job after the other, and never raises."""

    def __call__(self, job: Asked_contra, /) -> Answer_co: ...

    def died(self, job: Asked_contra, /) -> Answer_co:
        """What becomes of a job that ended the process that was at it."""


_PORTION = 16
"""Files that a process gets at once: passing them on one by one would cost more than it gains."""

_AHEAD = 4
"""Portions for each process that wait or are done."""


def outcomes(
    jobs: Iterable[Job], total: int, settings: Settings, processes: int
) -> Generator[tuple[Job, Outcome], None, None]:
    """What becomes of each file of a migration."""
    if settings.pages and processes > 1:
        # Compiled once, before the processes part.
        from converter.report.html import environment

        environment().get_template("file.html")
    return in_order(jobs, total, partial(Worker, settings, settings.fingerprint()), processes)


def in_order(
    jobs: Iterable[Asked], total: int, start: Callable[[], Works[Asked, Answer]], processes: int
) -> Generator[tuple[Asked, Answer], None, None]:
    """What becomes of each job, in the order of the jobs; closing it ends the processes.

    start  makes what works, in each process

    A job that ends its process (out of memory, say) has failed, and the others go on.
    Raises UsageError where a process cannot be started.
    """
    if processes == 1 or total < 2:
        worker = start()
        with _collecting_less():
            for job in jobs:
                yield job, worker(job)
        return
    processes = min(processes, total)
    size = max(1, min(_PORTION, total // (processes * _AHEAD)))
    source = iter(jobs)
    portions = iter(lambda: list(islice(source, size)), [])
    with closing(_Crew(portions, processes, start)) as crew:
        while portion := crew.first():
            for job, answer in zip(portion.jobs, portion.answers):
                yield job, answer
                crew.keep_busy()


class _Portion(Generic[Asked, Answer]):
    """Jobs that a process does one after the other, and what became of them when it has."""

    def __init__(self, jobs: list[Asked]) -> None:
        self.jobs = jobs
        self.answers: list[Answer] = []


class _Process(Generic[Asked, Answer]):
    """A process that works, and the portion that it is at.

    A pipe alone leads to it: in concurrent.futures threads stand between, and where one of those
    cannot be started everybody waits for ever.
    """

    def __init__(self, start: Callable[[], Works[Asked, Answer]]) -> None:
        # A fork starts with everything imported; elsewhere it is not safe.
        if sys.platform == "linux":
            context = multiprocessing.get_context("fork")
        else:
            context = multiprocessing.get_context("spawn")
        self.portion: _Portion[Asked, Answer] | None = None
        try:
            self.pipe, other = context.Pipe()
            with closing(other):
                self.process = context.Process(target=_serve, args=(other, start), daemon=True)
                # It must not be interrupted before it is set up.
                with held():
                    self.process.start()
        except OSError as error:
            raise _not_started(error.strerror or str(error)) from None

    def check_started(self) -> None:
        """Wait until it is set up.  Raises UsageError where that went wrong."""
        try:
            problem = self.pipe.recv()
        except (EOFError, OSError):
            problem = "one ended at once"
        if problem:
            raise _not_started(problem)

    def ask(self, portion: _Portion[Asked, Answer]) -> None:
        self.portion = portion
        # One that has ended is found out when it is to answer.
        with suppress(OSError):
            self.pipe.send(portion.jobs)

    def answered(self) -> bool:
        """Wait for the answers; False where it has ended without."""
        assert self.portion is not None
        try:
            self.portion.answers = self.pipe.recv()
        except (EOFError, OSError):
            return False
        self.portion = None
        return True

    def close(self) -> None:
        """Let it finish what it is at, and end."""
        if self.portion is None or self.answered():
            with suppress(OSError):
                self.pipe.send(None)
        self.process.join()
        self.pipe.close()


class _Crew(Generic[Asked, Answer]):
    """Processes, and the portions that they are at or have done, in order."""

    def __init__(
        self,
        portions: Iterator[list[Asked]],
        processes: int,
        start: Callable[[], Works[Asked, Answer]],
    ) -> None:
        self.portions = portions
        self.number = processes
        self.start = start
        self.processes: list[_Process[Asked, Answer]] = []
        self.given: deque[_Portion[Asked, Answer]] = deque()

    def first(self) -> _Portion[Asked, Answer] | None:
        """The next portion, when it is done; None after the last."""
        self.keep_busy()
        while self.given and not self.given[0].answers:
            self.keep_busy(timeout=None)
        return self.given.popleft() if self.given else None

    def keep_busy(self, timeout: float | None = 0) -> None:
        """Take the answers that are there, or come in time, and give out what is next."""
        busy = {process.pipe: process for process in self.processes if process.portion}
        for pipe in wait(list(busy), timeout):
            assert isinstance(pipe, Connection)
            if not busy[pipe].answered():
                self._bury(busy[pipe])
        missing = self.number - len(self.processes)
        for _ in range(missing):
            self.processes.append(_Process(self.start))
        for process in self.processes[self.number - missing :]:
            process.check_started()
        for process in self.processes:
            if process.portion is None and len(self.given) < self.number * _AHEAD:
                for jobs in islice(self.portions, 1):
                    self.given.append(_Portion(jobs))
                    process.ask(self.given[-1])

    def _bury(self, process: _Process[Asked, Answer]) -> None:
        """One has ended: each of its jobs gets a process of its own."""
        assert process.portion is not None
        self.processes.remove(process)
        process.close()
        process.portion.answers = [self._alone(job) for job in process.portion.jobs]

    def _alone(self, job: Asked) -> Answer:
        portion: _Portion[Asked, Answer] = _Portion([job])
        with closing(_Process(self.start)) as process:
            process.check_started()
            process.ask(portion)
            return portion.answers[0] if process.answered() else self.start().died(job)

    def close(self) -> None:
        for process in self.processes:
            process.close()


def _not_started(problem: str) -> UsageError:
    return UsageError(
        "X2P917",
        f"the processes cannot be started: {problem}",
        "give it more memory, or more processes (ulimit -v, ulimit -u); or let one do it: --jobs 1",
    )


def _serve(pipe: Connection, start: Callable[[], Works[Any, Any]]) -> None:
    """What a process does: say what kept it from working, or nothing, then do what is asked."""
    try:
        work = _set_up(start)
    except Exception as error:
        pipe.send(str(error) or type(error).__name__)
        return
    pipe.send("")
    while (portion := pipe.recv()) is not None:
        pipe.send([work(job) for job in portion])


def _set_up(start: Callable[[], Works[Any, Any]]) -> Works[Any, Any]:
    # An interrupt is for the first process, which lets the others finish what they are at.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # Those who make a process hold them until here.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _collect_less()
    return start()


def _collect_less() -> None:
    """What is there now stays; of what a file leaves, collecting less often costs less."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


@contextmanager
def _collecting_less() -> Iterator[None]:
    """The same, for a while in a process that does other things too."""
    usual = gc.get_threshold()
    _collect_less()
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
