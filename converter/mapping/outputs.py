"""What is copied back, where to, under which names, and what SAM is told of it."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from functools import lru_cache
from string import Formatter

from msgspec import Struct

from converter.findings.fates import Fate
from converter.mapping.context import PROCESS, StageContext, in_script, line, macro_of
from converter.mapping.executables import output_name, output_pattern
from converter.mapping.inputs import definition, dimensions
from converter.mapping.numbers import fits_shell, left_out
from converter.model import Stage
from converter.pasted import file_word
from converter.poms.config import Key, Place
from converter.poms.escape import is_executable_word, job_pattern, job_value
from converter.text import Text

__all__ = ["keeps_art_files", "outputs"]

_LOG = "log.tar"
_MAX_LEVELS = 16
_NUMBER = "${JOBSUBJOBSECTION:-$PROCESS}"
"""The job's number in a shell of the job; elsewhere it is the macro %(_process)s."""


_WORKERS_OWN = ("err", "fcl", "list", "out", "py", "sh", "stat", "txt")
"""Endings of files that condor_lar.sh itself leaves in the folder where lar runs."""


class _Group(Struct, frozen=True):
    """Data files that go the same way: their patterns, and whether SAM is told of them."""

    patterns: list[Text]
    declared: bool = False


def keeps_art_files(stage: Stage) -> bool:
    """Whether art files are among the stage's data files: nothing else is ever declared."""
    return "root" in _sorted_types(stage)[0]


def _declares(ctx: StageContext) -> bool:
    """Whether SAM is told of the stage's files, in the job: it validates, or feeds a stage."""
    return "declared" in ctx.config.traits


def outputs(ctx: StageContext, last_output: Text) -> None:
    """[job_output] and its numbered sisters, and the postscripts.

    last_output  `<output>` of the last substage, perhaps with %(stage)s in it
    """
    stage = ctx.stage
    types, odd = _sorted_types(stage)
    for kind in odd:
        ctx.finding(Fate.INVALID, "X2P612", stage.datafiletypes, kind=kind)
    _postscripts(ctx, types)
    outdir, logdir = _directories(ctx)
    _folders(ctx)
    first, *more = groups = _groups(ctx, last_output, types)
    # The log stands second in every stage; a pattern that takes it too must not come before.
    order: list[_Group | None] = [first, None, *more]
    if "tar" in types:
        order = [None, *groups]
    dests: list[Key] = []
    patterns: list[Place] = []
    for number, group in enumerate(order):
        section = f"job_output_{number}" if number else "job_output"
        if group is None:
            ctx.set(section, "addoutput", _LOG)
            log_dest = ctx.set(section, "dest", logdir.text, stage.logdir)
            continue
        patterns += _patterns(ctx, section, group.patterns)
        dests.append(_dest(ctx, section, outdir.text))
        if group.declared:
            _declare(ctx, section)
    _directory_fates(ctx, outdir, dests, logdir, log_dest)
    ctx.derived(stage.datafiletypes, *patterns)
    if stage.ana.origin:
        ctx.derived(stage.ana, *patterns)
    for setting in (stage.workdir, stage.bookdir):
        ctx.fate(Fate.BY_DESIGN, setting)
    _undeclared(ctx, types)
    _shipped_data(ctx, groups)
    _workers_own(ctx, types)
    _datasets(ctx)


def is_ending(word: str) -> bool:
    """Whether a word of `<datafiletypes>` is the ending of a file's name, which has 255 bytes."""
    return re.fullmatch(r"[A-Za-z0-9_.+-]{1,250}", word) is not None


def _sorted_types(stage: Stage) -> tuple[list[str], list[str]]:
    """The endings of data files, and what is none.

    Without those whose files another one's pattern matches too.
    """
    given = [t for t in dict.fromkeys(stage.datafiletypes.value) if t]
    types = [t for t in given if is_ending(t)]
    odd = [t for t in given if t not in types]
    known, lengths = set(types), {len(t) for t in types}

    def is_of_another(one: str) -> bool:
        shorter = (length for length in lengths if length < len(one))
        return any(one[-length - 1] == "." and one[-length:] in known for length in shorter)

    return [t for t in types if not is_of_another(t)] or ["root"], odd


