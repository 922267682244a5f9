"""The report as a page: what stands on it, what leads where, nothing of the XML as markup."""

from __future__ import annotations

import datetime
import json
import re
from pathlib import Path

import pytest
from lxml import html

from converter.conversion import convert_bytes, failed
from converter.errors import XmlError
from converter.report.graph import drawn
from converter.report.html import as_html
from converter.report.lines import side_by_side
from converter.report.model import FileReport, Report, StageReport, with_outputs
from converter.report.waivers import Waiver, apply, states
from tests.commandline import run
from tests.golden import SAMPLES, sources
from tests.projects import LOST, stage, xml

TODAY = datetime.date(2026, 11, 23)


def report(data: bytes, source: str = "p.xml") -> FileReport:
    conversion = convert_bytes(data, source, experiment="dune")
    return with_outputs(conversion.report, [list(c.files) for c in conversion.campaigns])


def page(*files: FileReport) -> html.HtmlElement:
    text = as_html(Report(files), "1")
    assert len(text.encode()) < 1_000_000
    assert not re.search(r"""(?:src|href)=["']?(?!["']?(?:#|\.\./|data:))""", text)
    return html.document_fromstring(text)


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.stem)
def test_every_link_leads_somewhere_and_lines_link_both_ways(path: Path) -> None:
    found = page(report(path.read_bytes(), path.name))
    identities = [element.get("id") for element in found.xpath("//*[@id]")]
    assert len(identities) == len(set(identities))
    links = {a.get("href") for a in found.xpath("//a")}
    assert {link.removeprefix("#") for link in links} <= set(identities)
    pairs = {
        (li.get("id"), a.get("href").removeprefix("#"))
        for li in found.xpath("//li[@id]")
        for a in li.xpath(".//a")
    }
    assert pairs
    for one, other in pairs:
        shown = found.xpath(f"//li[@id='{other}']//a")
        # At most three are shown on a line.
        assert (other, one) in pairs or len(shown) == 3


def test_the_counts_findings_and_steps_are_those_of_the_report() -> None:
    one = report((SAMPLES / "xml" / "unsupported.xml").read_bytes(), "unsupported.xml")
    one = apply(one, [Waiver("w", "X2P202", "agreed")], TODAY)
    found = page(one)
    said = words(found)
    cells = [[words(cell) for cell in row] for row in found.xpath("//tr")]
    assert "It cannot be launched before something is done." in said
    for fate, count in one.fates.items():
        assert [fate.value, str(count), fate.meaning] in cells
    articles = [words(article) for article in found.xpath("//article")]
    kinds = {(finding.kind, finding.code, finding.fate) for finding in one.findings}
    assert len(articles) == len(kinds)
    for finding in one.findings:
        told = [finding.message] if finding.message in said else finding.slots.values()
        assert any(
            finding.code in a and all(" ".join(text.split()) in a for text in told)
            for a in articles
        )
    assert any("accepted" in article and "agreed" in article for article in articles)
    assert "Accepted: 1" in said
    asking = [finding for finding in one.findings if finding.need]
    waived = sum(1 for finding in asking if finding.waived)
    (bar,) = found.xpath("//progress")
    assert (bar.get("value"), bar.get("max")) == (str(waived), str(len(asking)))
    assert f"{waived} of {len(asking)} findings accepted" in said
    assert len(found.xpath("//input[@type='checkbox']")) == len(one.checklist)


def test_each_code_leads_to_its_explanation() -> None:
    one = report((SAMPLES / "xml" / "unsupported.xml").read_bytes(), "unsupported.xml")
    codes = {finding.code for finding in one.findings}
    alone = page(one)
    assert {a.get("href") for a in alone.xpath("//a[@class='code']")} == {f"#{c}" for c in codes}
    assert {d.get("id") for d in alone.xpath("//details[@id]")} == codes
    assert "If nothing is done." in words(alone)
    there = html.document_fromstring(as_html(Report((one,)), "1", "../index.html", "../codes"))
    links = {a.get("href") for a in there.xpath("//a[@class='code']")}
    assert links == {f"../codes/{c}.html" for c in codes}
    assert "If nothing is done." not in words(there)


def test_what_is_in_every_stage_is_one_row() -> None:
    found = page(report((SAMPLES / "xml" / "chain.xml").read_bytes(), "chain.xml"))
    rows = [[words(cell) for cell in row] for row in found.xpath("//tr")]
    assert [row[:2] for row in rows].count(["executable", "all 4 stages"]) == 1


