"""The command line: what is written, what is said, how it ends."""

from __future__ import annotations

import io
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from converter import files as output_files
from tests.commandline import run
from tests.projects import ALONE, LOST, needs_permissions, stage, xml


@pytest.fixture(autouse=True)
def _project(here: Path) -> None:
    Path("p.xml").write_bytes(xml())


def test_the_main_job(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("p.xml", "-o", "campaign.cfg") == 0
    assert "[stage_s]" in Path("campaign.cfg").read_text()
    said = capsys.readouterr()
    assert said.err == ""
    assert "wrote campaign.cfg" in said.out
    assert set(os.listdir()) == {"campaign.cfg", "campaign.ini", "p.xml"}


def test_convert_may_be_named() -> None:
    assert run("convert", "p.xml", "-o", "a.cfg", "-q") == 0
    assert run("-o", "b.cfg", "p.xml", "-q") == 0
    text = Path("a.cfg").read_text()
    assert "fife_launch -c a.cfg --stage" in text
    assert text.replace(" a.cfg ", " b.cfg ") == Path("b.cfg").read_text()


def test_standard_input_and_output(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(xml())))
    assert run("-", "-o", "-", "--quiet", "--experiment", "dune") == 0
    said = capsys.readouterr()
    assert said.out.startswith("# Project p")
    assert said.err == ""


def test_an_identical_file_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    run("p.xml", "-o", "c.cfg", "-q")
    before = Path("c.cfg").stat()
    assert run("p.xml", "-o", "c.cfg") == 0
    assert Path("c.cfg").stat().st_mtime_ns == before.st_mtime_ns
    assert "unchanged" in capsys.readouterr().out


def test_two_projects_of_one_name_have_their_own_files() -> None:
    Path("two.xml").write_bytes(b"<job>" + xml() + xml(ALONE) + b"</job>")
    assert run("two.xml", "-o", "c.cfg", "--report", "r.json", "-q") == 0
    projects = json.loads(Path("r.json").read_text())["files"][0]["projects"]
    assert [project["outputs"] for project in projects] == [
        ["c-p.cfg", "c-p.ini"],
        ["c-p_.cfg", "c-p_.ini"],
    ]


def test_a_namesake_beside_it_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    for broken, text in (("a", b"\xff"), ("b", b"no section"), ("c", b"[campaign]\n")):
        Path(f"{broken}.ini").write_bytes(text)
    assert run("p.xml", "-o", "one.cfg") == 0
    assert run("p.xml", "-o", "one.cfg") == 0
    assert "X2P825" not in capsys.readouterr().out
    assert run("p.xml", "-o", "two.cfg") == 0
    assert "one.ini is for a campaign named 'p' too" in capsys.readouterr().out
    Path("own.profile").write_text("[campaign]\nname = {project}_{file}_2\n")
    assert run("p.xml", "-o", "three.cfg", "--profile", "own.profile") == 0
    assert "X2P825" not in capsys.readouterr().out