def _postscripts(ctx: StageContext, types: list[str]) -> None:
    if ctx.stage.TFileName and not ctx.is_generator:
        # condor_lar.sh: a data file with metadata beside it gets a unique name.
        for kind in (t for t in types if t != "json"):
            ctx.postscripts.append(
                line(
                    f"for f in *.{kind}; do if [ -f $f.json ]; then "
                    f"g=${{f%.{kind}}}_$(uuidgen).{kind}; mv $f $g; mv $f.json $g.json; fi; done"
                )
            )
    # condor_lar.sh packs everything but the data; the folder is condor's, credentials included.
    excluded = " ".join(f"--exclude '*.{t}'" for t in types if t != "json")
    ctx.postscripts.append(
        line(
            f"tar -cjf {_LOG} --no-recursion"
            + (f" {excluded}" if excluded else "")
            + " --exclude 'x509*' *"
        )
    )
    if "json" in types:
        # Metadata of data files is for log.tar only.
        beside = " ".join(f"*.{t}.json" for t in types if t != "json")
        if beside:
            ctx.postscripts.append(line(f"rm -f {beside}"))


class _Directory(Struct, frozen=True):
    """Where files go: the directory that the XML names, and the text with what is below it.

    dropbox  where data goes to the dropbox instead: its path
    """

    named: Text
    text: Text
    dropbox: str = ""


def _directories(ctx: StageContext) -> tuple[_Directory, _Directory]:
    """Where data and logs go, each with the job's own folder below it."""
    own = _own_folder(ctx)
    out, log = _destination(ctx, "outdir"), _destination(ctx, "logdir")
    outdir, logdir = _Directory(out, out + own), _Directory(log, log + own)
    if ctx.stage.copy.value == 1:
        path = _dropbox(ctx)
        if path:
            outdir = _Directory(out, job_value(Text(path)), path)
    elif ctx.stage.copy.origin:
        ctx.fate(Fate.BY_DESIGN, ctx.stage.copy)
    return outdir, logdir


def _directory_fates(
    ctx: StageContext, outdir: _Directory, dests: list[Key], logdir: _Directory, log_dest: Key
) -> None:
    """What became of the directories: `dests` are the keys of data, log_dest that of the logs."""
    stage = ctx.stage
    macro = macro_of(outdir.named)
    if not outdir.dropbox:
        ctx.mapped(stage.outdir, *macro, *dests)
    else:
        ctx.finding(Fate.DERIVED, "X2P606", stage.copy, keys=dests, path=outdir.dropbox)
        ctx.mapped(stage.outdir, *macro, *([log_dest] if logdir.named == outdir.named else []))
    ctx.derived(stage.logdir, *macro_of(logdir.named), log_dest)
    if stage.dirsize.value > 0 and stage.dirlevels.value > 0:
        keys = (*dests, log_dest) if not outdir.dropbox else (log_dest,)
        ctx.derived(stage.dirsize, *keys)
        ctx.derived(stage.dirlevels, *keys)


def _folders(ctx: StageContext) -> None:
    """Make the job's folders where storage does not make them by itself."""
    made = set()
    for setting in (ctx.stage.outdir, ctx.stage.logdir):
        if not is_executable_word(setting.value.strip()):
            continue
        name = "logdir" if setting is ctx.stage.logdir else "outdir"
        # Where it is today, if the profile has moved it.
        path = ctx.word(setting).string
        if path.startswith("/pnfs/") or path.rstrip("/") in made:
            continue
        made.add(path.rstrip("/"))
        folder = _destination(ctx, name) + str(_own_folder(ctx)).replace(PROCESS.string, _NUMBER)
        ctx.postscripts.append(line("ifdh mkdir_p " + folder, setting))
        ctx.finding(Fate.DERIVED, "X2P609", setting, keys=(in_script(setting),), directory=path)


def _destination(ctx: StageContext, name: str) -> Text:
    macros = ctx.config.values
    if ("global", name) in macros:
        return Text.named(name, macros["global", name].string)
    if name == "logdir" and ctx.stage.logdir.value.strip() == ctx.stage.outdir.value.strip():
        return _destination(ctx, "outdir")
    setting = getattr(ctx.stage, name)
    text = ctx.word(setting)
    text = text[:-1] if text.string.endswith("/") else text
    if not is_executable_word(text.string):
        ctx.finding(Fate.INVALID, "X2P603", setting, directory=text.string)
    return job_value(text, variables=True)


