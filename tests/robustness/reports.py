"""A conversion with all its reports, for a process of its own."""

from __future__ import annotations

from converter.conversion import convert_bytes, failed
from converter.errors import ConversionError
from converter.report.formats import FORMATS
from converter.report.model import Report

__all__ = ["all_reports"]


def all_reports(data: bytes) -> int:
    """Convert, or refuse; the size of all reports together."""
    try:
        report = convert_bytes(data, "x.xml", experiment="dune").report
    except ConversionError as error:
        report = failed("x.xml", data, error)
    return sum(len(render(Report((report,)), "1")) for render in FORMATS.values())