@pytest.mark.parametrize("name", [os.fsdecode(b"\xff"), "a\nb", "ä b", "-x"])
def test_odd_names(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("p.xml").rename(f"{name}.xml")
    assert run("-o", "c.cfg", "--report", "r.json", "--", f"{name}.xml") == 0
    assert "wrote c.cfg" in capsys.readouterr().out
    assert json.loads(Path("r.json").read_text())["files"][0]["source"].endswith(".xml")


def test_a_different_file_is_replaced_only_by_force(capsys: pytest.CaptureFixture[str]) -> None:
    Path("c.cfg").write_text("mine\n")
    assert run("p.xml", "-o", "c.cfg", "--report", "r.json") == 4
    assert Path("c.cfg").read_text() == "mine\n"
    assert "X2P903" in capsys.readouterr().err
    assert run("p.xml", "-o", "c.cfg", "--force", "-q") == 0
    assert "[stage_s]" in Path("c.cfg").read_text()


def test_diff_writes_nothing_and_says_what_would_change(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("p.xml", "-o", "c.cfg", "--diff") == 1
    assert not Path("c.cfg").exists()
    assert "+[stage_s]" in capsys.readouterr().out
    run("p.xml", "-o", "c.cfg", "-q")
    assert run("p.xml", "-o", "c.cfg", "--diff") == 0
    assert capsys.readouterr().out == ""


def test_dry_run_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("p.xml", "-o", "c.cfg", "--dry-run", "--report", "r.json") == 0
    assert os.listdir() == ["p.xml"]
    assert "would write c.cfg" in capsys.readouterr().out


def test_several_projects_give_a_file_each() -> None:
    both = "<job>" + xml(name="one").decode() + xml(name="t/w o").decode() + "</job>"
    Path("two.xml").write_text(both)
    assert run("two.xml", "-o", "c.cfg", "-q", "--experiment", "dune") == 0
    assert {p.name for p in Path().glob("*.cfg")} == {"c-one.cfg", "c-t_w_o.cfg"}
    assert run("two.xml", "-o", "only.cfg", "-q", "--project", "one") == 0
    only = Path("only.cfg").read_text()
    assert only.replace(" only.cfg ", " c-one.cfg ") == Path("c-one.cfg").read_text()
    assert run("two.xml", "-o", "-", "-q") == 2
    assert run("two.xml", "-o", "x.cfg", "--project", "nobody") == 2


def test_comments_can_be_left_out() -> None:
    run("p.xml", "-o", "c.cfg", "-q", "--no-comments")
    lines = Path("c.cfg").read_text().splitlines()
    assert not [line for line in lines if line.startswith("#")]


@pytest.mark.parametrize(
    ("body", "fail_on", "code"),
    [
        ("", "unsupported", 0),
        (LOST, "unsupported", 1),
        (LOST, "invalid", 0),
        (LOST, "manual", 1),
        ("<zzz>1</zzz>", "inert", 1),
        ("<zzz>1</zzz>", "manual", 0),
    ],
)
def test_fail_on(body: str, fail_on: str, code: int) -> None:
    Path("p.xml").write_bytes(xml(body))
    assert run("p.xml", "-o", "c.cfg", "-q", "--fail-on", fail_on) == code
    assert Path("c.cfg").exists()


def test_the_json_report() -> None:
    Path("p.xml").write_bytes(xml(LOST, "", stage("t")))
    run("p.xml", "-o", "c.cfg", "-q", "--report", "r.json", "--report", "r.txt")
    report = json.loads(Path("r.json").read_text())
    assert report["format"] == 1
    assert set(report) == {"format", "tool", "files", "totals", "waivers"}
    (file,) = report["files"]
    assert file["source"] == "p.xml"
    assert file["status"] == "partial"
    assert file["leaves"] == len(file["settings"]) == sum(file["fates"].values())
    assert file["projects"][0]["outputs"] == ["c.cfg", "c.ini"]
    assert [s["name"] for s in file["projects"][0]["stages"]] == ["s", "t"]
    setting = next(s for s in file["settings"] if s["path"] == "project/stage[1]/targetsize")
    assert setting["fate"] == "unsupported"
    assert setting["code"] == "X2P202"
    assert setting["line"] == 1
    assert set(setting) == {
        *("path", "line", "value", "entities", "project", "stage", "fate", "targets"),
        *("code", "message", "advice", "waived"),
    }
    assert "X2P202" in Path("r.txt").read_text()


def test_a_failed_file_has_a_report_too() -> None:
    Path("p.xml").write_text("<project>")
    assert run("p.xml", "-o", "c.cfg", "--report", "r.json") == 3
    (file,) = json.loads(Path("r.json").read_text())["files"]
    assert file["status"] == "failed"
    assert file["error"]["code"] == "X2P001"
    assert file["error"]["line"] == 1
    assert not Path("c.cfg").exists()


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        ([], 2, "Usage"),
        (["--help"], 0, "Convert project.py XML files"),
        (["convert", "--help"], 0, "--fail-on"),
        (["--version"], 0, "xml2poms"),
        (["p.xml"], 2, "--output"),
        (["p.xml", "-o", "c.cfg", "--nonsense"], 2, "No such option"),
        (["nobody.xml", "-o", "c.cfg"], 3, "X2P905"),
        ([".", "-o", "c.cfg"], 3, "X2P905"),
        (["p.xml", "-o", "."], 4, "X2P904"),
        (["p.xml", "-o", "c.cfg", "--report", "r.pdf"], 2, "X2P907"),
        (["p.xml", "-o", "c.cfg", "--experiment", "No One"], 2, "X2P901"),
        (["explain", "memory"], 0, "submit.memory"),
        (["explain", "<memory>"], 0, "submit.memory"),
        (["explain", "x2p407"], 0, "sam_consumer.limit"),
        (["explain", "memroy"], 2, "did you mean memory?"),
    ],
)
def test_what_is_said(
    args: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*args) == code
    streams = capsys.readouterr()
    assert said in streams.out + streams.err
    assert "Traceback" not in streams.out + streams.err


