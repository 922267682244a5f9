"""The comments of a campaign.cfg: where in the XML a line comes from."""

from __future__ import annotations

import pytest

from converter.conversion import convert_bytes
from tests.projects import xml

WIDTH = 100


def comments(file: str) -> list[str]:
    text = convert_bytes(xml(), file, experiment="dune").campaigns[0].cfg
    return [line for line in text.split("\n") if line.startswith("#")]


@pytest.mark.parametrize("length", [1, 7, 9, 20])
def test_the_name_of_the_xml_stands_whole_in_one_line(length: int) -> None:
    """It is to be found, and to be copied: neither its length nor a hyphen breaks it."""
    name = "gen-reco-" * length + "p.xml"
    found = [line for line in comments(name) if "gen-" in line]
    assert any(f"{name}:1 <outdir>" in line or line == f"# {name}:1" for line in found)
    assert [line for line in found if name not in line] == []


def test_places_follow_the_name() -> None:
    lines = comments("p.xml")
    assert all(len(line) <= WIDTH for line in lines)
    assert "# p.xml:1 <outdir>, :1 <numevents>" in lines
