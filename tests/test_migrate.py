"""`migrate` and `audit`: whole directories, again and again, whatever is in them."""

from __future__ import annotations

import gc
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import threading
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from converter.findings.message import NEEDS
from converter.migration import tree as output_tree
from converter.migration import work, workers
from converter.migration.summary import ALL_STATUSES
from converter.migration.survey import Candidate, Selection, Unlisted, listed, survey
from tests.commandline import run
from tests.golden import SAMPLES
from tests.projects import ALONE, LOST, needs_permissions, stage, xml

pytestmark = pytest.mark.usefixtures("here")


def migrate(*args: str) -> int:
    return run("migrate", "in", "-o", "out", "-j", "1", "-q", "--no-pages", *args)


def put(files: dict[str, bytes]) -> None:
    for name, data in files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def content(folder: str = "out") -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file()
    }


def summary(folder: str = "out") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(folder, "migration.json").read_text())
    return found


def rows(folder: str = "out") -> dict[str, dict[str, Any]]:
    return {row["source"]: row for row in summary(folder)["files"]}


TREE = {
    "in/one.xml": xml(name="p"),
    "in/a/one.xml": xml(LOST, name="p"),
    "in/a/two.xml": b"<job>" + xml(name="x") + xml(ALONE, name="y") + b"</job>",
    "in/broken.xml": b"<project name='p'><stage>",
}

# -- what is written ------------------------------------------------------------------------


def test_the_tree_is_mirrored_with_cfg_ini_and_report() -> None:
    put(TREE)
    assert migrate() == 3
    assert set(content()) == {
        *("one.cfg", "one.ini", "one.json", "broken.json"),
        *("migration.json", "todo.sh"),
        *("a/a_one.cfg", "a/a_one.ini", "a/a_one.json"),
        *("a/a_two-x.cfg", "a/a_two-x.ini", "a/a_two-y.cfg", "a/a_two-y.ini", "a/a_two.json"),
    }
    report = json.loads(Path("out/a/a_two.json").read_text())
    (file,) = report["files"]
    assert file["source"] == "a/two.xml"
    assert [p["outputs"] for p in file["projects"]] == [
        ["a/a_two-x.cfg", "a/a_two-x.ini"],
        ["a/a_two-y.cfg", "a/a_two-y.ini"],
    ]


def test_what_migrate_writes_is_what_convert_writes() -> None:
    put({"in/p.xml": xml()})
    migrate()
    assert run("in/p.xml", "-o", "p.cfg", "-q") == 0
    assert Path("p.cfg").read_bytes() == Path("out/p.cfg").read_bytes()
    assert Path("p.ini").read_bytes() == Path("out/p.ini").read_bytes()


def test_campaigns_are_called_like_their_files() -> None:
    put(TREE)
    migrate()
    names = [p["campaign"] for row in rows().values() for p in row.get("projects", ())]
    assert names == ["a_one", "a_two-x", "a_two-y", "one"]
    assert "name = a_one\n" in Path("out/a/a_one.ini").read_text()
    assert summary()["namesakes"] == []


def test_files_of_one_name_do_not_replace_each_other_where_they_are_uploaded() -> None:
    put({"in/a/p.xml": xml(), "in/b/p.xml": xml(), "in/a_p.xml": xml(), "in/a b/p.xml": xml()})
    assert migrate() == 0
    names = [path.rpartition("/")[2] for path in content()]
    assert len(names) == len(set(names)) == 4 * 3 + 2
    for path in ("a/a_p_", "b/b_p", "a_p", "a b/a_b_p"):
        assert f"$UPLOADS/{path.rpartition('/')[2]}.cfg" in Path(f"out/{path}.ini").read_text()


def test_names_of_the_users_own_may_meet_and_are_then_named() -> None:
    put({**TREE, "own": b"[campaign]\nname = {project}\n"})
    migrate("--profile", "own")
    assert summary()["namesakes"] == [
        {"experiment": "dune", "name": "p", "files": 2, "source": "a/one.xml"}
    ]