def test_waivers_that_accept_nothing_are_named() -> None:
    waivers = [Waiver("gone", "X2P203", "why"), Waiver("w", "X2P602", "known")]
    one = apply(report(xml()), waivers, TODAY)
    told = states(waivers, dict.fromkeys(one.waivers, 1), TODAY)
    found = html.document_fromstring(as_html(Report((one,), told), "1"))
    assert [words(li) for li in found.xpath("//aside//li")] == ["gone (X2P203: why): stale"]


def test_a_failed_file() -> None:
    data = b"<project\n<stage"
    error = XmlError("X2P001", "not well-formed", "correct it", file="p.xml", line=2)
    found = page(failed("p.xml", data, error))
    assert "not well-formed X2P001" in words(found)
    assert found.xpath("//article//a/@href") == ["#X2P001", "#x2"]
    assert words(found.xpath("//li[@id='x2']")[0]) == "<stage"
    assert found.xpath("//title")[0].text == "p.xml: failed"


@pytest.mark.parametrize("odd", ["<script>alert(1)</script>", "</style><b>", "{{ 7*7 }}", "'\"&"])
def test_nothing_of_the_xml_is_markup(odd: str) -> None:
    escaped = odd.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    body = f"{LOST}<zzz>{escaped}</zzz>"
    data = xml(body, "", stage(escaped, LOST), name=escaped)
    found = page(report(data, f"{odd}.xml"))
    assert len(found.xpath("//script")) == len(found.xpath("//style")) == 1
    assert not found.xpath("//b")
    assert odd in found.text_content()


@pytest.mark.parametrize(("encoding", "converted"), [("utf-8-sig", True), ("utf-16", False)])
def test_the_xml_is_shown_as_people_read_it(encoding: str, converted: bool) -> None:
    data = ("<?xml version='1.0'?><!-- é -->" + xml().decode()).encode(encoding)
    if converted:
        found = report(data)
    else:
        with pytest.raises(XmlError) as error:
            report(data)
        found = failed("p.xml", data, error.value)
    first = page(found).xpath("//li[@id='x1']")[0]
    assert words(first).startswith("<?xml")
    assert "é" in words(first)


# -- the picture ----------------------------------------------------------------------------


def test_stages_stand_below_those_that_they_wait_for() -> None:
    stages = [
        StageReport("gen", "complete"),
        StageReport("g4", "review", "", ("gen",)),
        StageReport("ana", "review", "", ("g4",)),
        StageReport("reco", "manual", "", ("g4",)),
        StageReport("a_stage_with_a_name_that_is_longer_than_a_box", "partial"),
    ]
    graph = drawn(stages)
    places = {node.name: (node.x, node.y) for node in graph.nodes}
    long = "a_stage_with_a_nam…longer_than_a_box"
    assert places["gen"][1] == places[long][1] < places["g4"][1] < places["ana"][1]
    assert places["ana"][1] == places["reco"][1]
    assert len(set(places.values())) == 5
    assert len(graph.edges) == 3
    for node in graph.nodes:
        assert node.x + graph.box[0] <= graph.width
        assert node.y + graph.box[1] <= graph.height


@pytest.mark.parametrize("waits", [False, True], ids=["side by side", "in a chain"])
def test_thirty_stages_stand_apart_and_fit_on_a_screen(*, waits: bool) -> None:
    names = [f"reconstruction_of_sample_{n}" for n in range(30)]
    stages = [
        StageReport(name, "complete", waits_for=(names[n - 1],) if waits and n else ())
        for n, name in enumerate(names)
    ]
    graph = drawn(stages)
    wide, high = graph.box
    assert graph.width <= 1100
    assert graph.height <= 1500
    assert [node.name for node in graph.nodes] == names
    for one in graph.nodes:
        assert len(one.name) * 8 < wide
        for other in graph.nodes:
            apart = abs(one.x - other.x) >= wide or abs(one.y - other.y) >= high
            assert apart or one is other


def test_no_stages() -> None:
    assert drawn([]).nodes == ()


# -- a migration ----------------------------------------------------------------------------


