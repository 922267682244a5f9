"""What a stage reads: nothing, a file, a list of files, a dataset, another stage's files."""

from __future__ import annotations

import shlex

from converter.mapping.context import StageContext
from converter.mapping.fates import Fate
from converter.mapping.numbers import MOST, fits_shell, taken
from converter.model import Project, Stage, Value
from converter.poms.escape import SAFE, job_value, submit_value
from converter.text import Text

__all__ = ["dimensions", "drains_in_poms", "inputs", "source_of", "sources"]

_XROOTD = ("root", "xroot", "xrootd")
_DOOR = "root://fndcadoor.fnal.gov:1094/pnfs/fnal.gov/usr/"


def source_of(projects: tuple[Project, ...], project: int, stage: Stage) -> Stage | None:
    """The stage of this document that makes what `stage` reads, or None.

    Besides project.py's own rule: an earlier stage of which the `defname` or the files.list is
    given explicitly.
    """
    if stage.input.source is not None:
        wanted = stage.input.source
        named = [s for s in projects[wanted.project].stages if s.name.value == wanted.stage]
        return named[0] if named else None
    earlier: list[Stage] = []
    for index, other in enumerate(projects[: project + 1]):
        for candidate in other.stages:
            if index == project and candidate is stage:
                break
            earlier.append(candidate)
    value = stage.input.value.value
    for candidate in reversed(earlier):
        made = {
            "dataset": candidate.defname.value,
            "list": candidate.bookdir.value.rstrip("/") + "/files.list",
        }
        if value and value == made.get(stage.input.kind):
            return candidate
    return None


def sources(
    projects: tuple[Project, ...],
) -> tuple[dict[int, Stage | None], frozenset[int]]:
    """For each stage (by id) the stage that it reads, and all stages that are read."""
    found: dict[int, Stage | None] = {}
    for index, project in enumerate(projects):
        for stage in project.reachable:
            found[id(stage)] = source_of(projects, index, stage)
    return found, frozenset(id(s) for s in found.values() if s is not None)


def inputs(ctx: StageContext) -> None:
    """Input of the stage: dataset and SAM consumer, or the fetching of its files."""
    stage = ctx.stage
    if ctx.reads_sam:
        _sam(ctx)
    elif ctx.reads_files:
        _files(ctx)
    else:
        ctx.fate(Fate.BY_DESIGN, stage.maxfilesperjob)
        ctx.fate(Fate.BY_DESIGN, stage.schema)
    if stage.previousstage and ctx.is_generator:
        ctx.finding(Fate.DERIVED, "X2P401", stage.previousstage, stage=stage.previousstage.value)
    if stage.inputmode:
        if ctx.is_textfile:
            ctx.derived(stage.inputmode)
        else:
            ctx.finding(Fate.INVALID, "X2P402", stage.inputmode, mode=stage.inputmode.value)
    _strategies(ctx)


def _sam(ctx: StageContext) -> None:
    stage, kind = ctx.stage, ctx.stage.input.kind
    source = ctx.campaign.sources.get(id(stage))
    if kind == "dataset":
        dataset = ctx.word(stage.input.value)
        keys = [ctx.set("global", "sam_dataset", dataset, stage.input.value)]
        if source is not None:
            ctx.finding(
                Fate.DERIVED,
                "X2P403",
                stage.input.value,
                keys=keys,
                dataset=dataset.string,
                stage=source.name.value,
            )
        else:
            ctx.mapped(stage.input.value, *keys)
    else:
        assert source is not None
        keys = _from_stage(ctx, source)
    macro = Text.named("sam_dataset", ctx.config.values["global", "sam_dataset"].string)
    if not SAFE.fullmatch(macro.string):
        macro = submit_value(Text(macro.string))
    ctx.set("submit", "dataset", macro)
    # One lar that asks SAM for its files itself, as condor_lar.sh does it.
    ctx.set("job_setup", "ifdh_art", "True")
    _limit(ctx, source)
    if stage.schema:
        schema = ctx.word(stage.schema)
        if schema.string in _XROOTD:
            schema = Text("root")
        key = ctx.set("sam_consumer", "schema", job_value(schema), stage.schema)
        ctx.mapped(stage.schema, key)


