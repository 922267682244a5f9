"""From the projects of a document to its campaigns and its report."""

from __future__ import annotations

import codecs
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set

from msgspec import Struct
from msgspec.structs import replace

from converter import profiles
from converter.accounting import ledger
from converter.errors import ConversionError, UsageError
from converter.findings.fates import Fate, Record
from converter.findings.finding import Finding
from converter.mapping.campaign import Group, Mapped, groups, map_project
from converter.mapping.flow import FIFE_LAUNCH
from converter.model import Project
from converter.pasted import word
from converter.poms.factor import Layout, factor
from converter.poms.ini import CampaignIni, chains, joined, write_ini
from converter.poms.names import apart, as_name
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
    """One project's campaign, which it may have in common with projects that it feeds.

    project  its name as project.py knows it
    names    its name in POMS; several where each chain of stages is a campaign
    files    base name → text, in the order in which they are used: the .cfg, scripts that go
             with its jobs (files beside it), the .ini
    """

    project: str
    names: tuple[str, ...]
    files: Mapping[str, str]

    @property
    def name(self) -> str:
        """Its name in POMS, or that of its first chain."""
        return self.names[0]

    @property
    def cfg(self) -> str:
        """The text of the campaign.cfg."""
        return next(text for name, text in self.files.items() if not name.endswith(".ini"))

    @property
    def scripts(self) -> dict[str, str]:
        """Base name → text of the scripts that go with the jobs."""
        others = [name for name in self.files if not name.endswith(".ini")][1:]
        return {name: self.files[name] for name in others}

    @property
    def ini(self) -> str:
        """The text of the campaign.ini."""
        return next(text for name, text in self.files.items() if name.endswith(".ini"))

    def is_alone(self, campaigns: Sequence[Campaign]) -> bool:
        """Whether it has one .cfg and one .ini, and none of the document's campaigns has either."""
        endings = Counter(name.rpartition(".")[2] for name in self.files)
        others = [one for one in campaigns if one is not self]
        shared = any(not self.files.keys().isdisjoint(one.files) for one in others)
        return endings["cfg"] == endings["ini"] == 1 and not shared


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
    split_chains  where several stages wait for none, make a campaign of each with its followers
    """

    project: str | None = None
    comments: bool = True
    output: str = "campaign.cfg"
    launcher: str = FIFE_LAUNCH
    title: str = ""
    avoid: Set[str] = frozenset()
    split_chains: bool = False


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
    projects = with_sizes(reading.projects, profile.file_sizes)
    short = source.rpartition("/")[2]
    made: dict[int, tuple[Mapped, Layout, Campaign]] = {}
    launches: list[ToLaunch] = []
    for group in _groups(reading, projects, profile, options, short):
        one = _converted(projects, profile, options, short, group)
        made.update(one.projects)
        launches += one.launches
    mapped = [(made[index][0], made[index][1]) for index in sorted(made)]
    campaigns = [made[index][2] for index in sorted(made)]
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
        checklist=checklist(launches, findings),
    )
    return Conversion(tuple(campaigns), report)


class _Group(Struct, frozen=True):
    """The projects of a document that make one campaign, and how it is called.

    cfgs   project → the base name of its campaign.cfg
    title  the campaign's name in POMS; ini: the base name of its campaign.ini
    avoid  names of other files and of these, without ending and in small letters
    """

    together: Group
    cfgs: Mapping[int, str]
    title: str
    ini: str
    avoid: Set[str]


class _Made(Struct, frozen=True):
    """A group's projects, and what of it is to be launched."""

    projects: Mapping[int, tuple[Mapped, Layout, Campaign]] = {}
    launches: tuple[ToLaunch, ...] = ()


def _groups(
    reading: Reading,
    projects: tuple[Project, ...],
    profile: profiles.Profile,
    options: Options,
    file: str,
) -> Iterator[_Group]:
    """The campaigns of the chosen projects, and what they and their files are called."""
    chosen = _chosen(reading, options.project)
    files = _cfg_names([name for _, name in chosen], options)
    names = {index: name for (index, _), (name, _) in zip(chosen, files)}
    cfgs = {index: cfg for (index, _), (_, cfg) in zip(chosen, files)}
    titles: set[str] = set()
    found = groups(projects, cfgs, profile)
    for group in found:
        first = group.projects[0]
        if options.title and not profile.campaign_name:
            title = options.title if len(found) == 1 else f"{options.title}-{names[first]}"
        else:
            title = _campaign_name(profile, projects[first], names[first], file)
        while title in titles:
            title += "_"
        titles.add(title)
        ini = _ini_name(options.output if len(found) == 1 else cfgs[first])
        others = frozenset(_stem(cfg) for cfg in cfgs.values())
        own = {index: cfgs[index] for index in group.projects}
        yield _Group(group, own, title, ini, options.avoid | others)


