"""Runs the program again and again, with one fault at the next place each time.

    python -m tests.robustness.faults KIND STEP FOLDER -- ARGS...

KIND is `error` (the system refuses the operation: no space left), `fsync`, `size` (a write that
goes beyond so many bytes), or the name of a signal, which comes just before the operation;
`import` and a signal, `import:SIGINT`, as a module is imported.  Each run begins in a fresh copy of
FOLDER; the n-th run has its fault at the n-th operation (byte, module) that counts, in steps of
STEP, until a run meets none.  One line of JSON a run: the exit code, what standard error said, the
checksums of the files that are there, whether there was a fault; and the same of the run after it
in the same place, which has none and is hours later, as far as it can tell.

Operations that count open a file to write to it, rename, remove, link, or make or remove a
directory, below the working directory.  Python tells of them before it does them (sys.audit).
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["main"]

_PATHS = {
    "os.rename": 0,
    "os.remove": 0,
    "os.link": 0,
    "os.mkdir": 0,
    "os.rmdir": 0,
    "os.chmod": 0,
    "shutil.copyfile": 1,
}
"""Where the path stands among what is told of an operation."""

_WRITING = os.O_WRONLY | os.O_RDWR


def _counts(event: str, args: tuple[Any, ...], below: str) -> bool:
    if event == "open":
        path, writes = args[0], bool(args[2] & _WRITING)
    elif event in _PATHS:
        path, writes = args[_PATHS[event]], True
    else:
        return False
    return writes and isinstance(path, str) and os.path.abspath(path).startswith(below + os.sep)


def _fault(kind: str) -> Callable[[], None]:
    if kind in ("error", "fsync"):

        def refuse() -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        return refuse
    number = signal.Signals[kind.rpartition(":")[2]]
    process = os.getpid()
    # The first process's: others of a run end with it.
    return lambda: os.kill(process, number)


def _run(kind: str, at: int, met: int, args: list[str]) -> None:
    """In a process of its own: the program, with a fault at one place; with none hours later."""
    from converter.cli import main as program

    if at == 0:
        from converter import files

        files._LEFT = -1.0
    below, count = os.getcwd(), 0
    fault = _fault(kind) if kind != "size" else None

    def reached() -> None:
        nonlocal count
        count += 1
        if count == at:
            os.write(met, b"x")
            assert fault is not None
            fault()

    if kind == "size":
        resource.setrlimit(resource.RLIMIT_FSIZE, (at, resource.RLIM_INFINITY))
    elif kind == "fsync":
        real = os.fsync

        def fsync(descriptor: int) -> None:
            reached()
            real(descriptor)

        os.fsync = fsync
    else:
        imports = kind.startswith("import:")

        def told(event: str, about: tuple[Any, ...]) -> None:
            if event == "import" if imports else _counts(event, about, below):
                reached()

        sys.addaudithook(told)
    program(args)


def _content(folder: str) -> Iterator[tuple[str, str]]:
    for where, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(where, name)
            with open(path, "rb") as file:
                yield os.path.relpath(path, folder), hashlib.sha256(file.read()).hexdigest()


def _once(kind: str, at: int, place: str, args: list[str]) -> dict[str, Any]:
    """In a process of its own, and in that place."""
    reading, met = os.pipe()
    hearing, said = os.pipe()
    child = os.fork()
    if not child:
        code = 99
        try:
            os.dup2(said, 2)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.chdir(place)
            _run(kind, at, met, args)
        except SystemExit as end:
            code = int(end.code or 0)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(met)
    os.close(said)
    # To the end: until all who might still write have ended.
    with open(hearing, encoding="utf-8", errors="replace") as file:
        heard = file.read()
    with open(reading, "rb") as marks:
        fault = bool(marks.read())
    _, status = os.waitpid(child, 0)
    return {
        "at": at,
        "code": os.waitstatus_to_exitcode(status),
        "said": heard,
        "files": dict(_content(place)),
        "fault": fault or (kind == "size" and heard != ""),
    }


def main() -> None:
    kind, step, folder = sys.argv[1:4]
    args = sys.argv[5:]
    if not kind.startswith("import:"):
        import converter.cli.commands
        import converter.cli.convert
        import converter.cli.migrate
        import converter.files  # noqa: F401
    at = 1
    while True:
        with tempfile.TemporaryDirectory() as scratch:
            place = os.path.join(scratch, "place")
            shutil.copytree(folder, place, symlinks=True)
            found = _once(kind, at, place, args)
            if not found["fault"]:
                print(json.dumps(found))
                return
            again = _once("error", 0, place, args)
        print(json.dumps({**found, "again": again}), flush=True)
        at += int(step)


if __name__ == "__main__":
    main()