def _own_folder(ctx: StageContext) -> Text:
    """`/PARENTS/CLUSTER_PROCESS`: condor_lar.sh's OUTPUT_SUBDIR."""
    stage = ctx.stage
    size, levels = stage.dirsize.value, stage.dirlevels.value
    for tag, setting in (("dirsize", stage.dirsize), ("dirlevels", stage.dirlevels)):
        if not fits_shell(setting.value):
            left_out(ctx, tag, "the parent folders", setting)
            size = levels = 0
    if levels > _MAX_LEVELS:
        ctx.finding(Fate.INVALID, "X2P610", stage.dirlevels, levels=str(levels))
    if not (size > 0 and levels > 0):
        ctx.fate(Fate.BY_DESIGN, stage.dirsize)
        ctx.fate(Fate.BY_DESIGN, stage.dirlevels)
    return _folder(size, min(levels, _MAX_LEVELS), _NUMBER if ctx.reads_sam else "PROCESS")


@lru_cache(maxsize=64)
def _folder(size: int, levels: int, number: str) -> Text:
    parents = ""
    for level in range(levels if size > 0 else 0):
        divided = number + f"/{size}" * level
        parents = f"/$(({divided}%{size}))" + parents
    return Text(parents + "/${CLUSTER}_") + PROCESS


def _dropbox(ctx: StageContext) -> str:
    """The experiment's FTS dropbox, where `<copy>1` sends data instead of to outdir."""
    setting = ctx.stage.copy
    if ctx.stage.check.value != 1:
        # condor_lar.sh copies to the dropbox only where it validates, and then never to outdir.
        ctx.finding(Fate.INVALID, "X2P604", setting)
        return ""
    if not ctx.profile.dropbox:
        ctx.finding(Fate.MANUAL, "X2P605", setting, experiment=ctx.profile.experiment)
        return ""
    known = {
        "filetype": ("<filetype>", ctx.word(ctx.project.filetype)),
        "tier": ("<datatier>", ctx.word(ctx.stage.datatier)),
    }
    wanted = [name for _, name, _, _ in Formatter().parse(ctx.profile.dropbox) if name]
    missing = [known[name][0] for name in wanted if not known[name][1]]
    if missing:
        ctx.finding(
            Fate.MANUAL,
            "X2P623",
            setting,
            missing=" and no ".join(missing),
            experiment=ctx.profile.experiment,
        )
        return ""
    return ctx.profile.dropbox.format(**{name: text for name, (_, text) in known.items()})


def _groups(ctx: StageContext, last_output: Text, types: Sequence[str]) -> list[_Group]:
    """The data files by whether they are declared; of two groups the first takes what is its own.

    Only art files are: validate_in_job.py declares others where they bring their own metadata.
    """
    stage = ctx.stage
    everything = [Text(f"*.{t}") for t in types]
    if not _declares(ctx):
        return [_Group(everything)]
    others = [Text(f"*.{t}") for t in types if t != "root"]
    stem, _, extension = str(ctx.word(stage.TFileName)).rpartition(".")
    histograms = bool(stem) and extension == "root"
    if not (others or histograms):
        return [_Group(everything, declared=True)]
    if last_output:
        art = job_pattern(output_pattern(output_name(last_output, len(stage.substages) - 1)))
        return [_Group([art], declared=True), _Group(everything)]
    if histograms:
        return [
            _Group([job_pattern(Text(f"{stem}*.{extension}")), *others]),
            _Group([Text("*.root")], declared=True),
        ]
    return [_Group([Text("*.root")], declared=True), _Group(others)]


def _undeclared(ctx: StageContext, types: Sequence[str]) -> None:
    """Data files of which project.py tells SAM only where their metadata stands beside them."""
    stage = ctx.stage
    others = [t for t in types if t != "root"]
    if ctx.feeds_another and not keeps_art_files(stage):
        ctx.finding(
            Fate.INVALID,
            "X2P627",
            stage.datafiletypes,
            stage=stage.name.value,
            kinds=", ".join(others),
        )
    if stage.check.value != 1 or not others:
        return
    if keeps_art_files(stage):
        ctx.finding(Fate.DERIVED, "X2P621", stage.datafiletypes, kinds=", ".join(others))
    elif all("." in kind for kind in others):
        # Only what follows the last dot counts for validate_in_job.py.
        ctx.finding(Fate.INVALID, "X2P625", stage.check, kinds=", ".join(others))
    else:
        ctx.finding(Fate.DERIVED, "X2P622", stage.check, kinds=", ".join(others))


