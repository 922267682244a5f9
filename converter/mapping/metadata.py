"""The wrapper fcl of each substage, with exactly project.py's lines, and its SAM metadata."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from msgspec import Struct

from converter.findings.fates import Fate
from converter.mapping.context import Heredoc, Line, StageContext, in_script, line, macro_of
from converter.model import Substage, Value
from converter.poms.escape import heredoc_line, script_word
from converter.text import Text

__all__ = ["Wrapper", "extras", "wrappers"]

_Escape = Callable[[Text], Text]


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
    fcls = [ctx.outside(substage.fcl).basename() for substage in substages]
    # The first one's name is a macro of the stage.
    names = fcls[0] = ctx.macro("fclfile", fcls[0], substages[0].fcl)
    if several and _has_block(ctx) and ctx.profile.metadata in _NAMING:
        # All of them too: so stages of as many substages share the function that writes them.
        names = ctx.macro("fclnames", Text.join("/", fcls), *[one.fcl for one in substages])
        for substage in substages[1:]:
            ctx.derived(substage.fcl, *macro_of(names))
    found = []
    for k, fcl in enumerate(fcls):
        name = Text(f"wrapper{k if several else ''}.fcl")
        found.append(Wrapper(name if needed[k] else fcl, needed[k]))
    each = [_fields(ctx, k, fcl, names) for k, fcl in enumerate(fcls) if needed[k]]
    if len(each) > 1 and _has_block(ctx):
        _by_function(ctx, found, each)
    else:
        written = [wrapper for wrapper in found if wrapper.written]
        assert len(written) == len(each)
        for wrapper, fields in zip(written, each):
            lines = tuple(_lines(ctx, fields, _same))
            ctx.prescripts.append(Heredoc(f"cat > {wrapper.name}", lines))
    ctx.derived(substages[0].fcl, *macro_of(fcls[0]))
    _fates(ctx)
    return found


def extras(ctx: StageContext, found: list[Wrapper]) -> None:
    """What only the first substage gets: flux files, and what a generator job computes.

    And what few stages have, so that the rest of the wrapper is the same for all of them.
    """
    stage = ctx.stage
    lines: list[Line] = []
    if stage.runnumber and len(stage.substages) == 1:
        lines.append(_first_run(ctx))
    flux = stage.maxfluxfilemb
    if flux:
        lines.append(line('physics.producers.generator.FluxCopyMethod: "IFDH"', _FLUX))
        most = "physics.producers.generator.MaxFluxFileMB: " + ctx.number(flux)
        lines.append(line(most, flux, _FLUX))
        ctx.scripted(flux)
        if flux.origin is None:
            ctx.implied(
                _FLUX,
                f"at most {flux} MB of flux files, project.py's default for a stage without input",
                in_script(_FLUX),
            )
    elif flux.origin:
        ctx.derived(flux)
    if ctx.is_generator or ctx.is_textfile:
        lines.append(line("source.firstSubRun: $((PROCESS + 1))", _SUBRUN))
        ctx.implied(_SUBRUN, "each job has the subrun number PROCESS + 1", in_script(_SUBRUN))
    if ctx.is_textfile:
        name = f'physics.producers.generator.InputFileName: "$(cat {ctx.input_list})"'
        lines.append(line(name, stage.inputmode))
    if lines:
        ctx.prescripts.append(Heredoc(f"cat >> {found[0].name}", tuple(lines), expand=True))


_FLUX, _SUBRUN = "maxfluxfilemb", "firstSubRun"
"""What project.py does unasked, as the report calls it."""


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

    names: Line
    fcl: Line
    process: Line
    project: Line
    stage: Line
    version: Line


def _same(text: Text) -> Text:
    return text


def _fields(ctx: StageContext, k: int, fcl: Text, names: Text) -> _Fields:
    substage, project = ctx.stage.substages[k], ctx.project
    return _Fields(
        names=line(names, *(one.fcl for one in ctx.stage.substages)),
        fcl=line(fcl, substage.fcl),
        process=line(_process_name(ctx, substage), substage.processname),
        project=line(
            ctx.text(substage.projectname)
            or ctx.campaign.macros.define("project", ctx.text(project.name)),
            substage.projectname,
        ),
        stage=line(ctx.text(substage.stagename) or ctx.name, substage.stagename),
        version=_version(ctx, substage),
    )


def _process_name(ctx: StageContext, substage: Substage) -> Text:
    """As it is: one of blanks alone leaves project.py's line without a name."""
    return ctx.text(substage.processname) or Text(" " if substage.processname else "")


