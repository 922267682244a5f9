"""Messages X2P5xx: what runs."""

from __future__ import annotations

from converter.findings.catalogue.announced import SHELL_STOPS
from converter.findings.message import Message, Task

__all__ = ["ROWS"]

ROWS = (
    Message(
        "X2P501",
        "note",
        "version {version} is not used: this experiment's metadata has no field for it",
    ),
    Message(
        "X2P502",
        "note",
        "parameter {name} is not used: this experiment's metadata has no field for it",
    ),
    Message(
        "X2P503",
        "look",
        "line breaks in the value are replaced by blanks",
        "write it on one line",
        announces=(
            "condor lines",
            "order",
            "names",
            "substage .*",
            "when .*",
            "SAM application",
            "job name",
        ),
        need="agree",
    ),
    Message(
        "X2P504",
        "look",
        "run number {run} of the project is only used by project.py --define, not by the jobs",
        "use it in the definition of the output dataset",
        need="optional",
    ),
    Message(
        "X2P505",
        "look",
        "merging with {program!r} is not part of a job",
        "add a stage that merges, or merge by hand",
        announces=("merging",),
        need="agree",
    ),
    Message(
        "X2P506",
        "look",
        "arguments with special shell characters: {args}",
        "check them in run_lar.sh",
        announces=(
            "substage 0 other arguments",
            r"substage \d+ other arguments",
        ),
        need="agree",
    ),
    Message(
        "X2P507",
        "look",
        "{events} events in {jobs} jobs: some jobs get none; project.py then runs lar without -n, "
        "here it runs with -n 0",
        "have at least as many events as jobs",
        announces=(
            r"substage \d+ events",
            "events in all",
        ),
        need="agree",
    ),
    Message(
        "X2P508",
        "look",
        "the input of {fcl} is the newest .root file with the name of an art file; project.py "
        "also checks what is in the files",
        "give <output> in each <fcl>",
        announces=(r"substage \d+ reads",),
        need="agree",
    ),
    Message(
        "X2P509",
        "look",
        "{args!r}: unbalanced quotes, or characters that end a command: project.py's job stops "
        "with a shell error",
        "correct the arguments",
        announces=(
            *SHELL_STOPS,
            "substage 0 other arguments",
            r"substage \d+ other arguments",
        ),
        need="block",
    ),
    Message(
        "X2P510",
        "look",
        "{events} events in {jobs} jobs: project.py runs some jobs with -n -1 and the others "
        "without -n; here all run without -n",
        "give the number of events of all jobs together, or none",
        announces=(
            r"substage \d+ events",
            "events in all",
        ),
        need="agree",
    ),
    Message(
        "X2P511",
        "look",
        "the job's shell fails at {name!r}, or expands it",
        "use letters, digits and _ . + - /",
        announces=SHELL_STOPS,
        need="agree",
        if_invalid="block",
    ),
    Message(
        "X2P512",
        "do",
        "the launch command of stage {stage!r} has about {length} bytes; a shell takes {most}",
        "put the script, or the many options, into a file that is shipped with the jobs, or split "
        "the stage",
        task=Task("edit"),
        announces=("refused",),
        need="block",
    ),
    Message(
        "X2P513",
        "look",
        "no file is called {name!r}: a name has 1 to 255 bytes, no dash in front, and is not ., "
        ".. or a variable alone",
        "give the name of a file",
        announces=(*SHELL_STOPS, "events in all", "folders", "files shipped", "refused"),
        need="block",
    ),
    Message(
        "X2P520",
        "look",
        "{tag} {number} is more than a shell can count: project.py's job leaves out {what}, "
        "and so do these",
        "if that is not meant, give a number that can be",
        need="optional",
    ),
    Message(
        "X2P521",
        "look",
        "{option} {number}: lar takes at most {most}, and stops",
        "for all events there are, give -1; else a number that can be",
        need="block",
    ),
    Message(
        "X2P522",
        "look",
        "{events} events are more than a shell can count: project.py's job takes them for "
        "{taken}, and shares those out; so do these",
        "give a number that can be",
        need="agree",
    ),
    Message(
        "X2P523",
        "look",
        "run {run}: art has runs from 0 to 4294967294",
        "give a number among those",
        need="block",
    ),
    Message(
        "X2P524",
        "look",
        "{tag} {value}: project.py acts on 1 alone, so {effect}",
        "give 1 or 0",
        need="optional",
    ),
    Message(
        "X2P525",
        "look",
        "maxfilesperjob {files}: as in project.py, each job reads from its first file to the "
        "end of the list, files of other jobs too",
        "give 0 for no limit",
        need="optional",
    ),
    Message(
        "X2P526",
        "look",
        "maxfilesperjob {files}: SAM counts files from 1 to {most}",
        "give 0, or leave it out, for no limit",
        announces=("split",),
        need="block",
    ),
    Message(
        "X2P527",
        "look",
        "prestagefraction {share}: jobs would wait for more files than the dataset has; here "
        "they do not wait",
        "give a number from 0 to 1",
        announces=("prestaged share",),
        need="agree",
    ),
    Message(
        "X2P528",
        "look",
        "recurlimit {limit} is no number of files: SAM refuses such a dataset",
        "give a number of files, or 0 for no limit",
        need="block",
    ),
    Message(
        "X2P529",
        "look",
        "memory {memory}: less than nothing",
        "give a number of MB",
        announces=("refused",),
        need="block",
    ),
    Message(
        "X2P530",
        "look",
        "numjobs {jobs}: more than a shell can count, and no batch system takes as many",
        "give a number of jobs that can be",
        announces=(*SHELL_STOPS, "events in all"),
        need="block",
    ),
)
