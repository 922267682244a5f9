"""A defect of this program stops one piece of the work, is kept in a file, and is told of."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest

from converter import files
from converter.migration import comparison, families
from tests.commandline import run
from tests.projects import xml
from tests.test_migrate import rows
from tests.test_migrate_families import FAMILY, listed, put

pytestmark = pytest.mark.usefixtures("here")


@pytest.fixture(autouse=True)
def _kept_here(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(here))


def kept() -> str:
    (path,) = Path().glob("xml2poms-error-*.txt")
    return path.read_text()


def test_of_one_family_the_others_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    more = {path.replace("/", "/x_"): text for path, text in FAMILY.items()}
    put({**FAMILY, **{path: text.replace("LArG4", "Larg") for path, text in more.items()}})
    whole = families._Maker._all

    def broken(self: Any, kin: str, entries: Any, print_: str, *, divides: bool) -> None:
        if entries[0].source == "a/muon.xml":
            raise RuntimeError("broken")
        whole(self, kin, entries, print_, divides=divides)

    monkeypatch.setattr(families._Maker, "_all", broken)
    assert run("migrate", "in", "-o", "out", "-j", "1", "-q", "--no-pages", "--families") == 70
    failed = {source for source, row in rows().items() if row["status"] == "failed"}
    assert "a/muon.xml" in failed
    assert {rows()[source]["error"]["code"] for source in failed} == {"X2P999"}
    assert "RuntimeError: broken" in kept()
    assert "a_muon" in kept()
    made = [one["source"] for f in listed()["families"] for one in f["campaigns"]]
    assert made
    assert not failed & set(made)


def test_of_one_comparison_the_others_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        Path(f"in/{name}.xml").parent.mkdir(exist_ok=True)
        Path(f"in/{name}.xml").write_bytes(xml())
    run("migrate", "in", "-o", "out", "-q", "--no-pages")
    verify = comparison.verify

    def broken(*args: Any, source: str, **more: Any) -> Any:
        if source == "a.xml":
            raise RuntimeError("broken")
        return verify(*args, source=source, **more)

    monkeypatch.setattr(comparison, "verify", broken)
    assert run("verify", "out", "-j", "1", "-q", "--report", "r.json") == 70
    found = {file["source"]: file for file in json.loads(Path("r.json").read_text())["files"]}
    assert found["a.xml"]["reason"].startswith("an internal error: ")
    assert found["b.xml"]["verdict"] == "announced"
    assert "RuntimeError: broken" in kept()
    assert "file: a.xml" in kept()


def test_where_nothing_can_be_kept_the_message_holds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere/at/all")
    try:
        raise RuntimeError("broken")
    except RuntimeError:
        text = files.keep_defect("file: a.xml")
    assert "file: a.xml\n" in text
    assert text.endswith("RuntimeError: broken\n")