def _quoted(ctx: StageContext, setting: Value[str]) -> Text:
    """A value between quotes of fcl, in which blanks around it count; a line break is one."""
    text, given = ctx.text(setting), setting.value
    if not text:
        return Text(" ")
    before = " " if given[0].isspace() and not text.string[0].isspace() else ""
    after = " " if given[-1].isspace() and not text.string[-1].isspace() else ""
    return before + text + after


def _version(ctx: StageContext, substage: Substage) -> Line:
    text = ctx.text(substage.version)
    if text:
        return line(text, substage.version)
    if ctx.project.version.origin is None:
        return Line(_tag(ctx))
    return line(ctx.text(ctx.project.version), ctx.project.version)


def _tag(ctx: StageContext) -> Text:
    return ctx.campaign.macros.define("release", ctx.text(ctx.project.release.tag))


def _lines(ctx: StageContext, fields: _Fields, escape: _Escape) -> Iterator[Line]:
    """A wrapper's lines (project.py's dojobsub); `escape` is for what is not in `fields`."""
    project, stage = ctx.project, ctx.stage
    yield fields.fcl.between('#include "', '"')
    process = fields.process.text
    if re.fullmatch(r"\$\d", process.string):
        # A parameter of the shell function: no line for a substage without a name of its own.
        number = process.string[1:]
        yield line(f"${{{number}:+process_name: ${number}}}")
    elif process:
        yield fields.process.between("process_name: ")
    if _has_block(ctx):
        tag = escape(_tag(ctx)) or Text("test")
        yield Line('services.FileCatalogMetadata.applicationVersion: "' + tag + '"')
        for setting, name in ((project.filetype, "fileType"), (project.runtype, "runType")):
            if setting:
                text = escape(_quoted(ctx, setting))
                yield line(f'services.FileCatalogMetadata.{name}: "' + text + '"', setting)
        yield from _BLOCKS[ctx.profile.metadata](ctx, fields, escape)
    if stage.runnumber and len(stage.substages) > 1:
        yield _first_run(ctx)


def _first_run(ctx: StageContext) -> Line:
    return line("source.firstRun: " + ctx.number(ctx.stage.runnumber), ctx.stage.runnumber)


def _none(ctx: StageContext, fields: _Fields, escape: _Escape) -> Iterator[Line]:
    yield from ()


def _dune(ctx: StageContext, fields: _Fields, escape: _Escape) -> Iterator[Line]:
    yield line("services.FileCatalogMetadataDUNE: {")
    for parameter in (*ctx.project.parameters, *ctx.stage.parameters):
        name, value = escape(ctx.text(parameter.name)), escape(ctx.text(parameter.value))
        yield line("  " + name + ': "' + value + '"', parameter.name, parameter.value)
    yield fields.stage.between('  StageName: "', '"')
    yield line("}")
    yield line("services.TFileMetadataDUNE: @local::dune_tfile_metadata")


def _names(ctx: StageContext, fields: _Fields, version: Line, escape: _Escape) -> Iterator[Line]:
    names = Line(escape(fields.names.text), fields.names.settings)
    yield names.between('  FCLName: "', '"')
    yield Line('  FCLVersion: "' + escape(_tag(ctx)) + '"')
    yield fields.project.between('  ProjectName: "', '"')
    yield fields.stage.between('  ProjectStage: "', '"')
    yield version.between('  ProjectVersion: "', '"')


def _uboone(ctx: StageContext, fields: _Fields, escape: _Escape) -> Iterator[Line]:
    yield line("services.FileCatalogMetadataMicroBooNE: {")
    yield from _names(ctx, fields, fields.version, escape)
    if ctx.stage.merge.value == "1":
        yield line("  Merge: 1", ctx.stage.merge)
    yield line("}")
    yield line("services.TFileMetadataMicroBooNE: @local::microboone_tfile_metadata")
    if ctx.stage.anamerge.value == "1":
        yield line(
            "services.TFileMetadataMicroBooNE.Merge: "
            "@local::microboone_tfile_metadata.GenerateTFileMetadata",
            ctx.stage.anamerge,
        )


