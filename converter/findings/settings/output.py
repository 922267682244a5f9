"""Where output goes, what it is called, and the datasets of it."""

from __future__ import annotations

from converter.findings.fates import Fate
from converter.findings.settings.row import comma_list, project, read_int, row, stage

__all__ = ["ROWS"]

_M, _D, _O, _B = Fate.MAPPED, Fate.DERIVED, Fate.OVERRIDDEN, Fate.BY_DESIGN
_H, _X = Fate.MANUAL, Fate.INVALID

ROWS = (
    row(
        "outdir",
        (stage(),),
        (_M, _D, _X),
        "macro `outdir`, job_output.dest",
        "X2P513 X2P603 X2P609",
        "<outdir>/pnfs/dune/x/gen</outdir>",
        "[job_output]\ndest = %(outdir)s/${CLUSTER}_%(_process)s",
    ),
    row(
        "logdir", (stage(),), (_D, _X), "macro `logdir`, where log.tar goes", "X2P513 X2P603 X2P609"
    ),
    row("dirsize", (stage(read_int, 0),), (_D, _B), "folders in job_output.dest"),
    row("dirlevels", (stage(read_int, 0),), (_D, _B, _X), "folders in job_output.dest", "X2P610"),
    *(
        row(
            tag,
            (stage(),),
            (_B, _D),
            "nothing: POMS needs none; whose area it is tells the role",
            "X2P432 X2P840 X2P841",
        )
        for tag in ("workdir", "bookdir")
    ),
    row(
        "datafiletypes",
        (stage(comma_list, ("root",)),),
        (_D, _X),
        "job_output.addoutput patterns",
        "X2P612 X2P621 X2P624 X2P627",
    ),
    row(
        "check",
        (project(read_int, 0), stage(read_int, None)),
        (_D, _B, _O, _X),
        "metadata of art files declared in the job",
        "X2P607 X2P622 X2P625",
        untouched=_B,
    ),
    row(
        "copy",
        (project(read_int, 0), stage(read_int, None)),
        (_D, _B, _H, _X, _O),
        "the dropbox as job_output.dest",
        "X2P604 X2P605 X2P606 X2P623",
    ),
    row("ana", (stage(read_int, 0),), (_D,), "no art file is declared"),
    row(
        "defname",
        (stage(),),
        (_H, _D, _X),
        "the next stage's dataset; a samweb command",
        "X2P419 X2P801 X2P802 X2P804 X2P805",
    ),
    row("anadefname", (stage(),), (_H, _X), "a samweb command", "X2P419 X2P802"),
    *(
        row(tag, (stage(pick=pick),), (_D, _B), "part of the dataset's definition", "X2P803")
        for tag, pick in (
            ("datatier", "first"),
            ("datastream", "all"),
            ("anadatatier", "first"),
            ("anadatastream", "all"),
        )
    ),
)
