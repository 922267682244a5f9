"""A project to the configuration of its campaign: the families of settings, stage by stage."""

from __future__ import annotations

import re
import shlex

from msgspec import Struct

from converter.mapping.batch import batch, jobsub_environment
from converter.mapping.context import CampaignContext, Heredoc, StageContext
from converter.mapping.executables import executables
from converter.mapping.fates import Fate, Record, Records
from converter.mapping.flow import FIFE_LAUNCH, PROJECT_PY, campaign_ini
from converter.mapping.inputs import inputs, sources
from converter.mapping.macros import Macros
from converter.mapping.metadata import extras, wrappers
from converter.mapping.numbers import fits_shell, limits
from converter.mapping.outputs import keeps_art_files, outputs
from converter.mapping.scripts import submitscript
from converter.mapping.software import software
from converter.mapping.stagename import generalised
from converter.model import Project, Stage, Value
from converter.poms.config import MAX_NUMBER, CampaignConfig, StageConfig
from converter.poms.escape import SAFE, job_value, submit_value
from converter.poms.ini import CampaignIni
from converter.profiles import Profile
from converter.text import Text

__all__ = ["Mapped", "map_project"]


class Mapped(Struct, frozen=True):
    """A mapped project: what each stage sets, and what became of the settings."""

    index: int
    project: Project
    config: CampaignConfig
    ini: CampaignIni | None
    records: Records
    names: dict[int, str]
    """id of a stage of the model → its name in the campaign.cfg."""


def map_project(
    projects: tuple[Project, ...],
    index: int,
    profile: Profile,
    file: str,
    *,
    name: str = "campaign",
    cfg: str = "campaign.cfg",
    launcher: str = FIFE_LAUNCH,
) -> Mapped:
    """Map the project of that index; the others tell what its stages read.

    file      the XML's name, as comments and reports give it
    name      what the campaign is called in POMS
    cfg       the base name of the campaign.cfg
    launcher  what POMS launches: fife_launch with the .cfg, or project.py with the XML
    """
    project = projects[index]
    records = Records()
    feeding, feeds = sources(projects)
    variables = set().union(*(jobsub_environment(s.jobsub.text) for s in project.stages))
    macros = Macros(project.entities, project.name.text, variables)
    everyone = tuple(one.name.value for one in projects)
    stages = project.reachable
    feeds_here = frozenset(id(feeding[id(stage)]) for stage in stages)
    campaign = CampaignContext(
        index, project, profile, macros, records, file, everyone, feeds, feeds_here, feeding
    )
    names = _stage_names(stages)
    macros.define("project", macros.text(project.name.text))
    contexts = [
        StageContext(campaign, stage, StageConfig(names[id(stage)], _traits(stage, campaign)))
        for stage in stages
    ]
    _findings(contexts, campaign)
    shared = _shared_texts(contexts)
    sam = any(ctx.reads_sam for ctx in contexts)
    for ctx, texts in zip(contexts, shared, strict=True):
        _map_stage(ctx, texts, sam=sam)
    if any(("global", "numevents") in ctx.config.values for ctx in contexts):
        for ctx in contexts:
            if fits_shell(ctx.stage.numevents.value):
                ctx.macro("numevents", ctx.number(ctx.stage.numevents), ctx.stage.numevents)
    if launcher == PROJECT_PY:
        records.records.clear()
        records.implied.clear()
    ini = None
    if contexts:
        ini = campaign_ini(contexts, name, launcher, file if launcher == PROJECT_PY else cfg)
        if launcher == PROJECT_PY:
            _left_to_project_py(project, ini, records, index)
    macro_values = {
        "experiment": Text(profile.experiment),
        "group": Text.named("experiment", profile.experiment),
        "wrapper": Text("file:///${FIFE_UTILS_DIR}/libexec/fife_wrap"),
        **macros.values,
    }
    config = CampaignConfig(
        macro_values,
        macros.entities,
        [ctx.config for ctx in contexts],
        _heading(project, names, stages, cfg),
        file,
    )
    return Mapped(index, project, config, ini, records, names)


def _left_to_project_py(project: Project, ini: CampaignIni, records: Records, index: int) -> None:
    """With project.py as launcher every setting that it reads keeps its meaning."""
    keys = tuple((f"ini:job_type {job_type.name}", "parameters") for job_type in ini.job_types)
    values = [*project.values(), *(v for s in project.reachable for v in s.values())]
    for path in dict.fromkeys(v.origin.path for v in values if v.origin is not None):
        records.records.append(Record(path, Fate.MAPPED, index, None, keys))


def _heading(
    project: Project, names: dict[int, str], stages: tuple[Stage, ...], cfg: str
) -> list[str]:
    first, *rest = [names[id(stage)] for stage in stages] or ["STAGE"]
    then = f"        (then {', '.join(rest)})" if rest else ""
    return [
        project.title or f"Project {project.name}",
        "",
        f"  fife_launch -c {shlex.quote(cfg)} --stage {first}{then}",
    ]


def _traits(stage: Stage, campaign: CampaignContext) -> tuple[str, ...]:
    """What a stage has in common with others, so that they may share a parent section."""
    traits = []
    if stage.input.kind == "none":
        traits.append("generator")
    elif stage.input.kind in ("dataset", "stage") or campaign.sources.get(id(stage)) is not None:
        traits.append("from_sam")
    else:
        traits.append("from_list")
    if (stage.check.value == 1 or id(stage) in campaign.feeds) and keeps_art_files(stage):
        traits.append("declared")
    if len(stage.substages) > 1:
        traits.append("substages")
    return tuple(traits)


