"""What is given to users says the same in all places, and works where it is used."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def _floors() -> dict[str, str]:
    """Each dependency, with the oldest version that is allowed."""
    listed = PROJECT.partition("\ndependencies = [")[2].partition("\n]")[0]
    return dict(re.findall(r'"([a-z0-9]+)>=([0-9.]+)"', listed))


def _same(one: str, other: str) -> bool:
    """Whether two versions are one: 13 and 13.0.0."""
    return re.sub(r"(\.0)+$", "", one) == re.sub(r"(\.0)+$", "", other)


def test_the_lowest_versions_are_those_that_are_tried() -> None:
    tried = dict(re.findall(r"^(\w+)==(\S+)$", (ROOT / "tests/lowest.txt").read_text(), re.M))
    floors = _floors()
    assert tried.keys() == floors.keys()
    assert all(_same(tried[name], floors[name]) for name in floors)


def test_spack_asks_for_the_same() -> None:
    recipe = (ROOT / "packaging/spack/packages/xml2poms/package.py").read_text()
    asked: dict[str, str] = {}

    def depends_on(spec: str, type: str | tuple[str, ...]) -> None:
        name, _, version = spec.partition("@")
        if "run" in type:
            asked[name] = version.rstrip(":")

    # Spack itself is not here: what the recipe uses of it stands in.
    names = {"PythonPackage": object, "license": str, "version": str, "depends_on": depends_on}
    exec(recipe.replace("from spack.package import *", ""), names)
    assert asked.pop("python") == _oldest()
    floors = _floors()
    assert asked.keys() == {f"py-{name}" for name in floors}
    assert all(_same(asked[f"py-{name}"], floors[name]) for name in floors)


def _oldest() -> str:
    found = re.search(r'^requires-python = ">=([0-9.]+)"', PROJECT, re.MULTILINE)
    assert found is not None
    return found[1]


def test_the_oldest_python_is_named_everywhere() -> None:
    oldest = _oldest()
    assert f'"Programming Language :: Python :: {oldest}"' in PROJECT
    assert f'target-version = "py{oldest.replace(".", "")}"' in PROJECT
    assert f"Python {oldest} or newer" in (ROOT / "README.md").read_text()
    assert f"-t={oldest}- " in (ROOT / ".ci/run").read_text()
    assert f"wheels {oldest} " in (ROOT / "packaging/build").read_text()


def test_the_version_stands_in_one_place() -> None:
    version = metadata.version("xml2poms")
    texts = {path for path in ROOT.glob("converter/**/*.py") if version in path.read_text()}
    assert texts == set()
    assert PROJECT.count(f'"{version}"') == 1


def test_it_runs_as_a_module() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "converter", "--version"], capture_output=True, text=True, check=True
    )
    assert said.stdout == f"xml2poms, version {metadata.version('xml2poms')}\n"


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("xml2poms ver", {"verify"}),
        ("xml2poms convert --fail", {"--fail-on"}),
        ("xml2poms migrate --fail-on unsu", {"unsupported"}),
        ("xml2poms convert --role ", {"production", "analysis"}),
    ],
)
def test_the_shell_completes(typed: str, offered: set[str]) -> None:
    words = typed.split(" ")
    said = subprocess.run(
        [Path(sys.executable).parent / "xml2poms"],
        env={
            "_XML2POMS_COMPLETE": "bash_complete",
            "COMP_WORDS": typed,
            "COMP_CWORD": str(len(words) - 1),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert {line.partition(",")[2] for line in said.stdout.splitlines()} == offered
