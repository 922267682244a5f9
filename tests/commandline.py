"""The command line in this process, in a folder of its own."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from converter.cli import main

__all__ = ["here", "run"]


def run(*args: str) -> int:
    """The exit code of `xml2poms ARGS`; a migration's way with signals ends with it."""
    previous = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(SystemExit) as ended:
            main(list(args))
    finally:
        signal.signal(signal.SIGTERM, previous)
    return int(ended.value.code or 0)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in, and nothing around it that tells the experiment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EXPERIMENT", raising=False)
    monkeypatch.delenv("SAM_EXPERIMENT", raising=False)
    return tmp_path
