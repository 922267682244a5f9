"""What `verify` shows: the verdict, what nothing announces, the rest counted; what is accepted."""

from __future__ import annotations

from pathlib import Path

import pytest

from converter.cli import main
from converter.errors import UsageError
from converter.verify.accepted import Accepted, read_accepted
from tests import golden

CHAIN = golden.SAMPLES / "xml" / "chain.xml"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("p.xml").write_bytes(CHAIN.read_bytes())
    assert run("p.xml", "-o", "c.cfg", "-q") == 0


def run(*args: str) -> object:
    with pytest.raises(SystemExit) as ended:
        main(list(args))
    return ended.value.code


def edit(old: str, new: str) -> None:
    text = Path("c.cfg").read_text()
    assert old in text
    Path("c.cfg").write_text(text.replace(old, new, 1))


def said(capsys: pytest.CaptureFixture[str], *more: str) -> str:
    run("verify", "p.xml", "c.cfg", *more)
    return capsys.readouterr().out


def test_what_is_announced_is_counted_by_finding(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys)
    assert "every difference is announced" in text.splitlines()[0]
    assert "X2P602 24 fields of 4 stages: " in text
    assert "project.py" not in text.splitlines()[3]
    assert len(text.splitlines()) < 25
    assert "substage 0 output to" in said(capsys, "--all")


def test_what_nothing_announces_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    edit("memory            = 2000MB", "memory            = 3000MB")
    text = said(capsys)
    assert "nothing" in text
    assert "substage 0 output to" not in text


def accepted(text: str) -> tuple[Accepted, ...]:
    Path("differences.cfg").write_text(text)
    return read_accepted("differences.cfg")


def test_an_accepted_difference_is_none_any_more(capsys: pytest.CaptureFixture[str]) -> None:
    edit("memory            = 2000MB", "memory            = 3000MB")
    assert run("verify", "p.xml", "c.cfg", "-q") == 1
    accepted("[more]\nfield = memory\nreason = as measured\n")
    assert run("verify", "p.xml", "c.cfg", "-q") == 0
    assert "accepted: as measured" in said(capsys)
    assert run("verify", "p.xml", "c.cfg", "-q", "--accepted", "p.xml") == 2


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[a]\nfield = mem*\nstage = *\nreason = r\n", 0),
        ("[a]\nfield = memory\nstage = other\nreason = r\n", 1),
        ("[a]\nfield = disk\nreason = r\n", 1),
        ("[a]\nfield = memory\nreason = r\nuntil = 2020-01-01\n", 1),
        ("[a]\nfield = memory\nreason = r\nuntil = 2999-01-01\n", 0),
    ],
)
def test_what_a_section_accepts(text: str, code: int) -> None:
    edit("memory            = 2000MB", "memory            = 3000MB")
    accepted(text)
    assert run("verify", "p.xml", "c.cfg", "-q") == code


def test_of_a_whole_migration_too() -> None:
    Path("in").mkdir()
    Path("in/p.xml").write_bytes(CHAIN.read_bytes())
    run("migrate", "in", "-o", "out", "-q", "-j", "1")
    path = Path("out/p.cfg")
    path.write_text(path.read_text().replace("= 2000MB", "= 3000MB"))
    accepted("[more]\nfield = memory\nreason = as measured\n")
    assert run("verify", "out", "-q", "-j", "1") == 1
    assert run("verify", "out", "-q", "-j", "1", "--accepted", "differences.cfg") == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("field = x\n", "outside of a"),
        ("[a]\nfield = x\n", "has no reason"),
        ("[a]\nfield = x\nreason = \x01 \u200b\n", "has no reason"),
        ("[a]\nreason = x\n", "has no field"),
        ("[a]\nfeild = x\nreason = y\n", "feild is not known"),
        ("[a]\nfield = x\nreason = y\nuntil = soon\n", "not a date"),
        ("[a\n", "line 1"),
        ("[a]\nfield = x#y\nreason = y\n", "field is cut"),
    ],
)
def test_a_mistake_in_the_file_is_named(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        accepted(text)