@pytest.mark.parametrize(
    ("names", "stems"),
    [
        (["a.xml"], ["a"]),
        (["a", "a.xml"], ["a_", "a"]),
        (["A.xml", "a.xml"], ["A", "a_"]),
        (["a.XML", "a.xml"], ["a_", "a"]),
        (["migration.xml"], ["migration_"]),
        (["index.xml"], ["index_"]),
        ([".xml"], [".xml"]),
        (["-o.xml"], ["-o"]),
        (["b b.xml"], ["b_b"]),
    ],
)
def test_output_names(names: list[str], stems: list[str]) -> None:
    put({f"in/{name}": xml() for name in names})
    found = [c for c in survey(["in"], "out") if isinstance(c, Candidate)]
    assert [(c.source, c.stem) for c in found] == list(zip(names, stems))


@pytest.mark.parametrize(
    "name", ["a\nb", "a\x7f", "x" * 250, "ä" * 120, " a", os.fsdecode(b"\xff")]
)
def test_odd_names_become_names_that_can_be_typed(name: str) -> None:
    put({f"in/{name}.xml"[:255]: xml(), f"in/d{name}/p.xml": xml()} if len(name) < 100 else {})
    put({f"in/{name}": xml()})
    assert migrate() == 0
    for path in content():
        assert all(len(part.encode()) < 200 and part.isprintable() for part in path.split("/"))
    before = content()
    assert {row["status"] for row in rows().values()} == {"review"}
    assert len(rows()) == len([p for p in Path("in").rglob("*") if p.is_file()])
    assert migrate() == 0
    assert content() == before


def test_a_file_of_several_projects_leaves_its_neighbours_names_alone() -> None:
    put({"in/a.xml": TREE["in/a/two.xml"], "in/a-X.xml": xml()})
    assert migrate() == 0
    assert {name for name in content() if name.endswith(".cfg")} == {
        *("a-X.cfg", "a-x_.cfg", "a-y.cfg"),
    }


def test_several_directories_have_one_each() -> None:
    put({"in/p.xml": xml(), "x/in/p.xml": xml(), "y/q.xml": xml()})
    assert run("migrate", "in", "x/in", "y", "-o", "out", "-q") == 0
    assert set(rows()) == {"in/p.xml", "in_/p.xml", "y/q.xml"}


def test_a_list_may_have_names_of_several_lines() -> None:
    put({"in/a\nb.xml": xml(), "list": b"in/a\nb.xml\0"})
    assert run("migrate", "--files-from", "list", "-o", "out", "-q") == 0
    assert len(rows()) == 1


@pytest.mark.parametrize("end", [b"\n", b"\0"])
def test_files_from_a_list(end: bytes) -> None:
    put({**TREE, "list": end.join([b"in/one.xml", b"", b"in/../in/a/one.xml", b"nobody.xml", b""])})
    assert run("migrate", "--files-from", "list", "-o", "out", "-q") == 3
    assert {name: row["status"] for name, row in rows().items()} == {
        "in/a/one.xml": "partial",
        "in/one.xml": "review",
        "nobody.xml": "failed",
    }
    outside = str(Path("in/one.xml").resolve())
    os.chdir("in")
    (found,) = listed([outside])
    assert (found.source, found.stem) == ("one.xml", "one")
    (found,) = listed(["../x.xml"])
    assert found.source == str(Path("..").resolve() / "x.xml")


def test_a_file_from_elsewhere_is_found_again(capsys: pytest.CaptureFixture[str]) -> None:
    put({"in/one.xml": xml()})
    Path("here").mkdir()
    os.chdir("here")
    assert run("migrate", "../in/one.xml", "-o", "out", "-q", "--launcher", "project.py") == 0
    assert f" {Path('../in/one.xml').resolve()}\n" in Path("out/todo.sh").read_text()
    assert run("migrate", "../in/one.xml", "-o", "out", "-q") == 0
    assert run("verify", "out") == 0
    assert "out, files: 1 announced" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("selection", "found"),
    [
        (Selection(), ["a/one.xml", "a/two.xml", "broken.xml", "one.xml"]),
        (Selection(include=("one.xml",)), ["a/one.xml", "one.xml"]),
        (Selection(include=("a/*",)), ["a/one.xml", "a/two.xml"]),
        (Selection(exclude=("a",)), ["broken.xml", "one.xml"]),
        (Selection(include=("*.xml",), exclude=("*/t*", "b*")), ["a/one.xml", "one.xml"]),
    ],
)
def test_globs(selection: Selection, found: list[str]) -> None:
    put(TREE)
    sources = [c.source for c in survey(["in"], "out", selection)]
    assert sorted(sources) == found


