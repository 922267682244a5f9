"""What a terminal, a spreadsheet or a viewer would obey is shown, never sent."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from converter.report.checklist import PARTS
from tests.commandline import run
from tests.robustness.documents import document, stage
from tests.stubs import Stubs

pytestmark = pytest.mark.usefixtures("here")

SIGNS = "\x9b31m\u202e\u2066\u200f\u2028\x85"
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
XML = document(
    f"<tag{chr(0xE9)}>x{SIGNS}</tag{chr(0xE9)}><jobsub>--odd=a{SIGNS}b</jobsub>",
    stages=stage(f"s{SIGNS}") + stage("t", f"<odd>{SIGNS}</odd><jobsub>--no={SIGNS}</jobsub>"),
    before=f"<!-- title {SIGNS} -->",
)
ESCAPED = "in\x1b]0;evil\x07\u202e.xml"


def test_terminal_text_pages_and_comments(capfd: pytest.CaptureFixture[str]) -> None:
    Path(ESCAPED).write_bytes(XML)
    reports = ["--report", "r.txt", "--report", "r.md", "--report", "r.html"]
    options = ["--experiment", "dune", *reports]
    assert run(ESCAPED, "-o", "o.cfg", *options) == 0
    run(ESCAPED, "-o", "o.cfg", "--no-comments", "--diff", *options)
    run("no\x1b[2J.xml", "-o", "o.cfg")
    Path("d").mkdir()
    Path("d", ESCAPED).write_bytes(XML)
    Path("d", "bad\x1b.xml").write_bytes(b"<project name='\xc2\x9b'><stage/></project>")
    run("audit", "d")
    run("migrate", "d", "-o", "out", "-j", "1", "--families")
    run("verify", ESCAPED, "o.cfg", *options[:2], "--report", "v.txt")
    run("plain.xml", "-o", "o.cfg", "--file-size", SIGNS)
    run(ESCAPED, "-o", "t.cfg", "--table", *options[:2])
    run("campaigns", "t.csv", "-o", f"made{SIGNS}", "--todo", f"{SIGNS}.sh")
    captured = capfd.readouterr()
    texts = [captured.out, captured.err]
    texts += [Path(name).read_text() for name in ("r.txt", "r.md", "r.html", "v.txt", "o.ini")]
    texts += [page.read_text() for page in Path("out").rglob("*.html")]
    texts += [line for line in Path("o.cfg").read_text().split("\n") if line.startswith("#")]
    for text in texts:
        assert not UNSEEN.findall(text)
    assert "\\x9b31m\\u202e" in texts[2]


@pytest.mark.parametrize(
    "words", [[f"--{SIGNS}"], ["--role", SIGNS], ["--file-size", SIGNS], ["--experiment", SIGNS]]
)
def test_words_of_the_command_line(words: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    Path("p.xml").write_bytes(document())
    assert run("p.xml", "-o", "o.cfg", *words) == 2
    assert not UNSEEN.findall(capfd.readouterr().err)


@pytest.mark.parametrize("name", ["=cmd()", "+1", "-1", "@x", "'=x"])
def test_a_table_holds_no_formulas(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    Path("d").mkdir()
    Path("d", f"{name}.xml").write_bytes(document())
    assert run("audit", "d", "--format", "csv", "--experiment", "dune") == 0
    for row in csv.reader(io.StringIO(capfd.readouterr().out)):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in row)


def test_sarif_messages_hold_no_links() -> None:
    Path("p.xml").write_bytes(document("<jobsub>--odd=[here](https://example.com)</jobsub>"))
    assert run("p.xml", "-o", "o.cfg", "--experiment", "dune", "--report", "r.sarif") == 0
    results = json.loads(Path("r.sarif").read_text())["runs"][0]["results"]
    texts = [result["message"]["text"] for result in results]
    assert any("here" in text for text in texts)
    assert not [text for text in texts if re.search(r"(?<!\\)\[[^\]]*(?<!\\)\]\(", text)]


def test_json_on_a_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    Path("d").mkdir()
    for name in (ESCAPED, "a\x7fb.xml", f"{SIGNS}\U000e0001.xml", "a\\x9b.xml"):
        Path("d", name).write_bytes(XML)
    assert run("audit", "d", "--format", "json", "-q", "--experiment", "dune") == 0
    out = capfd.readouterr().out
    assert not UNSEEN.search(out)
    names = {row["source"] for row in json.loads(out)["files"]}
    assert names == {ESCAPED, "a\x7fb.xml", f"{SIGNS}\U000e0001.xml", "a\\x9b.xml"}


def test_the_script_of_what_is_left_to_do() -> None:
    """Neither in an editor nor where it runs; what it asks for is what the XML names."""
    drain = f"<inputdef>raw{SIGNS}x</inputdef><recur>1</recur><recurtype>consumed</recurtype>"
    own = f"<recurdef>own{SIGNS}x</recurdef>{drain}"
    listed = f"<inputlist>list{SIGNS}x</inputlist>"
    stages = stage("s", drain) + stage("t", own) + stage("u", listed)
    Path("p.xml").write_bytes(document(f"<defname>made{SIGNS}x</defname>", stages=stages))
    assert run("p.xml", "-o", "\x1b\x15.cfg", "--experiment", "dune", "--todo", "todo.sh") == 0
    script = Path("todo.sh")
    stubs = Stubs(Path())
    shown = stubs.run(script, "--dry-run", *PARTS)
    runs = [stubs.run(script, section) for section in ("optional", "definitions", "uploads")]
    said = [text for one in (shown, *runs) for text in (one.stdout, one.stderr)]
    for text in (script.read_text(), *said):
        assert not UNSEEN.findall(text)
    calls = (stubs.folder / "calls").read_text()
    for name in (f"own{SIGNS}x", f"raw{SIGNS}x"):
        assert f"describe-definition {name}\n" in calls
    assert "\x1b\x15.cfg" in calls


FORGED = "x\nFORGED: ready, it can be launched\r\nFORGED y"


def test_what_is_named_makes_no_line_of_its_own(capfd: pytest.CaptureFixture[str]) -> None:
    name = FORGED.replace("/", "")
    value = FORGED.replace("\n", "&#10;").replace("\r", "&#13;")
    body = (
        f"<anadefname>{value}</anadefname><defname>{value}</defname><jobsub>-f {value}</jobsub>"
        f"<mixinputdef>{value}</mixinputdef><inputlist>{value}</inputlist><zzz>{value}</zzz>"
        f"<startscript>{value}</startscript><TFileName>{value}</TFileName>"
    )
    project = f"<version>{value}</version><group>{value}</group>"
    data = document(stages=stage("s", body) + stage("t"), project=project)
    Path("d", name).mkdir(parents=True)
    for folder in (Path("d"), Path("d", name)):
        (folder / f"{name}.xml").write_bytes(data.replace(b'name="p"', b'name="p&#10;FORGED"'))
        (folder / f"bad{name}.xml").write_bytes(b"<project name='x'><stage/></project>")
    xml, cfg = f"d/{name}.xml", f"{name}.cfg"
    options = ["--experiment", "dune"]
    run(xml, "-o", cfg, "--report", "r.txt", "--todo", "todo.sh", *options)
    run(xml, "-o", cfg, "-v", "--force", *options)
    run(xml, "-o", f"{name}/x.cfg", *options)
    run(f"{name}.xml", "-o", cfg)
    run("verify", xml, cfg, "--report", "v.txt", "--all", *options)
    run("audit", "d", "-v", *options)
    run("migrate", "d", "-o", name, "-j", "1", "-v", *options)
    run("verify", name, "--report", "w.txt", "-j", "1")
    run("review", "through", name, "--list")
    run("review", "accept", "X2P407", "--files", name, "--reason", name)
    captured = capfd.readouterr()
    reports = [Path(name).read_text() for name in ("r.txt", "v.txt", "w.txt")]
    for text in (captured.out, captured.err, *reports):
        assert "FORGED" in text
        assert not [line for line in text.splitlines() if line.startswith("FORGED")]
