"""From the projects of a document to its campaigns and its report."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from converter import profiles
from converter.errors import ConversionError, UsageError
from converter.mapping.campaign import Mapped, map_project
from converter.poms.factor import Layout, factor
from converter.poms.writer import written
from converter.projectpy.reader import Reading, read
from converter.report.ledger import ledger
from converter.report.model import FileReport, ProjectReport, StageReport, status

__all__ = ["Campaign", "Conversion", "convert", "convert_bytes", "experiment_of", "failed"]


@dataclass(frozen=True, slots=True)
class Campaign:
    """One project's campaign: its name as project.py knows it, and the text of its .cfg."""

    project: str
    name: str
    """The project's name as part of a file name."""
    cfg: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """The campaigns of a document, and what is to be said about it."""

    campaigns: tuple[Campaign, ...]
    report: FileReport


def experiment_of(reading: Reading) -> str:
    """The experiment that the document belongs to, by its own signs (see profiles.guess)."""
    leaves = list(reading.document.root.leaves())
    return profiles.guess(
        [leaf.value for leaf in leaves if leaf.tag == "group" and not leaf.is_attribute],
        [leaf.value for leaf in leaves],
        [ups.value for project in reading.projects for ups in project.ups],
    )


def convert(
    reading: Reading,
    profile: profiles.Profile,
    *,
    source: str,
    data: bytes = b"",
    project: str | None = None,
    comments: bool = True,
) -> Conversion:
    """Convert the projects of a document.

    source   the document's name, for comments and report
    data     its bytes, for the report's checksum
    project  convert only the project of that name; UsageError where there is none
    comments say in the .cfg where each setting comes from
    """
    chosen = _chosen(reading, project)
    short = re.split(r"[\\/]", source)[-1]
    mapped: list[tuple[Mapped, Layout]] = []
    campaigns = []
    for index, name in chosen:
        one = map_project(reading.projects, index, profile, short)
        if not one.config.stages:
            continue
        layout = factor(one.config)
        mapped.append((one, layout))
        campaigns.append(Campaign(one.project.name.value, name, written(layout, comments=comments)))
    if not mapped:
        raise UsageError(
            "X2P103",
            "no project of the file has a stage",
            "there is nothing to launch",
            file=source,
        )
    settings, implied, findings = ledger(reading.document, mapped)
    reports = tuple(
        ProjectReport(
            one.project.name.value,
            profile.experiment,
            (),
            tuple(
                StageReport(
                    config.name,
                    status(
                        f
                        for f in findings
                        if f.stage == config.name and f.project == one.project.name.value
                    ),
                )
                for config in layout.campaign.stages
            ),
        )
        for one, layout in mapped
    )
    report = FileReport(
        source=source,
        sha256=hashlib.sha256(data).hexdigest(),
        status=status(findings),
        projects=reports,
        settings=tuple(settings),
        implied=tuple(implied),
        findings=tuple(findings),
    )
    return Conversion(tuple(campaigns), report)


def convert_bytes(
    data: bytes,
    source: str,
    *,
    experiment: str | None = None,
    project: str | None = None,
    comments: bool = True,
) -> Conversion:
    """Read and convert a document; the experiment is found in it unless it is given."""
    reading = read(data, source)
    profile = profiles.profile(experiment or experiment_of(reading))
    return convert(reading, profile, source=source, data=data, project=project, comments=comments)


def failed(source: str, data: bytes, error: ConversionError) -> FileReport:
    """The report of a file that could not be converted."""
    return FileReport(source, hashlib.sha256(data).hexdigest(), "failed", error)


def _chosen(reading: Reading, project: str | None) -> Sequence[tuple[int, str]]:
    """The projects to convert, with a name for their files that no other has."""
    names: list[str] = []
    for one in reading.projects:
        name = re.sub(r"[^A-Za-z0-9_.+-]", "_", one.name.value).lstrip(".-") or "project"
        while name in names:
            name += "_"
        names.append(name)
    chosen = [
        (index, names[index])
        for index, one in enumerate(reading.projects)
        if project in (None, one.name.value, names[index])
    ]
    if not chosen:
        raise UsageError(
            "X2P906",
            f"no project {project!r}",
            f"the file has: {', '.join(one.name.value for one in reading.projects)}",
        )
    return chosen
