"""The first day after: test launches, logs, recoveries, and what project.py's actions are now.

Told from what the programs do: fermitools/poms (v4_4_2), fife_launch and the tools of fife_utils
(January 2026), jobsub_lite, and larbatch's project.py (v01_61_04).
"""

from __future__ import annotations

from msgspec import Struct

from converter.pasted import file_word, operand, phrase, word
from converter.report.model import FileReport

__all__ = ["TITLE", "Chapter", "Entry", "in_general", "runbook"]

TITLE = "Run book"


class Entry(Struct, frozen=True):
    """Something that is done; `command` is '' where it is done in the browser, or by nobody."""

    what: str
    text: str
    command: str = ""


class Chapter(Struct, frozen=True):
    """What belongs together."""

    title: str
    entries: tuple[Entry, ...]


def runbook(file: FileReport, cfg: str = "") -> tuple[Chapter, ...]:
    """The run book of a file's campaigns, with the names of the first one; () without one.

    cfg  words that its stages are launched with, if not the first .cfg of its outputs alone
    """
    if not file.projects or not file.projects[0].stages:
        return ()
    project = file.projects[0]
    stage = project.stages[0]
    first = next((name for name in project.outputs if name.endswith(".cfg")), "campaign.cfg")
    return _filled(
        project.experiment,
        cfg or file_word(first),
        stage.name,
        next((one.makes for one in project.stages if one.makes), "DATASET"),
    )


def in_general() -> tuple[Chapter, ...]:
    """The run book of no campaign in particular: names are words in capitals."""
    return _filled("EXPERIMENT", "CAMPAIGN.cfg", "STAGE", "DATASET")


def _filled(experiment: str, cfg: str, stage: str, dataset: str) -> tuple[Chapter, ...]:
    names = {
        "experiment": word(experiment),
        "cfg": cfg,
        "stage": stage,
        "dataset": word(dataset),
        "definition": operand(dataset),
        "query": phrase(f"defname: {dataset}"),
    }
    return tuple(
        Chapter(
            title,
            tuple(
                Entry(one.what, one.text.format_map(names), one.command.format_map(names))
                for one in entries
            ),
        )
        for title, entries in _CHAPTERS
    )


_CHAPTERS: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "A test launch",
        (
            Entry(
                "in POMS",
                "On the page of the stage, `Launch Campaign Stage Test Jobs Now`. The overrides of "
                "the test, test_param_overrides in the campaign.ini, make it one job with few "
                "events or one file. What waits for the stage is launched after it, as a test too.",
            ),
            Entry(
                "and the dataset",
                "A test takes a slice of the dataset like any launch: of drainingn(N), its one job "
                "would get N files, which no launch after it reads again. The script of the "
                "checklist sets test_split_type to None there, with which the test reads of the "
                "whole dataset. Another type works only if it is that of cs_split_type, from "
                "which POMS reads the N of either.",
            ),
            Entry(
                "credentials",
                "A launch of role analysis needs your vault token on the server, younger than five "
                "days, and a proxy that is valid for ten minutes more, else POMS launches nothing "
                "and answers 303, which leads to the page where they are uploaded. Both again:",
                "upload_file --experiment {experiment} --poms_role analysis --vaulttoken; "
                "upload_file --experiment {experiment} --poms_role analysis --proxy",
            ),
            Entry(
                "by hand",
                "The same without POMS; --dry_run shows the command and submits nothing.",
                "fife_launch -c {cfg} --stage {stage} -Osubmit.N=1",
            ),
        ),
    ),
    (
        "Logs",
        (
            Entry(
                "of a launch",
                "On the page of the submission, `launch output`: what fife_launch and "
                "jobsub_submit said. If no jobs came of it, the reason is there.",
            ),
            Entry(
                "of a job",
                "What lar printed is in the job's own log, of failed jobs too. The page of the "
                "submission leads to its jobs in Landscape.",
                "jobsub_fetchlog -G {experiment} --jobid JOBID",
            ),
            Entry(
                "of a job that succeeded",
                "log.tar in the log directory, below CLUSTER_PROCESS, has the other files of its "
                "folder. A job that failed copies nothing back.",
            ),
        ),
    ),
    (
        "Recoveries",
        (
            Entry(
                "by themselves",
                "When a submission that reads from SAM is done and its files are located, POMS "
                "makes a dataset of the files that it was to read and did not consume, and "
                "launches the stage again on these; the next time with more memory. The kinds and "
                "their order are recoveries in the job type of the campaign.ini.",
            ),
            Entry(
                "by hand",
                "On the page of the submission, choose a kind of recovery and launch it.",
            ),
            Entry(
                "of stages that make their events",
                "There are none: nothing says which events are missing. Launch again what is "
                "missing, with another run number: job numbers, and so the subruns, begin at 0 in "
                "each launch.",
            ),
        ),
    ),
    (
        "What project.py's actions are now",
        (
            Entry(
                "--submit",
                "Launch the campaign in POMS: each stage follows when the one that it reads is "
                "done. By hand, stage by stage:",
                "fife_launch -c {cfg} --stage {stage}",
            ),
            Entry(
                "--status",
                "The campaign's page in POMS has the submissions of each stage and how far they "
                "are; the queue, and the number of files:",
                "jobsub_q -G {experiment}; samweb -e {experiment} count-files {query}",
            ),
            Entry(
                "--check",
                "A job ends with the status of lar and of its scripts, and declares its files; one "
                "that failed leaves nothing behind. So the number of files tells. project.py also "
                "counts the events in each file, which nothing does now; whether the files of a "
                "dataset are where SAM says:",
                "sam_validate_dataset -e {experiment} -n {dataset}",
            ),
            Entry(
                "--checkana",
                "Files that are no art files are not declared: count them in the output directory, "
                "against the jobs that succeeded.",
            ),
            Entry(
                "--makeup",
                "The recoveries, see above.",
            ),
            Entry(
                "--clean, --clean_one",
                "POMS removes nothing. Files that SAM knows are deleted and retired with the "
                "dataset that holds them; -j shows it first. Directories with files that SAM does "
                "not know are removed as any other.",
                "sam_retire_dataset -j -e {experiment} -n {dataset}",
            ),
            Entry(
                "--declare, --add_locations",
                "The jobs do it, where the XML asks for it or another stage reads the files. Files "
                "that are there already:",
                "sam_add_dataset -e {experiment} -n {dataset} -d DIRECTORY",
            ),
            Entry(
                "--define, --define_ana",
                "The campaign needs no definitions of its own. For whoever looks for the files "
                "later, the optional steps of the checklist have the commands.",
            ),
            Entry(
                "--undefine",
                "The definition goes, the files stay.",
                "samweb -e {experiment} delete-definition {definition}",
            ),
            Entry(
                "--merge, --mergehist, --mergentuple",
                "No step of a campaign merges. A stage of its own can read the files and merge "
                "them; or by hand:",
                "hadd -T merged.root FILES",
            ),
            Entry(
                "--fetchlog",
                "See logs, above.",
            ),
            Entry(
                "prestaging (<prestagefraction>)",
                "Jobs wait until so much is on disk, and nobody brings it there: do it before a "
                "launch. How much is there already, sam_dataset_stage_status tells.",
                "samweb -e {experiment} prestage-dataset --defname={dataset}",
            ),
        ),
    ),
)