def _stage_names(stages: tuple[Stage, ...]) -> dict[int, str]:
    """Names for [stage_NAME] and --stage NAME; fife_launch splits them at commas."""
    names: dict[int, str] = {}
    for stage in stages:
        name = re.sub(r"[^A-Za-z0-9_.+-]", "_", stage.name.value).strip() or "stage"
        while name in names.values():
            name += "_"
        names[id(stage)] = name
    return names


def _findings(contexts: list[StageContext], campaign: CampaignContext) -> None:
    """What is to be said about the project as a whole."""
    project = campaign.project
    for ctx in contexts:
        ctx.mapped(ctx.stage.name, ("global", "stage"))
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
    reachable = {id(ctx.stage) for ctx in contexts}
    for stage in project.stages:
        if id(stage) not in reachable and stage.name.origin:
            campaign.finding(Fate.INERT, "X2P102", stage.name, stage=stage.name.value)
    campaign.finding(Fate.MAPPED, "", project.name, keys=[("global", "project")])
    campaign.finding(Fate.BY_DESIGN, "", project.server)
    if any(ctx.reads_sam and not ctx.stage.substages[0].processname for ctx in contexts):
        campaign.finding(Fate.DERIVED, "X2P415", keys=[("sam_consumer", "appname")])
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
        return generalised(list(zip(names, texts, strict=True)), single=single)

    outdirs = all_of([directory(c, c.stage.outdir) for c in contexts], single=True)
    logdirs = all_of([directory(c, c.stage.logdir) for c in contexts], single=True)
    firsts = all_of([c.text(c.stage.substages[0].output) for c in contexts], single=False)
    own = any(one.string != other.string for one, other in zip(outdirs, logdirs, strict=True))
    found = []
    for ctx, outdir, log, first in zip(contexts, outdirs, logdirs, firsts, strict=True):
        rest = [ctx.text(s.output) for s in ctx.stage.substages[1:]]
        logdir = log if log.string != outdir.string else Text.named("outdir", outdir.string)
        found.append(_Shared(outdir, logdir if own else None, [first, *rest]))
    return found


def _map_stage(ctx: StageContext, shared: _Shared, *, sam: bool) -> None:
    stage = ctx.stage
    if SAFE.fullmatch(stage.name.value):
        ctx.set("global", "stage", ctx.text(stage.name), stage.name)
    ctx.macro("outdir", shared.outdir, stage.outdir)
    if shared.logdir is not None:
        ctx.macro("logdir", shared.logdir, stage.logdir)
    batch(ctx)
    found = wrappers(ctx)
    software(ctx)
    inputs(ctx)
    extras(ctx, found)
    if sam:
        _sam_application(ctx)
    scripts_at = len(ctx.prescripts)
    executables(ctx, found, shared.outputs)
    outputs(ctx, shared.outputs[-1])
    submitscript(ctx)
    limits(ctx)
    if ctx.copies_shipped and ctx.shipped:
        # condor_lar.sh copies everything that came along to where lar runs, and unpacks it.
        if any(path.string.endswith(".tar") for path in ctx.shipped.values()):
            unpack = Text("for t in *.tar; do tar xf $t; done")
            ctx.prescripts.insert(scripts_at, unpack)
        ctx.prescripts.insert(scripts_at, Text("cp $CONDOR_DIR_INPUT/* ."))
    for path in ctx.shipped.values():
        ctx.add("submit", "f", submit_value(path))
    _write_prescripts(ctx)
    for line in ctx.postscripts:
        ctx.add("job_setup", "postscript", line)


def _sam_application(ctx: StageContext) -> None:
    """How the consumer introduces itself to SAM."""
    application = ctx.word(ctx.stage.substages[0].processname)
    if not application:
        application = ctx.name
    keys = [ctx.set("sam_consumer", "appfamily", "art")]
    keys.append(ctx.set("sam_consumer", "appname", job_value(application)))
    version = ctx.campaign.macros.define("release", ctx.word(ctx.project.release.tag))
    keys.append(ctx.set("sam_consumer", "appvers", job_value(version or Text("1"))))
    if ctx.reads_sam:
        ctx.implied(
            "SAM application",
            f"consumers introduce themselves as art, {application}, {version or '1'}",
            *keys,
        )


def _write_prescripts(ctx: StageContext) -> None:
    """The prescripts as numbered keys; packed where there would be more than 99."""
    lines = [line for part in ctx.prescripts for line in _written(part)]
    if len(lines) > MAX_NUMBER:
        lines = [line for part in ctx.prescripts for line in _packed(part)]
    for line in lines:
        ctx.add("job_setup", "prescript", line)


def _written(part: Heredoc | Text) -> list[Text]:
    if isinstance(part, Text):
        return [part]
    end = "EOF"
    while any(line.string.strip() == end for line in part.lines):
        end += "_"
    start = f"{part.command} <<{end}" if part.expand else f"{part.command} <<'{end}'"
    lines = [Text(start), *(line or Text("#") for line in part.lines), Text(end)]
    return [*lines, Text(part.after)] if part.after else lines


def _packed(part: Heredoc | Text) -> list[Text]:
    """A file in one line: less readable, but one key."""
    if isinstance(part, Text):
        return [part]
    words = []
    for line in part.lines:
        if part.expand:
            words.append('"' + line.map(lambda s: s.replace('"', '\\"')) + '"')
        else:
            words.append("'" + line.map(lambda s: s.replace("'", "'\\''")) + "'")
    command = part.command.replace("cat >", ">", 1)
    opening, brace, redirect = command.partition("{ cat")
    printed = "printf '%s\\n' " + Text.join(" ", words)
    if brace:
        return [opening + "{ " + printed + redirect + "; }"]
    return [printed + " " + command]
