"""Every rendering of a report says every finding, whatever its form."""

from __future__ import annotations

from pathlib import Path

import pytest

from converter.conversion import convert_bytes
from converter.report.formats import FORMATS
from converter.report.model import Report
from tests import golden


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("source", golden.sources(), ids=lambda path: path.stem)
def test_a_rendering_says_every_finding(source: Path, ending: str) -> None:
    report = convert_bytes(source.read_bytes(), source.name).report
    text = FORMATS[ending](Report((report,)), "1")
    assert report.findings
    assert [finding.code for finding in report.findings if finding.code not in text] == []
    assert source.name in text


@pytest.mark.parametrize("ending", FORMATS)
def test_the_reference_knows_the_ending(ending: str) -> None:
    page = Path(__file__).parents[1] / "docs" / "reference" / "report.md"
    assert f"`{ending}`" in page.read_text()
