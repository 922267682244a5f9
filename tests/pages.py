"""The commands on the documentation's pages, and what they print.

python -m tests.pages        write the outputs anew, to be looked at with git diff

A page's blocks run one after the other, in a folder of the page's own with `samples/` in it:

    console   commands after `$ `, each with what it prints, on both streams
    sh        commands that end well; not run where the first line is a comment that begins with
              one of ELSEWHERE
    python    statements
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"

ELSEWHERE = ("# at Fermilab", "# install", "# in a checkout")
"""How blocks begin that need what is not here, or are run by .ci/run."""

COLUMNS = 90

_BLOCK = re.compile(r"^```(console|sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(Struct, frozen=True):
    """A block of a page: its kind, its text, and the line at which it begins."""

    kind: str
    text: str
    line: int

    @property
    def runs(self) -> bool:
        return not self.text.startswith(ELSEWHERE)


def pages() -> list[Path]:
    found = [ROOT / "README.md", *DOCS.rglob("*.md")]
    return sorted(page for page in found if "_build" not in page.parts)


def blocks(text: str) -> list[Block]:
    return [
        Block(match[1], match[2], text.count("\n", 0, match.start()) + 1)
        for match in _BLOCK.finditer(text)
    ]


def rewritten(page: Path) -> str:
    """The page with what its commands print now.

    Raises CalledProcessError where a command that has to end well does not.
    """
    with tempfile.TemporaryDirectory() as scratch:
        where = Path(scratch)
        shutil.copytree(ROOT / "samples", where / "samples")

        def anew(match: re.Match[str]) -> str:
            block = Block(match[1], match[2], 0)
            text = match[2]
            if block.runs and block.kind == "console":
                text = "".join(f"{said}{_run(to_run, where)}" for said, to_run in _commands(text))
            elif block.runs and block.kind == "sh":
                _run(f"set -e\n{text}", where, ends_well=True)
            elif block.runs:
                (where / "page.py").write_text(text, encoding="utf-8")
                _run(f"{sys.executable} page.py", where, ends_well=True)
            return f"```{match[1]}\n{text}```"

        return _BLOCK.sub(anew, page.read_text(encoding="utf-8"))


def _commands(text: str) -> Iterator[tuple[str, str]]:
    """Each command of a console, as it stands there and as it is run."""
    for match in re.finditer(r"^\$ .*\n(?:> .*\n)*", text, re.MULTILINE):
        yield match[0], re.sub(r"^[$>] ", "", match[0], flags=re.MULTILINE)


def _run(command: str, where: Path, *, ends_well: bool = False) -> str:
    kept = {k: v for k, v in os.environ.items() if k not in ("EXPERIMENT", "SAM_EXPERIMENT")}
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=where,
        env={
            **kept,
            "PATH": f"{Path(sys.executable).parent}:{kept['PATH']}",
            "HOME": str(where),
            "COLUMNS": str(COLUMNS),
            "NO_COLOR": "1",
            "USER": "jdoe",
            "LOGNAME": "jdoe",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if ends_well and done.returncode:
        raise subprocess.CalledProcessError(done.returncode, command, done.stdout)
    return done.stdout


def main() -> None:
    failed = []
    for page in pages():
        try:
            page.write_text(rewritten(page), encoding="utf-8")
        except subprocess.CalledProcessError as error:
            failed.append(f"{page}: {error.cmd}\n{error.stdout}")
    if failed:
        sys.exit("\n".join(failed))


if __name__ == "__main__":
    main()
