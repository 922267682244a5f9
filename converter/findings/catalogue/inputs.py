"""Messages X2P4xx: input."""

from __future__ import annotations

from converter.findings.message import Message, Task

__all__ = ["ROWS"]

_FROM_A_STAGE = (
    "SAM dataset",
    "SAM application",
    "files per job",
    "input files",
    "delivery",
    "substage 0 other arguments",
    "files sent along",
)
"""What is read differently where a stage reads another one."""

_STREAM = 'samweb create-definition {dataset} "defname: {defname} and data_stream {stream}"'

ROWS = (
    Message("X2P401", "note", "there is no stage {stage!r} before this one: no input at all"),
    Message(
        "X2P402",
        "look",
        "inputmode {mode!r} does nothing: only `textfile` with a file or a list does",
    ),
    Message(
        "X2P403",
        "note",
        "dataset {dataset} is what stage {stage!r} makes: the stage depends on it",
        announces=("SAM dataset",),
    ),
    Message(
        "X2P404",
        "note",
        "POMS hands over what stage {stage!r} declared as a dataset ({dataset} outside of POMS), not a list of files: SAM decides which job gets which file",
        announces=_FROM_A_STAGE,
    ),
    Message(
        "X2P405",
        "do",
        "stage {stage!r} gives its output no dataset name, so that this stage can only be launched by POMS, or with a dataset given by hand",
        "give {stage!r} a <defname>, or launch with -Oglobal.sam_dataset=NAME",
        task=Task("edit"),
        announces=_FROM_A_STAGE,
    ),
    Message(
        "X2P406",
        "do",
        "only stream {stream!r} of what stage {stage!r} makes is read: outside of POMS a dataset has to hold just that",
        _STREAM,
        task=Task("define", "{dataset}", _STREAM),
        announces=_FROM_A_STAGE,
    ),
    Message(
        "X2P407",
        "look",
        "up to {limit} files for a job: {files} jobs of stage {stage!r} make one file each, for {jobs} jobs here",
        "change sam_consumer.limit if a job makes more files",
        announces=_FROM_A_STAGE,
    ),
    Message(
        "X2P408",
        "look",
        "maxfilesperjob {value} with a single input file: project.py's worker stops with an error",
        "remove <maxfilesperjob>",
        announces=("input files",),
    ),
    Message(
        "X2P409",
        "note",
        "{path} goes along with the jobs as it is at launch; a job without a share of it fails in lar, which finds no list",
    ),
    Message(
        "X2P410",
        "do",
        "{path} is looked for in the folder of whoever launches",
        "upload it to POMS with the campaign.cfg, or give its full path",
        task=Task("upload", "{path}"),
    ),
    Message(
        "X2P411",
        "do",
        "the draining dataset has to exist: project.py makes it, POMS does not",
        "{command}",
        task=Task("define", "{dataset}", "{command}"),
    ),
    Message(
        "X2P412",
        "do",
        "jobs start when that part of the dataset is on disk: it has to be prestaged",
        "samweb prestage-dataset --defname={dataset}",
        task=Task("prestage", "{dataset}"),
    ),
    Message(
        "X2P413",
        "do",
        "no counterpart for {what}",
        "make a dataset definition that does it",
        task=Task("define"),
        announces=("SAM strategy",),
    ),
    Message(
        "X2P414",
        "look",
        "a second SAM input ({dataset}) has no counterpart",
        "let POMS launch project.py itself for this stage",
        announces=("second SAM input",),
    ),
    Message(
        "X2P415",
        "note",
        "project.py asks the fcl for its process name to introduce itself to SAM; the stage's name stands in",
        announces=("SAM application",),
    ),
    Message(
        "X2P416",
        "look",
        "the input {kind} names no file: project.py's worker stops with an error",
        "name the input, or remove the element",
        announces=(
            "input files",
            "substage 0 fcl",
            "files sent along",
        ),
    ),
    Message(
        "X2P417",
        "note",
        "one file for a job: {files} jobs of stage {stage!r} make one file each, for as many here",
        "change sam_consumer.limit if a job makes more files",
        announces=_FROM_A_STAGE,
    ),
    Message(
        "X2P418",
        "note",
        "POMS drains {base} itself, {limit} files at a time, and remembers which it had; outside of POMS the draining dataset has to exist",
        "{command}",
        announces=("SAM dataset",),
    ),
)
