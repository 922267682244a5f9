"""The samples convert to their golden outputs, and together they use every tag."""

from __future__ import annotations

from pathlib import Path

import pytest

from converter.findings.settings import TAGS
from converter.poms.reader import read_cfg, stage_names
from converter.projectpy.document import parse
from tests import golden


@pytest.mark.parametrize("source", golden.sources(), ids=lambda p: p.stem)
def test_golden(source: Path) -> None:
    for name, text in golden.outputs(source).items():
        assert (golden.SAMPLES / "cfg" / name).read_text() == text, (
            f"{name} has changed; if that is meant: python -m tests.golden"
        )


def test_no_golden_file_is_left_over() -> None:
    made = {name for source in golden.sources() for name in golden.outputs(source)}
    assert {path.name for path in (golden.SAMPLES / "cfg").iterdir()} == made


def test_the_samples_use_every_tag() -> None:
    used = {
        element.tag
        for source in golden.sources()
        for element in parse(source.read_bytes()).root.descendants()
    }
    assert used >= TAGS - {"project"}


@pytest.mark.parametrize(
    "path", sorted((golden.SAMPLES / "cfg").glob("*.cfg")), ids=lambda p: p.stem
)
def test_fife_launch_can_load_the_golden_files(path: Path) -> None:
    config = read_cfg(path.read_text(), path.name)
    assert "global" in config.sections
    assert stage_names(config)