def _converted(
    projects: tuple[Project, ...],
    profile: profiles.Profile,
    options: Options,
    file: str,
    group: _Group,
) -> _Made:
    """The projects of a group, with one campaign.ini, or one for each chain of stages."""
    mapped: dict[int, tuple[Mapped, CampaignIni]] = {}
    for index, cfg in group.cfgs.items():
        one = map_project(
            projects,
            index,
            profile,
            file,
            name=group.title,
            cfg=cfg,
            avoid=group.avoid - {_stem(cfg)},
            launcher=options.launcher,
            group=group.together,
        )
        if one.ini is not None:
            mapped[index] = one, one.ini
    if not mapped:
        return _Made()
    whole = joined([ini for _, ini in mapped.values()])
    parts = _chains(whole, group)
    first, _ = next(iter(mapped.values()))
    if len(parts) > 1:
        _several(first, list(parts.values()), split=options.split_chains)
    inis = parts if options.split_chains else {group.ini: whole}
    heading = (line for one, _ in mapped.values() for line in one.config.heading[:1])
    lines = tuple(dict.fromkeys(heading)) if options.comments else ()
    texts = {name: write_ini(ini, lines) for name, ini in inis.items()}
    places = {place: s for ini in inis.values() for place, s in ini.places.items()}
    made = {}
    for index, (one, own) in mapped.items():
        layout = factor(one.config)
        files = {}
        if options.launcher == FIFE_LAUNCH:
            cfg = write_cfg(layout, comments=options.comments)
            files = {group.cfgs[index]: cfg, **one.config.scripts}
        shared = {name: ini for name, ini in inis.items() if _share(ini, own)}
        files |= {name: texts[name] for name in shared}
        names = tuple(ini.name for ini in shared.values())
        campaign = Campaign(one.project.name.value, names, files)
        made[index] = replace(one, places=places), layout, campaign
    launches = []
    for name, ini in inis.items():
        members = [index for index, (_, own) in mapped.items() if _share(ini, own)]
        needed = [file] if options.launcher != FIFE_LAUNCH else []
        needed += [f for index in members for f in made[index][2].files if f not in inis]
        own_names = tuple(mapped[index][0].project.name.value for index in members)
        launches.append(ToLaunch(own_names, ini, [*needed, name], profile.sam, profile.samweb))
    return _Made(made, tuple(launches))


def _chains(campaign: CampaignIni, group: _Group) -> dict[str, CampaignIni]:
    """The campaigns of a group's chains, by the base names of their files: no other's."""
    parts = chains(campaign)
    if len(parts) == 1:
        return {group.ini: campaign}
    stem = group.ini.removesuffix(".ini")
    found: dict[str, CampaignIni] = {}
    taken: set[str] = set()
    for part in parts:
        head = part.name[len(campaign.name) + 1 :]
        label = apart(stem, head, group.avoid - {stem.casefold()}, taken)
        taken.add(f"{stem}-{label}".casefold())
        found[f"{stem}-{label}.ini"] = replace(part, name=f"{campaign.name}-{label}")
    return found


def _share(one: CampaignIni, other: CampaignIni) -> bool:
    """Whether two campaigns have a stage in common."""
    return not {stage.name for stage in one.stages}.isdisjoint(s.name for s in other.stages)


def _several(mapped: Mapped, parts: Sequence[CampaignIni], *, split: bool) -> None:
    """A finding where several stages wait for none: what is done, or could be."""
    slots = {
        "stages": ", ".join(part.stages[0].name for part in parts),
        "chains": ", ".join(
            f"{part.name} ({len(part.stages)} stage{'s' if len(part.stages) > 1 else ''})"
            for part in parts
        ),
    }
    code = "X2P827" if split else "X2P821"
    record = Record(None, Fate.DERIVED, mapped.index, None, (), code, slots)
    mapped.records.records.append(record)


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
            "other": word(signs[0].experiment),
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
    return as_name(filled)


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
        name = as_name(one.name.value).lstrip(".-") or "project"
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
