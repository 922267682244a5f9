"""The report as one HTML page that needs nothing else: no network, no script to be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from jinja2 import Environment, PackageLoader
from msgspec import Struct

from converter.findings.finding import Finding
from converter.report.graph import Graph, drawn
from converter.report.model import (
    HEADINGS,
    SENTENCES,
    FileReport,
    ProjectReport,
    Report,
    Setting,
)

__all__ = ["as_html", "environment"]


_LINES = 20_000
"""How many lines of a text are shown; real ones have 700."""

_LINKS = 3
"""How many places a line leads to."""

_EXCERPT = 300
"""Characters of a line that stands beside a finding: the line itself is on the page too."""


class Link(Struct, frozen=True):
    """A place on the page and how it is called."""

    anchor: str
    label: str


class Line(Struct):
    """A line of a document, and the lines of the other side that belong to it."""

    number: int
    anchor: str
    text: str
    links: list[Link]

    @property
    def excerpt(self) -> str:
        """The line without its indentation, cut where it is very long."""
        text = self.text.strip()
        return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]} …"


class Document(Struct, frozen=True):
    """One of the texts; the anchors of its lines are the prefix and the number."""

    name: str
    prefix: str
    lines: list[Line]

    def line(self, number: int | None) -> Line | None:
        """The line of that number, counted from 1, if there is one."""
        return self.lines[number - 1] if number and number <= len(self.lines) else None


class Told(Struct, frozen=True):
    """A finding with the line of the XML, and with what stands in the outputs instead."""

    finding: Finding
    anchor: str
    line: Line | None
    instead: list[tuple[Link | None, str]]


class Page(Struct, frozen=True):
    """All that is shown about one file."""

    file: FileReport
    xml: Document
    documents: list[Document]
    findings: list[Told]
    graphs: list[tuple[ProjectReport, Graph]]


def as_html(report: Report, version: str, index: str = "") -> str:
    """One page for all files of the report.

    index  where the page of all files is, from here
    """
    pages = [_page(number, file) for number, file in enumerate(report.files)]
    template = environment().get_template("file.html")
    return template.render(
        pages=pages,
        waivers=report.waivers,
        version=version,
        sentences=SENTENCES,
        headings=HEADINGS,
        index=index,
    )


@cache
def environment() -> Environment:
    """The templates, compiled once."""
    return Environment(
        loader=PackageLoader("converter.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def _page(number: int, file: FileReport) -> Page:
    xml = _document(file.source, file.text, f"f{number}x")
    documents: list[Document] = []
    places: dict[tuple[str, str], Line] = {}
    for project in file.projects:
        names = project.outputs or tuple(project.files)
        for name, (file_name, text) in zip(names, project.files.items()):
            document = _document(name, text, f"f{number}d{len(documents)}-")
            documents.append(document)
            targets = _targets(file_name, document.lines)
            places |= {(project.name, target): line for target, line in targets}
    _connect(file.settings, xml, places)
    findings = [
        _told(finding, f"f{number}n{index}", xml, places)
        for index, finding in enumerate(file.findings)
    ]
    graphs = [(project, drawn(project.stages)) for project in file.projects]
    return Page(file, xml, documents, findings, graphs)


def _document(name: str, text: str, prefix: str) -> Document:
    text = text.rstrip("\n")
    lines = text.split("\n", _LINES)
    if len(lines) > _LINES:
        lines[-1] = f"… and {text.count(chr(10)) + 1 - _LINES:,} more lines"
    shown = [Line(n, f"{prefix}{n}", line, []) for n, line in enumerate(lines, 1)]
    return Document(name, prefix, shown)


def _targets(name: str, lines: Iterable[Line]) -> Iterator[tuple[str, Line]]:
    """Each place of a file as the report names it, and its line."""
    if name.endswith(".sh"):
        yield from ((f"script:{name}:{line.number}", line) for line in lines)
        return
    kind = "ini" if name.endswith(".ini") else "cfg"
    section = ""
    for line in lines:
        if line.text.startswith("["):
            section = line.text.strip("[] ")
        elif line.text and line.text[0] not in "#;" and "=" in line.text:
            yield f"{kind}:{section}.{line.text.partition('=')[0].rstrip()}", line


def _connect(
    settings: Iterable[Setting], xml: Document, places: dict[tuple[str, str], Line]
) -> None:
    """Link the lines of settings with those of their targets, both ways."""
    for setting in settings:
        line = xml.line(setting.line)
        for target in setting.targets:
            other = places.get((setting.project or "", target))
            if line is not None and other is not None:
                _link(line, other, target)
                _link(other, line, f"line {line.number}")


def _link(line: Line, other: Line, label: str) -> None:
    if len(line.links) < _LINKS and all(link.anchor != other.anchor for link in line.links):
        line.links.append(Link(other.anchor, label))


def _told(
    finding: Finding, anchor: str, xml: Document, places: dict[tuple[str, str], Line]
) -> Told:
    instead: list[tuple[Link | None, str]] = []
    for target in finding.targets:
        line = places.get((finding.project or "", target))
        link = Link(line.anchor, target) if line else None
        instead.append((link, line.excerpt if line else target))
    return Told(finding, anchor, xml.line(finding.line), instead)
