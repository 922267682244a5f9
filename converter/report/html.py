"""The report as one HTML page that needs nothing else: no network, no script to be read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, Template
from markupsafe import Markup, escape
from msgspec import Struct

from converter.findings.explanation import Explanation, explanations
from converter.findings.fates import Fate
from converter.report.cards import Card, cards
from converter.report.graph import Graph, drawn
from converter.report.lines import SideBySide, side_by_side
from converter.report.model import HEADINGS, SENTENCES, FileReport, ProjectReport, Report
from converter.report.rows import implied_rows, setting_rows
from converter.report.runbook import TITLE, runbook
from converter.text import visible

__all__ = ["as_html", "environment"]


class Project(Struct, frozen=True):
    """A project with its stages as a picture; what they ask for where all ask for the same."""

    report: ProjectReport
    graph: Graph
    asks: str


class Page(Struct, frozen=True):
    """All that is shown about one file.

    name, folder     of the file; '' where the source is a name alone
    decided, to_decide  findings that are accepted, and how many ask for something in all
    """

    file: FileReport
    name: str
    folder: str
    texts: SideBySide
    cards: Mapping[str, list[Card]]
    decided: int
    to_decide: int
    projects: list[Project]
    fates: Mapping[Fate, int]
    settings: Markup
    implied: list[Markup]


def as_html(report: Report, version: str, index: str = "", codes: str = "") -> str:
    """One page for all files of the report.

    index  where the page of all files is, from here
    codes  where the pages of the findings' codes are; '' for explanations on this page
    """
    pages = [_page(number, file) for number, file in enumerate(report.files)]
    explained = {} if codes else _explained(report)
    return (
        environment()
        .get_template("file.html")
        .render(
            pages=pages,
            waivers=report.waivers,
            version=version,
            sentences=SENTENCES,
            headings=HEADINGS,
            index=index,
            runbook=runbook,
            title=TITLE,
            codes=(f"{codes}/", ".html") if codes else ("#", ""),
            explained=explained,
        )
    )


class _Template(Template):
    """A page on which nothing is obeyed that turns text around, or cannot be seen."""

    def render(self, *args: Any, **kwargs: Any) -> str:
        return visible(super().render(*args, **kwargs))


@cache
def environment() -> Environment:
    """The templates, compiled once."""
    made = Environment(
        loader=PackageLoader("converter.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.template_class = _Template
    made.filters["marked"] = _marked
    return made


def _marked(text: str) -> Markup:
    """A text in which `words` are code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def _page(number: int, file: FileReport) -> Page:
    texts = side_by_side(number, file)
    folder, slash, name = file.source.rpartition("/")
    asking = [finding for finding in file.findings if finding.need]
    return Page(
        file,
        name,
        folder + slash,
        texts,
        cards(file.findings, texts, several=len(file.projects) > 1),
        sum(1 for finding in asking if finding.waived),
        len(asking),
        [_project(project) for project in file.projects],
        file.fates,
        setting_rows(file.settings, texts.xml.prefix),
        implied_rows(file.implied, file.projects),
    )


def _project(project: ProjectReport) -> Project:
    asks = {stage.asks for stage in project.stages}
    shared = asks.pop() if len(asks) == 1 and len(project.stages) > 1 else ""
    return Project(project, drawn(project.stages), shared)


def _explained(report: Report) -> Mapping[str, Explanation]:
    """The explanations of the codes that are in the report."""
    codes = {finding.code for file in report.files for finding in file.findings}
    codes |= {file.error.code for file in report.files if file.error is not None}
    known = explanations()
    return {code: known[code] for code in sorted(codes) if code in known}