def _from_stage(ctx: StageContext, source: Stage) -> list[tuple[str, str]]:
    """project.py hands over a list of files, POMS a dataset of what is declared."""
    stage = ctx.stage
    if source.defname and not stage.reads_stream:
        dataset = ctx.word(source.defname)
    elif source.defname:
        dataset = ctx.word(source.defname) + "_" + ctx.word(stage.inputstream)
    else:
        dataset = Text("override_me")
    key = ctx.set("global", "sam_dataset", dataset)
    slots = {"stage": source.name.value, "dataset": dataset.string}
    code = "X2P404" if source.defname else "X2P405"
    ctx.finding(
        Fate.DERIVED if source.defname else Fate.MANUAL,
        code,
        stage.input.value if stage.input.value.origin else None,
        keys=(key,),
        **slots,
    )
    if stage.previousstage:
        ctx.derived(stage.previousstage, key)
    if stage.reads_stream:
        ctx.finding(
            Fate.MANUAL,
            "X2P406",
            stage.inputstream,
            keys=(key,),
            stream=stage.inputstream.value,
            defname=source.defname.value,
            **slots,
        )
    ctx.implied("input", f"reads what stage {source.name} makes, as dataset {dataset}", key)
    return [key]


def _limit(ctx: StageContext, source: Stage | None) -> None:
    """Files a job takes: maxfilesperjob, or project.py's share of the other stage's files."""
    stage = ctx.stage
    limit = stage.maxfilesperjob
    if limit and not 0 < limit.value <= MOST:
        ctx.finding(Fate.INVALID, "X2P526", limit, files=str(limit), most=str(MOST))
    if stage.input.kind == "dataset":
        if limit:
            key = ctx.set("sam_consumer", "limit", ctx.number(limit), limit)
            ctx.mapped(limit, key)
            product = stage.numjobs.value * limit.value
            ctx.implied(
                "files of the SAM project",
                f"project.py takes {product} files of the dataset (numjobs x maxfilesperjob) and "
                "no more: POMS needs the split type limitn(%d), or recoveries run the rest"
                % product,
                key,
            )
        elif limit.origin:
            ctx.fate(Fate.BY_DESIGN, limit)
        return
    assert source is not None
    files, jobs = max(source.numjobs.value, 1), max(stage.numjobs.value, 1)
    share = -(-files // min(jobs, files))
    if limit and limit.value < share:
        key = ctx.set("sam_consumer", "limit", ctx.number(limit), limit)
    else:
        key = ctx.set("sam_consumer", "limit", str(share))
    if limit:
        ctx.derived(limit, key)
    elif limit.origin:
        ctx.fate(Fate.BY_DESIGN, limit)
    if files == jobs:
        slots = {"stage": source.name.value, "files": str(files)}
        ctx.finding(Fate.DERIVED, "X2P417", None, keys=(key,), **slots)
    else:
        slots = {"stage": source.name.value, "files": str(files), "jobs": str(jobs)}
        ctx.finding(Fate.DERIVED, "X2P407", None, keys=(key,), limit=str(share), **slots)


def _files(ctx: StageContext) -> None:
    stage = ctx.stage
    setting = stage.input.value
    if not setting.value.strip().rpartition("/")[2]:
        # Of a blank one condor_lar.sh takes the next option for the value.
        ctx.finding(Fate.INVALID, "X2P416", setting, kind=stage.input.kind)
        for left in (stage.maxfilesperjob, stage.schema):
            ctx.fate(Fate.BY_DESIGN, left)
        return
    xrootd = stage.schema.value.strip() in _XROOTD
    if stage.schema:
        if xrootd:
            ctx.derived(stage.schema)
        else:
            ctx.fate(Fate.BY_DESIGN, stage.schema)
    if stage.input.kind == "file":
        _one_file(ctx, setting, xrootd)
    else:
        _share_of_list(ctx, setting, xrootd)


def _one_file(ctx: StageContext, setting: Value[str], xrootd: bool) -> None:
    """Every job reads the same file."""
    limit = ctx.stage.maxfilesperjob
    if limit:
        # condor_lar.sh: "File list options specified with single input file."
        ctx.finding(Fate.INVALID, "X2P408", limit, value=str(limit))
    else:
        ctx.fate(Fate.BY_DESIGN, limit)
    path = ctx.word(setting)
    if xrootd and path.string.startswith("/pnfs/"):
        ctx.prescripts.append(f"echo {_DOOR}" + path[len("/pnfs/") :] + f" > {ctx.input_list}")
    else:
        name = path.basename()
        ctx.prescripts.append(
            "mkdir in; ifdh cp "
            + path
            + " in/"
            + name
            + " && ls in/"
            + name
            + f" > {ctx.input_list}"
        )
    ctx.derived(setting, ("job_setup", "prescript_1"))


def _share_of_list(ctx: StageContext, setting: Value[str], xrootd: bool) -> None:
    """Each job takes its share of the list, by condor_lar.sh's arithmetic."""
    stage = ctx.stage
    path = ctx.word(setting)
    name = ctx.ship("dropbox://" + path)
    jobs = Text.named("numjobs", str(stage.numjobs.value))
    files = "$CONDOR_DIR_INPUT/" + name
    add = ctx.prescripts.append
    add("numfiles=$(grep -c '' < " + files + ")")
    limit = stage.maxfilesperjob.value
    # condor_lar.sh counts such a limit down and never comes to 0.
    endless = limit < 0 or not fits_shell(limit)
    if endless:
        ctx.finding(Fate.DERIVED, "X2P525", stage.maxfilesperjob, files=str(limit))
    if limit:
        most = "$((" + ctx.number(stage.maxfilesperjob) + " * " + jobs + "))"
        if taken(limit * stage.numjobs.value) > 0:
            add("if [ $numfiles -gt " + most + " ]; then numfiles=" + most + "; fi")
        ctx.derived(stage.maxfilesperjob, ("job_setup", "prescript_2"))
    elif stage.maxfilesperjob.origin:
        ctx.fate(Fate.BY_DESIGN, stage.maxfilesperjob)
    add("njobs=$((numfiles < " + jobs + " ? numfiles : " + jobs + "))")
    add(Text("skip=$((PROCESS * numfiles / njobs))"))
    add(Text("last=$(((PROCESS + 1) * numfiles / njobs))"))
    add(Text("if [ $last -gt $numfiles ]; then last=$skip; fi"))
    if endless:
        add(Text("if [ $last -gt $skip ]; then last=$numfiles; fi"))
    mine = '$(sed -n "$((skip + 1)),${last}p" ' + files + ")"
    extension = "txt" if ctx.is_textfile else "root"
    fetch = (
        f"b=$(basename $f); if [ -e in/$b ]; then b=input$k.{extension}; fi; "
        "ifdh cp $f in/$b || ok=false; "
    )
    # Quoted, so that an empty list, which gives neither, leaves the job without a list too.
    mine_is_there = 'if $ok && [ "$last" -gt "$skip" ]; then '
    add(Text("mkdir in; ok=true; k=$skip"))
    if xrootd:
        url = f"/pnfs/*) echo {_DOOR}${{f#/pnfs/}} >> uris;;"
        keep = f"case $f in {url} *) {fetch}echo in/$b >> uris;; esac; "
        add("for f in " + mine + f"; do {keep}k=$((k + 1)); done")
        add(Text(f"{mine_is_there}mv uris {ctx.input_list}; fi"))
    else:
        add("for f in " + mine + f"; do {fetch}k=$((k + 1)); done")
        # The largest first, so that lar does not start with a file without events.
        add(
            Text(
                mine_is_there
                + "ls -s1 in/* | sort -nr | awk '{print $2}' "
                + f"> {ctx.input_list}; fi"
            )
        )
    if "/" in path.string:
        ctx.finding(Fate.DERIVED, "X2P409", setting, keys=(("submit", "f_1"),), path=path.string)
    else:
        ctx.finding(Fate.MANUAL, "X2P410", setting, keys=(("submit", "f_1"),), path=path.string)


def _strategies(ctx: StageContext) -> None:
    """SAM strategies and draining datasets."""
    stage = ctx.stage
    if ctx.reads_sam and stage.input.kind == "dataset":
        dataset = stage.inputdef.value.strip()
    else:
        dataset = ""
    if stage.recur or stage.recurtype or stage.recurlimit:
        command = _recursive_definition(ctx, dataset)
        if not 0 <= stage.recurlimit.value <= MOST:
            limit = str(stage.recurlimit)
            ctx.finding(Fate.INVALID, "X2P528", stage.recurlimit, limit=limit)
        for part in (stage.recur, stage.recurlimit):
            ctx.fate(Fate.DERIVED, part)
        if drains_in_poms(stage):
            base, limit = stage.basedef.value.strip(), str(stage.recurlimit)
            ctx.finding(
                Fate.DERIVED, "X2P418", stage.recurtype, command=command, base=base, limit=limit
            )
        elif stage.recurtype.origin:
            ctx.finding(Fate.MANUAL, "X2P411", stage.recurtype, command=command)
        elif stage.recur:
            ctx.finding(Fate.MANUAL, "X2P411", stage.inputdef, command=command)
        if stage.basedef.origin:
            ctx.fate(Fate.DERIVED, stage.basedef)
    elif stage.recur.origin:
        ctx.fate(Fate.BY_DESIGN, stage.recur)
    fraction = stage.prestagefraction
    share = fraction.value * 100
    waits = share > 0 and ctx.reads_sam and stage.input.kind == "dataset"
    if waits and share > 100:
        # There are never so many files: project.py's jobs would not start, nor do these.
        ctx.finding(Fate.INVALID, "X2P527", fraction, share=str(fraction))
    elif waits:
        percent = str(max(round(share), 1))
        key = ctx.set("submit", "dd-percentage", percent, fraction)
        ctx.finding(Fate.DERIVED, "X2P412", fraction, keys=(key,), dataset=shlex.quote(dataset))
    elif fraction.origin:
        ctx.fate(Fate.BY_DESIGN, fraction)
    for ignored in (stage.filelistdef, stage.prestart, stage.pubsinput):
        ctx.fate(Fate.BY_DESIGN, ignored)
    strategies: tuple[tuple[Value[object], str], ...] = (
        (stage.singlerun, "files of one run only"),
        (stage.activebase, "files of running projects left out"),
        (stage.dropboxwait, "waiting for the dropbox"),
    )
    for setting, what in strategies:
        if setting:
            ctx.finding(Fate.MANUAL, "X2P413", setting, what=what)
            ctx.remark(setting)
        elif setting.origin:
            ctx.fate(Fate.BY_DESIGN, setting)
    if stage.mixinputdef:
        ctx.finding(Fate.UNSUPPORTED, "X2P414", stage.mixinputdef, dataset=str(stage.mixinputdef))
        ctx.remark(stage.mixinputdef)
    if stage.inputstream and not stage.reads_stream:
        ctx.fate(Fate.BY_DESIGN, stage.inputstream)


def drains_in_poms(stage: Stage) -> bool:
    """Whether POMS can drain the base dataset itself: snapshots of so many files each."""
    limited = 0 < stage.recurlimit.value <= MOST
    return bool(stage.basedef) and limited and stage.recurtype.value.strip() == "snapshot"


def _recursive_definition(ctx: StageContext, dataset: str) -> str:
    """The samweb command that makes the draining dataset as project.py would."""
    stage = ctx.stage
    base = stage.basedef.value.strip()
    if not base:
        return f"samweb describe-definition {dataset}"
    kind = stage.recurtype.value.strip()
    minus = ""
    if kind == "snapshot":
        minus = f" minus snapshot_for_project_name {dataset}_%"
    elif kind == "consumed":
        minus = f" minus (project_name {dataset}_% and consumed_status consumed)"
    elif kind in ("child", "anachild"):
        tier = stage.anadatatier if kind == "anachild" else stage.datatier
        minus = f" minus isparentof: ( {dimensions(ctx, tier.value)} )"
    limit = f" with limit {stage.recurlimit}" if stage.recurlimit else ""
    return f'samweb create-definition {dataset} "defname: {base}{minus}{limit}"'


def dimensions(ctx: StageContext, tier: str) -> str:
    """SAM dimensions of the stage's output, as the experiment's module would give them."""
    project, stage = ctx.project, ctx.stage
    names = {"MCName": "lbne_MC.name", "DataName": "lbne_data.name"}
    parameters = "".join(
        f" and {names[p.name.value]} {p.value}" for p in project.parameters if p.name.value in names
    )
    if not ctx.profile.dimensions:
        return (
            f"data_tier {tier or 'DATA_TIER'} and version {project.release.tag.value or 'VERSION'}"
        )
    return ctx.profile.dimensions.format(
        filetype=project.filetype.value or "FILE_TYPE",
        tier=tier or "DATA_TIER",
        parameters=parameters,
        tag=project.release.tag.value or "VERSION",
        version=project.version.value or "VERSION",
        project=project.name.value,
        stage=stage.name.value,
        run=f" and run_number {project.runnumber}" if project.runnumber else "",
    )
