"""What a stage reads."""

from __future__ import annotations

from converter.findings.fates import Fate
from converter.findings.settings.row import project, read_float, read_int, row, stage

__all__ = ["ROWS"]

_M, _D, _O, _B = Fate.MAPPED, Fate.DERIVED, Fate.OVERRIDDEN, Fate.BY_DESIGN
_H, _U, _X = Fate.MANUAL, Fate.UNSUPPORTED, Fate.INVALID

_BY_HAND = "a dataset definition by hand"

ROWS = (
    row(
        "inputdef",
        (stage(),),
        (_M, _D, _H, _X),
        "macro `sam_dataset`, submit.dataset, job_setup.ifdh_art; the campaign.ini's dataset",
        "X2P403 X2P411 X2P419",
        "<inputdef>raw_2024</inputdef>",
        "[submit]\ndataset = %(sam_dataset)s\n[job_setup]\nifdh_art = True",
    ),
    row(
        "inputfile",
        (stage(),),
        (_D, _X),
        "a prescript that fetches it for each job",
        "X2P416 X2P511 X2P513",
    ),
    row(
        "inputlist",
        (stage(),),
        (_D, _H, _X),
        "submit.f_N, and prescripts by which each job takes its share of the list",
        "X2P404 X2P405 X2P409 X2P410 X2P416 X2P511 X2P513",
    ),
    row("inputmode", (stage(),), (_D, _X), "InputFileName in the wrapper fcl", "X2P402"),
    row("inputstream", (stage(),), (_H, _D, _B), "a dataset that holds the stream", "X2P406"),
    row(
        "previousstage",
        (stage(pick="special"),),
        (_D,),
        "macro `sam_dataset`: its dataset; a dependency in the campaign.ini",
        "X2P401",
    ),
    row(
        "maxfilesperjob",
        (project(read_int, 0), stage(read_int, None)),
        (_M, _D, _B, _O, _X),
        "sam_consumer.limit, or the arithmetic of the list",
        "X2P408",
    ),
    row("schema", (stage(),), (_M, _D, _B), "sam_consumer.schema", untouched=_B),
    row(
        "recurdef",
        (stage(pick="special"),),
        (_M, _D, _H, _X),
        "macro `sam_dataset`; the definition is made by hand",
        "X2P403 X2P411 X2P419",
    ),
    row("recur", (stage(read_int, 0),), (_D, _B), "cs_split_type in the campaign.ini"),
    row(
        "recurtype",
        (stage(),),
        (_H, _D),
        "a samweb command that defines the dataset; drained by POMS itself where it can",
        "X2P411 X2P418",
    ),
    row("recurlimit", (stage(read_int, 0),), (_D, _B, _X), "part of that definition", untouched=_B),
    row("mixinputdef", (stage(),), (_U,), "nothing: there is no second SAM input", "X2P414"),
    row(
        "prestagefraction",
        (stage(read_float, 0.0),),
        (_D, _B, _X),
        "submit.dd-percentage",
        "X2P412",
    ),
    row("filelistdef", (stage(read_int, 0),), (_B,), "nothing: jobsub makes the SAM project"),
    row("prestart", (stage(read_int, 0),), (_B,), "nothing: jobsub makes the SAM project"),
    row("pubsinput", (stage(read_int, 1),), (_B,), "nothing: PUBS has no counterpart"),
    row("singlerun", (stage(read_int, 0),), (_H, _B), _BY_HAND, "X2P413"),
    row("activebase", (stage(),), (_H, _B), _BY_HAND, "X2P413", untouched=_B),
    row("dropboxwait", (stage(read_float, 0.0),), (_H, _B), _BY_HAND, "X2P413"),
)