def _sbn(ctx: StageContext, fields: _Fields, escape: _Escape) -> Iterator[Line]:
    yield line("services.FileCatalogMetadataSBN: {")
    yield from _names(ctx, fields, Line(escape(_tag(ctx))), escape)
    yield line("}")


def _lariat(ctx: StageContext, fields: _Fields, escape: _Escape) -> Iterator[Line]:
    yield line("services.FileCatalogMetadataLArIAT: {")
    yield from _names(ctx, fields, Line(escape(_tag(ctx))), escape)
    yield line("}")


_BLOCKS = {"none": _none, "dune": _dune, "uboone": _uboone, "sbn": _sbn, "lariat": _lariat}
"""Each experiment's own block (get_sam_metadata of its experiment_utilities.py)."""

_NAMING = ("uboone", "sbn", "lariat")
"""Those in which the fcl files of all substages stand."""


def _by_function(ctx: StageContext, found: list[Wrapper], each: list[_Fields]) -> None:
    """Several wrappers that differ in a few words: a shell function, and a call for each."""
    names = ("fcl", "process", "project", "stage", "version")
    varying = [n for n in names if len({getattr(fields, n).text for fields in each}) > 1]
    common = {}
    for name in names:
        if name in varying:
            common[name] = line(f"${varying.index(name) + 1}")
        else:
            # All of them stand in the one line.
            settings = (s for fields in each for s in getattr(fields, name).settings)
            text = heredoc_line(getattr(each[0], name).text)
            common[name] = Line(text, tuple(dict.fromkeys(settings)))
    lines = tuple(_lines(ctx, _Fields(each[0].names, **common), heredoc_line))
    ctx.prescripts.append(Heredoc("wrapper() { cat", lines, expand=True, after="}"))
    for k, wrapper in enumerate(found):
        own = [getattr(each[k], name) for name in varying]
        call = Text.join(" ", [Text("wrapper"), *(script_word(one.text) for one in own)])
        settings = (s for one in own for s in one.settings)
        ctx.prescripts.append(Line(call + f" > {wrapper.name}", tuple(settings)))


def _fates(ctx: StageContext) -> None:
    project, stage = ctx.project, ctx.stage
    for substage in stage.substages:
        for value in (
            substage.fcl,
            substage.processname,
            substage.projectname,
            substage.stagename,
            substage.version,
        ):
            ctx.scripted(value)
    block = _has_block(ctx)
    for setting in (project.filetype, project.runtype):
        ctx.scripted(setting)
    if block and ctx.profile.metadata == "uboone":
        ctx.scripted(project.version)
    elif _is_of_substage(project.version):
        ctx.fate(Fate.BY_DESIGN, project.version)
    elif project.version.origin:
        ctx.finding(Fate.BY_DESIGN, "X2P501", project.version, version=str(project.version))
    for parameter in (*project.parameters, *stage.parameters):
        for value in (parameter.name, parameter.value):
            if block and ctx.profile.metadata == "dune":
                ctx.scripted(value)
            else:
                ctx.finding(Fate.BY_DESIGN, "X2P502", value, name=str(parameter.name))
    ctx.scripted(stage.runnumber)
    if not project.runnumber:
        ctx.fate(Fate.BY_DESIGN, project.runnumber)
    elif project.runnumber.origin != stage.runnumber.origin:
        ctx.finding(Fate.MANUAL, "X2P504", project.runnumber, run=str(project.runnumber))
    for setting, default in ((stage.merge, "hadd -T"), (stage.anamerge, "")):
        if setting.value == "1" and block and ctx.profile.metadata == "uboone":
            ctx.scripted(setting)
        elif setting.value in (default, ""):
            ctx.fate(Fate.BY_DESIGN, setting)
        else:
            ctx.finding(Fate.UNSUPPORTED, "X2P505", setting, program=setting.value)
            ctx.remark(setting)


def _is_of_substage(value: Value[str]) -> bool:
    return value.origin is not None and "/stage" in value.origin.path
