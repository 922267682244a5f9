"""The renderings of a report, by the ending of the file that they are written to."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from converter.report.model import Report

__all__ = ["FORMATS"]


def _rendering(module: str, name: str) -> Callable[[Report, str], str]:
    """A rendering whose module is imported when it is used."""

    def render(report: Report, version: str) -> str:
        text: str = getattr(import_module(f"converter.report.{module}"), name)(report, version)
        return text

    return render


FORMATS = {
    ".txt": _rendering("rendering", "as_text"),
    ".md": _rendering("markdown", "as_markdown"),
    ".html": _rendering("html", "as_html"),
    ".json": _rendering("rendering", "as_json"),
    ".sarif": _rendering("sarif", "as_sarif"),
}
"""Ending → what makes the text of a report and this program's version."""
