"""Reading input and putting output in place: whole, or not at all."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from converter.errors import OutputError, UsageError, XmlError
from converter.poms.ini import campaign_key
from converter.projectpy.limits import MAX_BYTES
from converter.version import version

__all__ = [
    "campaigns_beside",
    "check_reports",
    "keep_defect",
    "put",
    "put_reports",
    "read_input",
    "shown",
    "state",
    "unreadable",
    "unwritable",
]


def read_input(name: str) -> bytes:
    """The bytes of a file, `-` for standard input.  Raises XmlError where it cannot be read."""
    try:
        # One byte more than is ever accepted is enough to refuse it.
        if name == "-":
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        with Path(name).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise unreadable(name, error) from None


def shown(path: str) -> str:
    """A path as text that can always be written: bytes that are no UTF-8 as `\\udcXX`."""
    return path.encode("utf-8", "backslashreplace").decode()


def state(path: Path, text: str) -> str:
    """What is there already: "new", "same" or "different"."""
    try:
        return "same" if path.read_bytes() == text.encode() else "different"
    except FileNotFoundError:
        return "new"
    except OSError as error:
        raise unwritable(path, error) from None


def check_reports(names: Sequence[str], formats: Iterable[str]) -> None:
    """Whether there is a rendering for each report's ending.  Raises UsageError."""
    for name in names:
        if Path(name).suffix not in formats:
            raise UsageError(
                "X2P907",
                f"{name}: no kind of report has the ending {Path(name).suffix!r}",
                f"use one of {', '.join(formats)}",
            )


def put_reports(names: Sequence[str], render: Callable[[str], str]) -> None:
    """Put the reports in place; `render` makes the text, given a report's ending."""
    for name in names:
        text = render(Path(name).suffix)
        if state(Path(name), text) != "same":
            put(Path(name), text)


def campaigns_beside(paths: Sequence[Path]) -> dict[tuple[str, str], Path]:
    """The campaigns of the other .ini files in the directory of `paths`, by experiment and name."""
    found = {}
    with contextlib.suppress(OSError):
        for other in sorted(paths[0].parent.glob("*.ini"), reverse=True):
            with contextlib.suppress(OSError, UnicodeDecodeError):
                if other in paths or not other.is_file():
                    continue
                key = campaign_key(other.read_text(encoding="utf-8"))
                if key is not None:
                    found[key] = other
    return found


def put(path: Path, text: str) -> None:
    """Write a file in one step: what was there stays until all of the new one is on disk."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "wb", dir=path.parent, prefix=f".{path.name[:100]}.", delete=False
        ) as file:
            try:
                file.write(text.encode())
                file.flush()
                os.fsync(file.fileno())
                os.chmod(file.name, _mode(path))
                os.replace(file.name, path)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(file.name)
                raise
    except OSError as error:
        raise unwritable(path, error) from None


def keep_defect(about: str) -> str:
    """Write the exception that is being handled into a file of its own; where, or its text."""
    text = "".join(
        [
            f"xml2poms {version()}, Python {sys.version}\n",
            f"{about}\n",
            traceback.format_exc(),
        ]
    )
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="xml2poms-error-", suffix=".txt", delete=False, errors="backslashreplace"
        ) as file:
            file.write(text)
    except OSError:
        return text
    return file.name


def _mode(path: Path) -> int:
    """The mode of the file that is replaced, or that of any new file."""
    try:
        return path.stat().st_mode & 0o777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def unreadable(name: str, error: OSError) -> XmlError:
    """That an input cannot be read."""
    return XmlError(
        "X2P905",
        f"cannot be read: {error.strerror or error}",
        "check the name and its permissions",
        file=name,
    )


def unwritable(path: str | Path, error: OSError | str) -> OutputError:
    """That an output cannot be written, and why."""
    reason = error if isinstance(error, str) else error.strerror or error
    return OutputError(
        "X2P904",
        f"cannot be written: {reason}",
        "choose another place, or make room",
        file=str(path),
    )
