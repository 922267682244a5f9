"""The wrapper fcl of each substage, with exactly project.py's lines, and its SAM metadata."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from msgspec import Struct

from converter.findings.fates import Fate
from converter.mapping.context import Heredoc, StageContext
from converter.model import Value
from converter.poms.escape import heredoc_line, script_word
from converter.text import Text

__all__ = ["Wrapper", "extras", "wrappers"]


class Wrapper(Struct, frozen=True):
    """The fcl that a substage runs with: its own, or a wrapper that the job writes."""

    name: Text
    written: bool


def wrappers(ctx: StageContext) -> list[Wrapper]:
    """Write the wrappers, as the first prescripts of the job; one for each substage.

    Where a wrapper would hold nothing but the include, there is none.
    """
    substages = ctx.stage.substages
    several = len(substages) > 1
    needed = [_needs_wrapper(ctx, k) for k in range(len(substages))]
    fcls = [ctx.text(substage.fcl).basename() for substage in substages]
    names = Text.join("/", fcls)
    # The first one's name is a macro of the stage.
    fcls[0] = ctx.macro("fclfile", fcls[0], substages[0].fcl)
    if not several:
        names = fcls[0]
    found = []
    for k, fcl in enumerate(fcls):
        name = Text(f"wrapper{k if several else ''}.fcl")
        found.append(Wrapper(name if needed[k] else fcl, needed[k]))
    each = [_fields(ctx, k, fcl, names) for k, fcl in enumerate(fcls) if needed[k]]
    if len(each) > 1 and _has_block(ctx):
        _by_function(ctx, found, each)
    else:
        for wrapper, fields in zip([w for w in found if w.written], each, strict=True):
            lines = tuple(_lines(ctx, fields, _same))
            ctx.prescripts.append(Heredoc(f"cat > {wrapper.name}", lines))
    _fates(ctx)
    return found


def extras(ctx: StageContext, found: list[Wrapper]) -> None:
    """What only the first substage gets: flux files, and what a generator job computes."""
    stage = ctx.stage
    lines: list[Text] = []
    flux = stage.maxfluxfilemb
    if flux:
        lines.append(Text('physics.producers.generator.FluxCopyMethod: "IFDH"'))
        lines.append("physics.producers.generator.MaxFluxFileMB: " + ctx.number(flux))
        ctx.derived(flux, ("job_setup", "prescript_1"))
        if flux.origin is None:
            ctx.implied(
                "maxfluxfilemb",
                f"at most {flux} MB of flux files, project.py's default for a stage without input",
            )
    elif flux.origin:
        ctx.derived(flux)
    if ctx.is_generator or ctx.is_textfile:
        lines.append(Text("source.firstSubRun: $((PROCESS + 1))"))
        ctx.implied("firstSubRun", "each job has the subrun number PROCESS + 1")
    if ctx.is_textfile:
        lines.append(Text(f'physics.producers.generator.InputFileName: "$(cat {ctx.input_list})"'))
    if lines:
        ctx.prescripts.append(Heredoc(f"cat >> {found[0].name}", tuple(lines), expand=True))


def _needs_wrapper(ctx: StageContext, k: int) -> bool:
    stage = ctx.stage
    if _has_block(ctx) or stage.substages[k].processname or stage.runnumber:
        return True
    return k == 0 and (bool(stage.maxfluxfilemb) or ctx.is_generator or ctx.is_textfile)


def _has_block(ctx: StageContext) -> bool:
    """Whether the XML asks for SAM metadata: either tag switches all of it on."""
    return bool(ctx.project.filetype or ctx.project.runtype)


class _Fields(Struct, frozen=True):
    """What can differ between the wrappers of a stage; `names` are those of all its fcl."""

    names: Text
    fcl: Text
    process: Text
    project: Text
    stage: Text
    version: Text


def _same(text: Text) -> Text:
    return text


def _fields(ctx: StageContext, k: int, fcl: Text, names: Text) -> _Fields:
    substage, project = ctx.stage.substages[k], ctx.project
    return _Fields(
        names=names,
        fcl=fcl,
        process=ctx.text(substage.processname),
        project=ctx.text(substage.projectname)
        or ctx.campaign.macros.define("project", ctx.text(project.name)),
        stage=ctx.text(substage.stagename) or ctx.name,
        version=ctx.text(substage.version) or _version(ctx),
    )


def _version(ctx: StageContext) -> Text:
    if ctx.project.version.origin is None:
        return _tag(ctx)
    return ctx.text(ctx.project.version)


def _tag(ctx: StageContext) -> Text:
    return ctx.campaign.macros.define("release", ctx.text(ctx.project.release.tag))


def _lines(ctx: StageContext, fields: _Fields, escape: Callable[[Text], Text]) -> Iterator[Text]:
    """A wrapper's lines (project.py's dojobsub); `escape` is for what is not in `fields`."""
    project, stage = ctx.project, ctx.stage
    yield '#include "' + fields.fcl + '"'
    if re.fullmatch(r"\$\d", fields.process.string):
        # A parameter of the shell function: no line for a substage without a name of its own.
        number = fields.process.string[1:]
        yield Text(f"${{{number}:+process_name: ${number}}}")
    elif fields.process:
        yield "process_name: " + fields.process
    if _has_block(ctx):
        tag = escape(_tag(ctx)) or Text("test")
        yield 'services.FileCatalogMetadata.applicationVersion: "' + tag + '"'
        if project.filetype:
            text = escape(ctx.text(project.filetype))
            yield 'services.FileCatalogMetadata.fileType: "' + text + '"'
        if project.runtype:
            text = escape(ctx.text(project.runtype))
            yield 'services.FileCatalogMetadata.runType: "' + text + '"'
        yield from _BLOCKS[ctx.profile.metadata](ctx, fields, escape)
    if stage.runnumber:
        yield "source.firstRun: " + ctx.number(stage.runnumber)


def _none(ctx: StageContext, fields: _Fields, escape: Callable[[Text], Text]) -> Iterator[Text]:
    yield from ()


def _dune(ctx: StageContext, fields: _Fields, escape: Callable[[Text], Text]) -> Iterator[Text]:
    yield Text("services.FileCatalogMetadataDUNE: {")
    for parameter in (*ctx.project.parameters, *ctx.stage.parameters):
        name = escape(ctx.text(parameter.name))
        yield "  " + name + ': "' + escape(ctx.text(parameter.value)) + '"'
    yield '  StageName: "' + fields.stage + '"'
    yield Text("}")
    yield Text("services.TFileMetadataDUNE: @local::dune_tfile_metadata")


def _names(
    ctx: StageContext, fields: _Fields, version: Text, escape: Callable[[Text], Text]
) -> Iterator[Text]:
    yield '  FCLName: "' + escape(fields.names) + '"'
    yield '  FCLVersion: "' + escape(_tag(ctx)) + '"'
    yield '  ProjectName: "' + fields.project + '"'
    yield '  ProjectStage: "' + fields.stage + '"'
    yield '  ProjectVersion: "' + version + '"'


def _uboone(ctx: StageContext, fields: _Fields, escape: Callable[[Text], Text]) -> Iterator[Text]:
    yield Text("services.FileCatalogMetadataMicroBooNE: {")
    yield from _names(ctx, fields, fields.version, escape)
    if ctx.stage.merge.value == "1":
        yield Text("  Merge: 1")
    yield Text("}")
    yield Text("services.TFileMetadataMicroBooNE: @local::microboone_tfile_metadata")
    if ctx.stage.anamerge.value == "1":
        yield Text(
            "services.TFileMetadataMicroBooNE.Merge: "
            "@local::microboone_tfile_metadata.GenerateTFileMetadata"
        )


def _sbn(ctx: StageContext, fields: _Fields, escape: Callable[[Text], Text]) -> Iterator[Text]:
    yield Text("services.FileCatalogMetadataSBN: {")
    yield from _names(ctx, fields, escape(_tag(ctx)), escape)
    yield Text("}")


def _lariat(ctx: StageContext, fields: _Fields, escape: Callable[[Text], Text]) -> Iterator[Text]:
    yield Text("services.FileCatalogMetadataLArIAT: {")
    yield from _names(ctx, fields, escape(_tag(ctx)), escape)
    yield Text("}")


_BLOCKS = {"none": _none, "dune": _dune, "uboone": _uboone, "sbn": _sbn, "lariat": _lariat}
"""Each experiment's own block (get_sam_metadata of its experiment_utilities.py)."""


