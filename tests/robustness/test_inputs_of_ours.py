"""What this program wrote, and files that people edit, are inputs: damaged, they are an error."""

from __future__ import annotations

import json
import os
import random
import re
from pathlib import Path
from typing import Any

import pytest

from converter.migration import names
from tests.commandline import run
from tests.projects import xml

pytestmark = pytest.mark.usefixtures("here")

DUNE = ("--experiment", "dune", "-q")


def migrate(*args: str) -> int:
    return run("migrate", "in", "-o", "out", "-j", "1", "--no-pages", *DUNE, *args)


def put(files: dict[str, bytes]) -> None:
    for name, data in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(data)


def content(folder: str = "out") -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in sorted(Path(folder).rglob("*")) if p.is_file()}


def campaigns() -> list[str]:
    """Those of each file; projects that feed each other may have one in common."""
    rows = json.loads(Path("out/migration.json").read_text())["files"]
    named = ({c for p in row.get("projects", ()) for c in p["campaigns"]} for row in rows)
    return [name for names in named for name in sorted(names)]


ODD: list[Any] = [
    None,
    1,
    "x",
    "../../x",
    [],
    {},
    [{}],
    {"a": 1},
    {"X2P999999": {}},
    True,
    "\ud800",
]


@pytest.mark.parametrize("value", ODD, ids=repr)
def test_an_edited_record_is_made_anew(value: Any) -> None:
    put({"in/a.xml": xml("<odd>1</odd>"), "in/b/c.xml": xml(name="p"), "in/bad.xml": b"<project"})
    migrate()
    good = content()
    manifest = Path("out/migration.json")
    keys = {key for row in json.loads(manifest.read_text())["files"] for key in row}
    for key in sorted(keys):
        lines = []
        for line in manifest.read_text().splitlines():
            if line.startswith('{"source":'):
                row = json.loads(line.removesuffix(","))
                row[key] = value
                line = json.dumps(row) + ("," if line.endswith(",") else "")
            lines.append(line)
        manifest.write_text("\n".join(lines) + "\n")
        assert migrate("--sarif") in (0, 3, 4), key
        assert migrate("--force", "--prune", "--sarif") in (0, 3), key
        migrate("--force")
        assert {p: d for p, d in content().items() if p != "out/migration.json"} == {
            p: d for p, d in good.items() if p != "out/migration.json"
        }, key


@pytest.mark.parametrize("seed", range(10))
def test_a_damaged_record_stops_nothing(seed: int) -> None:
    put({"in/a.xml": xml("<odd>1</odd>"), "in/b.xml": xml(name="p")})
    migrate()
    manifest = Path("out/migration.json")
    damaged = bytearray(manifest.read_bytes())
    chance = random.Random(seed)
    start = damaged.index(b"totals")
    for _ in range(5):
        damaged[chance.randrange(start, len(damaged))] = chance.randrange(256)
    manifest.write_bytes(damaged[: chance.randrange(start, len(damaged))] if seed % 2 else damaged)
    assert migrate() in (0, 4)
    assert migrate("--force") == 0
    assert run("review", "through", "out", "--list") in (0, 1, 2, 3)


READERS = [
    ("review", "out", "--list"),
    ("review", "changes", "out"),
    ("review", "sign", "out", "--signed", "s.json"),
    ("review", "page", "out", "-o", "page.html"),
    ("verify", "out", "-q"),
]
"""Who reads the record of a migration to tell what is in it."""


@pytest.mark.parametrize("damage", ["cut", "a row gone wrong", "a row changed", "no UTF-8"])
def test_a_part_of_a_record_is_not_taken_for_all(damage: str) -> None:
    put({"in/a.xml": xml("<odd>1</odd>"), "in/b.xml": xml(name="p")})
    migrate()
    manifest = Path("out/migration.json")
    good = manifest.read_bytes()
    start = good.index(b'{"source": "b.xml"')
    damaged = {
        "cut": good[:start],
        "a row gone wrong": good[: start + 40] + b"[" + good[start + 40 :],
        "a row changed": good[:start] + good[start:].replace(b'"verdict"', b'"verdic"'),
        "no UTF-8": good[: start + 12] + b"\xff" + good[start + 13 :],
    }
    manifest.write_bytes(damaged[damage])
    for command in READERS:
        assert run(*command) == 3, command
    assert migrate() == 0
    for command in READERS:
        assert run(*command) == 0, command


