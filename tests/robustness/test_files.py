"""Odd places for input and output: one clear error, nothing replaced, nothing waited for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter import files, reading
from converter.errors import OutputError
from tests.commandline import run
from tests.robustness.documents import document, stage

pytestmark = pytest.mark.usefixtures("here")

DUNE = ("--experiment", "dune", "-q")


@pytest.fixture(autouse=True)
def tree(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_PATIENCE", 0.2)
    Path("in.xml").write_bytes(document())
    Path("d").mkdir()
    Path("d/in.xml").write_bytes(document())
    os.mkfifo("pipe.txt")
    Path("p").mkdir()
    os.mkfifo("p/migration.json")
    Path("target").write_text("theirs")
    Path("link.txt").symlink_to("target")


def content() -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in sorted(Path().rglob("*")) if p.is_file()}


@pytest.mark.parametrize(
    ("code", "args"),
    [
        (3, ["pipe.txt", "-o", "o.cfg"]),
        (3, ["/dev/zero", "-o", "o.cfg"]),
        (3, ["/dev/null", "-o", "o.cfg"]),
        (4, ["in.xml", "-o", "pipe.txt"]),
        (4, ["in.xml", "-o", "pipe.txt", "--force"]),
        (4, ["in.xml", "-o", "pipe.txt", "--diff"]),
        (4, ["in.xml", "-o", "/dev/full"]),
        (4, ["in.xml", "-o", "/dev/null", "--force"]),
        (4, ["in.xml", "-o", "link.txt", "--force"]),
        (2, ["in.xml", "-o", "o.cfg", "--profile", "pipe.txt"]),
        (2, ["in.xml", "-o", "o.cfg", "--profile", "/dev/zero"]),
        (2, ["in.xml", "-o", "o.cfg", "--waivers", "pipe.txt"]),
        (3, ["verify", "in.xml", "pipe.txt"]),
        (3, ["verify", "in.xml", "d"]),
        (3, ["review", "p"]),
        (2, ["in.xml", "-o", "o.cfg", "--profile", "d"]),
        (2, ["migrate", "d", "-o", "out", "--waivers", "pipe.txt"]),
        (2, ["migrate", "d", "-o", "out", "--profile", "pipe.txt"]),
        (3, ["migrate", "--files-from", "pipe.txt", "-o", "out"]),
        (3, ["migrate", "--files-from", "/dev/zero", "-o", "out"]),
        (2, ["migrate", "d", "-o", "out", "-j", "100000"]),
        (4, ["migrate", "d", "-o", "pipe.txt"]),
        (3, ["review", "through", "pipe.txt"]),
        (3, ["review", "through", "/dev/zero"]),
        (4, ["in.xml", "-o", "n" * 300]),
        (4, ["in.xml", "-o", f"{'n' * 252}"]),
        (4, ["in.xml", "-o", "in.xml/o.cfg"]),
        (3, ["n" * 300, "-o", "o.cfg"]),
        (2, ["in.xml", "-o", "o.cfg", "--waivers", "n" * 300]),
        (2, ["in.xml", "-o", "o.cfg", "--profile", "n" * 300]),
        (2, ["in.xml", "-o", "x.txt", "--report", "x.txt"]),
        (2, ["in.xml", "-o", "x.txt", "--report", "d/../x.txt"]),
        (2, ["in.xml", "-o", "o.cfg", "--report", "r.json", "--report", "./r.json"]),
        (2, ["in.xml", "-o", "in.xml", "--force"]),
        (2, ["in.xml", "-o", "d/../in.xml", "--force"]),
        (2, ["target", "-o", "o.cfg", "--report", "link.txt"]),
        (2, ["in.xml", "-o", "w.cfg", "--force", "--waivers", "w.ini"]),
    ],
    ids=str,
)
def test_places_that_are_refused(code: int, args: list[str]) -> None:
    Path("w.ini").write_text("")
    before = content()
    assert run(*args, *(DUNE if args[0] != "review" else ())) == code
    assert content() == before


@pytest.mark.parametrize("report", ["pipe.txt", "link.txt"])
def test_reports_are_put_in_no_odd_place(report: str) -> None:
    assert run("in.xml", "-o", "o.cfg", "--report", report, *DUNE) == 4
    assert Path("target").read_text() == "theirs"


def test_a_pipe_that_is_written_to_is_read() -> None:
    reading, writing = os.pipe()
    os.write(writing, document())
    os.close(writing)
    assert run(f"/dev/fd/{reading}", "-o", "o.cfg", *DUNE) == 0
    os.close(reading)


def test_the_difference_to_a_file_that_is_no_text() -> None:
    Path("o.cfg").write_bytes(b"\xff\xfe\n")
    assert run("in.xml", "-o", "o.cfg", "--diff", *DUNE) == 1


def shell(command: str) -> int:
    program = f"'{sys.executable}' -c 'from converter.cli import main; main()'"
    return subprocess.run(
        ["bash", "-c", command.replace("xml2poms", program)], check=False
    ).returncode


@pytest.mark.parametrize("redirected", [">/dev/full", ">&-"])
@pytest.mark.parametrize(
    "command",
    [
        "xml2poms in.xml -o - --experiment dune -q",
        "xml2poms audit d --experiment dune",
        "xml2poms audit d --format csv -q --experiment dune",
        "xml2poms audit d --format json -q --experiment dune",
        "xml2poms explain X2P101",
        "xml2poms profile dune",
        "xml2poms in.xml -o o.cfg --diff --experiment dune",
        "echo x > o.cfg; xml2poms verify in.xml in.cfg --experiment dune",
    ],
)
def test_a_standard_output_that_takes_nothing(command: str, redirected: str) -> None:
    run("in.xml", "-o", "in.cfg", *DUNE)
    assert shell(f"{command} {redirected}") == 4


@pytest.mark.parametrize("redirected", ["2>/dev/full", "2>&-", "2>&- <&-"])
@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("xml2poms in.xml -o o.cfg --experiment dune", 0),
        ("xml2poms in.xml -o - --experiment dune", 0),
        ("xml2poms migrate d -o out --experiment dune", 0),
        ("xml2poms audit d --experiment dune", 0),
        ("xml2poms campaigns in.csv -o made", 0),
        ("xml2poms", 2),
        ("xml2poms --nonsense", 2),
        ("xml2poms absent.xml -o o.cfg", 3),
        ("xml2poms in.xml -o d --experiment dune", 4),
    ],
)
def test_what_cannot_be_said_changes_no_exit_code(command: str, code: int, redirected: str) -> None:
    run("in.xml", "-o", "in.cfg", "--table", *DUNE)
    assert shell(f"{command} >{os.devnull} {redirected}") == code
    if "migrate" in command:
        assert Path("out/migration.json").exists()


def test_progress_that_nobody_reads_any_more_ends_nothing() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-c", "from converter.cli import main; main()", "migrate", "d"]
    done = subprocess.run(
        [*command, "-o", "out", *DUNE[:2]], stderr=writing, stdout=subprocess.DEVNULL, check=False
    )
    os.close(writing)
    assert done.returncode == 0
    assert Path("out/migration.json").exists()


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("xml2poms - -o o.cfg", 3),
        ("xml2poms migrate --files-from - -o out", 0),
        ("xml2poms review through r.json", 130),
    ],
)
def test_a_standard_input_that_is_closed_holds_nothing(command: str, code: int) -> None:
    Path("in.xml").write_bytes(document("<odd>1</odd>"))
    run("in.xml", "-o", "in.cfg", "--report", "r.json", *DUNE)
    assert shell(f"{command} <&-") == code


def test_a_directory_that_is_gone_is_no_place_to_work_in(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    Path("in").mkdir()
    Path("in/x.xml").write_bytes(document())
    out = tmp_path / "out"
    assert run("migrate", "in", "-o", str(out), *DUNE) == 0
    gone = tmp_path / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()
    for command in (["x.xml", "-o", "o.cfg"], ["verify", str(out), "-j", "1"]):
        assert run(*command) in (2, 3)
        assert "directory" in capsys.readouterr().err
    os.chdir(tmp_path)


@pytest.mark.parametrize("name", ["pipe.txt", "/dev/zero", "huge"])
def test_a_list_of_input_files_is_not_waited_for(name: str) -> None:
    os.truncate(os.open("huge", os.O_CREAT | os.O_WRONLY), 1 << 36)
    Path("in.xml").write_bytes(
        document(stages=stage("s", f"<inputlist>{os.path.abspath(name)}</inputlist>"))
    )
    assert run("in.xml", "-o", "in.cfg", *DUNE) == 0
    assert run("verify", "in.xml", "in.cfg", *DUNE) == 0


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_while_it_writes(
    sent: signal.Signals, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files.os, "fsync", lambda descriptor: signal.raise_signal(sent))
    before = content()
    assert run("in.xml", "-o", "o.cfg", *DUNE) == code
    assert content() == before


@pytest.mark.parametrize("failing", range(1, 8))
def test_what_belongs_together_is_put_in_place_together(
    failing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever fails: both files of before, with nothing beside them, or both new ones."""
    pair = [(Path("a.cfg"), "new"), (Path("b.ini"), "new")]
    Path("a.cfg").write_text("old")
    before = content()
    calls = 0

    def sometimes(name: str) -> None:
        real = getattr(os, name)

        def call(*args: object, **more: object) -> object:
            nonlocal calls
            calls += 1
            if calls == failing:
                raise OSError(28, "No space left on device")
            return real(*args, **more)

        monkeypatch.setattr(files.os, name, call)

    for name in ("fsync", "chmod", "replace"):
        sometimes(name)
    try:
        files.put_together(pair)
    except OutputError:
        assert content() == before
    else:
        assert content() == before | {"a.cfg": b"new", "b.ini": b"new"}


