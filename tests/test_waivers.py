"""Accepted findings: a file that people edit, marks in every report, exit codes, and review."""

from __future__ import annotations

import datetime
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from converter.conversion import convert_bytes
from converter.errors import UsageError
from converter.report.model import FileReport
from converter.report.waivers import Waiver, added, apply, read_waivers
from tests.commandline import run
from tests.projects import LOST, stage, xml

TODAY = datetime.date(2026, 11, 23)
TWO = xml(LOST, "", stage("t", "<targetsize>6</targetsize>"))


@pytest.fixture(autouse=True)
def _sources(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "jdoe")
    for name in ("in/a.xml", "in/sub/a.xml", "in/sub/b.xml"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(TWO)


def report(source: str = "in/a.xml") -> FileReport:
    return convert_bytes(TWO, source, experiment="dune").report


def waived(found: FileReport) -> list[tuple[str, str | None]]:
    return [(f.code, f.stage) for f in found.findings if f.waived]


@pytest.mark.parametrize(
    ("waiver", "accepted"),
    [
        (Waiver("w", "X2P202", "why"), [("X2P202", "s"), ("X2P202", "t")]),
        (Waiver("w", "X2P202", "why", stage="t"), [("X2P202", "t")]),
        (Waiver("w", "X2P202", "why", stage="x"), []),
        (Waiver("w", "X2P203", "why"), []),
        (Waiver("w", "X2P202", "why", files="a.xml", stage="s"), [("X2P202", "s")]),
        (Waiver("w", "X2P202", "why", files="in/*", stage="s"), [("X2P202", "s")]),
        (Waiver("w", "X2P202", "why", files="/in/a.xml", stage="s"), [("X2P202", "s")]),
        (Waiver("w", "X2P202", "why", files="/a.xml"), []),
        (Waiver("w", "X2P202", "why", files="b.xml"), []),
        (Waiver("w", "X2P202", "why", stage="s", until=TODAY), [("X2P202", "s")]),
        (Waiver("w", "X2P202", "why", until=TODAY - datetime.timedelta(1)), []),
    ],
)
def test_what_a_waiver_accepts(waiver: Waiver, accepted: list[tuple[str, str | None]]) -> None:
    assert waived(apply(report(), [waiver], TODAY)) == accepted


def test_statuses_and_settings_follow() -> None:
    found = apply(report(), [Waiver("w", "X2P202", "agreed", stage="t", who="me")], TODAY)
    assert [s.verdict for s in found.projects[0].stages] == ["agree", "ready"]
    marks = {s.path: s.waived for s in found.settings if s.code == "X2P202"}
    assert marks == {
        "project/stage[1]/targetsize": None,
        "project/stage[2]/targetsize": "agreed (me)",
    }


@pytest.mark.parametrize("reason", ["see #12", "a#b", "#1", "agreed# c"])
def test_a_value_that_is_cut_is_refused(reason: str) -> None:
    text = f"[one]\ncode = X2P202  # c\nreason = {reason}\n"
    Path("w.cfg").write_text(text)
    with pytest.raises(UsageError, match=r"\[one\] reason is cut at its #") as caught:
        read_waivers("w.cfg")
    assert '"""' in caught.value.advice
    Path("w.cfg").write_text(text.replace(reason, f'"""{reason}"""'))
    assert [one.reason for one in read_waivers("w.cfg")] == [reason]


def test_a_file_of_waivers_with_comments_keeps_them() -> None:
    text = "# mine\n[one]  # first\ncode = X2P202  \nreason = a, b; 100% $x 'y'\n\n# end\n"
    Path("w.cfg").write_text(text)
    assert [w.reason for w in read_waivers("w.cfg")] == ["a, b; 100% $x 'y'"]
    Path("w.cfg").write_text(
        added("w.cfg", [Waiver("one", "X2P407", "two\nlines", "x/*", "s", "me", TODAY)])
    )
    kept = Path("w.cfg").read_text()
    for part in ("# mine", "# first", "# end"):
        assert part in kept
    assert read_waivers("w.cfg")[1] == Waiver(
        "one_", "X2P407", "two lines", "x/*", "s", "me", TODAY
    )


_SIGNS = st.text(
    st.sampled_from("ab #'\"[]=,;%$\\") | st.characters(exclude_categories=["Cs"]), max_size=12
)


@given(_SIGNS.map("X2P407 {}".format), _SIGNS.map("/a{}".format), _SIGNS.map("a{}".format), _SIGNS)
@example("a", "/a", "see #12", "me")
@example("a\n[b]", "/a\n[b]\ncode = X2P202", "x\n[b]\ncode = X2P202", "me\n[b]\nreason = x")
@example("a\u2028[b]", "a#b", "'''", "\u2028[b]")
@example("a]", "*#x", "'tis", '"#"')
@example("a", "/a", "a", " '")
@example("a", "/a", "*", "*")
def test_whatever_is_written_is_read(name: str, files: str, reason: str, who: str) -> None:
    Path("w.cfg").write_text("# mine\n[a]\ncode = X2P202\nreason = x")
    new = [Waiver(one, "X2P407", reason, files, who=who) for one in (name, "X2P407")]
    Path("w.cfg").write_text(added("w.cfg", new))
    first, *found = read_waivers("w.cfg")
    assert first == Waiver("a", "X2P202", "x")
    assert len(found) == 2
    assert len({one.name for one in (first, *found)}) == 3
    for one in found:
        assert one.code == "X2P407"
        read, meant = (one.files, one.reason, one.who), (files, " ".join(reason.split()), who)
        for text, other in zip(read, meant):
            assert text == other.strip() or not other.isprintable() or '"""' in other


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("code = X2P202", "outside of a [section]"),
        ("[a]\ncode = X2P2\nreason = x", "did you mean X2P"),
        ("[a]\nreason = x", "(nothing)"),
        ("[a]\ncode = X2P202", "no reason"),
        ("[a]\ncode = X2P202\nreason = x\nfile = y", "did you mean files"),
        ("[a]\ncode = X2P202\nreason = x\nuntil = soon", "2027-06-30"),
        ("[a]\n[[b]]\n", "b is not known"),
        ("[a\n", "line"),
        ("\xff", "w.cfg"),
    ],
)
def test_mistakes_in_the_file(text: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("w.cfg").write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageError) as refused:
        read_waivers("w.cfg")
    assert said in f"{refused.value} {refused.value.advice}"
    assert run("in/a.xml", "-o", "c.cfg", "--waivers", "w.cfg") == 2
    assert run("migrate", "in", "-o", "out", "--waivers", "w.cfg") == 2
    assert not Path("out").exists()