def test_a_pipe_in_the_place_of_a_record_is_not_waited_for() -> None:
    put({"in/a.xml": xml(), "r.json": b"{}"})
    migrate()
    Path("out/migration.json").unlink()
    os.mkfifo("out/migration.json")
    for command in READERS:
        assert run(*command) in (2, 3), command
    assert run("review", "accept", "X2P101", "--reason", "x", "--family", "out/families/f") == 3
    assert migrate() == 4
    assert migrate("--force") == 0
    assert json.loads(Path("out/migration.json").read_text())


@pytest.mark.parametrize("text", ["", "[]", "[" * 100_000, "\xff"])
def test_a_report_that_somebody_has_changed_is_no_part_of_the_sarif(text: str) -> None:
    put({"in/a.xml": xml(), "in/b.xml": xml(name="p")})
    assert migrate("--sarif") == 0
    good = content()
    Path("out/a.json").write_text(text, "latin-1")
    assert migrate("--sarif") == 4
    assert migrate("--sarif", "--force") == 0
    assert content() == good


def test_a_file_that_is_refused_is_an_error_in_the_sarif() -> None:
    """Its report of before has findings that are nobody's any more."""
    put({"in/a.xml": xml("<odd>1</odd>"), "in/b.xml": xml(name="p")})
    assert migrate("--sarif") == 0
    put({"in/a.xml": xml("<odd>2</odd>"), "out/a.cfg": b"somebody's"})
    assert migrate("--sarif") == 4
    (told,) = json.loads(Path("out/migration.sarif").read_text())["runs"]
    assert {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            for result in told["results"]} == {"b.xml"}  # fmt: skip
    (error,) = told["invocations"][0]["toolExecutionNotifications"]
    assert error["descriptor"]["id"] == "X2P903"


def test_a_file_of_ours_that_nobody_may_read(monkeypatch: pytest.MonkeyPatch) -> None:
    put({"in/a.xml": xml()})
    assert migrate() == 0

    def refuse(*args: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(names, "open", refuse, raising=False)
        assert migrate() == 4
        assert migrate("--force") == 0
    assert migrate() == 0


ENDLESS = ["[x" + " ]" * 30 + "y", "[" * 5000, " " * 2000 + "x", "a = x" + " " * 2000 + "y"]


@pytest.mark.parametrize("line", ENDLESS, ids=range(len(ENDLESS)))
def test_a_line_at_which_configobj_would_be_for_ever(line: str) -> None:
    put({"in.xml": xml(), "w.cfg": line.encode()})
    assert run("in.xml", "-o", "o.cfg", *DUNE) == 0
    for option in ("--waivers", "--profile"):
        assert run("in.xml", "-o", "o.cfg", option, "w.cfg", *DUNE) == 2
    assert run("verify", "in.xml", "o.cfg", "--accepted", "w.cfg", *DUNE) == 2
    assert run("review", "accept", "X2P101", "--reason", "x", "--waivers", "w.cfg") == 2


def test_signatures_that_are_nested_too_deeply() -> None:
    put({"in/a.xml": xml()})
    migrate()
    Path("in/signed.json").write_text('{"a":' * 100_000)
    assert run("review", "changes", "out") == 2


def test_a_template_without_a_stage() -> None:
    put({"in.xml": xml()})
    assert run("in.xml", "-o", "o.cfg", "--table", *DUNE) == 0
    text = Path("o.ini.in").read_text()
    Path("o.ini.in").write_text(re.sub(r"(?s)\[campaign_stage .*?(?=\n\[job_type)", "", text))
    assert run("campaigns", "o.csv", "-o", "made", "-q") == 3


@pytest.mark.parametrize("text", ["[" * 100_000, '{"files": ' + "[" * 100_000, "{}", "[]", "1", ""])
def test_a_report_that_is_none(text: str) -> None:
    Path("r.json").write_text(text)
    assert run("review", "r.json") == 3


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("param_overrides", '["a"]'),
        ("param_overrides", '[["-c ", 5]]'),
        ("param_overrides", "{}"),
        ("param_overrides", "[" * 100_000),
        ("test_param_overrides", '"ab"'),
        ("parameters", "5"),
        ("recoveries", '[["a", [1]]]'),
        ("job_type", "another"),
        ("dataset_or_split_data", "%d"),
        ("software_version", "%1000000000s"),
        ("software_version", "%*s"),
        ("software_version", "%.2000000000f"),
    ],
)
def test_a_campaign_ini_that_somebody_has_damaged(key: str, value: str) -> None:
    put({"in.xml": xml("<inputdef>d</inputdef>")})
    assert run("in.xml", "-o", "o.cfg", "--table", *DUNE) == 0
    for name in ("o.ini", "o.ini.in"):
        text = Path(name).read_text()
        assert f"\n{key} = " in text
        Path(name).write_text(re.sub(rf"(?m)^{key} = .*", f"{key} = {value}", text))
    assert run("verify", "in.xml", "o.cfg", "--ini", "o.ini", *DUNE) == 3
    assert run("campaigns", "o.csv", "-o", "made", "-q") == 3