LEFT = [".o.cfg.xml2poms-abcd1234", ".o.ini.xml2poms-99999999", ".r.html.xml2poms-00000000"]
OTHERS = [
    ".o.cfg.xml2poms-abcd123",
    ".o.cfg.xml2poms-abcd12345",
    ".o.cfg.xml2poms-abcdxyz1",
    ".o.cfg.abcd1234",
    ".p.cfg.xml2poms-abcd1234",
    "o.cfg.xml2poms-abcd1234",
]


def test_what_a_killed_run_left_goes_with_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    convert = ("in.xml", "-o", "o.cfg", "--report", "r.html", *DUNE)
    for name in (*LEFT, *OTHERS):
        Path(name).write_text("x")
    assert run(*convert) == 0
    assert {*LEFT, *OTHERS} <= {*os.listdir()}, "it might be of a run that is not at its end"
    monkeypatch.setattr(files, "_LEFT", -1)
    # Unchanged outputs have leftovers too.
    assert run(*convert) == 0
    assert {name for name in os.listdir() if "xml2poms-" in name or "abcd" in name} == {*OTHERS}


def test_what_only_looks_like_left_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_LEFT", -1)
    link, folder, *_ = LEFT
    os.symlink("in.xml", link)
    os.mkdir(folder)
    assert run("in.xml", "-o", "o.cfg", *DUNE) == 0
    assert os.path.islink(link)
    assert os.path.isdir(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_another_user_left_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_LEFT", -1)
    Path(LEFT[0]).touch()
    os.chown(LEFT[0], 12345, -1)
    assert run("in.xml", "-o", "o.cfg", *DUNE) == 0
    assert os.path.exists(LEFT[0])


def test_a_name_as_long_as_it_may_be() -> None:
    name = "\N{CJK UNIFIED IDEOGRAPH-65E5}" * 83 + ".cfg"
    files.put(Path(name), "x")
    files.put(Path(name), "y")
    assert Path(name).read_text() == "y"


@given(st.text("/.ab", max_size=12).filter(lambda path: path[:2] != "//" or path[:3] == "///"))
def test_a_path_is_shown_as_pathlib_has_it(path: str) -> None:
    assert files.plain(path) == str(Path(path))