def _shipped_data(ctx: StageContext, groups: Sequence[_Group]) -> None:
    """Files that come along and that a data pattern takes: each job brings them back."""
    if not ctx.copies_shipped:
        return
    jobsub = ctx.stage.jobsub
    for path in ctx.shipped.values():
        name = path.basename().string
        group = next(
            (g for g in groups if any(fnmatch.fnmatchcase(name, str(p)) for p in g.patterns)), None
        )
        if group is not None:
            given = jobsub if path.string in jobsub.value else None
            code = "X2P626" if group.declared else "X2P620"
            ctx.finding(Fate.MAPPED, code, given, file=file_word(name))


def _workers_own(ctx: StageContext, types: Sequence[str]) -> None:
    kinds = [t for t in types if t in _WORKERS_OWN]
    if kinds:
        ctx.finding(Fate.DERIVED, "X2P624", ctx.stage.datafiletypes, kinds=", ".join(kinds))


def _patterns(ctx: StageContext, section: str, patterns: Sequence[Text]) -> list[Place]:
    """The files of a group."""
    return [
        ctx.add(section, "addoutput", pattern) if number else ctx.set(section, "addoutput", pattern)
        for number, pattern in enumerate(patterns)
    ]


def _dest(ctx: StageContext, section: str, dest: Text) -> Key:
    """Where the files of a group go, and how they are called there."""
    key = ctx.set(section, "dest", dest, ctx.stage.outdir)
    if ctx.is_generator:
        renamed = ctx.set(section, "rename", "unique")
        if section == "job_output":
            ctx.implied("names", "a generator's files get unique names", renamed)
    return key


def _declare(ctx: StageContext, section: str) -> None:
    stage = ctx.stage
    keys = [
        ctx.set(section, "declare_metadata", "True", stage.check),
        ctx.set(section, "metadata_extractor", job_value(Text(ctx.profile.metadata_extractor))),
        ctx.set(section, "add_location", "True"),
    ]
    if len(stage.substages) > 1:
        # art names the file of the substage before, which SAM never hears of.
        keys.append(ctx.set(section, "filter_metadata", "parents"))
        if not ctx.is_generator:
            ctx.finding(Fate.DERIVED, "X2P611", keys=keys[-1:], stage=stage.name.value)
    if not ctx.reads_sam and ctx.feeds_another:
        # Without a SAM project POMS defines no dataset of the outputs: the job does.
        text = ctx.word(stage.defname) or Text("_poms_task")
        keys.append(ctx.set(section, "add_to_dataset", job_value(text), stage.defname))
    if stage.check.value == 1:
        ctx.finding(Fate.DERIVED, "X2P607", stage.check, keys=keys)
    else:
        ctx.finding(Fate.DERIVED, "X2P608", keys=keys, stage=stage.name.value)
        ctx.implied("declaration", "declared in the job, since another stage reads it", *keys)


def _datasets(ctx: StageContext) -> None:
    """Names and tiers that only project.py's own actions used."""
    stage = ctx.stage
    where = [key for key in ctx.config.values if key[1] == "add_to_dataset"]
    for setting, tier in ((stage.defname, stage.datatier), (stage.anadefname, stage.anadatatier)):
        if not setting:
            continue
        name = setting.value.strip()
        if not name:
            # SAM defines none of that name, whoever asks.
            ctx.finding(Fate.INVALID, "X2P419", setting, dataset=setting.value)
            continue
        if where and setting is stage.defname:
            code = "X2P801" if ctx.feeds_its_campaign else "X2P804"
            ctx.finding(Fate.DERIVED, code, setting, keys=where, dataset=setting.value)
            continue
        command = definition(ctx, name, dimensions(ctx, tier.value.strip()))
        elsewhere = setting is stage.defname and ctx.feeds_another and not ctx.feeds_its_campaign
        asked = "X2P805" if elsewhere else "X2P802"
        ctx.finding(Fate.MANUAL, asked, setting, dataset=name, command=command)
    for setting in (stage.datatier, stage.anadatatier, *stage.datastream, *stage.anadatastream):
        if setting.origin is None:
            continue
        ana = setting.origin.path.rpartition("/")[2].startswith("ana")
        named = stage.anadefname if ana else stage.defname
        if named:
            ctx.finding(Fate.DERIVED, "X2P803", setting, tier=setting.value, dataset=named.value)
        else:
            ctx.fate(Fate.BY_DESIGN, setting)
    if stage.check.origin and stage.check.value != 1:
        ctx.fate(Fate.BY_DESIGN, stage.check)