# -- what is no project.py file -------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("x.txt", b"hello <project>", "not XML"),
        ("x.root", b"\x00" * 9000, "not XML"),
        ("x.xml", b"", "empty"),
        ("x.xml", b"<a/>", "no <project>"),
        ("page", b"<html></html>", "no <project>"),
        ("pom.xml", b"<project><modelVersion/></project>", "of another program"),
        ("x.xml", b"<!-- " + b"x" * 10000, "no <project>"),
    ],
)
def test_other_files_are_skipped_with_the_reason(name: str, data: bytes, reason: str) -> None:
    put({f"in/{name}": data})
    assert migrate() == 0
    row = rows()[name]
    assert row["status"] == "skipped"
    assert reason in row["reason"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("workflow", xml()),
        ("x.fcl", b"\n " + xml()),
        ("x.xml", b"<?xml version='1.0' encoding='utf-16'?>" + xml()),
        ("x", b"\xef\xbb\xbf" + xml()),
    ],
)
def test_project_files_are_known_by_their_content(name: str, data: bytes) -> None:
    put({f"in/{name}": data})
    assert migrate() == 0
    assert rows()[name]["projects"]


def test_what_is_no_plain_file_or_directory() -> None:
    put(TREE)
    os.mkfifo("in/pipe.xml")
    os.symlink("nowhere", "in/gone.xml")
    os.symlink("one.xml", "in/link.xml")
    os.symlink(".", "in/loop")
    put({"in/.git/x.xml": xml(), "in/sub/CVS/x.xml": xml()})
    assert migrate() == 3
    assert {name: row["status"] for name, row in rows().items()} == {
        "a/one.xml": "partial",
        "a/two.xml": "review",
        "broken.xml": "failed",
        "gone.xml": "failed",
        "link.xml": "review",
        "loop": "skipped",
        "one.xml": "review",
        "pipe.xml": "skipped",
    }