def test_a_report_in_a_migration_that_is_nested_too_deeply() -> None:
    put({"in/a.xml": xml()})
    migrate()
    Path("out/a.json").write_text('{"files": ' + "[" * 100_000)
    assert run("verify", "out", "-q") == 3


@pytest.mark.parametrize(
    "text",
    [
        "product = a, b",
        'product = """a\nb"""',
        '[env_pass]\nA = """x\ny"""',
        "[env_pass]\ndropbox:///x = y",
        "[env_pass]\na b = y",
        "[env_pass]\n$(touch x) = y",
        "[env_pass]\n%(x)s = y",
        '[env_pass]\n"" = y',
        '[login]\nsetup = """x\n[evil]"""',
        "[login]\nhost = a\x1bb",
        "[campaign]\nname = {project[0]}",
        "[campaign]\nname = {project:>99999999}",
        "[campaign]\nname = {project.__class__}",
        "[campaign]\njob_type = {0}",
        "[campaign]\nname = {",
        "[login]\n[[x]]",
        "[a",
    ],
)
def test_a_profile_with_a_mistake(text: str) -> None:
    put({"in/a.xml": xml(), "p.cfg": text.encode()})
    assert run("in/a.xml", "-o", "o.cfg", *DUNE, "--profile", "p.cfg") == 2
    assert migrate("--profile", "p.cfg") == 2


@pytest.mark.parametrize(
    "files",
    [
        {"in/d/x.xml": ["P", "Q"], "in/d_x-P.xml": ["R"]},
        {"in/x.xml": ["y-z", "w"], "in/x-y.xml": ["z", "w"]},
        {"in/d/x.xml": ["P", "Q"], "in/D_X-p.xml": ["R"], "in/d_x-P_.xml": ["R"]},
        {"in/x.xml": ["y-z", "y_z"], "in/x-y.xml": ["z", "w"], "in/x-y_z.xml": ["a"]},
    ],
    ids=" ".join,
)
def test_no_two_campaigns_have_one_name(files: dict[str, list[str]]) -> None:
    for path, projects in files.items():
        inside = b"".join(xml(name=p).partition(b"?>")[2] or xml(name=p) for p in projects)
        put({path: b"<all>" + inside + b"</all>"})
    assert migrate() == 0
    names = [name.casefold() for name in campaigns()]
    assert len(files) <= len(names) == len(set(names))
