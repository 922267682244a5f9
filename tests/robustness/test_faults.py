"""A fault at any moment of a run: one clear error, no piece of a file, and the next run mends it.

The faults come at operations that are counted, never after some time; see `faults`.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.robustness.documents import document

DUNE = ("-q", "--experiment", "dune")
CONVERT = ("in.xml", "-o", "o.cfg", "--report", "r.html", "--report", "r.json", *DUNE)
MIGRATE = ("migrate", "in", "-o", "out", "--sarif", *DUNE)
NAMES = ("in.xml", "in/a.xml", "in/b/c.xml", "in/b/d.xml")
ENDED = {"SIGINT": 130, "SIGTERM": 143, "SIGHUP": 129, "SIGKILL": -9}


def runs(kind: str, step: int, folder: Path, *args: str) -> tuple[list[dict[str, Any]], Any]:
    """The runs with a fault, and the one that had none."""
    command = [sys.executable, "-m", "tests.robustness.faults", kind, str(step), str(folder), "--"]
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [*command, *args], cwd=root, check=True, stdout=subprocess.PIPE, text=True
    )
    *faulty, whole = map(json.loads, done.stdout.splitlines())
    return faulty, whole


def check(kind: str, step: int, folder: Path, *args: str) -> None:
    before = dict.fromkeys(NAMES) if "--force" not in args else {}
    faulty, whole = runs(kind, step, folder, *args)
    assert len(faulty) > 2, "the faults met nothing"
    assert (whole["code"], whole["said"]) == (0, "")
    sent = kind.rpartition(":")[2]
    for run in faulty:
        about = (run["at"], run["said"])
        allowed = {ENDED[sent]} if sent in ENDED else {4}
        # What is not needed any more may fail to be removed; a signal may come at the very end.
        assert run["code"] in {*allowed, 0}, about
        assert not re.search("Traceback|Error|internal", run["said"]), about
        for name, content in run["files"].items():
            hidden = Path(name).name.startswith(".") and not name.startswith("out/.xml2poms/")
            # Nobody can remove it then, or its removal was what failed.
            assert not hidden or sent == "SIGKILL" or (kind, run["code"]) == ("error", 0), about
            if name in whole["files"] and name not in before and "--force" not in args:
                assert content == whole["files"][name], (name, about)
        pair = [run["files"].get(name) == whole["files"].get(name) for name in ("o.cfg", "o.ini")]
        assert pair[0] == pair[1] or sent == "SIGKILL", about
        again = run["again"]
        assert (again["code"], again["said"]) == (0, ""), about
        assert again["files"] == whole["files"], about


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in NAMES:
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(document("<odd>1</odd>"))
    return tmp_path


STEPS = [("error", 2), ("fsync", 1), ("size", 9_000), *((sent, 5) for sent in ENDED)]


@pytest.mark.parametrize(("kind", "step"), STEPS)
def test_a_conversion(kind: str, step: int, folder: Path) -> None:
    check(kind, step, folder, *CONVERT)


@pytest.mark.parametrize("kind", ["error", "SIGTERM"])
def test_a_conversion_that_replaces_another(kind: str, folder: Path) -> None:
    (folder / "o.cfg").write_text("of before")
    (folder / "o.ini").write_text("of before")
    check(kind, 3, folder, *CONVERT, "--force")


@pytest.mark.parametrize("sent", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_while_modules_are_imported(sent: str, folder: Path) -> None:
    check(f"import:{sent}", 100, folder, *CONVERT)


@pytest.mark.parametrize(("kind", "step"), [("error", 8), ("size", 12_000), ("SIGINT", 13)])
def test_a_migration(kind: str, step: int, folder: Path) -> None:
    check(kind, step, folder, *MIGRATE, "-j", "1")


@pytest.mark.parametrize("sent", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_an_interrupted_migration_with_several_processes_goes_on(sent: str, folder: Path) -> None:
    check(sent, 7, folder, *MIGRATE, "-j", "2")


@pytest.mark.long
@pytest.mark.parametrize("kind", ["error", *ENDED])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_migration_everywhere(kind: str, jobs: str, folder: Path) -> None:
    check(kind, 1, folder, *MIGRATE, "-j", jobs)


@pytest.mark.long
@pytest.mark.parametrize("kind", ENDED)
def test_a_conversion_everywhere(kind: str, folder: Path) -> None:
    check(kind, 1, folder, *CONVERT)


@pytest.mark.long
@pytest.mark.parametrize("kind", ["import:SIGINT", "import:SIGTERM"])
def test_every_import(kind: str, folder: Path) -> None:
    check(kind, 1, folder, *CONVERT)
