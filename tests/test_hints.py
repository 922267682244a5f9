"""What a command line is told that says something else than was probably meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from converter.cli import main
from tests.projects import xml


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("d").mkdir()
    for name in ("p.xml", "d/p.xml"):
        Path(name).write_bytes(xml())
    Path("README.md").write_text("# words\n")


def run(*args: str) -> object:
    with pytest.raises(SystemExit) as ended:
        main(list(args))
    return ended.value.code


@pytest.mark.parametrize(
    ("args", "code", "hint"),
    [
        ("explian X2P202", 2, "did you mean explain?"),
        ("convrt p.xml -o c.cfg", 2, "did you mean convert?"),
        ("verfy p.xml c.cfg", 2, "did you mean verify?"),
        ("--versio", 2, "--version"),
        ("--hlep", 2, "--help"),
        ("p.xml -o c.cfg --experimnt dune", 2, "--experiment"),
        ("d -o out", 3, "xml2poms migrate d -o out"),
        ("d", 3, "xml2poms migrate d -o campaigns"),
        ("p.xml", 2, "xml2poms p.xml -o p.cfg"),
        ("- ", 2, "xml2poms - -o campaign.cfg"),
        ("p.xml c.cfg", 2, "xml2poms p.xml -o c.cfg"),
        ("p.xml d/p.xml -o c.cfg", 2, "xml2poms migrate DIR"),
        ("-o c.cfg", 2, "xml2poms project.xml -o campaign.cfg"),
        ("p.xml -o c.ini", 2, "xml2poms p.xml -o c.cfg"),
        ("p.xml -o c.cfg --profile dune", 2, "xml2poms profile dune"),
        ("p.xml -o c.cfg --profile own", 2, "check the name"),
        ("README.md -o c.cfg", 3, "it is not XML"),
        ("verify c.cfg p.xml", 2, "xml2poms verify p.xml c.cfg"),
        ("review p.xml", 3, "--report FILE.json"),
        ("explain memroy", 2, "did you mean memory?"),
    ],
)
def test_the_hint(args: str, code: int, hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*args.split()) == code
    said = capsys.readouterr()
    assert hint in said.err
    assert said.out == ""
    assert not list(Path.cwd().glob("c.*"))


def test_a_file_is_a_file_whatever_it_is_called() -> None:
    Path("explian").write_bytes(xml())
    assert run("explian", "-o", "c.cfg", "-q") == 0


def test_audit_takes_a_file_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("audit", "p.xml", "d", "--format", "json", "-q") == 0
    assert json.loads(capsys.readouterr().out)["totals"]["files"] == 2
