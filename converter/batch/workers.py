"""Files over processes: in order, a few at a time, whatever happens to a process."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice

from converter.batch.work import Job, Outcome, Settings, Worker

__all__ = ["outcomes"]

_PORTION = 16
"""Files that a process gets at once: passing them on one by one would cost more than it gains."""

_AHEAD = 4
"""Portions for each process that wait or are done."""

_Portion = list[Job]
_worker: Worker | None = None


def outcomes(
    jobs: Iterable[Job], total: int, settings: Settings, processes: int
) -> Generator[tuple[Job, Outcome], None, None]:
    """What becomes of each job, in the order of the jobs; closing it ends the processes.

    A job that ends its process (out of memory, say) has failed, and the others go on.
    """
    fingerprint = settings.fingerprint()
    if processes == 1 or total < 2:
        worker = Worker(settings, fingerprint)
        with _collecting_less():
            for job in jobs:
                yield job, worker(job)
        return
    if settings.pages:
        # Compiled once, before the processes part.
        from converter.report.html import environment

        environment().get_template("file.html")
    size = max(1, min(_PORTION, total // (processes * _AHEAD)))
    source = iter(jobs)
    portions = iter(lambda: list(islice(source, size)), [])
    waiting: deque[tuple[_Portion, Future[list[Outcome]]]] = deque()
    pool = _pool(processes, settings, fingerprint)
    try:
        while True:
            try:
                for portion in islice(portions, processes * _AHEAD - len(waiting)):
                    waiting.append((portion, _submitted(pool, portion)))
                if not waiting:
                    return
                portion, future = waiting[0]
                yield from zip(portion, future.result(), strict=True)
                waiting.popleft()
            except BrokenProcessPool:
                pool.shutdown()
                again = [job for portion, _ in waiting for job in portion]
                waiting.clear()
                for job in again:
                    yield job, _alone(job, settings, fingerprint)
                pool = _pool(processes, settings, fingerprint)
    finally:
        pool.shutdown(cancel_futures=True)


def _submitted(pool: ProcessPoolExecutor, portion: _Portion) -> Future[list[Outcome]]:
    try:
        return pool.submit(_work, portion)
    except BrokenProcessPool as error:
        broken: Future[list[Outcome]] = Future()
        broken.set_exception(error)
        return broken


def _alone(job: Job, settings: Settings, fingerprint: str) -> Outcome:
    """A job in a process of its own."""
    with _pool(1, settings, fingerprint) as pool:
        try:
            return pool.submit(_work, [job]).result()[0]
        except BrokenProcessPool:
            return Worker(settings, fingerprint).died(job)


def _pool(processes: int, settings: Settings, fingerprint: str) -> ProcessPoolExecutor:
    # A fork starts with everything imported; elsewhere it is not safe.
    method = "fork" if sys.platform == "linux" else "spawn"
    return ProcessPoolExecutor(
        processes, multiprocessing.get_context(method), _start, (settings, fingerprint)
    )


def _start(settings: Settings, fingerprint: str) -> None:
    global _worker  # noqa: PLW0603  (what a process is started with)
    # An interrupt is for the first process, which lets the others finish what they are at.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _collect_less()
    _worker = Worker(settings, fingerprint)


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


def _work(portion: _Portion) -> list[Outcome]:
    assert _worker is not None
    return [_worker(job) for job in portion]
