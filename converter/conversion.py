"""From the projects of a document to its campaigns and its report."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence, Set

from msgspec import Struct

from converter import profiles
from converter.accounting import ledger
from converter.errors import ConversionError, UsageError
from converter.findings.fates import Fate, Record
from converter.findings.finding import Finding
from converter.mapping.campaign import Mapped, map_project
from converter.mapping.flow import FIFE_LAUNCH
from converter.model import Project
from converter.poms.factor import Layout, factor
from converter.poms.ini import write_ini
from converter.poms.names import apart
from converter.poms.request import asked
from converter.poms.writer import write_cfg
from converter.profiles.sizes import FileSize
from converter.profiles.user import experiment_in, facts
from converter.projectpy.reader import Reading, read
from converter.report.checklist import ToLaunch, checklist
from converter.report.model import (
    FileReport,
    ProjectReport,
    StageReport,
    by_stage,
    status,
    verdict,
)
from converter.targetsize import with_sizes

__all__ = [
    "Campaign",
    "Conversion",
    "Options",
    "convert",
    "convert_bytes",
    "experiment_of",
    "failed",
    "profile_for",
]


_FEW = 3
"""So many signs of one kind are named."""


class Campaign(Struct, frozen=True):
    """One project's campaign.

    project  its name as project.py knows it
    name     its name in POMS
    files    base name → text, in the order in which they are used: the .cfg, scripts that go
             with its jobs (files beside it), the .ini
    """

    project: str
    name: str
    files: Mapping[str, str]

    @property
    def cfg(self) -> str:
        """The text of the campaign.cfg."""
        return next(text for name, text in self.files.items() if not name.endswith(".ini"))

    @property
    def ini(self) -> str:
        """The text of the campaign.ini."""
        return next(text for name, text in self.files.items() if name.endswith(".ini"))


class Conversion(Struct, frozen=True):
    """The campaigns of a document, and what is to be said about it."""

    campaigns: tuple[Campaign, ...]
    report: FileReport


class Options(Struct, frozen=True):
    """How to convert.

    project   only the project of that name; None: all
    comments  say in the files where each setting comes from
    output    base name of the .cfg; with several projects -PROJECT goes before its ending
    launcher  what POMS launches: "fife_launch", or "project.py" with the XML itself
    title     the campaign's name in POMS, -PROJECT after it where there are several projects,
              unless the profile has a template
    avoid     file names, without ending and in small letters, that belong to somebody else
    """

    project: str | None = None
    comments: bool = True
    output: str = "campaign.cfg"
    launcher: str = FIFE_LAUNCH
    title: str = ""
    avoid: Set[str] = frozenset()


def experiment_of(reading: Reading) -> str:
    """The experiment that the document belongs to, by its own signs (see profiles.guess)."""
    leaves = reading.document.leaves
    return profiles.guess(
        [leaf.value for leaf in leaves if leaf.tag == "group" and not leaf.is_attribute],
        [leaf.value for leaf in leaves],
        [ups.value for project in reading.projects for ups in project.ups],
    )


def profile_for(
    reading: Reading,
    experiment: str | None,
    own: str | None,
    role: str | None = None,
    size: FileSize | None = None,
) -> profiles.Profile:
    """The facts that a document is converted with.

    experiment  None: the one that the user's own profile or the document's own signs tell
    own         the user's own profile, a file on top of the experiment's facts
    role        production or analysis; None: what the profile or the document's own signs tell
    size        of the files that are read; None: what the profile tells
    """
    chosen = experiment or (experiment_in(own) if own is not None else None)
    return facts(chosen or experiment_of(reading), own, role, size)


def convert(
    reading: Reading,
    profile: profiles.Profile,
    *,
    source: str,
    data: bytes = b"",
    options: Options = Options(),
) -> Conversion:
    """Convert the projects of a document.

    source   the document's name, for comments and report
    data     its bytes, for the report's checksum

    Raises UsageError where there is no such project, or none with a stage.
    """
    chosen = _chosen(reading, options.project)
    projects = with_sizes(reading.projects, profile.file_sizes)
    cfgs = _cfg_names([name for _, name in chosen], options)
    short = re.split(r"[\\/]", source)[-1]
    mapped: list[tuple[Mapped, Layout]] = []
    campaigns = []
    titles: set[str] = set()
    for (index, _), (name, cfg) in zip(chosen, cfgs):
        if options.title and not profile.campaign_name:
            title = options.title if len(chosen) == 1 else f"{options.title}-{name}"
        else:
            title = _campaign_name(profile, reading.projects[index], name, short)
        while title in titles:
            title += "_"
        titles.add(title)
        one = map_project(
            projects,
            index,
            profile,
            short,
            name=title,
            cfg=cfg,
            avoid=options.avoid | {_stem(other) for _, other in cfgs if other != cfg},
            launcher=options.launcher,
        )
        if one.ini is None:
            continue
        layout = factor(one.config)
        mapped.append((one, layout))
        files = {}
        if options.launcher == FIFE_LAUNCH:
            files = {cfg: write_cfg(layout, comments=options.comments), **one.config.scripts}
        heading = one.config.heading[:1] if options.comments else ()
        files[_ini_name(cfg)] = write_ini(one.ini, heading)
        campaigns.append(Campaign(one.project.name.value, title, files))
    if not mapped:
        raise UsageError(
            "X2P103",
            "no project of the file has a stage",
            "there is nothing to launch",
            file=source,
        )
    _other_experiment(reading, mapped[0][0], profile.experiment)
    settings, implied, findings = ledger(reading.document, mapped)
    reports = tuple(
        ProjectReport(
            one.project.name.value,
            profile.experiment,
            (),
            tuple(_stages(one, findings)),
            campaign.files,
            one.role.role,
            one.role.because,
        )
        for (one, _), campaign in zip(mapped, campaigns)
    )
    report = FileReport(
        source=source,
        sha256=hashlib.sha256(data).hexdigest(),
        status=status(findings),
        projects=reports,
        settings=tuple(settings),
        implied=tuple(implied),
        findings=tuple(findings),
        text=_text(data),
        checklist=checklist(
            (
                ToLaunch(
                    one.project.name.value,
                    one.ini,
                    [*([short] if options.launcher != FIFE_LAUNCH else []), *campaign.files],
                    profile.sam,
                    profile.samweb,
                )
                for (one, _), campaign in zip(mapped, campaigns)
                if one.ini is not None
            ),
            findings,
        ),
    )
    return Conversion(tuple(campaigns), report)


def _other_experiment(reading: Reading, mapped: Mapped, experiment: str) -> None:
    """A finding where the document's own signs tell another experiment."""
    leaves = reading.document.leaves
    signs = profiles.contrary(
        experiment,
        [leaf.value for leaf in leaves if leaf.tag == "group" and not leaf.is_attribute],
        [leaf.value for leaf in leaves],
        [ups.value for project in reading.projects for ups in project.ups],
    )
    if signs:
        told = [f"line {leaves[sign.place].line}: {sign.text}" for sign in signs[:_FEW]]
        slots = {
            "experiment": experiment,
            "signs": "; ".join(told) + ("; …" if signs[_FEW:] else ""),
            "other": signs[0].experiment,
        }
        record = Record(None, Fate.DERIVED, mapped.index, None, (), "X2P850", slots)
        mapped.records.records.append(record)