@pytest.mark.usefixtures("here")
def test_the_pages_of_a_migration() -> None:
    for name, data in {
        "in/a/one.xml": xml(LOST, "", stage("t")),
        "in/b & c/two.xml": xml(),
        "in/broken.xml": b"<project><stage>",
        "in/text": b"text",
    }.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(data)

    def migrate() -> None:
        run("migrate", "in", "-o", "out", "-q", "-j", "1")

    migrate()
    front = html.parse("out/index.html").getroot()
    rows = [[words(cell) for cell in row] for row in front.xpath("//tbody/tr")]
    assert [row[:2] for row in rows[1:]] == [
        *(["a/one.xml", "agree"], ["b & c/two.xml", "agree"], ["textnot XML", "skipped"]),
    ]
    assert rows[0][0].startswith("broken.xml")
    for a in front.xpath("//a"):
        assert Path("out", a.get("href").replace("%20", " ").replace("%26", "&")).exists()
    codes = html.parse("out/migration-pages/findings.html").getroot()
    summary = json.loads(Path("out/migration.json").read_text())
    rows = [words(row) for row in codes.xpath("//tbody/tr")]
    for row, found in zip(rows, summary["findings"]):
        assert found["code"] in row
    one = html.parse("out/migration-pages/X2P202.html").getroot()
    assert one.xpath("//tbody//a/@href") == ["../a/a_one.html"]
    stages = html.parse("out/migration-pages/stages.html").getroot()
    assert words(stages.xpath("//tbody/tr")[0]).startswith("s")
    own = html.parse("out/a/a_one.html").getroot()
    assert own.xpath("//nav/a/@href") == ["../index.html"]
    Path("in/a/one.xml").unlink()
    Path("in/waivers.cfg").write_text("[gone]\ncode = X2P203\nreason = why\n")
    migrate()
    assert "gone (X2P203: why): stale" in words(html.parse("out/index.html").getroot())
    assert not Path("out/migration-pages/X2P202.html").exists()


@pytest.mark.usefixtures("here")
def test_long_lists_go_on_on_further_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("converter.migration.pages._LARGEST", 600)
    Path("in").mkdir()
    for n in range(9):
        Path(f"in/{n}.xml").write_bytes(xml())
    run("migrate", "in", "-o", "out", "-q", "-j", "1")
    seen = []
    path = Path("out/index.html")
    while True:
        found = html.parse(str(path)).getroot()
        seen += [words(a) for a in found.xpath("//tbody//a")]
        after = found.xpath("//a[@rel='next']/@href")
        if not after:
            break
        path = (path.parent / after[0]).resolve()
    assert seen == [f"{n}.xml" for n in range(9)]


def test_a_setting_is_linked_with_its_line_of_a_script_and_with_its_macro() -> None:
    data = xml("\n<numjobs>7</numjobs>\n", "\n<filetype>mc</filetype>\n", stage("t"))
    texts = side_by_side(0, convert_bytes(data, "p.xml", experiment="dune").report)
    linked = {anchor for links in texts.xml.links.values() for anchor in links}
    cfg = texts.written[0]
    lines = [line for n, line in enumerate(cfg.lines, 1) if f"{cfg.prefix}{n}" in linked]
    for text in ('services.FileCatalogMetadata.fileType: "mc"', "= 7", "%(numjobs)s"):
        assert [line for line in lines if text in line], text


@pytest.mark.usefixtures("here")
def test_the_first_page_begins_with_what_matters() -> None:
    gone = "<inputlist>/uboone/app/users/x/l.list</inputlist>"
    for name, data in {
        "a.xml": xml(),
        "b.xml": xml(LOST),
        "c.xml": xml(LOST, "", stage("t", gone), stage("u", gone)),
        "d.xml": b"<project><stage>",
    }.items():
        Path(name).write_bytes(data)
    Path("waivers.cfg").write_text("[w]\ncode = X2P602\nreason = known\n")
    run("migrate", ".", "-o", "out", "-q", "-j", "1", "--experiment", "uboone")
    front = html.parse("out/index.html").getroot()
    heaps = [words(one) for one in front.xpath("//ul[@class='heaps']/li/span")]
    assert heaps[0] == "1 failed"
    assert [words(a) for a in front.xpath("//tbody//a")][:2] == ["d.xml", "c.xml"]
    assert len(front.xpath("//progress")) == 1
    for link in front.xpath("//ul[@class='heaps']//a/@href"):
        told = html.parse(f"out/{link}").getroot()
        assert told.xpath("//div[@class='explained']")
        assert told.xpath("//tbody//a")
