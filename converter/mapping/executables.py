"""What runs: one lar, or a script that holds the hooks and a chain of substages.

The script is the name of the executable, so that a failing hook's status is the job's, and
because fife_wrap puts the SAM options right behind the name of the first executable.
"""

from __future__ import annotations

import re
from typing import Any

from converter.findings.fates import Fate
from converter.mapping import scripts
from converter.mapping.context import (
    PROCESS,
    Heredoc,
    Line,
    StageContext,
    in_script,
    line,
    macro_of,
)
from converter.mapping.metadata import Wrapper
from converter.mapping.numbers import MOST, fits_shell, left_out, refused, taken
from converter.model import Substage, Value
from converter.poms.config import Slot
from converter.poms.escape import (
    executable_word,
    is_command,
    is_executable_word,
    script_pattern,
    script_word,
)
from converter.text import Text

__all__ = ["events", "executables", "output_name"]

_NO_ART_OUTPUT = "celltree|hist|larlite|larcv|Supplemental|TGraphs"
"""Names that condor_lar.sh never takes for a substage's art output."""

_PROCESS_VARIABLE = re.compile(r"\$\{PROCESS\}|\$PROCESS(?!\w)")
_SHARE = "eventsperjob"
"""The macro for a job's events, where each has as many."""

_SCRIPT_PROCESS = "${JOBSUBJOBSECTION:-$PROCESS}"


def executables(ctx: StageContext, wrappers: list[Wrapper], outputs: list[Text]) -> None:
    """[executable] with its arguments, and the script where one is needed.

    outputs  each substage's `<output>`, perhaps with %(stage)s in it
    """
    stage = ctx.stage
    first = stage.substages[0]
    exe = ctx.word(first.exe) or Text("lar")
    count, share = events(ctx)
    unsafe = _arguments(ctx, wrappers[0], outputs[0], count, share)
    later: list[Line] = []
    for k in range(1, len(stage.substages)):
        later += _later_substage(ctx, k, wrappers[k], outputs, count or share)
    lines = _script(ctx, exe, later, unsafe)
    if lines is None:
        key = ctx.set("executable", "name", executable_word(exe), first.exe)
    else:
        ctx.prescripts.append(Heredoc("cat > run_lar.sh", (line("#!/bin/bash"), *lines)))
        ctx.prescripts.append(line("chmod +x run_lar.sh"))
        key = ctx.set("executable", "name", "./run_lar.sh", first.exe)
    _odd_names(ctx)
    for substage in stage.substages:
        if substage.exe.origin:
            if lines is None:
                ctx.mapped(substage.exe, key)
            else:
                ctx.scripted(substage.exe)
    if not first.exe.origin:
        ctx.implied("executable", f"runs {exe}", key)
    ctx.implied(
        "larStage0.out",
        "lar's output goes to the job's log, which jobsub keeps for failed jobs too; project.py "
        "redirects it to files in log.tar",
    )


def _odd_names(ctx: StageContext) -> None:
    """Programs and files whose names a shell would not leave as they are."""
    stage = ctx.stage
    for value in (
        *(substage.exe for substage in stage.substages),
        *(substage.output for substage in stage.substages),
        *(substage.fcl for substage in stage.substages),
        stage.TFileName,
    ):
        name = value.value.strip()
        if value and scripts.odd_words([name]):
            fate = Fate.DERIVED if scripts.is_shell(name) else Fate.INVALID
            ctx.finding(fate, "X2P511", value, name=name)