def _stages(mapped: Mapped, findings: Sequence[Finding]) -> Iterator[StageReport]:
    assert mapped.ini is not None
    project = mapped.project.name.value
    own = by_stage(findings)
    stages = zip(mapped.project.reachable, mapped.config.stages, mapped.ini.stages)
    for stage, config, planned in stages:
        said = own.get((project, planned.name), ())
        waits_for = tuple(dependency.producer for dependency in planned.dependencies)
        dataset = planned.values["dataset_or_split_data"].replace("%%", "%")
        reads = dataset if dataset != "None" else stage.input.value.value.strip()
        yield StageReport(
            planned.name,
            status(said),
            "" if waits_for else reads,
            waits_for,
            stage.defname.value.strip(),
            asked({key: str(text) for key, text in config.section("submit").items()}),
            verdict(said),
        )


def convert_bytes(
    data: bytes,
    source: str,
    *,
    experiment: str | None = None,
    own: str | None = None,
    role: str | None = None,
    size: FileSize | None = None,
    options: Options = Options(),
) -> Conversion:
    """Read and convert a document; experiment and role are found in it unless they are given.

    own   the user's own profile, a file on top of the experiment's facts
    size  of the files that are read, for <targetsize>
    """
    reading = read(data, source)
    profile = profile_for(reading, experiment, own, role, size)
    return convert(reading, profile, source=source, data=data, options=options)


def failed(source: str, data: bytes, error: ConversionError) -> FileReport:
    """The report of a file that could not be converted."""
    digest = hashlib.sha256(data).hexdigest()
    return FileReport(source, digest, "failed", error, text=_text(data))


def _text(data: bytes) -> str:
    """The document as people read it, whatever is wrong with it."""
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return data.decode("utf-16" if utf16 else "utf-8-sig", "replace")


def _campaign_name(profile: profiles.Profile, project: Project, name: str, file: str) -> str:
    """The campaign's name in POMS, by the profile's template."""
    filled = (profile.campaign_name or "{project}").format(
        project=name,
        file=file.rpartition(".")[0] or file,
        release=project.release.tag.value,
        experiment=profile.experiment,
    )
    return re.sub(r"[^A-Za-z0-9_.+-]", "_", filled)


def _cfg_names(names: Sequence[str], options: Options) -> list[tuple[str, str]]:
    """The projects' names, such that their files differ, and those of their .cfg files."""
    if len(names) == 1:
        return [(names[0], options.output)]
    stem, dot, ending = options.output.rpartition(".")
    stem = stem or options.output
    found = []
    taken: set[str] = set()
    for name in names:
        name = apart(stem, name, options.avoid, taken)
        taken.add(f"{stem}-{name}".casefold())
        found.append((name, f"{stem}-{name}{dot}{ending if dot else ''}"))
    return found


def _stem(cfg: str) -> str:
    """A campaign's name among others in one place."""
    return cfg.removesuffix(".cfg").casefold()


def _ini_name(cfg: str) -> str:
    return (cfg.removesuffix(".cfg") if cfg.endswith(".cfg") else cfg) + ".ini"


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
