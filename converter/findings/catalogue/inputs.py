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
    "files shipped",
)
"""What differs where a stage reads another one: files from SAM, not from a list."""


ROWS = (
    Message(
        "X2P401",
        "note",
        "there is no stage {stage!r} before this one: the stage has no input",
    ),
    Message(
        "X2P402",
        "look",
        "inputmode {mode!r} has no effect: only `textfile` with an input file or list has",
        need="optional",
    ),
    Message(
        "X2P403",
        "note",
        "stage {stage!r} makes dataset {dataset}: this stage depends on it",
        announces=("SAM dataset",),
    ),
    Message(
        "X2P404",
        "note",
        "the input is the dataset of what stage {stage!r} declares ({dataset} outside of POMS), "
        "not a list of files: SAM decides which job gets which file",
        announces=_FROM_A_STAGE,
    ),
    Message(
        "X2P405",
        "do",
        "stage {stage!r} has no dataset name for its output: this stage can only be launched by "
        "POMS, or with a dataset given by hand",
        "give {stage!r} a <defname>, or launch with -Oglobal.sam_dataset=NAME",
        task=Task("edit"),
        announces=_FROM_A_STAGE,
        need="optional",
    ),
    Message(
        "X2P406",
        "do",
        "only stream {stream!r} of stage {stage!r} is read: outside of POMS this needs a dataset "
        "with just that stream",
        "{command}",
        task=Task("define", "{dataset}", "{command}"),
        announces=_FROM_A_STAGE,
        need="optional",
    ),
    Message(
        "X2P407",
        "look",
        "files per job are limited to {limit}: <numjobs> is {files} in stage {stage!r}, whose jobs "
        "make one file each, and {jobs} here",
        "change sam_consumer.limit if a job makes more files",
        announces=_FROM_A_STAGE,
        need="agree",
    ),
    Message(
        "X2P408",
        "look",
        "maxfilesperjob {value} with a single input file: project.py's job stops with an error",
        "remove <maxfilesperjob>",
        announces=("input files",),
        need="agree",
    ),
    Message(
        "X2P409",
        "note",
        "{path} is shipped with the jobs as it is at launch; a job that gets no files from it "
        "fails: lar has no input list",
    ),
    Message(
        "X2P410",
        "do",
        "{path} has no directory: it is looked for in the directory of the launch",
        "give its full path; or upload it to POMS with the campaign.cfg, and in submit write "
        "dropbox://$UPLOADS/{name}",
        task=Task("upload", "{path}"),
        need="block",
    ),
    Message(
        "X2P411",
        "do",
        "the draining dataset has to exist: project.py creates it, POMS does not",
        "{command}",
        task=Task("define", "{dataset}", "{command}"),
        need="block",
    ),
    Message(
        "X2P412",
        "do",
        "jobs start when this part of the dataset is on disk: prestage it",
        "{command}",
        task=Task("prestage", "{dataset}", "{command}"),
        announces=("prestaged share",),
        need="block",
    ),
    Message(
        "X2P413",
        "do",
        "no counterpart for {what}",
        "define a dataset that does it",
        task=Task("define"),
        announces=("SAM strategy",),
        need="agree",
    ),
    Message(
        "X2P414",
        "look",
        "a second SAM input ({dataset}) has no counterpart",
        "let POMS launch project.py itself for this stage",
        announces=("second SAM input",),
        need="agree",
    ),
    Message(
        "X2P415",
        "note",
        "project.py registers with SAM under the process name of the fcl; here the stage's name "
        "is used",
        announces=("SAM application",),
    ),
    Message(
        "X2P416",
        "look",
        "the input {kind} has no file name: project.py's job stops with an error",
        "give a file name, or remove the element",
        announces=(
            "input files",
            "substage 0 fcl",
            "files shipped",
        ),
        need="block",
    ),
    Message(
        "X2P417",
        "note",
        "each job takes one file: <numjobs> is {files} in stage {stage!r}, whose jobs make one "
        "file each, and here",
        "change sam_consumer.limit if a job makes more files",
        announces=_FROM_A_STAGE,
    ),
    Message(
        "X2P418",
        "note",
        "POMS drains {base} itself, {limit} files at a time, and keeps track of them; outside of "
        "POMS the draining dataset has to exist",
        "{command}",
        announces=("SAM dataset",),
    ),
    Message(
        "X2P419",
        "do",
        "{dataset!r} is no name of a SAM dataset: it has blanks, or characters that a launch "
        "command does not take as they are; POMS is not given it",
        "define the dataset under a plain name, and use that one",
        task=Task("edit"),
        announces=("dataset in POMS", "split", "events in all"),
        need="block",
    ),
    Message(
        "X2P430",
        "do",
        "{what} {path} is relative: project.py looks in the folder where it is run, and POMS "
        "launches in another one",
        "give its full path; or upload it to POMS with the campaign.cfg, and in submit write "
        "dropbox://$UPLOADS/{name}",
        announces=("input files", r"substage \d+ fcl"),
        task=Task("upload", "{path}"),
        need="block",
    ),
    Message(
        "X2P431",
        "do",
        "{what} {path} is relative: project.py looks in the folder where it is run, and POMS "
        "launches in another one",
        "give its full path",
        task=Task("edit"),
        need="block",
    ),
    Message(
        "X2P432",
        "look",
        "{what} {path} is in {old}, which is gone; such areas are in {new} today",
        "copy it there, and write in a profile: [paths] {old} = {new}",
        need="block",
    ),
)
