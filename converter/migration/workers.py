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
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from functools import partial
from itertools import islice
from typing import Any, Protocol, TypeVar

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

_LOOK = 1.0
"""Seconds between looks whether there is still somebody who would tell of an answer."""

_worker: Works[Any, Any] | None = None


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
    waiting: deque[tuple[list[Asked], Future[list[Answer]]]] = deque()
    threads = threading.active_count()
    pool = _pool(processes, start)
    try:
        while True:
            try:
                for portion in islice(portions, processes * _AHEAD - len(waiting)):
                    waiting.append((portion, _submitted(pool, portion)))
                if not waiting:
                    return
                portion, future = waiting[0]
                answers = _result(future, threads)
                assert len(portion) == len(answers)
                yield from zip(portion, answers)
                waiting.popleft()
            except BrokenProcessPool:
                _end(pool)
                again = [job for portion, _ in waiting for job in portion]
                waiting.clear()
                for job in again:
                    yield job, _alone(job, start, threads)
                pool = _pool(processes, start)
    finally:
        _end(pool)
        # Where not all could be started the pool knows none of the others, which would wait on.
        for process in multiprocessing.active_children():
            process.terminate()


def _end(pool: ProcessPoolExecutor) -> None:
    # Its thread cannot be waited for where it could not be started.
    with suppress(RuntimeError):
        pool.shutdown(cancel_futures=True)


def _submitted(pool: ProcessPoolExecutor, portion: list[Any]) -> Future[list[Any]]:
    try:
        # The first one starts the processes, which must not be interrupted before they are set up.
        with held():
            return pool.submit(_work, portion)
    except RuntimeError as error:
        # It is broken, or its thread cannot be started.
        broken: Future[list[Any]] = Future()
        broken.set_exception(BrokenProcessPool(str(error)))
        return broken


def _result(future: Future[list[Any]], threads: int) -> list[Any]:
    """What a process answers.  Raises BrokenProcessPool where it cannot.

    threads  of this process without those of the pool: where one of these could not be started
             nobody would ever tell
    """
    while not wait([future], _LOOK).done:
        if threading.active_count() <= threads and not future.done():
            raise BrokenProcessPool
    return future.result()


def _alone(job: Asked, start: Callable[[], Works[Asked, Answer]], threads: int) -> Answer:
    """A job in a process of its own."""
    pool = _pool(1, start)
    try:
        return _result(_submitted(pool, [job]), threads)[0]  # type: ignore[no-any-return]
    except BrokenProcessPool:
        return start().died(job)
    finally:
        _end(pool)


def _pool(processes: int, start: Callable[[], Works[Any, Any]]) -> ProcessPoolExecutor:
    # A fork starts with everything imported; elsewhere it is not safe.
    method = "fork" if sys.platform == "linux" else "spawn"
    return ProcessPoolExecutor(processes, multiprocessing.get_context(method), _start, (start,))


def _start(start: Callable[[], Works[Any, Any]]) -> None:
    global _worker  # noqa: PLW0603  (what a process is started with)
    # An interrupt is for the first process, which lets the others finish what they are at.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # Those who make a process hold them until here.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _collect_less()
    _worker = start()


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


def _work(portion: list[Any]) -> list[Any]:
    assert _worker is not None
    return [_worker(job) for job in portion]
