"""Messages X2P2xx: batch requests."""

from __future__ import annotations

from converter.findings.catalogue.announced import SHELL_STOPS
from converter.findings.message import Message, Task

__all__ = ["ROWS"]

ROWS = (
    Message(
        "X2P201",
        "look",
        "{value} jobs: nothing would be submitted",
        "give <numjobs>",
        announces=(
            *SHELL_STOPS,
            r"substage \d+ events",
            "events in all",
        ),
        need="block",
    ),
    Message(
        "X2P202",
        "look",
        "the size of the input's files is not known, so the number of jobs does not follow it "
        "as <targetsize> asks: it is always {jobs}",
        "{tells}; then convert with --file-size and that, or with the mean size of a file; or set "
        "numjobs (and maxfilesperjob) to what the input needs",
        announces=("bytes per job",),
        need="agree",
    ),
    Message(
        "X2P204",
        "note",
        "with {size} bytes for a file <targetsize> gives {jobs} jobs, of at most {most}{anew}",
        announces=("bytes per job", "jobs"),
    ),
    Message(
        "X2P203",
        "look",
        "options for the jobs that start and stop the SAM project: jobsub_lite makes these two "
        "itself, with requests of its own",
        "remove <jobsub_start>",
        announces=("start and stop",),
        need="optional",
    ),
    Message(
        "X2P210",
        "look",
        "jobsub option {option!r}: {problem}",
        "find its counterpart in `jobsub_submit --help`",
        announces=("refused",),
        need="agree",
    ),
    Message(
        "X2P211",
        "look",
        "jobsub option {option} is now called {instead}",
        announces=(
            "refused",
            "mail",
        ),
        need="optional",
    ),
    Message(
        "X2P212",
        "look",
        "jobsub option {option!r} is set by fife_launch itself; dropped",
        announces=("jobs", "group", "SAM dataset"),
        need="agree",
    ),
    Message(
        "X2P213",
        "look",
        "{option!r} makes a DAG in which PROCESS is 0 in every job: all jobs get the same share "
        "of events and the same subrun number, with project.py too",
        "remove it",
        announces=("data files", "log files", "folders"),
        need="agree",
    ),
    Message(
        "X2P214",
        "note",
        "<{tag}> is overridden by {option} in <jobsub>, which comes later on the command line: "
        "{value}",
    ),
    Message(
        "X2P215",
        "look",
        "-e {variable}: not a valid environment variable",
        "correct it",
        announces=(
            "refused",
            "environment",
        ),
        need="agree",
    ),
    Message(
        "X2P216",
        "look",
        "variable {variable} takes its value from the environment of the account that launches",
        "set it in the POMS login setup, or give it a value",
        announces=(
            "refused",
            "environment",
        ),
        need="agree",
    ),
    Message(
        "X2P217",
        "look",
        "--role={role} in <jobsub> is dropped, as project.py does with SAM input; the jobs' role "
        "is {used}",
        "give <role> in the XML, or --role to xml2poms",
        announces=("role",),
        need="optional",
    ),
    Message(
        "X2P218",
        "look",
        "role {role!r}: POMS only knows Analysis and Production",
        "choose one of the two",
        need="block",
    ),
    Message(
        "X2P219",
        "look",
        "usage model {names} no longer exists in jobsub_lite",
        "remove it from <resource>",
        need="agree",
    ),
    Message(
        "X2P220",
        "note",
        "with a site given, jobsub_lite ignores the usage model of <resource>",
    ),
    Message(
        "X2P221",
        "look",
        "disk {disk} has no unit: jobsub_lite takes it as kilobytes, which is {plain}",
        "write the unit that is meant, perhaps {meant}",
        need="agree",
    ),
    Message(
        "X2P222",
        "look",
        "jobsub_lite rejects disk {disk!r}",
        "write a number with KB, MB, GB or TB",
        announces=("refused",),
        need="block",
    ),
    Message(
        "X2P223",
        "do",
        "no container image is known for <os> {os!r}: jobs run in jobsub_lite's default container "
        "(el9)",
        "choose one of {known} and set submit.singularity-image",
        task=Task("edit"),
        announces=(
            "container",
            "refused",
        ),
        need="block",
    ),
    Message(
        "X2P224",
        "look",
        "<os> {os!r} names several systems: image {image} is used",
        announces=(
            "container",
            "refused",
        ),
        need="agree",
    ),
    Message(
        "X2P225",
        "do",
        "the worker script is {script!r}, not condor_lar.sh; what it does differently is not "
        "converted",
        "compare it with condor_lar.sh, or run it as the executable",
        task=Task("check"),
        announces=("worker script",),
        need="agree",
    ),
    Message(
        "X2P226",
        "look",
        "{script!r} does not run: jobsub starts and stops the SAM project itself",
        "check that the script does nothing else",
        announces=("start and stop",),
        need="agree",
    ),
    Message(
        "X2P227",
        "note",
        "role {role} is set by {who}",
        announces=("role", "role in POMS"),
    ),
    Message(
        "X2P228",
        "note",
        "the job name is {new!r} instead of {old!r}: fife_launch puts it into a shell command",
        announces=("job name",),
    ),
    Message(
        "X2P229",
        "note",
        "set by the profile: {names}",
        announces=(
            "environment",
            "memory",
            "disk",
            "cores",
            "gpus",
            "expected lifetime",
            "time limit",
            "site",
            "blocklist",
            "usage model",
            "provides",
            "operating system",
            "container",
            "requirements",
            "condor lines",
            "subgroup",
            "mail",
            "option .*",
            "jobs at a time",
            "prestaged share",
        ),
    ),
    Message(
        "X2P230",
        "note",
        "path moved by the profile: {old} is now {new}",
        announces=(
            "data files",
            "log files",
            "folders",
            "tarballs",
            "files shipped",
            "input files",
            "setup",
        ),
    ),
    Message(
        "X2P240",
        "look",
        "{option} {value} is {plain}, which hardly any job means",
        "check number and unit",
        need="agree",
    ),
    Message(
        "X2P241",
        "look",
        "{option} {value} has no unit: jobsub_lite takes it as seconds, which is {plain}",
        "write the unit that is meant, perhaps {meant}",
        need="agree",
    ),
    Message(
        "X2P242",
        "look",
        "{cores} cores: no slot has so few",
        "ask for 1 at least",
        need="block",
    ),
    Message(
        "X2P243",
        "look",
        "lar runs {threads} threads on {cores} of the slot's cores",
        "<cpu>{threads}</cpu>",
        need="optional",
    ),
    Message(
        "X2P244",
        "look",
        "jobsub_lite refuses the submission: {problem}",
        "take it out of one of the two",
        announces=("refused",),
        need="block",
    ),
    Message(
        "X2P245",
        "look",
        "{jobs} jobs: a schedd takes {most} in one submission; in the campaign.ini a launch "
        "has so many, {how}",
        "{then}",
        announces=(
            "jobs",
            "split",
            "files per job",
        ),
        need="agree",
    ),
    Message(
        "X2P246",
        "do",
        "{jobs} jobs in one submission: the schedd takes {most} at most and refuses it",
        "make {launches} stages of stage {stage!r}, with <numjobs>{each}</numjobs>, {what}",
        task=Task("edit"),
        need="block",
    ),
    Message(
        "X2P247",
        "note",
        "{option!r} does nothing: jobsub_lite ignores 0, and what is not less than the number of "
        "jobs, {jobs}",
    ),
    Message(
        "X2P248",
        "look",
        "several lines for condor in one <lines>: each has a submit.lines of its own here; of"
        " project.py they arrive in one option, which its dag for SAM input takes apart at "
        "blanks",
        "in the XML write them as options of their own in <jobsub>: {options}",
        announces=(
            "refused",
            "condor lines",
            "requirements",
        ),
        need="agree",
    ),
    Message(
        "X2P249",
        "look",
        "{option}: jobsub_lite writes this as it is into the script of the job, whose shell fails "
        "at it or takes it for something else, with project.py too",
        "use letters, digits and _ . + - / : in it",
        need="block",
    ),
)
