"""What earlier versions wrote is read: reports, records of migrations, and waivers."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from converter.report.waivers import read_waivers
from tests.commandline import here, run
from tests.projects import xml

__all__ = ["here"]

WAIVERS = """# what is known of the files of MCC9
[X2P202]
    code   = X2P202
    files  = *.xml
    reason = by number of files, as agreed
    who    = eve
    until  = 2999-01-01
[all]
code = X2P321
reason = the sites still run it
"""
"""Written before findings asked for anything."""

NEW = ("need", "needs", "verdict", "verdicts", "todo", "run_book", "script", "campaigns")
"""Fields that came later: within a format they are only ever added."""


def former(value: Any) -> Any:
    """A report as it was before."""
    if isinstance(value, dict):
        return {key: former(one) for key, one in value.items() if key not in NEW}
    return [former(one) for one in value] if isinstance(value, list) else value


def former_record(text: str) -> str:
    """The record of a migration as it was before: a row on a line, with its checksum."""
    lines = []
    for line in text.splitlines():
        if not line.startswith('{"source": '):
            lines.append(line)
            continue
        row = former(json.loads(line.rstrip(",")))
        del row["check"]
        row["key"] = "made by an earlier version"
        plain = json.dumps(row, ensure_ascii=False)
        digest = hashlib.sha256(plain.encode()).hexdigest()[:16]
        comma = "," if line.endswith(",") else ""
        lines.append(f'{plain[:-1]}, "check": "{digest}"}}{comma}')
    return "\n".join(lines) + "\n"


@pytest.fixture
def source(here: Path) -> Path:
    Path("in").mkdir()
    path = Path("in/a.xml")
    path.write_bytes(xml("<inputdef>raw</inputdef><targetsize>5</targetsize>"))
    return path


def test_waivers_still_accept(source: Path) -> None:
    Path("in/waivers.cfg").write_text(WAIVERS)
    assert [w.code for w in read_waivers("in/waivers.cfg")] == ["X2P202", "X2P321"]
    assert run(str(source), "-o", "c.cfg", "-q", "--report", "r.json") == 0
    (file,) = json.loads(Path("r.json").read_text())["files"]
    found = {one["code"]: one["waived"] for one in file["findings"]}
    assert found["X2P202"] == "by number of files, as agreed (eve)"


def test_a_report_without_needs_is_reviewed(
    source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(str(source), "-o", "c.cfg", "-q", "--report", "r.json") == 0
    report = former(json.loads(Path("r.json").read_text()))
    assert "need" not in str(report["files"][0]["findings"][0].keys())
    Path("r.json").write_text(json.dumps(report))
    assert run("review", "r.json", "--list") == 0
    assert "X2P202 unsupported (agree): 1 in 1 file" in capsys.readouterr().out


def test_a_record_without_needs_is_reviewed_and_carried_on(
    source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    migrate = ("migrate", "in", "-o", "out", "-q", "-j", "1")
    assert run(*migrate) == 0
    record = Path("out/migration.json")
    today = record.read_text()
    record.write_text(former_record(today))
    assert '"needs"' not in record.read_text().partition('"files": [\n')[2]
    assert run("review", "out", "--list") == 0
    assert "X2P202 unsupported (agree): 1 in 1 file" in capsys.readouterr().out
    assert run(*migrate) == 0
    assert not (json.loads(today)["files"][0].keys() - json.loads(record.read_text())["files"][0])
