"""Paths of any bytes: what is written finds them again, and they are no commands anywhere."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from converter.poms.ini import read_ini
from tests.commandline import run
from tests.projects import xml

pytestmark = pytest.mark.usefixtures("here")

DUNE = ("--experiment", "dune", "-q")
NO_UTF_8 = os.fsdecode(b"d\xff")
ODD = [
    *("$(touch canary)", "`touch canary`", "a;touch canary", "a b", "it's", 'a"b', "a\\b", "a%b"),
    *("%(name)s", "a\x1b[31mb", "a\nb", "a\tb", "#a", "é", "a\u202eb", "&", "a'\"'b"),
]


def dry(script: str) -> str:
    """What the script says that it would do, called from elsewhere."""
    done = subprocess.run(
        ["bash", os.path.abspath(script), "--dry-run"],
        cwd="/",
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


@pytest.mark.parametrize("name", ODD)
def test_a_campaign_cfg_of_any_name_is_a_template(name: str) -> None:
    Path("in.xml").write_bytes(xml())
    assert run("in.xml", "-o", f"{name}.cfg", "--table", *DUNE) == 0
    assert run("campaigns", f"{name}.csv", "-o", "made", "--todo", "todo.sh", "-q") == 0
    (ini,) = Path("made").glob("*.ini")
    for stage in read_ini(ini.read_text()).stages:
        value = dict(json.loads(stage.values["param_overrides"]))["-c "] % {}
        command = ["bash", "-c", f"printf '%s\\0' {value}"]
        done = subprocess.run(command, env={"UPLOADS": "U"}, capture_output=True, check=True)
        assert (done.stdout, done.stderr) == (f"U/{name}.cfg\0".encode(), b"")
    usual = read_ini(Path(f"{name}.ini").read_text())
    made = read_ini(ini.read_text())
    assert [s.values["param_overrides"] for s in made.stages] == [
        s.values["param_overrides"] for s in usual.stages
    ]
    dry("todo.sh")
    assert not Path("canary").exists()


@pytest.mark.parametrize("name", ["a{{x}}.cfg", "a", "a.txt"])
def test_what_can_be_no_template_is_refused(name: str) -> None:
    Path("in.xml").write_bytes(xml())
    assert run("in.xml", "-o", name, "--table", *DUNE) == 2
    assert os.listdir() == ["in.xml"]


@pytest.mark.parametrize("launcher", ["fife_launch", "project.py"])
def test_directories_that_are_no_utf_8(launcher: str) -> None:
    os.mkdir(NO_UTF_8)
    Path(NO_UTF_8, "a.xml").write_bytes(xml())
    for _ in range(2):
        assert run("migrate", NO_UTF_8, "-o", "out", "--launcher", launcher, *DUNE) == 0
        assert run("verify", "out", "-q") == 0
    dry("out/todo.sh")


def test_files_that_are_no_utf_8() -> None:
    for name in (b"d\xff/a\xfe.xml", b"d\xff/b\xff\xff.xml", b"d/c\\udcff.xml"):
        file = Path("in", os.fsdecode(name))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(xml())
    assert run("migrate", "in", "-o", "out", *DUNE) == 0
    assert run("verify", "out", "-q") == 0
    dry("out/todo.sh")


def test_a_script_names_files_in_such_a_directory() -> None:
    os.mkdir(NO_UTF_8)
    Path("in.xml").write_bytes(xml())
    assert run("in.xml", "-o", f"{NO_UTF_8}/c.cfg", "--todo", "todo.sh", "--table", *DUNE) == 0
    assert "d\\377/c.cfg" in dry("todo.sh")
    words = (f"{NO_UTF_8}/c.csv", "-o", NO_UTF_8, "--force", "--todo", "other.sh", "-q")
    assert run("campaigns", *words) == 0
    assert "d\\377/c.cfg" in dry("other.sh")


@pytest.mark.parametrize("folder", ["a\n", "-x", "a b", "$(touch canary)", "*"])
def test_a_script_does_its_steps_from_where_it_lies(folder: str) -> None:
    Path("in.xml").write_bytes(xml())
    os.mkdir(folder)
    words = ("-o", f"./{folder}/c.cfg", "--todo", f"./{folder}/todo.sh")
    assert run("in.xml", *words, *DUNE) == 0
    assert "upload dune" in dry(f"{folder}/todo.sh")
    assert not list(Path().rglob("canary"))


TYPED = os.fsdecode(b"a\xff")


def test_a_campaign_cfg_is_called_in_utf_8() -> None:
    Path("in.xml").write_bytes(xml())
    assert run("in.xml", "-o", f"{TYPED}.cfg", *DUNE) == 2
    assert os.listdir() == ["in.xml"]


def test_what_is_typed_is_written_as_text() -> None:
    """A byte that is no UTF-8 leaves files that are read again."""
    Path("in").mkdir()
    Path("in", f"{TYPED}.xml").write_bytes(xml())
    assert run("migrate", "in", "-o", "out", *DUNE) == 0
    said = ("--reason", TYPED, "--who", TYPED, "--stage", TYPED, "--waivers", "in/waivers.cfg")
    assert run("review", "accept", "X2P101", "--files", f"{TYPED}*", *said) == 0
    assert run("review", "sign", "out", "--who", TYPED, "--note", TYPED) == 0
    assert run("review", "sign", "out", "--files", f"{TYPED}*") == 0
    assert run("review", "changes", "out") == 0
    assert run("review", "page", "out", "-o", "page.html") == 0
    assert run("migrate", "in", "-o", "out", *DUNE) == 0
    assert run("migrate", "in", "-o", "none", "--exclude", f"{TYPED}*", *DUNE) == 0
    assert not list(Path("none").glob("*.cfg"))
    for file in ("in/waivers.cfg", "in/signed.json", "page.html"):
        assert "udcff" in Path(file).read_text("utf-8")


def test_a_backslash_is_a_sign_of_a_name() -> None:
    Path("a\\b.xml").write_bytes(xml())
    assert run("a\\b.xml", "-o", "c.cfg", "--launcher", "project.py", *DUNE) == 0
    (stage,) = read_ini(Path("c.ini").read_text()).stages
    assert "'a\\\\b.xml'" in stage.values["param_overrides"]