def test_an_experiment_that_nothing_tells() -> None:
    bare = xml().replace(b"/pnfs/dune/o", b"/somewhere")
    Path("p.xml").write_bytes(bare)
    assert run("p.xml", "-o", "c.cfg") == 2
    assert run("p.xml", "-o", "c.cfg", "-q", "--experiment", "sbnd") == 0


@pytest.mark.parametrize(
    ("args", "hint"),
    [
        (("p.xml", "-o", "c.cfg", "--experiment", "dun"), "did you mean dune?"),
        (("p.xml", "-o", "c.cfg", "--experiment", "DUNE"), "did you mean dune?"),
        (("p.xml", "-o", "c.cfg", "--experiment", "nova"), "known: dune"),
        (("verify", "p.xml", "q.cfg", "--experiment", "uboon"), "did you mean uboone?"),
        (("audit", ".", "--experiment", "icarus1"), "did you mean icarus?"),
        (("profile", "dunne"), "did you mean dune?"),
        (("profile", "nova"), "--profile FILE that defines it"),
    ],
)
def test_an_unknown_experiment_is_refused(
    args: tuple[str, ...], hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("p.xml").write_bytes(xml())
    Path("q.cfg").write_text("")
    assert run(*args) == 2
    assert hint in capsys.readouterr().err
    assert not Path("c.cfg").exists()


@pytest.mark.parametrize("option", [(), ("--experiment", "nova")])
def test_ones_own_profile_defines_an_experiment(option: tuple[str, ...]) -> None:
    Path("p.xml").write_bytes(xml().replace(b"/pnfs/dune/o", b"/somewhere"))
    own = "experiment = nova\nsetup = /cvmfs/nova/setup.sh\n[login]\naccount = novapro2\n"
    Path("own.profile").write_text(own)
    assert run("p.xml", "-o", "c.cfg", "-q", "--profile", "own.profile", *option) == 0
    assert "experiment = nova" in Path("c.cfg").read_text()
    assert run("p.xml", "-o", "d.cfg", "-q", "--profile", "own.profile", "--experiment", "nva") == 2


def test_a_profile_that_defines_nothing_is_not_enough() -> None:
    Path("p.xml").write_bytes(xml())
    Path("own.profile").write_text("role = Production\n")
    args = ("--profile", "own.profile", "--experiment", "nova")
    assert run("p.xml", "-o", "c.cfg", "-q", *args) == 2


@pytest.mark.parametrize("command", ["convert", "migrate"])
@pytest.mark.parametrize("role", ["production", "analysis"])
def test_the_role_on_the_command_line(command: str, role: str) -> None:
    Path("own.profile").write_text("role = Production\n")
    Path("in").mkdir()
    Path("in/p.xml").write_bytes(xml(project="<role>Production</role>"))
    options = ("-q", "--role", role, "--profile", "own.profile")
    if command == "convert":
        assert run("in/p.xml", "-o", "p.cfg", *options) == 0
        folder = Path()
    else:
        assert run("migrate", "in", "-o", "out", *options) == 0
        folder = Path("out")
    assert f"poms_role = {role}" in (folder / "p.ini").read_text()
    assert f"role = {role.capitalize()}" in " ".join((folder / "p.cfg").read_text().split())
    assert run("verify", "in/p.xml", str(folder / "p.cfg"), *options) == 0
    assert run("verify", "in/p.xml", str(folder / "p.cfg"), "-q") == int(role == "analysis")


def test_a_full_disk_leaves_what_was_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("c.cfg").write_text("mine\n")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(output_files.os, "fsync", full)
    assert run("p.xml", "-o", "c.cfg", "--force") == 4
    assert Path("c.cfg").read_text() == "mine\n"
    assert set(os.listdir()) == {"p.xml", "c.cfg"}
    assert "No space left" in capsys.readouterr().err


@needs_permissions
def test_a_read_only_folder() -> None:
    Path("ro").mkdir()
    Path("ro").chmod(stat.S_IRUSR | stat.S_IXUSR)
    assert run("p.xml", "-o", "ro/c.cfg") == 4


def test_a_folder_that_is_a_file() -> None:
    assert run("p.xml", "-o", "p.xml/c.cfg") == 4


def test_an_internal_error_leaves_a_file_to_report_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("converter.cli.convert.convert_bytes", broken)
    assert run("p.xml", "-o", "c.cfg") == 70
    said = capsys.readouterr().err
    assert "Traceback" not in said
    kept = Path(said.split()[-1])
    assert "broken" in kept.read_text()
    kept.unlink()


def test_the_installed_command() -> None:
    program = Path(sys.executable).with_name("xml2poms")
    done = subprocess.run(
        [program, "p.xml", "-o", "c.cfg"], capture_output=True, text=True, check=True
    )
    assert "wrote c.cfg" in done.stdout
    done = subprocess.run(
        [program],
        env={**os.environ, "_XML2POMS_COMPLETE": "bash_source"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "_xml2poms_completion" in done.stdout


# -- verify -----------------------------------------------------------------------------------


@pytest.fixture
def _converted() -> None:
    assert run("p.xml", "-o", "campaign.cfg", "--experiment", "dune", "--quiet") == 0


VERIFY = ("verify", "p.xml", "campaign.cfg", "--experiment", "dune")


@pytest.mark.usefixtures("_converted")
def test_verify_shows_both_sides(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*VERIFY) == 0
    said = capsys.readouterr().out
    assert "every difference is announced by a finding" in said
    assert "X2P602" in said
    assert "larStage0.out" not in said
    assert run(*VERIFY, "--ini", "campaign.ini", "--all") == 0
    said = capsys.readouterr().out
    assert "larStage0.out" in said
    assert "launches" in said


@pytest.mark.usefixtures("_converted")
def test_verify_ends_with_1_where_nothing_announces_a_difference(
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = Path("campaign.cfg")
    path.write_text(path.read_text().replace("*.root", "*.art"))
    assert run(*VERIFY, "--report", "d.json", "--report", "d.txt") == 1
    assert "*.art ->" in capsys.readouterr().out
    assert json.loads(Path("d.json").read_text())["verdict"] == "unannounced"
    assert "data files (nothing)" in Path("d.txt").read_text()
    assert run(*VERIFY, "--quiet") == 1
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("_converted")
@pytest.mark.parametrize(
    ("change", "args", "code", "said"),
    [
        ("", ("--stage", "x"), 2, "no stage 'x'"),
        ("", ("--report", "a.pdf"), 2, "no kind of report"),
        ("", ("--process", "-1"), 2, "--process"),
        ("", ("--project", "x"), 2, "no project 'x'"),
        ("", ("--with-fife-launch",), 2, "$FIFE_UTILS_DIR"),
        ("", ("-O", "N=1"), 2, "is not of the form section.key=value"),
        ("", ("--ini", "none.ini"), 3, "none.ini: cannot be read"),
        ("[submit]\nN = 1\n", (), 3, "a second section [submit]"),
        ("[stage_x]\nN = 1\n", (), 0, ""),
        ("[stage_x]\nparent = 100%\n", (), 0, ""),
        ("\0\udcff", (), 3, "campaign.cfg"),
    ],
)
def test_verify_says_what_is_wrong(
    change: str,
    args: tuple[str, ...],
    code: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("FIFE_UTILS_DIR", raising=False)
    path = Path("campaign.cfg")
    path.write_bytes(path.read_bytes() + change.encode("utf-8", "surrogateescape"))
    assert run(*VERIFY, *args) == code
    assert said in capsys.readouterr().err


@pytest.mark.usefixtures("_converted")
def test_verify_finds_included_files(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("elsewhere").mkdir()
    Path("campaign.cfg").rename("elsewhere/base.cfg")
    Path("campaign.cfg").write_text("[global]\nincludes = base.cfg\n")
    assert run(*VERIFY) == 3
    monkeypatch.setenv("FIFE_LAUNCH_PATH", f"/nowhere:{Path('elsewhere').absolute()}")
    assert run(*VERIFY) == 0


@pytest.mark.usefixtures("_converted")
def test_verify_asks_the_real_fife_launch(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A stand-in that prints what it would run, as fife_launch does."""
    program = Path("utils/bin/fife_launch")
    program.parent.mkdir(parents=True)
    monkeypatch.setenv("FIFE_UTILS_DIR", str(Path("utils").absolute()))
    program.write_text(
        "print('Then I would run: \\n-----\\njobsub_submit -N 3 file:///w --limit 1\\n-----')\n"
        "print('... which would, in the job, do:')\n"
    )
    assert run(*VERIFY, "--with-fife-launch") == 1
    assert "fife_launch" in capsys.readouterr().out
    program.write_text("raise SystemExit('no such thing')\n")
    assert run(*VERIFY, "--with-fife-launch") == 2
    assert "no such thing" in capsys.readouterr().err
