"""The same input gives the same bytes, whatever is around the program."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.golden import SAMPLES
from tests.robustness.documents import document

ROOT = Path(__file__).parents[2]
REPORTS = [word for e in ("txt", "md", "json", "html", "sarif") for word in ("--report", f"r.{e}")]
CONVERT = ("in/chain.xml", "-o", "o.cfg", "--experiment", "dune", "-q", *REPORTS)
MIGRATE = ("migrate", "in", "-o", "out", "--experiment", "dune", "-q", "--sarif")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "place"
    put(folder, sorted((SAMPLES / "xml").glob("*.xml")))
    return folder


def put(folder: Path, samples: list[Path]) -> None:
    (folder / "in" / "é b").mkdir(parents=True)
    for sample in samples:
        shutil.copy(sample, folder / "in")
    (folder / "in" / "é b" / "p.xml").write_bytes(document("<defname>é</defname><odd>1</odd>"))
    (folder / "in" / "none.xml").write_bytes(b"<project name='p'><stage>")


def written(
    place: Path, *args: str, python: str = sys.executable, **around: str
) -> dict[str, bytes]:
    """All that the command writes, its standard output too; what was there is removed first."""
    for path in place.iterdir():
        if path.name != "in":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    own = {**os.environ, "PYTHONPATH": str(ROOT), **around}
    done = subprocess.run(
        [python, "-c", "from converter.cli import main; main()", *args],
        cwd=place, env=own, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 3), done.stderr
    files = (p for p in sorted(place.rglob("*")) if p.is_file() and "in" not in p.parts)
    return {"": done.stdout, **{str(p.relative_to(place)): p.read_bytes() for p in files}}


AROUND = {
    "another locale": {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
    "a locale of one byte": {"LC_ALL": "en_US.ISO-8859-1", "PYTHONCOERCECLOCALE": "0"},
    "a language with other letters": {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"},
    "another time zone": {"TZ": "Pacific/Kiritimati"},
    "another hash seed": {"PYTHONHASHSEED": "4711"},
    "hashes that are all the same": {"PYTHONHASHSEED": "0"},
    "a narrow terminal": {"COLUMNS": "20", "LINES": "5", "NO_COLOR": "1", "TERM": "dumb"},
    "another home and user": {"HOME": "/nowhere", "USER": "nobody", "LOGNAME": "nobody"},
    "optimised": {"PYTHONOPTIMIZE": "1"},
    "development": {"PYTHONDEVMODE": "1"},
}


@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND)
@pytest.mark.parametrize("args", [CONVERT, (*MIGRATE, "-j", "1")], ids=["convert", "migrate"])
def test_what_is_around_changes_nothing(
    args: tuple[str, ...], around: dict[str, str], place: Path
) -> None:
    assert written(place, *args, **around) == written(place, *args)


def test_the_working_directory_and_the_mask_change_nothing(place: Path, tmp_path: Path) -> None:
    expected = written(place, *MIGRATE)
    elsewhere = tmp_path / "else where"
    put(elsewhere, sorted((SAMPLES / "xml").glob("*.xml"), reverse=True))
    mask = os.umask(0o077)
    try:
        assert written(elsewhere, *MIGRATE) == expected
        modes = {p.stat().st_mode & 0o777 for p in (elsewhere / "out").rglob("*.cfg")}
    finally:
        os.umask(mask)
    assert modes == {0o600}


@pytest.mark.parametrize("jobs", ["1", "2", "3", "7"])
def test_the_number_of_processes_changes_nothing(jobs: str, place: Path) -> None:
    assert written(place, *MIGRATE, "-j", jobs) == written(place, *MIGRATE, "-j", "1")


def test_the_order_in_which_a_system_lists_files_changes_nothing(place: Path) -> None:
    program = (
        "import os; real = os.scandir\n"
        "class Turned:\n"
        "    def __init__(self, *where):\n"
        "        with real(*where) as entries: self.all = list(entries)[::-1]\n"
        "    def __iter__(self): return iter(self.all)\n"
        "    def __enter__(self): return self\n"
        "    def __exit__(self, *error): pass\n"
        "    def close(self): pass\n"
        "os.scandir = Turned\n"
    )
    folder = place.parent / "turned"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(program)
    turned = written(place, *MIGRATE, PYTHONPATH=f"{folder}:{ROOT}")
    assert turned == written(place, *MIGRATE)


def pythons() -> list[str]:
    """Other versions of Python that can run the program."""
    found = []
    for minor in range(10, 16):
        python = shutil.which(f"python3.{minor}") or f"/usr/bin/python3.{minor}"
        if sys.version_info[1] != minor and Path(python).exists():
            check = [python, "-c", "import lxml, configobj, click, jinja2, msgspec, rich"]
            if subprocess.run(check, capture_output=True, check=False).returncode == 0:
                found.append(python)
    return [*found, *os.environ.get("XML2POMS_PYTHONS", "").split()]


def test_the_version_of_python_changes_nothing(place: Path) -> None:
    others = pythons()
    if not others:
        pytest.skip("no other Python has the libraries; $XML2POMS_PYTHONS may name some")
    for python in others:
        assert written(place, *CONVERT, python=python) == written(place, *CONVERT)
