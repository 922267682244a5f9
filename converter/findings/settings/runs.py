"""What runs: fcl, events, names, and the scripts around it."""

from __future__ import annotations

from converter.findings.fates import Fate
from converter.findings.settings.row import fcl, project, read_int, row, stage, words

__all__ = ["ROWS"]

_M, _D, _O, _B = Fate.MAPPED, Fate.DERIVED, Fate.OVERRIDDEN, Fate.BY_DESIGN
_H, _U, _I, _X = Fate.MANUAL, Fate.UNSUPPORTED, Fate.INERT, Fate.INVALID

_LINE = "a line of the wrapper fcl"
_SCRIPT = "a line of run_lar.sh; a script given by path is shipped with the jobs"

ROWS = (
    row(
        "fcl",
        (stage(pick="special"),),
        (_D, _X),
        "macro `fclfile`; the include of the wrapper fcl",
        "X2P304 X2P307 X2P508 X2P511 X2P513",
        "<fcl>reco.fcl</fcl>",
        "[executable]\narg_1 = -c wrapper.fcl\n[stage_X]\nglobal.fclfile = reco.fcl",
    ),
    row("filetype", (project(pick="first"),), (_D,), _LINE),
    row("runtype", (project(pick="first"),), (_D,), _LINE),
    row(
        "parameter",
        (project(pick="special"), stage(pick="special")),
        (_D, _B),
        f"{_LINE} (dune)",
        "X2P502",
    ),
    row(
        "runnumber",
        (project(read_int, 0, "first"), stage(read_int, 0)),
        (_D, _H, _B, Fate.INVALID),
        "source.firstRun in the wrapper fcl",
        "X2P504",
    ),
    row("maxfluxfilemb", (stage(read_int, 0, "special"),), (_D,), "two lines of the wrapper fcl"),
    row("processname", (fcl(),), (_D,), "process_name in the wrapper fcl"),
    row("projectname", (fcl(),), (_D,), _LINE),
    row("stagename", (fcl(),), (_D,), _LINE),
    row(
        "numevents",
        (project(read_int, 0), stage(read_int, None)),
        (_D, _O, Fate.INVALID),
        "-n of lar: for each job, or for a generator the job's share of all",
        "X2P507 X2P510",
        "<numevents>10000</numevents>",
        "[executable]\narg_4 = -n %(numevents)s",
    ),
    row(
        "output",
        (stage(pick="special"), fcl()),
        (_D, _X),
        "-o of lar, with the substage's number before .root",
        "X2P511 X2P513",
        "<output>%ifb_reco.root</output>",
        "[executable]\narg_3 = -o %%ifb_reco0.root",
    ),
    row("TFileName", (stage(),), (_M, _D, _X), "-T of lar", "X2P511 X2P513"),
    *(
        row(tag, (project(default=default), stage(default=None)), (_B, _U, _D, _O), text, "X2P505")
        for tag, default, text in (
            ("merge", "hadd -T", "nothing; 1: a metadata line (uboone)"),
            ("anamerge", "", "nothing; 1: a line (uboone)"),
        )
    ),
    # scripts
    row(
        "initscript",
        (stage(words, (), "special"),),
        (_D, _X),
        _SCRIPT,
        "X2P513 X2P703 X2P706 X2P707",
    ),
    row("initsource", (stage(pick="special"), fcl()), (_D, _X), _SCRIPT, "X2P513 X2P703 X2P706"),
    row(
        "endscript",
        (stage(words, (), "special"), fcl()),
        (_D, _X),
        _SCRIPT,
        "X2P513 X2P703 X2P705 X2P706",
    ),
    row(
        "finscript",
        (stage(words, (), "special"),),
        (_D, _I, _X),
        _SCRIPT,
        "X2P513 X2P701 X2P702 X2P703 X2P706 X2P707",
    ),
    row("submitscript", (stage(words, ()),), (_D,), "prelaunch.script", "X2P704"),
)
