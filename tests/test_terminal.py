"""What is shown on a terminal: short, once, on the right stream, without escapes if so wanted."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from converter.cli import main
from converter.conversion import convert_bytes
from converter.report.model import Report
from converter.report.terminal import show
from converter.report.waivers import Waiver, apply
from tests import golden
from tests.projects import LOST, stage, xml
from tests.test_needs import TODAY

SAMPLES = sorted((golden.SAMPLES / "xml").glob("*.xml"))
UNSUPPORTED = golden.SAMPLES / "xml" / "unsupported.xml"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*args: str) -> object:
    with pytest.raises(SystemExit) as ended:
        main(list(args))
    return ended.value.code


def shown(data: bytes, *, width: int = 80, verbose: bool = False, waive: str = "") -> str:
    """The summary as a terminal of that width shows it."""
    report = convert_bytes(data, "p.xml").report
    if waive:
        report = apply(report, [Waiver("w", waive, "as agreed")], TODAY)
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, color_system=None, width=width)
    written = [("wrote", "c.cfg"), ("wrote", "c.ini")]
    show(console, Report((report,)), written, verbose=verbose)
    return stream.getvalue()


# -- in short ---------------------------------------------------------------------------------

MANY = xml(
    "<numjobs>0</numjobs><disk>3X</disk><cpu>-1</cpu><memory>-1</memory>" + LOST,
    "<ups>a;b</ups><script>x.sh</script><zzz>1</zzz>",
    *(stage(f"t{n}", f"<startscript>x{n}</startscript><args>$X</args>") for n in range(40)),
)


@pytest.mark.parametrize(
    "data", [*(path.read_bytes() for path in SAMPLES), MANY], ids=[*(p.stem for p in SAMPLES), "-"]
)
@pytest.mark.parametrize("width", [80, 200])
def test_a_file_takes_no_more_than_a_small_terminal(data: bytes, width: int) -> None:
    said = shown(data, width=width)
    assert sum(max(-(-len(line) // width), 1) for line in said.splitlines()) <= 25


def test_the_verdict_comes_first_and_the_next_command_last() -> None:
    lines = shown(UNSUPPORTED.read_bytes()).splitlines()
    assert lines[0].startswith("p.xml: blocked, ")
    assert any(line.startswith("next: xml2poms explain X2P") for line in lines[-2:])


def test_the_file_is_named_once() -> None:
    for verbose in (False, True):
        assert shown(UNSUPPORTED.read_bytes(), verbose=verbose).count("p.xml") == 1


def test_what_blocks_is_said_with_its_advice_and_the_rest_counted() -> None:
    said = shown(UNSUPPORTED.read_bytes())
    for words in ("Blocks the launch: ", "    -> ", "to agree on: ", " good to know"):
        assert words in said
    assert "Checklist" not in said


def test_what_is_accepted_is_counted() -> None:
    said = shown(xml(LOST, "<ups>dunesw</ups>"), waive="X2P202")
    assert said.startswith("p.xml: ready, ")
    assert "1 accepted" in said


# -- in full ----------------------------------------------------------------------------------


def test_in_full_everything_is_there() -> None:
    said = shown(UNSUPPORTED.read_bytes(), verbose=True)
    report = convert_bytes(UNSUPPORTED.read_bytes(), "p.xml").report
    for finding in report.findings:
        assert finding.code in said
    for step in report.checklist:
        assert (step.command or step.what) in said


# -- streams ----------------------------------------------------------------------------------


def test_the_report_is_the_answer_unless_the_campaign_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(str(UNSUPPORTED), "-o", "c.cfg")
    said = capsys.readouterr()
    assert ("blocked" in said.out, said.err) == (True, "")
    run(str(UNSUPPORTED), "-o", "-")
    said = capsys.readouterr()
    assert said.out == Path("c.cfg").read_text().replace("c.cfg", "campaign.cfg")
    assert "blocked" in said.err


PROGRAM = f"{sys.executable} -c 'from converter.cli import main; main()'"


@pytest.mark.parametrize(
    "command",
    [
        f"{UNSUPPORTED} -o c.cfg -v --force",
        "explain",
        "audit in",
        "audit in --format csv",
        "migrate in -o out -v",
        "verify in/p.xml in/p.cfg --all",
        "review out --list",
    ],
)
def test_whoever_stops_reading_is_no_failure(command: str) -> None:
    Path("in").mkdir()
    Path("in/p.xml").write_bytes(UNSUPPORTED.read_bytes())
    run("in/p.xml", "-o", "in/p.cfg", "-q")
    run("migrate", "in", "-o", "out", "-q", "-j", "1")
    script = f"set -o pipefail; {PROGRAM} {command} | true"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    assert "Error" not in done.stderr


def _on_a_terminal(*args: str, **environment: str) -> str:
    """What a terminal is sent."""
    pid, terminal = pty.fork()
    if pid == 0:
        program = [sys.executable, "-c", "from converter.cli import main; main()", *args]
        os.execve(sys.executable, program, {**os.environ, "TERM": "xterm", **environment})
    sent = b""
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            break
        if not piece:
            break
        sent += piece
    os.waitpid(pid, 0)
    os.close(terminal)
    return sent.decode()


@pytest.mark.parametrize(
    "args",
    [
        (str(UNSUPPORTED), "-o", "c.cfg", "-v", "--force"),
        ("migrate", "in", "-o", "out", "--force"),
        ("verify", "in/p.xml", "in/p.cfg", "--all"),
        ("verify", "done"),
        ("audit", "in"),
    ],
    ids=lambda args: args[0].rpartition("/")[2],
)
def test_no_color_means_no_escapes_at_all(args: tuple[str, ...]) -> None:
    Path("in").mkdir()
    Path("in/p.xml").write_bytes(UNSUPPORTED.read_bytes())
    run("in/p.xml", "-o", "in/p.cfg", "-q")
    run("migrate", "in", "-o", "done", "-q", "-j", "1")
    assert "\x1b" in _on_a_terminal(*args, NO_COLOR="")
    plain = _on_a_terminal(*args, NO_COLOR="1")
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", plain)


def test_the_next_command_is_the_script_where_one_was_written(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(str(UNSUPPORTED), "-o", "c.cfg")
    assert "--todo FILE.sh for the " in capsys.readouterr().out
    run(str(UNSUPPORTED), "-o", "c.cfg", "--todo", "do it.sh", "--report", "r.html")
    last = capsys.readouterr().out.splitlines()[-1]
    assert "bash 'do it.sh' --dry-run" in last
    assert "--report" not in last


@pytest.mark.parametrize(
    ("options", "more"),
    [
        ([], "-v or --report FILE.html for all of it"),
        (["-v"], "--report FILE.html for all of it"),
        (["--report", "r.html"], "-v for all of it"),
        (["-v", "--report", "r.html"], ""),
    ],
)
def test_what_is_shown_already_is_not_advised(
    options: list[str], more: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run(str(UNSUPPORTED), "-o", "c.cfg", *options)
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.endswith(more) if more else "for all of it" not in last


def test_an_advice_that_several_places_have_is_given_once() -> None:
    gone = "<inputlist>/dune/data2/users/me/{}.list</inputlist>"
    said = shown(xml(gone.format("a"), "", stage("t", gone.format("b"))), verbose=True)
    assert said.count("/users/me/a.list is in") == 1
    assert said.count("/users/me/b.list is in") == 1
    assert said.count("[paths] /dune/data2 = /exp/dune/data") == 1


def test_a_terminal_breaks_between_commands() -> None:
    *_, last = shown(UNSUPPORTED.read_bytes()).partition("next: ")
    assert len(last.splitlines()) > 1
    assert all(len(line) <= 74 for line in last.splitlines())