def _by_function(ctx: StageContext, found: list[Wrapper], each: list[_Fields]) -> None:
    """Several wrappers that differ in a few words: a shell function, and a call for each."""
    names = ("fcl", "process", "project", "stage", "version")
    varying = [n for n in names if len({getattr(fields, n) for fields in each}) > 1]
    places = {name: Text(f"${number}") for number, name in enumerate(varying, 1)}
    fields = _Fields(
        each[0].names,
        **{n: places.get(n, heredoc_line(getattr(each[0], n))) for n in names},
    )
    lines = tuple(_lines(ctx, fields, heredoc_line))
    ctx.prescripts.append(Heredoc("wrapper() { cat", lines, expand=True, after="}"))
    for k, wrapper in enumerate(found):
        words = [script_word(getattr(each[k], name)) for name in varying]
        ctx.prescripts.append(Text.join(" ", [Text("wrapper"), *words]) + f" > {wrapper.name}")


def _fates(ctx: StageContext) -> None:
    project, stage = ctx.project, ctx.stage
    where = ("job_setup", "prescript_1")
    for substage in stage.substages:
        ctx.derived(substage.fcl, ("global", "fclfile"))
        for value in (substage.processname, substage.projectname, substage.stagename):
            ctx.derived(value, where)
        ctx.derived(substage.version, where)
    block = _has_block(ctx)
    for setting in (project.filetype, project.runtype):
        ctx.derived(setting, where)
    if block and ctx.profile.metadata == "uboone":
        ctx.derived(project.version, where)
    elif _is_of_substage(project.version):
        ctx.fate(Fate.BY_DESIGN, project.version)
    elif project.version.origin:
        ctx.finding(Fate.BY_DESIGN, "X2P501", project.version, version=str(project.version))
    for parameter in (*project.parameters, *stage.parameters):
        for value in (parameter.name, parameter.value):
            if block and ctx.profile.metadata == "dune":
                ctx.derived(value, where)
            else:
                ctx.finding(Fate.BY_DESIGN, "X2P502", value, name=str(parameter.name))
    ctx.derived(stage.runnumber, where)
    if not project.runnumber:
        ctx.fate(Fate.BY_DESIGN, project.runnumber)
    elif project.runnumber.origin != stage.runnumber.origin:
        ctx.finding(Fate.MANUAL, "X2P504", project.runnumber, run=str(project.runnumber))
    for setting, default in ((stage.merge, "hadd -T"), (stage.anamerge, "")):
        if setting.value == "1" and block and ctx.profile.metadata == "uboone":
            ctx.derived(setting, where)
        elif setting.value in (default, ""):
            ctx.fate(Fate.BY_DESIGN, setting)
        else:
            ctx.finding(Fate.UNSUPPORTED, "X2P505", setting, program=setting.value)
            ctx.remark(setting)


def _is_of_substage(value: Value[str]) -> bool:
    return value.origin is not None and "/stage" in value.origin.path
