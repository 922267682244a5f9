"""Each way to install it that the page names, in a home of its own: from the registry, so long."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests import pages

PAGE = pages.DOCS / "howto" / "install.md"

WAYS = {
    block.text.partition("\n")[0]: block.text
    for block in pages.blocks(PAGE.read_text(encoding="utf-8"))
    if block.text.startswith("# install")
}


@pytest.mark.long
@pytest.mark.parametrize("way", WAYS)
def test_a_way_to_install(way: str, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    venv.create(tools, with_pip=True)
    subprocess.run([tools / "bin" / "pip", "install", "-q", "pipx", "uv"], check=True)
    (tools / "bin" / "python3").unlink()  # `pip install --user` is for the system's own.
    environment = {
        "HOME": str(tmp_path),
        "PATH": f"{tools}/bin:{sys.base_prefix}/bin:/usr/bin:/bin",
        **{k: v for k, v in os.environ.items() if k.startswith(("PIP_", "UV_", "SSL_"))},
    }
    command = ["bash", "-euo", "pipefail", "-c", WAYS[way]]
    subprocess.run(command, cwd=pages.ROOT, env=environment, check=True)
    script = tmp_path / ".local" / "bin" / "xml2poms"
    sample = pages.ROOT / "samples" / "xml" / "chain.xml"
    subprocess.run(
        [script, sample, "-o", "chain.cfg", "-q"], cwd=tmp_path, env=environment, check=True
    )
    made = (tmp_path / "chain.cfg").read_text(encoding="utf-8")
    assert made == (pages.ROOT / "samples" / "cfg" / "chain.cfg").read_text(encoding="utf-8")


def test_the_ways_are_found() -> None:
    assert len(WAYS) == 3
