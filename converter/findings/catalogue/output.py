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
        need="block",
    ),
    Message(
        "X2P604",
        "look",
        "copy without check: project.py would copy the data files nowhere; here they go to outdir",
        "give <check>1</check> as well, or remove <copy>",
        announces=("data files",),
        need="agree",
    ),
    Message(
        "X2P605",
        "do",
        "no dropbox is known for {experiment}: data files go to outdir",
        "set job_output.dest",
        task=Task("edit"),
        announces=("data files",),
        need="agree",
    ),
    Message(
        "X2P606",
        "look",
        "data files go to the dropbox {path}; project.py takes the path from each file's metadata",
        "check that the tier is right for all files of the stage",
        announces=("data files",),
        need="agree",
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
        need="block",
    ),
    Message(
        "X2P610",
        "look",
        "{levels} levels of output directories are too many for any storage",
        "use one or two",
        announces=("data files", "log files", "folders"),
        need="agree",
    ),
    Message(
        "X2P611",
        "look",
        "files of stage {stage!r} are declared without parents: art names the file of the "
        "previous substage, which SAM does not know; project.py names the job's input files",
        "if parentage matters, run one fcl a stage",
        announces=("parents in SAM",),
        need="agree",
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
            "visible to the next stage",
        ),
        need="agree",
    ),
    Message(
        "X2P620",
        "look",
        "{file} comes along and has the ending of a data file: each job copies it into its "
        "folder and brings it back with its output, as project.py's does",
        "to leave it out, let the first job_setup.postscript be: rm -f {file}",
        need="optional",
    ),
    Message(
        "X2P621",
        "note",
        "files {kinds} are kept, and not declared to SAM; project.py declares one that is no "
        "art file only where its metadata, with a file_type, stands beside it (NAME.json)",
        "if a script of the job writes such metadata, give their job_output section "
        "metadata_extractor = json",
    ),
    Message(
        "X2P622",
        "look",
        "check, but only files {kinds} are kept: project.py declares one only where its "
        "metadata, with a file_type, stands beside it (NAME.json), and fails a job that made "
        "none; here nothing is declared or checked",
        "if a script of the job writes such metadata, give job_output metadata_extractor = json",
        announces=("declaration",),
        need="agree",
    ),
    Message(
        "X2P623",
        "do",
        "copy to the dropbox, but no {missing} says which one of {experiment}: data files go "
        "to outdir",
        "give it, or set job_output.dest",
        task=Task("edit"),
        announces=("data files",),
        need="agree",
    ),
    Message(
        "X2P624",
        "look",
        "{kinds}: files of the worker itself have this ending, of project.py's and of "
        "fife_wrap, and are kept as data too: other ones here than there",
        "give the files that you want an ending of their own",
        announces=("names",),
        need="agree",
    ),
    Message(
        "X2P625",
        "look",
        "check, but only files {kinds} are kept, of which project.py's validation takes none:"
        " its job ends as failed after copying them; here nothing is declared or checked",
        "name data file types without a dot, or remove <check>",
        announces=("declaration",),
        need="agree",
    ),
    Message(
        "X2P626",
        "look",
        "{file} comes along and has the ending of an art file: each job copies it into its "
        "folder, brings it back with its output and declares it to SAM, as project.py's does "
        "with an art file",
        "to leave it out, let the first job_setup.postscript be: rm -f {file}",
        need="optional",
    ),
    Message(
        "X2P627",
        "look",
        "stage {stage!r} keeps only files {kinds}, and no art file for the stage that reads "
        "it: in project.py the list of its files is empty, and here nothing is declared",
        "add root to its <datafiletypes>",
        need="block",
    ),
)
