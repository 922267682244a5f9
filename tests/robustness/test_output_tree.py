"""What a migration calls its own never meets what belongs to others, on neither side."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
from pathlib import Path
from typing import Any

import pytest

from converter.errors import OutputError
from converter.migration import survey
from converter.migration.store import Store
from converter.migration.tree import Tree
from tests.commandline import run
from tests.projects import xml

pytestmark = pytest.mark.usefixtures("here")

OWN = [
    ".xml2poms",
    "migration-pages",
    "index",
    "migration",
    "waivers",
    "MIGRATION-PAGES",
    ".XML2POMS",
]


def migrate(*args: str, source: str = "in", out: str = "out") -> int:
    return run("migrate", source, "-o", out, "-j", "1", "-q", "--experiment", "dune", *args)


def put(path: str, data: bytes = b"theirs") -> Path:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file


def outputs(out: str = "out") -> dict[str, list[str]]:
    rows = json.loads(Path(out, "migration.json").read_text())["files"]
    return {row["source"]: sorted(row["outputs"]) for row in rows}


def content(folder: str) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in sorted(Path(folder).rglob("*")) if p.is_file()}


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("path", ["in/{}/p.xml", "in/{}.xml", "in/a/{}/p.xml", "in/{0}/{0}.xml"])
def test_sources_with_names_of_ours_keep_their_outputs(name: str, path: str) -> None:
    put(path.format(name), xml(name="p"))
    put("in/plain.xml", xml(name="p"))
    for _ in range(2):
        assert migrate("--sarif", "--prune") == 0
        assert migrate("--no-pages", "--prune") == 0
        for source, found in outputs().items():
            assert len(found) in (3, 4), source
            for output in found:
                assert Path("out", output).is_file()


@pytest.mark.parametrize("name", OWN)
def test_listed_sources_with_names_of_ours_keep_their_outputs(name: str) -> None:
    listed = [put(f"{name}/p.xml", xml(name="p")), put(f"{name}_/p.xml", xml(name="p"))]
    Path("list").write_text("\n".join(map(str, listed)))
    options = ("--files-from", "list", "-o", "out", "-q", "--experiment", "dune")
    assert run("migrate", *options) == 0
    found = outputs()
    assert len(found) == 2
    assert all(Path("out", o).is_file() for some in found.values() for o in some)
    assert len({o for some in found.values() for o in some}) == 8


@pytest.mark.parametrize("inside", [True, False])
def test_a_scratch_directory_that_is_a_link_is_refused(inside: bool) -> None:
    put("in/p.xml", xml(name="p"))
    target = "out/real" if inside else "elsewhere"
    put(f"{target}/1.part")
    put(f"{target}/rows.sqlite")
    Path("out").mkdir(exist_ok=True)
    Path("out/.xml2poms").symlink_to(Path(target).resolve())
    before = content(".")
    assert migrate() == 4
    assert content(".") == before


@pytest.mark.parametrize("name", ["notes.txt", "rows.sqlite", "d/x"])
def test_a_scratch_directory_of_somebody_else_is_refused(name: str) -> None:
    put("in/p.xml", xml(name="p"))
    theirs = put("elsewhere/db")
    Path("out/.xml2poms").mkdir(parents=True)
    if name == "rows.sqlite":
        Path("out/.xml2poms", name).symlink_to(theirs.resolve())
    else:
        put(f"out/.xml2poms/{name}")
    before = content(".")
    assert migrate() == 4
    assert content(".") == before


@pytest.mark.parametrize(
    "name",
    [
        "index.html",
        "migration.json",
        "migration.sarif",
        "migration-pages/x.html",
        "migration-pages/a.txt",
    ],
)
def test_files_of_others_are_not_replaced_or_removed(name: str) -> None:
    put("in/p.xml", xml(name="p"))
    theirs = put(f"out/{name}")
    assert migrate("--sarif") == 4
    assert theirs.read_bytes() == b"theirs"
    if not name.startswith("migration.json"):
        assert migrate("--no-pages") == 0
        assert migrate("--no-pages", "--prune") == 0
        assert theirs.read_bytes() == b"theirs"
    assert migrate("--sarif", "--force") == 0


@pytest.mark.parametrize("name", ["migration-pages", "p.d", "index.html", "migration.json"])
def test_links_in_the_output_tree_lead_nothing_out(name: str) -> None:
    put("in/p.xml", xml(name="p"))
    put("in/p.d/p.xml", xml(name="p"))
    put("elsewhere/keep.html", b"<footer>xml2poms")
    Path("out").mkdir()
    Path("out", name).symlink_to(Path("elsewhere").resolve())
    assert migrate("--prune") == 4
    assert content("elsewhere") == {"elsewhere/keep.html": b"<footer>xml2poms"}


def test_a_tree_within_the_sources_and_sources_within_the_tree() -> None:
    put("in/p.xml", xml(name="p"))
    for _ in range(2):
        assert migrate(out="in/out") == 0
        assert list(outputs("in/out")) == ["p.xml"]
    put("tree/src/p.xml", xml(name="p"))
    before = content("tree/src")
    for _ in range(2):
        assert migrate("--prune", source="tree/src", out="tree") == 0
        assert content("tree/src") == before


def test_what_only_differs_in_case_has_two_names() -> None:
    for name in ("in/a/p.xml", "in/A/p.xml", "in/P.xml", "in/p.XML", "in/Index.xml"):
        put(name, xml(name="p"))
    assert migrate() == 0
    found = [o.casefold() for some in outputs().values() for o in some]
    assert len(found) == len(set(found)) == 20


def test_what_may_be_there_is_not_pruned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outputs of sources in a directory that cannot be listed, for once."""
    for name in ("in/p.xml", "in/d/p.xml", "in/d/e/p.xml", "in/gone.xml"):
        put(name, xml(name="p"))
    assert migrate() == 0
    before = content("out/d")
    Path("in/gone.xml").unlink()
    real = os.scandir

    def scandir(path: str) -> Any:
        if path == "in/d":
            raise OSError(5, "Input/output error")
        return real(path)

    with monkeypatch.context() as patch:
        patch.setattr(survey.os, "scandir", scandir)
        for _ in range(2):
            assert migrate("--prune") == 3
            assert content("out/d") == before
    assert not Path("out/gone.cfg").exists()
    assert set(outputs()) == {"p.xml", "d", "d/p.xml", "d/e/p.xml"}
    assert migrate("--prune") == 0
    assert set(outputs()) == {"p.xml", "d/p.xml", "d/e/p.xml"}
    assert content("out/d") == before


@pytest.mark.parametrize("folder", [".xml2poms", "d"])
def test_a_link_that_comes_during_a_migration_leads_nothing_out(folder: str) -> None:
    Path("elsewhere").mkdir()
    tree = Tree("out")
    with tree.opened():
        store = Store(tree.store)
        tree.put("d/a.cfg", b"x")
        Path("out", folder).rename("before")
        Path("out", folder).symlink_to(Path("elsewhere").resolve())
        for call in (lambda: tree.put("d/b.cfg", b"x"), lambda: tree.remove("d/a.cfg")):
            with contextlib.suppress(OutputError):
                call()
        store.put({"source": "p.xml", "status": "failed", "outputs": {}, "stale": {}})
        store.commit()
        store.close()
        with contextlib.suppress(OutputError):
            tree.cleared()
    assert content("elsewhere") == {}
    assert Path("out", folder).is_symlink()


def test_a_second_migration_finds_its_place_after_the_first() -> None:
    for number in range(12):
        put(f"in/p{number}.xml", xml(name="p"))
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=migrate) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert {one.exitcode for one in both} <= {0, 4}
    assert len(outputs()) == 12
