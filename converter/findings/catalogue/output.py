"""Messages X2P6xx: output."""

from __future__ import annotations

from converter.findings.message import Message, Task

__all__ = ["ROWS"]

ROWS = (
    Message(
        "X2P602",
        "note",
        "lar's output goes to the job's own log, which jobsub keeps for failed jobs too, not into "
        "log.tar; log.tar is only made when the job succeeds",
        announces=(
            r"substage \d+ (output|errors) to",
            r"when substage \d+ fails",
        ),
    ),
    Message(
        "X2P603",
        "look",
        "directory {directory!r} contains blanks or special shell characters",
        "correct the path",
        announces=(
            "data files",
            "log files",
            "folders",
            "order",
        ),
    ),
    Message(
        "X2P604",
        "look",
        "copy without check: project.py would copy the data files nowhere; here they go to outdir",
        "give <check>1</check> as well, or remove <copy>",
        announces=("data files",),
    ),
    Message(
        "X2P605",
        "do",
        "no dropbox is known for {experiment}: data files go to outdir",
        "set job_output.dest",
        task=Task("edit"),
        announces=("data files",),
    ),
    Message(
        "X2P606",
        "look",
        "data files go to the dropbox {path}; project.py takes the path from each file's metadata",
        "check that the tier is right for all files of the stage",
        announces=("data files",),
    ),
    Message(
        "X2P607",
        "note",
        "the job declares its files to SAM, with a location; project.py also validates them first",
        announces=(
            "declared to SAM",
            "SAM location",
            "declaration",
            "output dataset",
            "parents in SAM",
        ),
    ),
    Message(
        "X2P608",
        "note",
        "the job declares the files of stage {stage!r} to SAM, since another stage reads them",
        announces=(
            "declared to SAM",
            "SAM location",
            "declaration",
            "output dataset",
            "parents in SAM",
        ),
    ),
    Message(
        "X2P609",
        "look",
        "{directory} is not in /pnfs: the job creates its directory there, as project.py's does",
        "grid jobs can hardly write anywhere else today: give a directory in /pnfs",
    ),
    Message(
        "X2P610",
        "look",
        "{levels} levels of output directories are too many for any storage",
        "use one or two",
    ),
    Message(
        "X2P611",
        "look",
        "files of stage {stage!r} are declared without parents: art names the file of the "
        "previous substage, which SAM does not know; project.py names the job's input files",
        "if parentage matters, run one fcl a stage",
        announces=("parents in SAM",),
    ),
    Message(
        "X2P612",
        "look",
        "{kind!r} is not a file name extension; dropped",
        "give plain extensions, separated by commas",
        announces=(
            "data files",
            "log files",
            "names",
        ),
    ),
)
