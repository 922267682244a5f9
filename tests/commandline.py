"""The command line in this process, in a folder of its own."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from converter.cli import main
from converter.interrupts import SIGNALS

__all__ = ["here", "run"]


def run(*args: str) -> int:
    """The exit code of `xml2poms ARGS`; its way with signals ends with it."""
    previous = [(number, signal.getsignal(number)) for number in SIGNALS]
    try:
        with pytest.raises(SystemExit) as ended:
            main(list(args))
    finally:
        for number, handler in previous:
            signal.signal(number, handler)
    return int(ended.value.code or 0)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in, and nothing around it that tells the experiment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EXPERIMENT", raising=False)
    monkeypatch.delenv("SAM_EXPERIMENT", raising=False)
    return tmp_path
