"""The renderings of a report, by the ending of the file that they are written to."""

from __future__ import annotations

from collections.abc import Callable

from converter.report.markdown import as_markdown
from converter.report.model import Report
from converter.report.rendering import as_json, as_text
from converter.report.sarif import as_sarif

__all__ = ["FORMATS"]

FORMATS: dict[str, Callable[[Report, str], str]] = {
    ".txt": as_text,
    ".md": as_markdown,
    ".json": as_json,
    ".sarif": as_sarif,
}
"""Ending → what makes the text of a report and this program's version."""
