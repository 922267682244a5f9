"""The campaign that POMS runs: stages, what they wait for, their datasets, how they launch."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from converter import pasted
from converter.findings.catalogue import CATALOGUE
from converter.findings.fates import Fate
from converter.findings.settings import usual_fate
from converter.mapping.context import CampaignContext, StageContext
from converter.mapping.executables import output_name, output_pattern
from converter.mapping.inputs import dataset, drains_in_poms
from converter.mapping.numbers import fits_shell
from converter.mapping.outputs import is_ending
from converter.model import Stage, Value
from converter.poms.config import OVERRIDE_ME, Key
from converter.poms.escape import SAFE
from converter.poms.ini import (
    STAGE_KEYS,
    CampaignIni,
    Dependency,
    IniStage,
    JobType,
    LoginSetup,
    Pairs,
    campaign_place,
    default_place,
    dependency_places,
    job_type_place,
    login_place,
    named_by_content,
    pairs,
    percent,
    quoted,
    stage_place,
)
from converter.poms.names import as_name
from converter.poms.request import MOST_JOBS
from converter.profiles import Profile
from converter.profiles.roles import NO_SIGN, PRODUCTION

__all__ = ["FIFE_LAUNCH", "PROJECT_PY", "campaign_ini"]

FIFE_LAUNCH = "fife_launch"
PROJECT_PY = "project.py"
"""The launchers: fife_launch with the campaign.cfg, or project.py itself with the XML."""

_TEST_EVENTS = "10"


def campaign_ini(
    contexts: Sequence[StageContext], name: str, launcher: str, file: str
) -> CampaignIni:
    """What one project has of its campaign.

    name      the campaign's name, which only this campaign has
    file      what the launcher is given: the campaign.cfg or the XML, by its base name
    """
    role = contexts[0].campaign.role.role
    production = role == PRODUCTION
    login = _login(contexts[0].profile, production, launcher)
    job_types: dict[str, JobType] = {}
    here = {ctx.stage.origin.path: ctx for ctx in contexts}
    stages = []
    for ctx in contexts:
        kind = ctx.config.traits[0]
        if kind not in job_types:
            job_types[kind] = _job_type(ctx, contexts, name, launcher)
        stages.append(_stage(ctx, here, launcher, file, job_types[kind], login))
    if launcher == FIFE_LAUNCH:
        _bridge(contexts)
    else:
        _undeclared(contexts)
    campaign = CampaignIni(
        name,
        contexts[0].profile.experiment,
        role.lower(),
        tuple(stages),
        tuple(dict.fromkeys(job_types.values())),
        login,
    )
    _implied(contexts[0].campaign, campaign)
    _why_the_role(contexts)
    return campaign


def _why_the_role(contexts: Sequence[StageContext]) -> None:
    """What decides the role, and what in the file speaks against it."""
    campaign = contexts[0].campaign
    decision, given = campaign.role, campaign.project.role
    keys: list[Key] = [campaign_place("poms_role")]
    keys += [_key(ctx, "vo_role") for ctx in contexts]
    role, sign = decision.role, decision.sign
    if campaign.profile.role:
        who = decision.because
        if given:
            campaign.finding(Fate.OVERRIDDEN, "X2P227", given, keys=keys, role=role, who=who)
        elif not decision.against:
            campaign.finding(Fate.DERIVED, "X2P227", keys=keys, role=role, who=who)
        if decision.against:
            against = decision.against
            campaign.finding(Fate.DERIVED, "X2P842", keys=keys, role=role, who=who, against=against)
        return
    if decision.because == NO_SIGN:
        campaign.implied("role", f"{NO_SIGN}: {decision.role}", *keys)
    elif decision.role == PRODUCTION and not given:
        fate = _beside(decision.value)
        campaign.finding(fate, "X2P840", decision.value, keys=keys, role=role, sign=sign)
    if decision.against:
        fate, against = _beside(decision.contrary), decision.against
        campaign.finding(
            fate, "X2P841", decision.contrary, keys=keys, role=role, sign=sign, against=against
        )
    elif decision.role != PRODUCTION and not given and decision.because != NO_SIGN:
        campaign.implied("role", f"{decision.sign}: {decision.role}", *keys)


def _beside(sign: Value[str] | None) -> Fate:
    """The fate of a setting that has a place of its own besides; where a job works has none."""
    if sign is None or sign.origin is None:
        return Fate.DERIVED
    usual = usual_fate(sign.origin.path)
    return Fate.DERIVED if usual is Fate.BY_DESIGN else usual


def _key(ctx: StageContext, key: str) -> Key:
    return stage_place(ctx.config.name, key)


def _stage(
    ctx: StageContext,
    here: Mapping[str, StageContext],
    launcher: str,
    file: str,
    job_type: JobType,
    login: LoginSetup,
) -> IniStage:
    """A stage of the campaign; `here` has those of its project by their paths in the document."""
    read, split = _dataset(ctx)
    values = {
        "vo_role": ctx.campaign.role.role,
        "software_version": percent(str(ctx.word(ctx.project.release.tag))) or "test",
        "dataset_or_split_data": percent(read),
        "cs_split_type": split,
        "completion_type": _completion(ctx),
        "completion_pct": f"{ctx.profile.completion_pct:g}",
        "param_overrides": pairs(_overrides(ctx, launcher, file)),
        "test_param_overrides": pairs(_test(ctx) if launcher == FIFE_LAUNCH else ()),
        "merge_overrides": "False",
        "login_setup": login.name,
        "job_type": job_type.name,
        "stage_type": "regular" if _makes_children(ctx) else "generator",
        "output_ancestor_depth": "1",
    }
    assert set(values) == set(STAGE_KEYS)
    _fates(ctx, split)
    return IniStage(ctx.config.name, values, _dependencies(ctx, here))


def _makes_children(ctx: StageContext) -> bool:
    """Whether POMS itself finds the stage's output: declared children of what SAM delivered.

    Not without a SAM project, and not of several fcl in a job, which are declared without
    parents; then the job puts its files into the dataset that the next stage reads.
    """
    return ctx.reads_sam and not (ctx.feeds_its_campaign and len(ctx.stage.substages) > 1)


def _dataset(ctx: StageContext) -> tuple[str, str]:
    """Dataset and split type of a stage."""
    stage = ctx.stage
    if not ctx.reads_sam:
        return "None", "None"
    name = dataset(ctx).string
    if name == OVERRIDE_ME:
        name = "None"
    if not SAFE.fullmatch(name):
        return "None", "None"
    if ctx.waits_for is not None or stage.input.kind != "dataset":
        return name, "None"
    product = stage.numjobs.value * stage.maxfilesperjob.value
    limited = stage.numjobs.value > 0 and product > 0 and fits_shell(product)
    if stage.numjobs.value > MOST_JOBS and limited and not stage.recur:
        return name, f"drainingn({MOST_JOBS * stage.maxfilesperjob.value})"
    if drains_in_poms(stage):
        return str(ctx.word(stage.basedef)), f"drainingn({stage.recurlimit})"
    if stage.recur:
        return name, "draining"
    if limited:
        return name, f"limitn({product})"
    return name, "None"


def _dependencies(ctx: StageContext, here: Mapping[str, StageContext]) -> tuple[Dependency, ...]:
    producer, source = ctx.waits_for, ctx.source
    if source is None:
        return ()
    if producer is None:
        ctx.finding(
            Fate.DERIVED,
            "X2P824",
            keys=[_key(ctx, "dataset_or_split_data")],
            stage=source.name.value,
            dataset=dataset(ctx).string,
        )
        return ()
    waits, key = dependency_places(ctx.config.name)
    if ctx.stage.reads_stream:
        pattern = f"data_stream {ctx.word(ctx.stage.inputstream)}"
        ctx.derived(ctx.stage.inputstream, key)
    else:
        pattern = _pattern(ctx, source)
    ctx.derived(ctx.stage.previousstage, waits, key, _key(ctx, "dataset_or_split_data"))
    if ctx.stage.input.value.origin:
        ctx.derived(ctx.stage.input.value, waits, key)
    elif not ctx.stage.previousstage.origin:
        message = f"waits for stage {producer}, the one before it"
        ctx.implied("dependency", message, waits, key, _key(ctx, "dataset_or_split_data"))
    if source.origin.path not in here:
        ctx.finding(Fate.DERIVED, "X2P826", keys=[waits], stage=producer)
    return (Dependency(producer, pattern),)


def _pattern(ctx: StageContext, producer: Stage) -> str:
    """A pattern, SQL-like, for the art files that a stage of the document makes."""
    k = len(producer.substages) - 1
    output = ctx.text(producer.substages[k].output)
    if not output or producer.input.kind == "none":
        return "%.root"
    return str(output_pattern(output_name(output, k))).replace("*", "%")


def _file_word(file: str) -> str:
    """The XML's name for the shell: bytes that are no UTF-8, shown as `\\udcXX`, as they are."""
    meant = re.sub(r"\\(udc[89a-f][0-9a-f])", lambda sign: chr(int(sign[1][1:], 16)), file)
    return quoted(file) if meant == file else percent(pasted.word(meant))


