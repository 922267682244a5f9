"""A project to the configuration of its campaign: the families of settings, stage by stage."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set

from msgspec import Struct

from converter.feeding import connected, sources
from converter.findings.fates import Fate, Record, Records
from converter.mapping.batch import batch, jobsub_environment
from converter.mapping.context import (
    CampaignContext,
    Heredoc,
    Line,
    StageContext,
    line,
    macro_of,
)
from converter.mapping.executables import executables
from converter.mapping.flow import FIFE_LAUNCH, campaign_ini
from converter.mapping.inputs import inputs
from converter.mapping.macros import Macros
from converter.mapping.metadata import extras, wrappers
from converter.mapping.numbers import fits_shell, limits
from converter.mapping.outputs import keeps_art_files, outputs
from converter.mapping.places import places
from converter.mapping.scripts import submitscript
from converter.mapping.software import software
from converter.mapping.stagename import generalise
from converter.model import Project, Stage, Value
from converter.pasted import file_word
from converter.poms.config import (
    MAX_COMMAND,
    CampaignConfig,
    Entry,
    Key,
    Slot,
    StageConfig,
    macros_in,
)
from converter.poms.escape import SAFE, job_value, submit_value
from converter.poms.ini import CampaignIni, campaign_place, stage_place
from converter.poms.names import as_name
from converter.poms.scriptfile import heredoc, in_files
from converter.profiles import Profile
from converter.profiles.roles import Decision, decide
from converter.text import Text

__all__ = ["Group", "Mapped", "groups", "map_project"]


class Mapped(Struct, frozen=True):
    """A mapped project: what each stage sets, and what became of the settings."""

    index: int
    project: Project
    config: CampaignConfig
    ini: CampaignIni | None
    records: Records
    role: Decision
    names: dict[str, str]
    """Path of a stage in the document → its name; also those of projects in the same campaign."""
    launcher: str = FIFE_LAUNCH
    places: Mapping[tuple[str, str], str] = {}
    """The section of the campaign.ini in which a stage's value stands, by stage and key."""


class Group(Struct, frozen=True):
    """Projects that make one campaign: those that feed each other, and have one role.

    POMS knows dependencies only between the stages of one campaign.

    projects  their indices, in the order of the document
    names     path of a stage → its name in the campaign
    feeding   path of any stage of the document → the one that it reads; feeds: all that are read
    feeds_here  those that a stage of the campaign reads
    """

    projects: tuple[int, ...]
    names: dict[str, str]
    feeding: dict[str, Stage | None]
    feeds: frozenset[str]
    feeds_here: frozenset[str]


def groups(projects: tuple[Project, ...], chosen: Iterable[int], profile: Profile) -> list[Group]:
    """The campaigns of the chosen projects."""
    roles = {index: decide(projects[index], profile).role for index in chosen}
    feeding, feeds = sources(projects)
    found = []
    for members in connected(projects, roles, feeding, roles):
        names = _stage_names([stage for one in members for stage in projects[one].reachable])
        here = [feeding[path] for path in names]
        feeds_here = frozenset(source.origin.path for source in here if source is not None)
        found.append(Group(members, names, feeding, feeds, feeds_here))
    return found