def test_the_output_tree_may_lie_within_the_sources() -> None:
    put(TREE)
    for _ in range(2):
        assert run("migrate", "in", "-o", "in/out", "-q") == 3
        assert len(rows("in/out")) == 4


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["migrate", "-o", "out"], 2, "nothing to migrate"),
        (["migrate", "in"], 2, "--output"),
        (["migrate", "in", "-o", "in"], 2, "directory of the sources"),
        (["migrate", "nobody", "-o", "out"], 3, "nobody: is neither a directory nor a file"),
        (["migrate", "in/one.xml", "-o", "out"], 0, "1 agree"),
        (["migrate", "--files-from", "nobody", "-o", "out"], 3, "nobody: cannot be read"),
        (["migrate", "in", "-o", "in/one.xml"], 4, "cannot be written"),
        (["migrate", "in", "-o", "in/one.xml/out"], 4, "cannot be written"),
        (
            ["migrate", "in", "-o", "out", "--experiment", "No One"],
            2,
            "nothing is known about an experiment",
        ),
        (["migrate", "in", "-o", "out", "--profile", "nobody"], 2, "cannot be read"),
        (["migrate", "in", "-o", "out", "-j", "0"], 2, "--jobs"),
        (["migrate", "--help"], 0, "migration.json"),
        (["audit", "--help"], 0, "nothing is written"),
    ],
)
def test_what_is_said(
    args: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    put(TREE)
    assert run(*args) == code
    streams = capsys.readouterr()
    assert said in streams.out + streams.err


# -- again ----------------------------------------------------------------------------------


def _times(folder: str = "out") -> dict[str, int]:
    return {name: Path(folder, name).stat().st_mtime_ns for name in content(folder)}


def test_what_has_not_changed_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    put(TREE)
    migrate()
    before, times = content(), _times()
    converted: list[str] = []
    convert = work.Worker._convert
    monkeypatch.setattr(
        work.Worker,
        "_convert",
        lambda self, job, data: converted.append(job.candidate.source) or convert(self, job, data),
    )
    assert migrate() == 3
    assert (content(), _times()) == (before, times)
    assert converted == []
    put({"in/one.xml": xml("<memory>1</memory>")})
    migrate()
    assert converted == ["one.xml"]
    assert {n for n, t in _times().items() if t != times[n]} == {
        *("one.cfg", "one.json", "migration.json"),
    }


def test_a_lost_output_is_written_again_and_other_options_count() -> None:
    put(TREE)
    migrate()
    before = content()
    Path("out/one.ini").unlink()
    Path("out/a/a_one.cfg").unlink()
    migrate()
    assert content() == before
    migrate("--no-comments")
    assert "# " not in Path("out/one.cfg").read_text()
    migrate()
    assert content() == before


def test_what_somebody_changed_is_kept_until_forced() -> None:
    put(TREE)
    migrate()
    before = content()
    Path("out/one.cfg").write_text("mine\n")
    assert migrate() == 4
    assert Path("out/one.cfg").read_text() == "mine\n"
    row = rows()["one.xml"]
    assert (row["status"], row["error"]["code"]) == ("failed", "X2P903")
    assert summary()["stale"] == []
    assert migrate("--prune") == 4
    assert set(content()) == set(before)
    assert migrate("--force") == 3
    assert content() == before


def test_outputs_without_a_manifest_are_somebody_elses() -> None:
    put(TREE)
    migrate()
    before = content()
    Path("out/migration.json").write_text("{}")
    assert migrate() == 3
    assert content() == before
    put({"in/one.xml": xml("<memory>1</memory>"), "out/migration.json": b"\xff{"})
    assert migrate() == 4


def test_outputs_of_vanished_sources_are_named_and_pruned() -> None:
    put(TREE)
    migrate()
    shutil.rmtree("in/a")
    Path("out/a/a_one.cfg").write_text("mine\n")
    migrate()
    assert rows()["a/one.xml"]["status"] == "vanished"
    assert [s["path"] for s in summary()["stale"]][:2] == ["a/a_one.cfg", "a/a_one.ini"]
    migrate("--prune")
    assert {name for name in content() if name.startswith("a/")} == {"a/a_one.cfg"}
    (left,) = summary()["stale"]
    assert "changed since" in left["reason"]
    Path("out/a/a_one.cfg").unlink()
    migrate()
    assert summary()["stale"] == []
    assert set(rows()) == {"one.xml", "broken.xml"}


def test_outputs_that_a_source_does_not_make_any_more_are_stale() -> None:
    put(TREE)
    migrate()
    put({"in/a/two.xml": xml(name="x"), "in/one.xml": b"<project"})
    migrate()
    assert [s["path"] for s in summary()["stale"]] == [
        *("a/a_two-x.cfg", "a/a_two-x.ini", "a/a_two-y.cfg", "a/a_two-y.ini"),
        *("one.cfg", "one.ini", "one.json"),
    ]
    migrate("--prune")
    assert not Path("out/one.cfg").exists()
    assert Path("out/a/a_two.cfg").exists()


def test_an_output_that_moved_to_another_source_is_not_pruned() -> None:
    put({"in/p": xml()})
    migrate()
    Path("in/p").rename("in/p.xml")
    migrate("--prune")
    assert set(content()) == {"p.cfg", "p.ini", "p.json", "migration.json", "todo.sh"}


def test_prune_follows_no_manifest_out_of_the_tree() -> None:
    put({**TREE, "mine": b"x"})
    migrate()
    row = {"source": "x", "status": "manual", "outputs": {}, "stale": {}}
    row["stale"] = {"../mine": output_tree.checksum(b"x")}
    manifest = Path("out/migration.json")
    text = manifest.read_text().replace('"files": [\n', f'"files": [\n{json.dumps(row)},\n')
    manifest.write_text(text)
    # One of the files cannot be converted; the foreign row stops nothing.
    assert migrate("--prune") == 3
    assert Path("mine").read_bytes() == b"x"
    assert "../mine" not in manifest.read_text()


# -- what goes wrong ------------------------------------------------------------------------


def test_a_dry_run_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    put(TREE)
    assert run("migrate", "in", "-o", "out", "--dry-run") == 3
    assert not Path("out").exists()
    assert "campaigns: 4" in capsys.readouterr().out
    migrate()
    before = content()
    put({"in/one.xml": xml("<memory>1</memory>")})
    assert migrate("--dry-run", "--prune") == 3
    assert content() == before


def test_nothing_is_written_through_a_link_that_leads_out() -> None:
    put(TREE)
    Path("out").mkdir()
    Path("elsewhere").mkdir()
    os.symlink("../elsewhere", "out/a")
    assert migrate() == 4
    assert os.listdir("elsewhere") == []
    assert "leads out of" in rows()["a/one.xml"]["error"]["message"]
    assert rows()["one.xml"]["status"] == "review"


def test_a_file_where_a_directory_has_to_be() -> None:
    put({**TREE, "out/a": b"mine"})
    assert migrate() == 4
    assert Path("out/a").read_bytes() == b"mine"
    assert Path("out/one.cfg").exists()


def test_a_directory_where_a_file_has_to_be() -> None:
    put({**TREE, "out/one.cfg/x": b"mine"})
    assert migrate() == 4
    assert rows()["one.xml"]["status"] == "failed"


def test_a_full_disk_ends_it_and_leaves_nothing_half(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put(TREE)
    replace, left = os.replace, [4]

    def full(one: str, other: str, **folders: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")
        replace(one, other, **folders)

    with monkeypatch.context() as patch:
        patch.setattr(output_tree.os, "replace", full)
        assert migrate() == 4
    assert "No space left" in capsys.readouterr().err
    half = {name for name in content() if not name.startswith(".xml2poms")}
    assert len(half) == 4
    migrate()
    whole = content()
    shutil.rmtree("out")
    migrate()
    assert content() == whole


@needs_permissions
def test_what_cannot_be_read_or_written() -> None:
    put(TREE)
    Path("in/one.xml").chmod(0)
    Path("in/a").chmod(0)
    assert migrate() == 3
    assert rows()["one.xml"]["error"]["code"] == "X2P905"
    assert rows()["a"]["status"] == "failed"
    Path("in/a").chmod(0o755)
    Path("out").chmod(0o555)
    assert migrate() == 4
    Path("out").chmod(0o755)


def test_a_directory_that_vanishes(monkeypatch: pytest.MonkeyPatch) -> None:
    put(TREE)
    scan = os.scandir

    def gone(path: str | int) -> Any:
        if isinstance(path, str) and path.endswith("/a"):
            shutil.rmtree(path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", gone)
    found = list(survey(["in"], "out"))
    assert [f.reason for f in found if isinstance(f, Unlisted)] == [
        "the directory cannot be listed: No such file or directory"
    ]
    put(TREE)
    assert migrate() == 3
    assert rows()["a"]["status"] == "failed"


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_defect_stops_one_file_only(
    jobs: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put(TREE)
    convert = work.convert

    def broken(reading: Any, *args: Any, source: str, **more: Any) -> Any:
        if source == "one.xml":
            raise RuntimeError("broken")
        return convert(reading, *args, source=source, **more)

    monkeypatch.setattr(work, "convert", broken)
    assert run("migrate", "in", "-o", "out", "-j", jobs) == 70
    said = capsys.readouterr().err
    assert "Traceback" not in said
    error = rows()["one.xml"]["error"]
    kept = Path(error["advice"].split()[-1])
    assert "RuntimeError: broken" in kept.read_text()
    kept.unlink()
    assert Path("out/a/a_one.cfg").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="the patch is inherited by a fork")
def test_a_process_that_dies_stops_one_file_only(monkeypatch: pytest.MonkeyPatch) -> None:
    put({**TREE, **{f"in/b/{n}.xml": xml() for n in range(40)}})
    convert = work.convert

    def broken(reading: Any, *args: Any, source: str, **more: Any) -> Any:
        if source == "b/7.xml":
            os.kill(os.getpid(), signal.SIGKILL)
        return convert(reading, *args, source=source, **more)

    monkeypatch.setattr(work, "convert", broken)
    assert run("migrate", "in", "-o", "out", "-j", "2", "-q") == 70
    assert rows()["b/7.xml"]["error"]["code"] == "X2P911"
    assert summary()["totals"]["status"]["failed"] == 2
    assert Path("out/b/b_39.cfg").exists()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("number", [1, 2])
def test_threads_that_cannot_be_started_leave_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Each process needs two, which take memory."""
    numbers = count(1)
    true = threading.Thread.start

    def start(thread: threading.Thread) -> None:
        if next(numbers) >= number:
            raise RuntimeError("can't start new thread")
        true(thread)

    put({f"in/{n}.xml": xml() for n in range(3)})
    monkeypatch.setattr(threading.Thread, "start", start)
    assert run("migrate", "in", "-o", "out", "-q", "--no-pages", "-j", "2") == 70
    assert {row["error"]["code"] for row in rows().values()} == {"X2P911"}


@pytest.mark.parametrize("command", [["in.xml", "-o", "o.cfg"], ["migrate", "in", "-o", "out"]])
def test_too_little_memory_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    def none(*args: object, **more: object) -> object:
        raise MemoryError

    put({"in/1.xml": xml(), "in.xml": xml()})
    monkeypatch.setattr("converter.cli.convert.convert_bytes", none)
    monkeypatch.setattr("converter.cli.migrate.migrate", none)
    assert run(*command) == 70
    assert "there is not enough memory" in capsys.readouterr().err


# -- many files, several processes; for interruptions see robustness/test_faults ------------


@pytest.fixture
def _many(here: Path) -> None:
    samples = sorted((SAMPLES / "xml").glob("*.xml"))
    put({f"in/{n % 5}/{n}.xml": samples[n % len(samples)].read_bytes() for n in range(120)})


@pytest.mark.usefixtures("_many")
def test_any_number_of_processes_gives_the_same_output() -> None:
    for jobs in ("1", "2", "3"):
        assert run("migrate", "in", "-o", f"out{jobs}", "-q", "-j", jobs) == 0
    assert content("out1") == content("out2") == content("out3")


def test_two_migrations_to_one_tree_exclude_each_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put(TREE)
    monkeypatch.setattr(output_tree, "_PATIENCE", 0.1)
    with output_tree.Tree("out").opened():
        assert migrate() == 4
    assert "another migration" in capsys.readouterr().err


def test_a_store_that_is_none_is_made_anew() -> None:
    put({**TREE, "out/.xml2poms/rows.sqlite": b"nonsense" * 999, "out/.xml2poms/1.part": b""})
    assert migrate() == 3
    assert len(rows()) == 4
    assert not Path("out/.xml2poms").exists()


# -- the sum --------------------------------------------------------------------------------


def test_the_counts_add_up() -> None:
    put({**TREE, "in/x.txt": b"text"})
    migrate()
    found = summary()
    totals = found["totals"]
    assert totals["files"] == len(found["files"]) == sum(totals["status"].values()) == 5
    assert set(totals["status"]) <= set(ALL_STATUSES)
    assert totals["leaves"] == sum(totals["fates"].values())
    assert totals["leaves"] == sum(row.get("leaves", 0) for row in found["files"])
    for rank in found["findings"]:
        having = [r for r in found["files"] if rank["code"] in r.get("findings", {})]
        assert rank["files"] == len(having)
        assert rank["count"] == sum(r["findings"][rank["code"]]["count"] for r in having)
        assert rank["source"] == having[0]["source"]
    assert [rank["need"] for rank in found["findings"]] == sorted(
        (rank["need"] for rank in found["findings"]), key=list(NEEDS).index, reverse=True
    )


def test_tasks_are_named_once() -> None:
    stages = (stage("t", "<defname>d</defname>"), stage("u", "<inputdef>raw</inputdef>"))
    put({f"in/{n}.xml": xml("", "", *stages) for n in range(3)})
    migrate()
    tasks = [(t["kind"], t["command"], t["files"]) for t in summary()["tasks"]]
    assert ("prestage", "samweb prestage-dataset --defname=raw", 3) in tasks
    assert {t["kind"] for t in summary()["tasks"]} <= {"credentials", "define", "prestage"}
    assert len(tasks) == len(set(tasks))


def test_a_dataset_that_is_defined_in_several_ways_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tier = "<defname>{}</defname><datatier>{}</datatier>".format
    put({
        "in/a.xml": xml(tier("d", "raw")),
        "in/b.xml": xml(tier("d", "raw")),
        "in/c.xml": xml(tier("d", "reco")),
        "in/e.xml": xml(tier("d2", "reco")),
    })  # fmt: skip
    assert run("migrate", "in", "-o", "out", "--no-pages", "-v") == 0
    assert summary()["conflicts"] == [{"name": "d", "ways": 2, "sources": ["a.xml", "c.xml"]}]
    assert "d (2 ways): a.xml, c.xml" in capsys.readouterr().out


def test_unknown_tags_are_counted() -> None:
    put({"in/a.xml": xml("<zzz>1</zzz><zzz>2</zzz>"), "in/b.xml": xml("<zzz>1</zzz>")})
    migrate()
    assert summary()["unknown_tags"] == [{"name": "zzz", "files": 2, "source": "a.xml"}]


@pytest.mark.parametrize(
    ("fail_on", "code"), [("invalid", 0), ("unsupported", 1), ("manual", 1), ("inert", 1)]
)
def test_fail_on(fail_on: str, code: int) -> None:
    put({"in/p.xml": xml(LOST)})
    assert migrate("--fail-on", fail_on) == code
    assert migrate("--fail-on", fail_on) == code
    assert run("audit", "in", "-q", "--fail-on", fail_on) == code


def test_the_summary_on_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    put({**TREE, "in/x.xml": xml("<zzz>1</zzz>", "", stage("u", "<inputdef>raw</inputdef>"))})
    migrate()
    shutil.rmtree("in/a")
    assert run("migrate", "in", "-o", "out", "-v") == 3
    streams = capsys.readouterr()
    said = streams.out + streams.err
    for words in (
        *("3 files to look at", "2 vanished", "1 failed", "X2P111", "<zzz> in 1 file"),
        *("Datasets to bring to disk: 1", "Failed: not well-formed XML (X2P001): 1"),
        *("Left from earlier runs", "a/a_two-x.cfg", "all of it: out/index.html, out/migration"),
        "bash out/todo.sh --dry-run",
    ):
        assert words in said
    assert "Traceback" not in said


# -- audit ----------------------------------------------------------------------------------


def test_audit_writes_nothing_and_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    put(TREE)
    assert run("audit", "in", "--format", "json") == 3
    audited = json.loads(capsys.readouterr().out)
    assert set(os.listdir()) == {"in"}
    migrate()
    found = summary()
    for name in ("totals", "findings", "unknown_tags", "tasks"):
        assert audited[name] == found[name]
    for one, other in zip(audited["files"], found["files"]):
        # What only the next run needs: whose the outputs are, and whether the row is as written.
        own = {name: other.get(name) for name in ("outputs", "key", "check")}
        assert {**one, **own} == {**other, **own}


def test_audit_counts_as_convert_does(capsys: pytest.CaptureFixture[str]) -> None:
    Path("many.xml").write_bytes(xml("", "", stage("t"), stage("u")))
    run("many.xml", "-o", "c.cfg")
    (rest,) = [line for line in capsys.readouterr().out.splitlines() if "good to know" in line]
    run("audit", "many.xml")
    (told,) = [line for line in capsys.readouterr().out.splitlines() if "many.xml" in line]
    assert told.endswith(rest.replace(", ", "; "))


def test_audit_takes_files_too(capsys: pytest.CaptureFixture[str]) -> None:
    put({"in/a.xml": xml(), "in/b.xml": xml(), "in/other.xml": b"<html/>"})
    assert run("audit", "in/a.xml", "in/other.xml", "-q", "--format", "json") == 0
    found = json.loads(capsys.readouterr().out)
    assert [row["source"] for row in found["files"]] == ["in/a.xml", "in/other.xml"]
    assert run("audit", "in", "nobody.xml", "-q") == 3


def test_a_quiet_audit_only_has_an_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    put({"in/a.xml": xml("<mixinputdef>d</mixinputdef>")})
    assert run("audit", "in", "-q", "--fail-on", "unsupported") == 1
    assert run("audit", "in", "-q", "--fail-on", "invalid") == 0
    said = capsys.readouterr()
    assert said.out + said.err == ""


@pytest.mark.parametrize("command", [("audit",), ("migrate", "-o", "out")])
def test_what_fails_is_said_quietly_too(
    command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    put({"in/good.xml": xml(), "in/bad.xml": b"<project><stage></project>"})
    assert run(*command, "in", "-q") == 3
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("xml2poms: bad.xml:1: ")
    assert said.err.count("\n") == 1


def test_audit_as_a_table_has_the_worst_first(capsys: pytest.CaptureFixture[str]) -> None:
    put(TREE)
    assert run("audit", "in") == 3
    said = capsys.readouterr()
    rows, _, after = said.out.partition("\n\n")
    assert [line.split()[0] for line in rows.splitlines()] == [
        *("failed", "agree", "agree", "agree"),
    ]
    assert "broken.xml:1:" in rows
    assert "campaigns: 4" in after


def test_audit_as_csv(capsys: pytest.CaptureFixture[str]) -> None:
    put(TREE)
    run("audit", "in", "--format", "csv", "-q")
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.startswith(
        "source,status,verdict,blocks,to agree on,optional,error,experiment,campaigns,"
    )
    assert lines[0].startswith("a/one.xml,partial,agree,0,2,0,,dune,a_one,1,")
    assert len(lines) == 4


def test_a_reader_that_goes_away_is_no_error_of_ours() -> None:
    put(TREE)
    program = "from converter.cli import main; main()"
    command = f"{sys.executable} -c '{program}' audit in -q --format json | head -c 10"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    # What is said quietly is what failed, and nothing of the pipe.
    assert {line.partition(":")[2][:12] for line in done.stderr.splitlines()} <= {" broken.xml:"}


# -- processes ------------------------------------------------------------------------------


def test_processes_that_cannot_all_be_started_do_not_wait_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real, left = os.fork, [1]

    def fork() -> int:
        left[0] -= 1
        if left[0] < 0:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        return real()

    monkeypatch.setattr(os, "fork", fork)
    jobs = [work.Job(Candidate(f"{n}.xml", f"{n}.xml", f"{n}")) for n in range(9)]
    with pytest.raises(OSError, match="temporarily"):
        list(workers.outcomes(iter(jobs), len(jobs), work.Settings(), 2))
    waiting = [one for one in multiprocessing.active_children() if one.join(5) or one.is_alive()]
    for process in waiting:
        process.kill()
    assert not waiting


def test_outcomes_come_in_order() -> None:
    put({f"in/{n:03}.xml": xml() for n in range(50)})
    candidates = [c for c in survey(["in"], "out") if isinstance(c, Candidate)]
    jobs = [work.Job(c) for c in candidates]
    found = workers.outcomes(iter(jobs), len(jobs), work.Settings(), 2)
    assert [job for job, _ in found] == jobs


def test_a_migration_leaves_the_collector_as_it_was() -> None:
    put({"in/p.xml": xml()})
    before = gc.get_threshold(), gc.get_freeze_count()
    assert migrate() == 0
    assert (gc.get_threshold(), gc.get_freeze_count()) == before