def _arguments(
    ctx: StageContext, wrapper: Wrapper, output: Text, count: Text | None, share: Text | None
) -> list[Line]:
    """The first executable's arguments; what cannot stand in [executable] is returned."""
    stage = ctx.stage
    first = stage.substages[0]
    unsafe: list[Line] = []

    def argument(option: str, word: Text, *settings: Value[Any]) -> Slot | None:
        if is_executable_word(word.string):
            return ctx.argument(option, option + " " + executable_word(word))
        (quoted,) = scripts.script_words([word])
        unsafe.append(line(option + " " + quoted, *settings))
        return None

    config = argument("-c", wrapper.name, first.fcl)
    if config is not None and not wrapper.written:
        ctx.derived(first.fcl, config)
    ctx.argument("--rethrow-default", Text("--rethrow-default"))
    if ctx.reads_files and not ctx.is_textfile:
        argument("-S", Text(ctx.input_list))
    if output:
        name = output_name(output, 0)
        parts = _PROCESS_VARIABLE.split(name.string)
        if all(not p or is_executable_word(p) for p in parts):
            slot: Slot | None = ctx.argument("-o", "-o " + _with_process(name))
        else:
            slot = argument("-o", name, first.output)
        _stands(ctx, Fate.DERIVED, first.output, slot)
    else:
        ctx.derived(first.output)
    if stage.TFileName:
        slot = argument("-T", ctx.word(stage.TFileName), stage.TFileName)
        _stands(ctx, Fate.MAPPED, stage.TFileName, slot)
    else:
        ctx.fate(Fate.BY_DESIGN, stage.TFileName)
    if count is not None:
        ctx.derived(stage.numevents, *macro_of(count), ctx.argument("-n", "-n " + count))
    elif share is not None:
        # Single quotes keep the launch shell away; the shell of the job computes.
        total = [Text.named(name, "") for name in share.names if name != "numjobs"]
        macros = [key for named in total for key in macro_of(named)]
        ctx.derived(stage.numevents, *macros, ctx.argument("-n", "-n '" + share + "'"))
    else:
        ctx.derived(stage.numevents)
    for option, setting in (("--nthreads", stage.nthreads), ("--nschedules", stage.nschedules)):
        if setting.value > 1 and fits_shell(setting.value):
            slot = argument(option, ctx.number(setting), setting)
            _stands(ctx, Fate.MAPPED, setting, slot)
        elif setting.value <= 1:
            # One is what lar does unasked.
            ctx.fate(Fate.BY_DESIGN, setting)
    words = ctx.words(stage.args)
    if words and all(is_executable_word(word.string) for word in words):
        slot = ctx.argument("args", Text.join(" ", [executable_word(w) for w in words]))
        _stands(ctx, Fate.MAPPED, stage.args, slot)
    elif words:
        args, where = " ".join(stage.args.value), (in_script(stage.args),)
        if scripts.is_shell(args):
            unsafe += [line(word, stage.args) for word in words]
            ctx.finding(Fate.DERIVED, "X2P506", stage.args, keys=where, args=args)
        else:
            unsafe += [line(script_word(word), stage.args) for word in words]
            ctx.finding(Fate.INVALID, "X2P509", stage.args, keys=where, args=args)
    for substage in stage.substages[1:]:
        ctx.scripted(substage.output)
    return unsafe


def _stands(ctx: StageContext, fate: Fate, setting: Value[Any], slot: Slot | None) -> None:
    """A setting that is an argument, or stands in run_lar.sh; later substages have it there."""
    ctx.fate(fate, setting, *([slot] if slot is not None else []), in_script(setting))


def output_name(output: Text, k: int) -> Text:
    """The name of substage k's output: condor_lar.sh puts the number before .root."""
    stem = output.strip().basename().removesuffix(".root")
    variable = re.search(r"\$(\w+)$", stem.string)
    if variable:
        # The number is no part of the variable's name.
        stem = stem[: variable.start()] + f"${{{variable[1]}}}"
    return stem + f"{k}.root"


def _with_process(name: Text) -> Text:
    """Job numbers by the variable that is right with a dataset too."""
    pieces: list[Text] = []
    done = 0
    for match in _PROCESS_VARIABLE.finditer(name.string):
        pieces += [_piece(name[done : match.start()]), PROCESS]
        done = match.end()
    pieces.append(_piece(name[done:]))
    return Text.join("", pieces)


def _piece(text: Text) -> Text:
    return executable_word(text) if text else text


