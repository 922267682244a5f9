"""The public surface, from Python."""

from __future__ import annotations

import converter
from tests.projects import xml


def test_read_and_convert() -> None:
    reading = converter.read(xml())
    assert reading.projects[0].stages[0].numevents.value == 100
    conversion = converter.convert(reading, converter.profile("dune"), source="p.xml")
    assert [campaign.project for campaign in conversion.campaigns] == ["p"]
    assert conversion.report.status in ("complete", "review", "manual", "partial")


def test_what_is_public() -> None:
    assert sorted(converter.__all__) == [
        *(
            "Campaign",
            "Conversion",
            "ConversionError",
            "Options",
            "Profile",
            "Project",
            "Reading",
            "Stage",
        ),
        *("Substage", "Value", "convert", "profile", "read"),
    ]