def test_convert_takes_the_waivers_beside_the_xml(capsys: pytest.CaptureFixture[str]) -> None:
    args = ("in/a.xml", "-o", "c.cfg", "--fail-on", "unsupported", "--report", "r.json", "-v")
    assert run(*args) == 1
    Path("in/waivers.cfg").write_text(
        "[ok]\ncode = X2P202\nreason = agreed\n[gone]\ncode = X2P203\nreason = x\n"
        "[over]\ncode = X2P202\nreason = y\nuntil = 2020-01-01\n"
        "[other]\ncode = X2P203\nfiles = b.xml\nreason = z\n"
    )
    assert run(*args) == 0
    said = capsys.readouterr().out
    for words in ("Accepted", "X2P202 (2 times): agreed", "[gone] X2P203: stale", "expired"):
        assert words in said
    assert "[other]" not in said
    found = json.loads(Path("r.json").read_text())
    assert [(w["name"], w["state"]) for w in found["waivers"]] == [
        *(("ok", "used"), ("gone", "stale"), ("over", "expired")),
    ]
    assert found["files"][0]["waivers"] == ["ok"]


# -- review ---------------------------------------------------------------------------------


def migrate(*args: str) -> int:
    return run("migrate", "in", "-o", "out", "-j", "1", "-q", *args)


