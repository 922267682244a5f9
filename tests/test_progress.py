"""How far a migration is: nothing, lines in a log, or a bar on a terminal."""

from __future__ import annotations

import io
import sys

import pytest

from converter.cli import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def gone_through(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch, *, quiet: bool) -> str:
    monkeypatch.setattr(sys, "stderr", stream)
    shown = progress.progress_for(quiet=quiet)
    shown.start(1_200)
    for status in ("agree", "skipped", "agree", "unheard of"):
        shown.advance(status)
    shown.end()
    return stream.getvalue()


def test_nothing_is_said_quietly(monkeypatch: pytest.MonkeyPatch) -> None:
    assert gone_through(io.StringIO(), monkeypatch, quiet=True) == ""


def test_a_log_has_a_line_at_the_start_and_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    first, last = gone_through(io.StringIO(), monkeypatch, quiet=False).splitlines()
    assert first == "1,200 files to look at"
    assert last.startswith("4 of 1,200 files, ")
    assert last.endswith(" s left: 2 agree, 1 skipped, 1 unheard of")


def test_a_long_log_has_lines_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_LINES_EVERY", -1.0)
    lines = gone_through(io.StringIO(), monkeypatch, quiet=False).splitlines()
    assert [line.split()[0] for line in lines] == ["1,200", "1", "2", "3", "4", "4"]


def test_a_terminal_has_a_bar_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_REFRESH", -1.0)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERM", "xterm")
    for name in ("NO_COLOR", "XML2POMS_PLAIN", "CI"):
        monkeypatch.delenv(name, raising=False)
    shown = gone_through(Terminal(), monkeypatch, quiet=False)
    assert "2/1200" in shown
    assert "2 agree, 1 skipped" in shown
    assert shown.rstrip().endswith("\x1b[2K") or "\x1b[2K" in shown.rpartition("4/1200")[2]


def test_cores_are_those_that_may_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    assert 1 <= progress.cores() <= progress.MOST_JOBS
    monkeypatch.setattr(sys, "platform", "other")
    monkeypatch.setattr(progress.os, "cpu_count", lambda: None)
    assert progress.cores() == 1
