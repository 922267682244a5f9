"""The renderings of a report, by the ending of the file that they are written to."""

from __future__ import annotations

from collections.abc import Callable

from converter.report.markdown import as_markdown
from converter.report.model import Report
from converter.report.rendering import as_json, as_text
from converter.report.sarif import as_sarif

__all__ = ["FORMATS"]


def as_html(report: Report, version: str) -> str:
    """The report as a page; jinja2 is imported only where one is made."""
    from converter.report import html

    return html.as_html(report, version)


FORMATS: dict[str, Callable[[Report, str], str]] = {
    ".txt": as_text,
    ".md": as_markdown,
    ".html": as_html,
    ".json": as_json,
    ".sarif": as_sarif,
}
"""Ending → what makes the text of a report and this program's version."""