def rows() -> dict[str, Any]:
    found = json.loads(Path("out/migration.json").read_text())
    return {row["source"]: row for row in found["files"]}


def answers(monkeypatch: pytest.MonkeyPatch, *given: str) -> None:
    left = list(given)
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: left.pop(0))


def test_review_until_a_migration_passes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert migrate("--fail-on", "unsupported") == 1
    # The first group: nonsense, the next file, its directory; then no more.
    answers(monkeypatch, "z", "n", "d", "agreed, 100 %", "q")
    assert run("review", "out", "--until", "2099-12-31") == 0
    said = capsys.readouterr().out
    assert "1 of " in said
    assert "X2P202 unsupported (agree): 6 in 3 files" in said
    assert "run the same migrate again" in said
    (waiver,) = read_waivers("in/waivers.cfg")
    assert (waiver.files, waiver.who) == ("/sub/*", "jdoe")
    assert migrate("--fail-on", "unsupported") == 1
    assert {name: row["worst"] for name, row in rows().items() if "worst" in row} == {
        "a.xml": "unsupported",
        "sub/a.xml": "manual",
        "sub/b.xml": "manual",
    }
    answers(monkeypatch, "f", "too", "q")
    assert run("review", "out") == 0
    assert read_waivers("in/waivers.cfg")[1].files == "/a.xml"
    assert migrate("--fail-on", "unsupported") == 0
    found = json.loads(Path("out/migration.json").read_text())
    assert [(w["state"], w["files"]) for w in found["waivers"]] == [("used", 2), ("used", 1)]
    assert "X2P202" not in {line.split()[0] for line in _listed(capsys) if line.startswith("X2P")}


def _listed(capsys: pytest.CaptureFixture[str]) -> list[str]:
    capsys.readouterr()
    assert run("review", "out", "--list") == 0
    return capsys.readouterr().out.splitlines()


def test_only_files_that_a_waiver_is_about_are_converted_again() -> None:
    migrate()
    before = {p: p.stat().st_mtime_ns for p in Path("out").rglob("*.json")}
    assert run("review", "accept", "x2p202", "--files", "b.xml", "--reason", "r",
               "--waivers", "in/waivers.cfg") == 0  # fmt: skip
    migrate()
    changed = {str(p) for p, t in before.items() if p.stat().st_mtime_ns != t}
    assert changed == {"out/sub/sub_b.json", "out/migration.json"}


def test_stale_and_expired_waivers_of_a_migration(capsys: pytest.CaptureFixture[str]) -> None:
    Path("in/waivers.cfg").write_text("[gone]\ncode = X2P203\nreason = x\n")
    assert run("migrate", "in", "-o", "out", "-v") == 0
    assert "[gone] X2P203: stale" in capsys.readouterr().out


def test_review_of_one_report(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run("in/a.xml", "-o", "c.cfg", "-q", "--report", "r.json")
    launched: list[str] = []
    monkeypatch.setattr("click.launch", lambda page: launched.append(page) or 0)
    answers(monkeypatch, "o", "s", "o", "e", "known", *"ssssssss")
    monkeypatch.setattr("os.path.isfile", lambda path: path == "r.html" and not launched)
    assert run("review", "r.json", "--who", "me") == 0
    (waiver,) = read_waivers("in/waivers.cfg")
    assert (waiver.files, waiver.who) == ("*", "me")
    assert launched == ["r.html"]
    assert "it has no page" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["review", "nobody"], 3, "cannot be read"),
        (["review", "in/a.xml"], 3, "is not an xml2poms report"),
        (["review", "in"], 3, "cannot be read"),
        (["review", "--help"], 0, "accept"),
        (["review", "accept", "X2P2", "--reason", "x"], 2, "is not the code of a finding"),
        (["review", "accept", "X2P202", "--reason", " "], 2, "it says nothing"),
        (["review", "accept", "X2P202"], 2, "--reason"),
    ],
)
def test_what_is_said(
    args: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*args) == code
    streams = capsys.readouterr()
    assert said in streams.out + streams.err
    assert "waivers.cfg" not in os.listdir()
