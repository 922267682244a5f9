"""`verify OUT`: every campaign of a migration against its XML, and one summary."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from converter.projectpy.limits import MAX_BYTES
from tests.commandline import run
from tests.projects import stage, xml

pytestmark = pytest.mark.usefixtures("here")


def migrated() -> None:
    sources = {
        "a.xml": xml("<numjobs>4</numjobs>"),
        "sub/b.xml": xml("<numjobs>2</numjobs>", "", stage("next")),
        "two.xml": xml().replace(b"<project", b"<projects><project", 1)
        + xml().replace(b'name="p"', b'name="q"').partition(b"?>")[2]
        + b"</projects>",
        "other.xml": b"<x/>",
    }
    for name, data in sources.items():
        path = Path("xml", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    run("migrate", "xml", "-o", "out", "-q", "--no-pages")


def changed(cfg: str, old: str, new: str) -> None:
    path = Path(cfg)
    text = path.read_text()
    assert re.search(old, text)
    path.write_text(re.sub(old, new, text))


def report() -> dict[str, dict[str, object]]:
    return {file["source"]: file for file in json.loads(Path("r.json").read_text())["files"]}


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_what_was_converted_is_announced(jobs: str, capsys: pytest.CaptureFixture[str]) -> None:
    migrated()
    assert run("verify", "out", "-j", jobs, "--report", "r.json") == 0
    verdicts = {source: file["verdict"] for source, file in report().items()}
    assert verdicts["a.xml"] == verdicts["sub/b.xml"] == "announced"
    assert verdicts["other.xml"] == "nothing to compare"
    shown = capsys.readouterr()
    assert "files" in shown.out.splitlines()[-2]
    assert "unannounced" in shown.out.splitlines()[-1]
    assert "files to look at" in shown.err


def test_a_report_may_be_far_longer_than_any_xml() -> None:
    Path("xml").mkdir()
    Path("xml/a.xml").write_bytes(xml("", "", *(stage(f"t{n}") for n in range(150))))
    run("migrate", "xml", "-o", "out", "-q", "--no-pages")
    assert Path("out/a.json").stat().st_size > MAX_BYTES
    assert run("verify", "out", "-j", "1", "-q") == 0


@pytest.mark.parametrize(("lines", "verdict"), [(3 << 17, "announced"), (3 << 19, "failed")])
def test_a_large_campaign_is_read_to_its_end_or_not_at_all(lines: int, verdict: str) -> None:
    migrated()
    path = Path("out/a.cfg")
    path.write_text("# x\n" * lines + path.read_text())
    run("verify", "out", "-q", "--report", "r.json")
    assert report()["a.xml"]["verdict"] == verdict


def test_a_difference_that_nothing_announces() -> None:
    migrated()
    changed("out/sub/sub_b.cfg", r"N += .*", "N = 9")
    assert run("verify", "out", "--report", "r.json", "--report", "r.txt") == 1
    found = report()
    assert found["a.xml"]["verdict"] == "announced"
    (campaign,) = found["sub/b.xml"]["campaigns"]  # type: ignore[misc]
    assert campaign["verdict"] == "unannounced"
    assert "s, job 0: jobs" in campaign["differences"]
    assert "sub/b.xml and out/sub/sub_b.cfg:\n  s, job 0: jobs" in Path("r.txt").read_text()


@pytest.mark.parametrize(
    "harm",
    [
        lambda: Path("xml/a.xml").unlink(),
        lambda: Path("out/a.cfg").unlink(),
        lambda: Path("out/a.cfg").write_bytes(b"\xff"),
        lambda: Path("out/a.json").write_text("[]"),
        lambda: Path("out/a.json").write_text('{"files": [{"projects": [{"name": 1}]}]}'),
        lambda: changed("out/a.ini", r"\[campaign\]", "[x]"),
    ],
)
def test_one_that_cannot_be_compared_stops_no_other(harm: object) -> None:
    migrated()
    harm()  # type: ignore[operator]
    assert run("verify", "out", "-q", "--report", "r.json") == 3
    found = report()
    assert (found["a.xml"]["verdict"], found["sub/b.xml"]["verdict"]) == (
        "failed", "announced",
    )  # fmt: skip
    assert found["a.xml"]["reason"]


@pytest.mark.parametrize("quiet", [(), ("-q",)])
def test_what_fails_is_said_once_with_its_name(
    quiet: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("xml").mkdir()
    Path("xml/bad.xml").write_bytes(b"<project><stage></project>")
    Path("xml/good.xml").write_bytes(xml())
    run("migrate", "xml", "-o", "out", "-q", "--no-pages")
    capsys.readouterr()
    assert run("verify", "out", *quiet) == 3
    said = capsys.readouterr()
    told = said.err.removeprefix("xml2poms: ") if quiet else said.out
    assert told.startswith("bad.xml:1:")
    assert told.count("bad.xml") == 1
    assert bool(said.out) is not bool(quiet)


def test_what_is_for_one_campaign_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    migrated()
    assert run("verify", "out", "--stage", "s") == 2
    assert run("verify", "xml") == 2
    assert "no directory that migrate has written" in capsys.readouterr().err


def test_sources_are_found_from_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    migrated()
    Path("more").mkdir()
    Path("more/a.xml").write_bytes(xml("<memory>1000</memory>"))
    Path("list").write_text("more/a.xml\n")
    run("migrate", "xml", "more", "-o", "both", "-q", "--no-pages")
    run("migrate", "--files-from", "list", "-o", "listed", "-q", "--no-pages")
    monkeypatch.chdir("more")
    for out in ("out", "both", "listed"):
        assert run("verify", f"../{out}", "-q") == 0