def events(ctx: StageContext) -> tuple[Text | None, Text | None]:
    """What follows lar's -n: a plain number, or shell arithmetic for the job's own share.

    Neither where project.py gives no -n: 0 events, or a negative number less than the jobs; and
    none where no shell counts that many jobs.
    """
    stage = ctx.stage
    total, jobs = stage.numevents.value, stage.numjobs.value
    number = ctx.number(stage.numevents)
    shares = ctx.is_generator or ctx.is_textfile
    if not fits_shell(total):
        if not shares:
            left_out(ctx, "numevents", "lar's -n", stage.numevents)
            return None, None
        total = taken(total)
        number = Text(str(total))
        ctx.finding(
            Fate.DERIVED,
            "X2P522",
            stage.numevents,
            events=str(stage.numevents),
            taken=str(total),
        )
    if not total or not fits_shell(jobs):
        return None, None
    most = total if not shares or jobs < 1 else max(abs(total) // jobs, 1)
    if not -MOST - 1 <= most <= MOST:
        refused(ctx, "-n", str(most), stage.numevents)
    if not shares or jobs == 1:
        return ctx.macro("numevents", number, stage.numevents), None
    variable = bool(number.names or ctx.number(stage.numjobs).names)
    if jobs > 0 and total % jobs == 0 and fits_shell(total * jobs) and not variable:
        ctx.implied("events per job", f"{total} events in {jobs} jobs: {total // jobs} in each")
        return ctx.macro(_SHARE, Text(str(total // jobs)), stage.numevents), None
    if -jobs < total < 0:
        # bash rounds a share towards 0, where project.py's job gives no -n at all.
        ctx.finding(Fate.DERIVED, "X2P510", stage.numevents, events=str(total), jobs=str(jobs))
        return None, None
    if 0 < total < jobs:
        ctx.finding(Fate.DERIVED, "X2P507", stage.numevents, events=str(total), jobs=str(jobs))
    n = ctx.macro("numevents", number, stage.numevents)
    j = ctx.macro("numjobs", ctx.number(stage.numjobs), stage.numjobs)
    product = n + "/" + j
    return None, "$(((PROCESS+1)*" + product + "-PROCESS*" + product + "))"


def _script(
    ctx: StageContext, exe: Text, later: list[Line], unsafe: list[Line]
) -> list[Line] | None:
    """The lines of run_lar.sh, or None where a plain executable does."""
    first = ctx.stage.substages[0]
    start = scripts.before(ctx)
    start += [scripts.source(ctx, source) for source in first.initsource]
    end = scripts.between(ctx, first.endscript)
    finish = scripts.after(ctx)
    plain = is_executable_word(exe.string) and is_command(exe.string)
    if plain and not (start or end or later or finish or unsafe):
        return None
    (program,) = scripts.script_words([exe], command=True)
    words = [program, Text('"$@"'), *(_for_script(one.text) for one in unsafe)]
    run = line(Text.join(" ", words) + " || exit", first.exe)
    for one in unsafe:
        run = Line(run.text, run.settings + one.settings)
    lines = [*start, run, *end, *later, *finish]
    # The last status is the script's.
    lines[-1] = Line(lines[-1].text.removesuffix(" || exit"), lines[-1].settings)
    return lines


def _later_substage(
    ctx: StageContext, k: int, wrapper: Wrapper, outputs: list[Text], number: Text | None
) -> list[Line]:
    """A substage that reads what the one before it wrote, and deletes it afterwards."""
    stage, substage = ctx.stage, ctx.stage.substages[k]
    exe = ctx.word(substage.exe) or Text("lar")
    before = outputs[k - 1]
    known = before and not re.search(r"[%$*?]", before.string)
    (program,) = scripts.script_words([exe], command=True)
    words: list[Text] = [program, Text("-c"), *scripts.script_words([wrapper.name])]
    words.append(Text("--rethrow-default"))
    settings: list[Value[Any]] = [substage.exe, substage.output, stage.TFileName, stage.args]
    lines: list[Line] = []
    if not wrapper.written:
        settings.append(substage.fcl)
    if known:
        (read,) = scripts.script_words([output_name(before, k - 1)])
    else:
        lines.append(line("in=" + _newest(ctx, substage, before, k - 1)))
        read = Text("$in")
    if outputs[k]:
        words += [Text("-o"), *map(_for_script, scripts.script_words([output_name(outputs[k], k)]))]
    if stage.TFileName:
        words += [Text("-T"), *scripts.script_words([ctx.word(stage.TFileName)])]
    if number is not None:
        words += [Text("-n"), number]
        if not number.uses(_SHARE):
            settings.append(stage.numevents)
    for option, setting in (("--nthreads", stage.nthreads), ("--nschedules", stage.nschedules)):
        if setting.value > 1 and fits_shell(setting.value):
            words += [Text(option), ctx.number(setting)]
            settings.append(setting)
    words += [_for_script(word) for word in scripts.script_words(ctx.words(stage.args))]
    words += [Text("-s"), read]
    lines += [scripts.source(ctx, source) for source in substage.initsource]
    lines.append(line(Text.join(" ", words) + " || exit", *settings))
    lines += scripts.between(ctx, substage.endscript)
    lines.append(line("rm -f " + read))
    return lines


def _newest(ctx: StageContext, substage: Substage, before: Text, k: int) -> Text:
    """A shell word for the newest art file that the substage before wrote."""
    if before:
        pattern = script_pattern(output_pattern(output_name(before, k)))
        return "$(ls -t " + pattern + " | head -n 1)"
    ctx.finding(Fate.DERIVED, "X2P508", substage.fcl, fcl=substage.fcl.value)
    leave = _NO_ART_OUTPUT
    if ctx.stage.TFileName:
        own = re.escape(str(ctx.word(ctx.stage.TFileName)))
        # The whole name: a short one may be a part of an art file's.
        leave += "|^" + own.replace("'", "'\\''") + "$"
    return Text(f"$(ls -t *.root | grep -Ev '{leave}' | head -n 1)")


def output_pattern(name: Text) -> Text:
    """A glob pattern for the files that lar makes of an output name with %-fields."""
    pieces: list[Text] = []
    done = 0
    for match in re.finditer(r"%\w*?(?=[_.\W]|$)|\$\{\w+\}|\$\w+", name.string):
        pieces += [name[done : match.start()], Text("*")]
        done = match.end()
    pieces.append(name[done:])
    text = Text.join("", pieces)
    return Text(re.sub(r"\*+", "*", text.string)) if "**" in text.string else text


def _for_script(text: Text) -> Text:
    """Words in the script: expanded by its shell as project.py's are by the job's."""
    pieces: list[Text] = []
    done = 0
    for match in _PROCESS_VARIABLE.finditer(text.string):
        pieces += [text[done : match.start()], Text(_SCRIPT_PROCESS)]
        done = match.end()
    return Text.join("", [*pieces, text[done:]])
