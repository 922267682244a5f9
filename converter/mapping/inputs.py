"""What a stage reads: nothing, a file, a list of files, a dataset, another stage's files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from converter.findings.fates import Fate
from converter.mapping.context import StageContext, in_script, line
from converter.mapping.numbers import MOST, fits_shell, taken
from converter.mapping.places import is_relative
from converter.model import Stage, Value
from converter.pasted import operand, phrase, word
from converter.poms.config import OVERRIDE_ME, Key
from converter.poms.escape import SAFE, is_executable_word, job_value, script_word, submit_value
from converter.text import Text

__all__ = ["dataset", "definition", "dimensions", "drains_in_poms", "inputs"]

_XROOTD = ("root", "xroot", "xrootd")
_DOOR = "root://fndcadoor.fnal.gov:1094/pnfs/fnal.gov/usr/"


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
            ctx.scripted(stage.inputmode)
        else:
            ctx.finding(Fate.INVALID, "X2P402", stage.inputmode, mode=stage.inputmode.value)
    _strategies(ctx)


def _sam(ctx: StageContext) -> None:
    stage, source = ctx.stage, ctx.source
    name = dataset(ctx)
    of_dataset = stage.input.kind == "dataset"
    keys = [ctx.set("global", "sam_dataset", name, *([stage.input.value] if of_dataset else []))]
    macro = Text.named("sam_dataset", name.string)
    if not SAFE.fullmatch(macro.string):
        macro = submit_value(Text(macro.string))
    keys.append(ctx.set("submit", "dataset", macro))
    if not of_dataset:
        assert source is not None
        _from_stage(ctx, source, name, keys)
    elif not SAFE.fullmatch(name.string):
        # The .cfg quotes it; POMS would write it as it is into its launch command.
        ctx.finding(Fate.INVALID, "X2P419", stage.input.value, keys=keys, dataset=name.string)
    elif source is not None:
        ctx.finding(
            Fate.DERIVED,
            "X2P403",
            stage.input.value,
            keys=keys,
            dataset=name.string,
            stage=source.name.value,
        )
    else:
        ctx.mapped(stage.input.value, *keys)
    # One lar that asks SAM for its files itself, as condor_lar.sh does it.
    ctx.set("job_setup", "ifdh_art", "True")
    _limit(ctx, source)
    if stage.schema:
        schema = ctx.word(stage.schema)
        if schema.string in _XROOTD:
            schema = Text("root")
        key = ctx.set("sam_consumer", "schema", job_value(schema), stage.schema)
        ctx.mapped(stage.schema, key)


def dataset(ctx: StageContext) -> Text:
    """The dataset that a stage with SAM reads: its own, or the one of the stage that it reads.

    "override_me" where that has no name.
    """
    stage, source = ctx.stage, ctx.source
    if stage.input.kind == "dataset":
        return ctx.outside(stage.input.value) if source is None else ctx.word(stage.input.value)
    assert source is not None
    if not source.defname:
        return Text(OVERRIDE_ME)
    name = ctx.word(source.defname)
    if stage.reads_stream:
        name = name + "_" + ctx.word(stage.inputstream)
    # POMS would write another one as it is into its launch command.
    return name if SAFE.fullmatch(name.string) else Text(OVERRIDE_ME)


def _from_stage(ctx: StageContext, source: Stage, dataset: Text, keys: Sequence[Key]) -> None:
    """project.py hands over a list of files, POMS a dataset of what is declared."""
    stage = ctx.stage
    made_by, setting = source.name.value, stage.input.value if stage.input.value.origin else None
    if source.defname:
        ctx.finding(
            Fate.DERIVED, "X2P404", setting, keys=keys, stage=made_by, dataset=dataset.string
        )
    else:
        ctx.finding(Fate.MANUAL, "X2P405", setting, keys=keys, stage=made_by)
    if source.defname and dataset.string == OVERRIDE_ME:
        ctx.finding(Fate.INVALID, "X2P419", source.defname, dataset=source.defname.value)
    if stage.previousstage:
        ctx.derived(stage.previousstage, *keys)
    if stage.reads_stream:
        ctx.finding(
            Fate.MANUAL,
            "X2P406",
            stage.inputstream,
            keys=keys,
            stream=stage.inputstream.value,
            command=definition(
                ctx,
                dataset.string,
                f"defname: {source.defname.value} and data_stream {stage.inputstream.value}",
            ),
            stage=made_by,
            dataset=dataset.string,
        )
    ctx.implied("input", f"reads what stage {source.name} makes, as dataset {dataset}", *keys)


def _limit(ctx: StageContext, source: Stage | None) -> None:
    """Files a job takes: maxfilesperjob, or project.py's share of the other stage's files."""
    stage = ctx.stage
    limit = stage.maxfilesperjob
    if limit and not 0 < limit.value <= MOST:
        ctx.finding(Fate.INVALID, "X2P526", limit, files=str(limit), most=str(MOST))
    if stage.input.kind == "dataset":
        if limit:
            key = ctx.set("sam_consumer", "limit", ctx.number(limit), limit)
            ctx.fate(Fate.MAPPED if stage.resized is None else Fate.DERIVED, limit, key)
            _jobs_at_launch(ctx, limit.value)
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
    own = (limit,) if limit and limit.value < share else ()
    most = ctx.number(limit) if own else Text(str(share))
    key = ctx.set("sam_consumer", "limit", most, *own)
    _jobs_at_launch(ctx, share)
    if limit:
        ctx.derived(limit, key)
    elif limit.origin:
        ctx.fate(Fate.BY_DESIGN, limit)
    name, count = source.name.value, str(files)
    if stage.resized is not None and stage.resized.at_launch:
        # As many jobs as the files need, whatever a job of the other stage makes.
        return
    if files == jobs:
        ctx.finding(Fate.DERIVED, "X2P417", None, keys=(key,), stage=name, files=count)
    else:
        ctx.finding(
            Fate.DERIVED,
            "X2P407",
            None,
            keys=(key,),
            limit=most.string,
            stage=name,
            files=count,
            jobs=str(jobs),
        )


def _jobs_at_launch(ctx: StageContext, files: int) -> None:
    """As many jobs as the files that there are at launch need, as `<targetsize>` asks."""
    if ctx.stage.resized is not None and ctx.stage.resized.at_launch:
        ctx.set("submit", "n_files_per_job", str(files), ctx.stage.targetsize)


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
            ctx.scripted(stage.schema)
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
    path = ctx.outside(setting)
    if not is_executable_word(path.string):
        ctx.finding(Fate.INVALID, "X2P511", setting, name=setting.value.strip())
    if xrootd and path.string.startswith("/pnfs/"):
        fetch = (
            f"echo {_DOOR}"
            + script_word(path[len("/pnfs/") :], variables=True)
            + f" > {ctx.input_list}"
        )
    else:
        path, name = (script_word(one, variables=True) for one in (path, path.basename()))
        fetch = (
            "mkdir in; ifdh cp "
            + path
            + " in/"
            + name
            + " && ls in/"
            + name
            + f" > {ctx.input_list}"
        )
    ctx.prescripts.append(line(fetch, setting, ctx.stage.schema))
    ctx.scripted(setting)


def _share_of_list(ctx: StageContext, setting: Value[str], xrootd: bool) -> None:
    """Each job takes its share of the list, by condor_lar.sh's arithmetic."""
    stage = ctx.stage
    path = ctx.outside(setting)
    slot = ctx.ship("dropbox://" + path)
    jobs = Text.named("numjobs", str(stage.numjobs.value))
    files = "$CONDOR_DIR_INPUT/" + script_word(path.basename(), variables=True)

    def add(text: Text | str, *settings: Value[Any]) -> None:
        ctx.prescripts.append(line(text, *settings))

    add("numfiles=$(grep -c '' < " + files + ")")
    limit = stage.maxfilesperjob.value
    # condor_lar.sh counts such a limit down and never comes to 0.
    endless = limit < 0 or not fits_shell(limit)
    if taken(limit * stage.numjobs.value) > 0:
        most = "$((" + ctx.number(stage.maxfilesperjob) + " * " + jobs + "))"
        cut = "if [ $numfiles -gt " + most + " ]; then numfiles=" + most + "; fi"
        add(cut, stage.maxfilesperjob)
        ctx.scripted(stage.maxfilesperjob)
    elif not endless:
        ctx.fate(Fate.BY_DESIGN, stage.maxfilesperjob)
    add("njobs=$((numfiles < " + jobs + " ? numfiles : " + jobs + "))")
    add("skip=$((PROCESS * numfiles / njobs))")
    add("last=$(((PROCESS + 1) * numfiles / njobs))")
    add("if [ $last -gt $numfiles ]; then last=$skip; fi")
    if endless:
        add("if [ $last -gt $skip ]; then last=$numfiles; fi", stage.maxfilesperjob)
        where = (in_script(stage.maxfilesperjob),)
        ctx.finding(Fate.DERIVED, "X2P525", stage.maxfilesperjob, keys=where, files=str(limit))
    mine = '$(sed -n "$((skip + 1)),${last}p" ' + files + ")"
    extension = "txt" if ctx.is_textfile else "root"
    fetch = (
        f"b=$(basename $f); if [ -e in/$b ]; then b=input$k.{extension}; fi; "
        "ifdh cp $f in/$b || ok=false; "
    )
    # Quoted, so that an empty list, which gives neither, leaves the job without a list too.
    mine_is_there = 'if $ok && [ "$last" -gt "$skip" ]; then '
    add("mkdir in; ok=true; k=$skip")
    if xrootd:
        url = f"/pnfs/*) echo {_DOOR}${{f#/pnfs/}} >> uris;;"
        keep = f"case $f in {url} *) {fetch}echo in/$b >> uris;; esac; "
        add("for f in " + mine + f"; do {keep}k=$((k + 1)); done", stage.schema)
        add(f"{mine_is_there}mv uris {ctx.input_list}; fi")
    else:
        add("for f in " + mine + f"; do {fetch}k=$((k + 1)); done")
        # The largest first, so that lar does not start with a file without events.
        add(
            mine_is_there + "ls -s1 in/* | sort -nr | awk '{print $2}' " + f"> {ctx.input_list}; fi"
        )
    if is_relative(path.string):
        name = submit_value(path.basename())
        ctx.finding(Fate.MANUAL, "X2P410", setting, keys=(slot,), path=path.string, name=str(name))
    else:
        ctx.finding(Fate.DERIVED, "X2P409", setting, keys=(slot,), path=path.string)


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
        else:
            # Without a base there is nothing to define it by: only somebody who looks knows.
            made = dataset if stage.basedef.value.strip() else ""
            asks = stage.recurtype if stage.recurtype.origin else stage.inputdef
            if stage.recurtype.origin or stage.recur:
                ctx.finding(Fate.MANUAL, "X2P411", asks, command=command, dataset=made)
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
        command = f"{ctx.profile.samweb} prestage-dataset --defname={word(dataset)}"
        ctx.finding(Fate.DERIVED, "X2P412", fraction, keys=(key,), dataset=dataset, command=command)
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
    snapshots = stage.recurtype.value.strip() == "snapshot"
    base = SAFE.fullmatch(stage.basedef.value.strip())
    limited = 0 < stage.recurlimit.value <= MOST
    return bool(stage.recur and base and limited and snapshots)


def _recursive_definition(ctx: StageContext, dataset: str) -> str:
    """The samweb command that makes the draining dataset as project.py would."""
    stage = ctx.stage
    base = stage.basedef.value.strip()
    if not base:
        return f"{ctx.profile.samweb} describe-definition {operand(dataset)}"
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
    return definition(ctx, dataset, f"defname: {base}{minus}{limit}")


def definition(ctx: StageContext, name: str, dimensions: str) -> str:
    """The command that defines a dataset, for a person to paste into a shell."""
    one_line = " ".join(dimensions.split())
    return f"{ctx.profile.samweb} create-definition {operand(name)} {phrase(one_line)}"


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