def map_project(
    projects: tuple[Project, ...],
    index: int,
    profile: Profile,
    file: str,
    *,
    name: str = "campaign",
    cfg: str = "campaign.cfg",
    avoid: Set[str] = frozenset(),
    launcher: str = FIFE_LAUNCH,
    group: Group | None = None,
) -> Mapped:
    """Map the project of that index; the others tell what its stages read.

    file      the XML's name, as comments and reports give it
    name      what the campaign is called in POMS
    cfg       the base name of the campaign.cfg
    avoid     names of other campaigns' files, without endings and in small letters
    launcher  what POMS launches: fife_launch with the .cfg, or project.py with the XML
    group     the projects that are one campaign with it, and itself; None: of all of the document
    """
    project = projects[index]
    if group is None:
        (group,) = (
            one for one in groups(projects, range(len(projects)), profile) if index in one.projects
        )
    names = group.names
    records = Records()
    variables = set().union(*(jobsub_environment(s.jobsub.text) for s in project.stages))
    keys = {*variables, *profile.env_pass, *profile.submit}
    macros = Macros(project.entities, project.name.text, project.release.tag.text, keys)
    everyone = tuple(one.name.value for one in projects)
    stages = project.reachable
    role = decide(project, profile)
    campaign = CampaignContext(
        *(index, project, profile, macros, records, file, role),
        *(everyone, group.feeds, group.feeds_here, group.feeding, names),
    )
    contexts = [
        StageContext(
            campaign, stage, StageConfig(names[stage.origin.path], _traits(stage, campaign))
        )
        for stage in stages
    ]
    ini = None
    if launcher == FIFE_LAUNCH:
        _map_stages(contexts, campaign)
        if contexts:
            ini = campaign_ini(contexts, name, launcher, cfg)
    elif contexts:
        ini = campaign_ini(contexts, name, launcher, file)
        _left_to_project_py(project, ini, records, index)
    if contexts:
        _project_name(contexts, name if index == group.projects[0] else "")
    macro_values = {
        "experiment": Text(profile.experiment),
        "group": Text.named("experiment", profile.experiment),
        "wrapper": Text("file:///${FIFE_UTILS_DIR}/libexec/fife_wrap"),
        **macros.values,
    }
    configs, scripts = in_files([ctx.config for ctx in contexts], cfg, avoid)
    for ctx, one in zip(contexts, configs):
        _command_length(ctx, one)
    for script in scripts:
        along = (Slot("file", script.name),)
        used_by = ", ".join(script.stages)
        campaign.finding(Fate.DERIVED, "X2P720", keys=along, file=script.name, stages=used_by)
    config = CampaignConfig(
        macro_values,
        macros.entities,
        configs,
        _heading(project, names, stages, file, cfg),
        file,
        macros.next,
        {script.name: script.text(cfg) for script in scripts},
    )
    return Mapped(
        *(index, project, config, ini, records, role, names, launcher),
        ini.places if ini is not None else {},
    )


def _map_stages(contexts: list[StageContext], campaign: CampaignContext) -> None:
    """What each stage sets in the campaign.cfg."""
    name = campaign.macros.define("project", campaign.macros.text(campaign.project.name.text))
    _findings(contexts, campaign, name)
    shared = _shared_texts(contexts)
    sam = any(ctx.reads_sam for ctx in contexts)
    applications = [_map_stage(ctx, texts, sam=sam) for ctx, texts in zip(contexts, shared)]
    if any(ctx.reads_sam and not ctx.stage.substages[0].processname for ctx in contexts):
        keys = dict.fromkeys(key for key in applications if key is not None)
        campaign.finding(Fate.DERIVED, "X2P415", keys=keys)
    if any(("global", "numevents") in ctx.config.values for ctx in contexts):
        for ctx in contexts:
            if fits_shell(ctx.stage.numevents.value):
                ctx.macro("numevents", ctx.number(ctx.stage.numevents), ctx.stage.numevents)


def _project_name(contexts: Sequence[StageContext], name: str) -> None:
    """Where the project's name stands, but for its macro.

    name  of the campaign in POMS, if this project gives it
    """
    first = contexts[0]
    project, macros = first.project, first.campaign.macros
    if as_name(project.name.value) in name:
        first.mapped(project.name, campaign_place("name"))
        return
    macro = macros.define("project", macros.text(project.name.text)).name
    texts = [text for ctx in contexts for _, text in ctx.config.everything]
    if macro not in macros_in(texts, macros.values):
        # It only names the files.
        first.derived(project.name)


def _left_to_project_py(project: Project, ini: CampaignIni, records: Records, index: int) -> None:
    """With project.py as launcher every setting that it reads keeps its meaning."""
    keys = tuple(stage_place(stage.name, "param_overrides") for stage in ini.stages)
    values = [*project.values(), *(v for s in project.reachable for v in s.values())]
    for path in dict.fromkeys(v.origin.path for v in values if v.origin is not None):
        records.records.append(Record(path, Fate.MAPPED, index, None, keys))


