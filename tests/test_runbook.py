"""The run book: one text, in every rendering, with the campaign's own names."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from lxml import html

from converter.cli import main
from converter.conversion import convert_bytes, failed
from converter.errors import ConversionError
from converter.report.formats import FORMATS
from converter.report.html import as_html
from converter.report.model import FileReport, Report, with_outputs
from converter.report.runbook import runbook
from tests.projects import stage, xml

ACTIONS = ("check", "checkana", "makeup", "clean", "status", "define", "undefine", "submit")
"""Of project.py, for which a person looks."""


@pytest.fixture
def report() -> FileReport:
    found = convert_bytes(xml("<defname>made</defname>", "", stage("t")), "p.xml").report
    return with_outputs(found, [["c.cfg", "c.ini"]])


def test_every_action_of_project_py_has_an_entry(report: FileReport) -> None:
    told = " ".join(entry.what for chapter in runbook(report) for entry in chapter.entries)
    for action in ACTIONS:
        assert re.search(rf"--{action}\b", told)
    assert "prestag" in told


def test_commands_have_the_names_of_the_campaign(report: FileReport) -> None:
    commands = " ; ".join(e.command for chapter in runbook(report) for e in chapter.entries)
    for words in ("-c c.cfg --stage s", "-G dune", "defname: made", "-n made", "-e dune"):
        assert words in commands
    assert "{" not in commands


@pytest.mark.parametrize("ending", [".txt", ".md", ".html", ".json"])
def test_it_is_in_the_report(ending: str, report: FileReport) -> None:
    text = FORMATS[ending](Report((report,)), "1")
    if ending == ".html":
        text = html.document_fromstring(text).text_content()
    for chapter in runbook(report):
        assert chapter.title in text
        for entry in chapter.entries:
            assert entry.what in text.replace("\\", "").replace("&lt;", "<").replace("&gt;", ">")


def test_as_data_it_is_whole(report: FileReport) -> None:
    (file,) = json.loads(FORMATS[".json"](Report((report,)), "1"))["files"]
    assert [c["title"] for c in file["run_book"]] == [c.title for c in runbook(report)]


def test_a_page_of_a_migration_leaves_it_to_the_page_of_all(report: FileReport) -> None:
    assert "Run book" not in as_html(Report((report,)), "1", "index.html").replace("run-book", "")


def test_a_failed_file_has_none() -> None:
    assert runbook(failed("p.xml", b"", ConversionError("X2P001", "no", "yes"))) == ()


def test_a_migration_has_it_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    Path("in/p.xml").write_bytes(xml())
    with pytest.raises(SystemExit):
        main(["migrate", "in", "-o", "out", "-q", "-j", "1"])
    (page,) = Path("out").rglob("run-book.html")
    assert "fife_launch -c CAMPAIGN.cfg --stage STAGE" in page.read_text()
    links = html.parse("out/index.html").getroot().xpath("//nav/a/@href")
    assert str(page.relative_to("out")) in links


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("and the dataset", ("slice", "drainingn(N)", "test_split_type", "None", "cs_split_type")),
        ("credentials", ("five days", "proxy", "303")),
    ],
)
def test_what_a_test_launch_takes_and_needs(
    entry: str, words: tuple[str, ...], report: FileReport
) -> None:
    (found,) = (e for chapter in runbook(report) for e in chapter.entries if e.what == entry)
    for word in words:
        assert word in found.text