def _overrides(ctx: StageContext, launcher: str, file: str) -> Pairs:
    """What a stage adds to the command of its job type, its campaign's file first."""
    fed = ctx.reads_sam
    if launcher == PROJECT_PY:
        found = [("--xml ", f"$UPLOADS/{_file_word(file)}")]
        if len(ctx.campaign.project_names) > 1:
            found.append(("--project ", quoted(ctx.project.name.value)))
        found.append(("--stage ", quoted(ctx.stage.name.value)))
        if fed:
            found.append(("--inputdef ", "%(dataset)s"))
        return (*found, ("--submit", ""))
    found = [("-c ", f"$UPLOADS/{quoted(file)}"), ("--stage ", percent(ctx.config.name))]
    if fed:
        found.append(("-Oglobal.sam_dataset=", "%(dataset)s"))
    if fed and ctx.stage.numjobs.value > MOST_JOBS:
        found.append(("-Osubmit.N=", str(MOST_JOBS)))
        values = ctx.config.values
        has_limit = ("sam_consumer", "limit") in values
        limit = str(values["sam_consumer", "limit"]) if has_limit else ""
        if ctx.stage.input.kind != "dataset" and limit.isdigit():
            launches = -(-ctx.stage.numjobs.value // MOST_JOBS)
            found.append(("-Osam_consumer.limit=", str(int(limit) * launches)))
    if ctx.feeds_its_campaign and not _makes_children(ctx):
        task = "_poms_task" if ctx.campaign.role.role == PRODUCTION else "_poms_analysis"
        for section, key in ctx.config.values:
            if key == "declare_metadata":
                found.append((f"-O{section}.add_to_dataset=", task))
    return tuple(found)


def _test(ctx: StageContext) -> Pairs:
    """One small job."""
    found: list[tuple[str, str]] = []
    if ctx.is_generator:
        found.append(("-Oglobal.numjobs=", "1"))
    else:
        found.append(("-Osubmit.N=", "1"))
    if ("submit", "n_files_per_job") in ctx.config.values:
        found.append(("-Osubmit.n_files_per_job=", "0"))
    if ("sam_consumer", "limit") in ctx.config.values or ctx.reads_sam:
        found.append(("-Osam_consumer.limit=", "1"))
    texts = [text for _, text in ctx.config.everything]
    for macro in ("eventsperjob", "numevents"):
        if ("global", macro) in ctx.config.values and any(text.uses(macro) for text in texts):
            found.append((f"-Oglobal.{macro}=", _TEST_EVENTS))
    return tuple(found)


def _job_type(
    ctx: StageContext, contexts: Sequence[StageContext], name: str, launcher: str
) -> JobType:
    """The job type of a stage, by what it reads; which file it launches is the stage's to say.

    POMS never changes a job type that exists, and every campaign of the experiment may use it: so
    its name tells its content, and what says the same is one.
    """
    same = [other for other in contexts if other.config.traits[0] == ctx.config.traits[0]]
    types = dict.fromkeys(t for c in same for t in c.stage.datafiletypes.value if is_ending(t))
    parameters: Pairs = ()
    recoveries: tuple[tuple[str, Pairs], ...] = ()
    if launcher == FIFE_LAUNCH:
        tag = ctx.campaign.macros.define("release", ctx.word(ctx.project.release.tag))
        if tag.name is not None:
            parameters = ((f"-Oglobal.{tag.name}=", "%(version)s"),)
        if ctx.reads_sam:
            memory = max(ctx.profile.recovery_memory, *(c.stage.memory.value + 2000 for c in same))
            recoveries = _recoveries(ctx, (("-Osubmit.memory=", f"{memory}MB"),))
    patterns = ",".join(f"%.{t}" for t in sorted(types)) or "%.root"
    kind = "sam" if recoveries else "plain"
    stem = ctx.profile.job_type.format(campaign=name, kind=kind, launcher=launcher)
    content = (launcher, parameters, patterns, recoveries)
    return JobType(named_by_content(stem, *content), *content)


def _completion(ctx: StageContext) -> str:
    """POMS finds files located only if SAM was told of them."""
    if ctx.profile.completion_type != "auto":
        return ctx.profile.completion_type
    return "located" if "declared" in ctx.config.traits else "complete"


def _recoveries(ctx: StageContext, memory: Pairs) -> tuple[tuple[str, Pairs], ...]:
    """The profile's recoveries; those with +memory get more of it."""
    found: list[tuple[str, Pairs]] = []
    for word in ctx.profile.recoveries.split(","):
        kind = word.strip()
        if kind:
            more = kind.endswith("+memory")
            found.append((kind.removesuffix("+memory"), memory if more else ()))
    return tuple(found)


def _login(profile: Profile, production: bool, launcher: str) -> LoginSetup:
    """Where and how POMS logs in: one for all campaigns of the experiment that say the same."""
    setup = profile.login
    if launcher == PROJECT_PY:
        setup = profile.project_py_login or f". {profile.setup}; setup larbatch"
    host = profile.host if production else profile.analysis_host
    account = profile.account if production else profile.analysis_account
    where = as_name(f"{account}_{host.partition('.')[0]}")
    content = (host, account, percent(setup))
    return LoginSetup(named_by_content(where, *content), *content)


def _fates(ctx: StageContext, split: str) -> None:
    """What of the XML stands in the campaign.ini too."""
    stage = ctx.stage
    ctx.mapped(stage.name, _key(ctx, "param_overrides"))
    ctx.mapped(ctx.project.release.tag, _key(ctx, "software_version"))
    ctx.mapped(ctx.project.role, _key(ctx, "vo_role"), campaign_place("poms_role"))
    if ctx.reads_sam and stage.input.kind == "dataset":
        ctx.mapped(
            stage.input.value, _key(ctx, "dataset_or_split_data"), _key(ctx, "cs_split_type")
        )
        for setting in (stage.recur, stage.recurlimit, stage.recurtype):
            ctx.derived(setting, _key(ctx, "cs_split_type"))
    if split.startswith(("limitn", "drainingn")) and not stage.recur:
        ctx.mapped(stage.numjobs, _key(ctx, "cs_split_type"))
        ctx.derived(stage.maxfilesperjob, _key(ctx, "cs_split_type"))


def _implied(campaign: CampaignContext, ini: CampaignIni) -> None:
    """What stands in the campaign.ini without a setting of the XML that says so."""

    def everywhere(*keys: str) -> list[Key]:
        return [stage_place(one.name, key) for one in ini.stages for key in keys]

    first = ini.stages[0].values
    campaign.implied(
        "campaign",
        f"of {ini.experiment}, for {ini.role}",
        campaign_place("experiment"),
        campaign_place("poms_role"),
        *everywhere("vo_role", "software_version"),
    )
    campaign.implied(
        "login setup",
        f"launched on {ini.login_setup.host} as {ini.login_setup.account}",
        *(login_place(ini.login_setup, key) for key in ("host", "account", "setup")),
        *everywhere("login_setup"),
    )
    campaign.implied(
        "job types",
        f"one for each kind of input, {len(ini.job_types)} in all",
        *(
            job_type_place(job_type, key)
            for job_type in ini.job_types
            for key in ("launch_script", "parameters", "output_file_patterns")
        ),
        *everywhere("job_type", "param_overrides", "merge_overrides"),
    )
    if any(job_type.recoveries for job_type in ini.job_types):
        campaign.implied(
            "recoveries",
            "files that a stage from SAM did not consume are launched again",
            *(job_type_place(one, "recoveries") for one in ini.job_types if one.recoveries),
        )
    campaign.implied(
        "completion",
        f"a stage is complete at {first['completion_pct']} % of its jobs or files",
        *everywhere("completion_type", "completion_pct"),
    )
    campaign.implied(
        "test launch",
        "as any launch" if first["test_param_overrides"] == "[]" else "one small job",
        *everywhere("test_param_overrides"),
    )
    campaign.implied(
        "stage types",
        "generators make files, regular stages children of their input's files; no dataset and "
        "no split type where a stage names none",
        *everywhere("stage_type", "output_ancestor_depth"),
        default_place("dataset_or_split_data"),
        default_place("cs_split_type"),
    )


def _bridge(contexts: Sequence[StageContext]) -> None:
    """Where settings are lost, POMS can launch project.py itself instead."""
    records = contexts[0].campaign.records.records
    losing = {
        record.stage
        for record in records
        if record.fate is Fate.UNSUPPORTED and CATALOGUE[record.code].need != "optional"
    }
    lost = [ctx.config.name for ctx in contexts if ctx.config.name in losing]
    if lost:
        contexts[0].campaign.finding(Fate.DERIVED, "X2P823", stages=", ".join(lost))


def _undeclared(contexts: Sequence[StageContext]) -> None:
    """With project.py as launcher nothing is declared but what the XML asks for."""
    for ctx in contexts:
        if ctx.feeds_another and (ctx.stage.check.value != 1 or not _makes_children(ctx)):
            ctx.finding(Fate.MANUAL, "X2P822", stage=ctx.config.name)