def _heading(
    project: Project, names: dict[str, str], stages: tuple[Stage, ...], file: str, cfg: str
) -> list[str]:
    """Comment lines; conversion.py reads the first one as the campaign's title."""
    first, *rest = [names[stage.origin.path] for stage in stages] or ["STAGE"]
    then = f"        (then {', '.join(rest)})" if rest else ""
    return [
        project.title or f"Project {project.name}",
        "",
        f"  fife_launch -c {file_word(cfg)} --stage {first}{then}",
        f"  xml2poms verify {file_word(file)} {file_word(cfg)}        (what differs by now)",
    ]


def _traits(stage: Stage, campaign: CampaignContext) -> tuple[str, ...]:
    """What a stage has in common with others, so that they may share a parent section."""
    traits = []
    if stage.input.kind == "none":
        traits.append("generator")
    elif (
        stage.input.kind in ("dataset", "stage")
        or campaign.sources.get(stage.origin.path) is not None
    ):
        traits.append("from_sam")
    else:
        traits.append("from_list")
    if (stage.check.value == 1 or stage.origin.path in campaign.feeds) and keeps_art_files(stage):
        traits.append("declared")
    if len(stage.substages) > 1:
        traits.append("substages")
    return tuple(traits)


def _stage_names(stages: Iterable[Stage]) -> dict[str, str]:
    """Names for [stage_NAME] and --stage NAME.

    fife_launch splits them at commas, takes one that begins with a dash for an option, and both
    files end a section's name at the bracket or the line.
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    # Where to go on, for what many stages of several projects are called.
    tried: dict[str, str] = {}
    for stage in stages:
        first = re.sub(r"^[.+-]|[^A-Za-z0-9_.+-]", "_", stage.name.value) or "stage"
        name = tried.get(first, first)
        while name in taken:
            name += "_"
        taken.add(name)
        tried[first] = name
        names[stage.origin.path] = name
    return names


def _findings(contexts: list[StageContext], campaign: CampaignContext, name: Text) -> None:
    """What is to be said about the project as a whole; `name` is its own, as stages use it."""
    project = campaign.project
    for ctx in contexts:
        if ctx.stage.base:
            ctx.derived(ctx.stage.base)
        if ctx.config.name != ctx.stage.name.value:
            ctx.finding(
                Fate.MAPPED,
                "X2P101",
                ctx.stage.name,
                old=ctx.stage.name.value,
                new=ctx.config.name,
            )
    reachable = {ctx.stage.origin.path for ctx in contexts}
    for stage in project.stages:
        if stage.origin.path not in reachable and stage.name.origin:
            campaign.finding(Fate.INERT, "X2P102", stage.name, stage=stage.name.value)
    campaign.finding(Fate.MAPPED, "", project.name, keys=macro_of(name))
    old, new = project.name.value, as_name(project.name.value)
    if new != old:
        campaign.finding(Fate.MAPPED, "X2P105", project.name, keys=macro_of(name), old=old, new=new)
    campaign.finding(Fate.BY_DESIGN, "", project.server)
    if contexts:
        campaign.finding(Fate.DERIVED, "X2P602")
    else:
        campaign.finding(Fate.INVALID, "X2P103", project=project.name.value)


class _Shared(Struct):
    """Texts of a stage that may differ from those of other stages only by its name."""

    outdir: Text
    logdir: Text | None
    """None where no stage of the project has a log directory of its own."""
    outputs: list[Text]


def _shared_texts(contexts: list[StageContext]) -> list[_Shared]:
    def directory(ctx: StageContext, setting: Value[str]) -> Text:
        text = ctx.word(setting)
        return text[:-1] if text.string.endswith("/") and len(text) > 1 else text

    def all_of(texts: list[Text], *, single: bool) -> list[Text]:
        names = [ctx.stage.name.value for ctx in contexts]
        return generalise(list(zip(names, texts)), single=single)

    outdirs = all_of([directory(c, c.stage.outdir) for c in contexts], single=True)
    logdirs = all_of([directory(c, c.stage.logdir) for c in contexts], single=True)
    firsts = all_of([c.text(c.stage.substages[0].output) for c in contexts], single=False)
    own = any(one.string != other.string for one, other in zip(outdirs, logdirs))
    found = []
    for ctx, outdir, log, first in zip(contexts, outdirs, logdirs, firsts):
        rest = [ctx.text(s.output) for s in ctx.stage.substages[1:]]
        logdir = log if log.string != outdir.string else Text.named("outdir", outdir.string)
        found.append(_Shared(outdir, logdir if own else None, [first, *rest]))
    return found


def _map_stage(ctx: StageContext, shared: _Shared, *, sam: bool) -> Key | None:
    """All that a stage sets; gives the key by which its consumer is called in SAM, with `sam`."""
    stage = ctx.stage
    if SAFE.fullmatch(stage.name.value):
        # What the section is called: it does not change with a project that happens to be alike.
        ctx.mapped(stage.name, ctx.set("global", "stage", ctx.outside(stage.name), stage.name))
    else:
        ctx.mapped(stage.name)
    ctx.macro("outdir", shared.outdir, stage.outdir)
    if shared.logdir is not None:
        ctx.macro("logdir", shared.logdir, stage.logdir)
    batch(ctx)
    places(ctx)
    found = wrappers(ctx)
    software(ctx)
    inputs(ctx)
    extras(ctx, found)
    application = _sam_application(ctx) if sam else None
    scripts_at = len(ctx.prescripts)
    executables(ctx, found, shared.outputs)
    outputs(ctx, shared.outputs[-1])
    submitscript(ctx)
    limits(ctx)
    if ctx.copies_shipped and ctx.shipped:
        # condor_lar.sh copies everything that came along to where lar runs, and unpacks it.
        if any(path.string.endswith(".tar") for path in ctx.shipped.values()):
            ctx.prescripts.insert(scripts_at, line("for t in *.tar; do tar xf $t; done"))
        ctx.prescripts.insert(scripts_at, line("cp $CONDOR_DIR_INPUT/* ."))
    for name, path in ctx.shipped.items():
        ctx.config.append("submit", "f", Entry(((submit_value(path), (Slot("file", name),)),)))
    _write_lines(ctx, "prescript", ctx.prescripts)
    _write_lines(ctx, "postscript", ctx.postscripts)
    return application


def _command_length(ctx: StageContext, config: StageConfig) -> None:
    """A launch that no system takes: its command is longer than one argument may be."""
    characters = sum(len(key) + len(text.string) + 12 for (_, key), text in config.everything)
    if characters * _MOST_BYTES < MAX_COMMAND:
        return
    # Only now: it takes longer to import than all stages to map.
    from urllib.parse import quote

    length = sum(
        len(key) + len(quote(text.string) if section == "job_setup" else text.string.encode()) + 12
        for (section, key), text in config.everything
    )
    if length > MAX_COMMAND:
        ctx.finding(
            Fate.UNSUPPORTED,
            "X2P512",
            stage=ctx.stage.name.value,
            length=f"{length:,}",
            most=f"{MAX_COMMAND:,}",
        )


_MOST_BYTES = 12
"""What a character can become: four bytes, each of them %XX."""


def _sam_application(ctx: StageContext) -> Key:
    """How the consumer introduces itself to SAM; gives the key of its name."""
    application = ctx.word(ctx.stage.substages[0].processname)
    if not application:
        application = ctx.name
    family = ctx.set("sam_consumer", "appfamily", "art")
    name = ctx.set("sam_consumer", "appname", job_value(application))
    version = ctx.campaign.macros.define("release", ctx.word(ctx.project.release.tag))
    number = ctx.set("sam_consumer", "appvers", job_value(version or Text("1")))
    if ctx.reads_sam:
        ctx.implied(
            "SAM application",
            f"consumers introduce themselves as art, {application}, {version or '1'}",
            family,
            name,
            number,
        )
    return name


def _write_lines(ctx: StageContext, stem: str, parts: Iterable[Heredoc | Line]) -> None:
    """Parts of a script, each whole; the settings that stand in their lines come to know where."""
    for part in parts:
        if isinstance(part, Line):
            entry = Entry((_slotted(part),))
        else:
            lines = [_slotted(one) for one in part.lines]
            entry = heredoc(part.command, lines, expand=part.expand, after=part.after)
        ctx.config.append("job_setup", stem, entry)


def _slotted(one: Line) -> tuple[Text, tuple[Slot, ...]]:
    return one.text, tuple([Slot("line", setting) for setting in one.settings])
