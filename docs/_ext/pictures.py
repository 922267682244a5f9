"""Pictures of the program at work, made from the samples when the documentation is built.

python docs/_ext/pictures.py    make the README's picture anew, to be looked at with git diff
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text
from sphinx.application import Sphinx

ROOT = Path(__file__).parents[2]
README = ROOT / "docs" / "readme.svg"

COLUMNS = 100

FIRST = ("xml2poms samples/xml/entities.xml -o campaign.cfg",)
"""What the README shows."""

RECORDINGS = {
    "convert": (*FIRST, "xml2poms verify samples/xml/entities.xml campaign.cfg --quiet; echo $?"),
    "verify": (
        "xml2poms samples/xml/entities.xml -o campaign.cfg --quiet",
        "sed -i 's/memory *= .*/memory = 8000MB/' campaign.cfg",
        "xml2poms verify samples/xml/entities.xml campaign.cfg | tail -n +4 | head -n 12",
    ),
    "explain": ("xml2poms explain X2P602",),
    "migrate": ("xml2poms migrate samples/xml -o campaigns | head -n 22",),
}
"""Name → the commands that are recorded."""

_LINE = 0.12
"""Seconds from line to line of a recording."""


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("builder-inited", _make)
    return {"parallel_read_safe": True}


def _make(app: Sphinx) -> None:
    made = Path(app.srcdir) / "_static" / "made"
    made.mkdir(exist_ok=True)
    for name, commands in RECORDINGS.items():
        (made / f"{name}.svg").write_text(moving(picture(commands)), encoding="utf-8")
    with _scratch() as scratch:
        run("xml2poms migrate samples/xml -o campaigns --quiet", scratch)
        shutil.copytree(Path(scratch) / "campaigns", made / "campaigns", dirs_exist_ok=True)


def _scratch() -> tempfile.TemporaryDirectory[str]:
    scratch = tempfile.TemporaryDirectory()
    shutil.copytree(ROOT / "samples", Path(scratch.name) / "samples")
    return scratch


def run(command: str, where: str | os.PathLike[str]) -> str:
    """What a command shows on a terminal, with its colours."""
    environment = {
        **{k: v for k, v in os.environ.items() if k not in ("EXPERIMENT", "SAM_EXPERIMENT")},
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "COLUMNS": str(COLUMNS),
        "FORCE_COLOR": "1",
        "TERM": "xterm-256color",
    }
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=where,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout


def picture(commands: Iterable[str]) -> str:
    """A terminal in which the commands were run, as an SVG that needs no network."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    with _scratch() as scratch:
        for command in commands:
            console.print(Text(f"$ {command}", style="bold"))
            console.print(Text.from_ansi(run(command, scratch)))
    svg = console.export_svg(title="xml2poms")
    # Fonts from elsewhere are left out.
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


def shown(svg: str) -> list[str]:
    """The words of a picture, by which two are compared: how it is drawn may change."""
    text = re.sub(r"<style.*?</style>|<[^>]*>", " ", svg, flags=re.DOTALL)
    return text.replace("&#160;", " ").split()


def moving(svg: str) -> str:
    """The picture as a recording: line by line, for those who want things to move."""
    lines = re.findall(r'clip-path="url\(#(\S+-line-\d+)\)"', svg)
    rules = "".join(
        f'text[clip-path="url(#{name})"] {{ animation-delay: {number * _LINE:.2f}s }}\n'
        for number, name in enumerate(dict.fromkeys(lines))
    )
    style = (
        "@keyframes appear { from { opacity: 0 } to { opacity: 1 } }\n"
        "@media (prefers-reduced-motion: no-preference) {\n"
        "text[clip-path] { opacity: 0; animation: appear 0.01s forwards }\n"
        f"{rules}}}\n"
    )
    return svg.replace("</style>", f"{style}</style>", 1)


if __name__ == "__main__":
    README.write_text(picture(FIRST), encoding="utf-8")
