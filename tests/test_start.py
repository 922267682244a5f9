"""What a plain conversion takes to start: nothing is imported that it does not use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.golden import SAMPLES

PROGRAM = """
import sys
before = set(sys.modules)
from converter.cli import main
try:
    main(sys.argv[1:])
finally:
    print(*sorted(sys.modules.keys() - before))
"""

NOT_USED = {
    "configobj": "a profile of one's own",
    "converter.families": "tables",
    "converter.report.terminal": "a summary",
    "converter.report.todo": "--todo",
    "converter.verify": "verify",
    "importlib.metadata": "a report",
    "jinja2": "an HTML report",
    "pathlib": "migrations",
    "rich": "a summary",
    "tempfile": "internal errors",
    "urllib.parse": "launches that are too long",
}
"""Module → what it is imported for."""


def test_what_is_not_used_is_not_imported(tmp_path: Path) -> None:
    args = (str(SAMPLES / "xml" / "chain.xml"), "-o", str(tmp_path / "chain.cfg"), "-q")
    command = [sys.executable, "-c", PROGRAM, *args]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    assert NOT_USED.keys().isdisjoint(done.stdout.split())
