"""A conversion with all its reports, and its comparison, for a process of its own."""

from __future__ import annotations

import io
from functools import partial

from converter import profiles
from converter.conversion import convert_bytes, failed
from converter.errors import ConversionError
from converter.expected import as_converted
from converter.projectpy.reader import read
from converter.report.console import on
from converter.report.formats import FORMATS
from converter.report.model import Report
from converter.verify.rendering import FORMATS as COMPARISONS
from converter.verify.rendering import show
from converter.verify.verification import verify

__all__ = ["all_comparisons", "all_reports"]


def all_reports(data: bytes) -> int:
    """Convert, or refuse; the size of all reports together."""
    try:
        report = convert_bytes(data, "x.xml", experiment="dune").report
    except ConversionError as error:
        report = failed("x.xml", data, error)
    return sum(len(render(Report((report,)), "1")) for render in FORMATS.values())


def all_comparisons(data: bytes) -> int:
    """Verify what a conversion writes for the first project; the size of all that is said."""
    campaign = convert_bytes(data, "x.xml", experiment="dune").campaigns[0]
    projects, profile = read(data).projects, profiles.profile("dune")
    found = verify(
        projects,
        profile,
        campaign.cfg,
        partial(as_converted, projects, profile, "x.xml", "campaign.cfg"),
        inis=[("campaign.ini", campaign.ini)],
        project=campaign.project,
        beside=campaign.scripts.get,
    )
    shown = io.StringIO()
    show(on(shown), found, everything=True)
    return sum(len(render(found, "1")) for render in COMPARISONS.values()) + shown.tell()
