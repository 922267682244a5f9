"""Messages X2P8xx: datasets and campaigns."""

from __future__ import annotations

from converter.findings.message import Message, Task

__all__ = ["ROWS"]

ROWS = (
    Message(
        "X2P801",
        "note",
        "the job adds its files to dataset {dataset}; in POMS, to the dataset that POMS uses for "
        "the next stage",
        announces=("output dataset",),
    ),
    Message(
        "X2P802",
        "do",
        "dataset {dataset} is not defined by the campaign, which does without: POMS hands files "
        "from stage to stage; project.py --define did it",
        "{command}",
        task=Task("define", "{dataset}", "{command}"),
        need="optional",
    ),
    Message(
        "X2P803",
        "note",
        "{tier} is only used to define dataset {dataset}",
    ),
    Message(
        "X2P804",
        "note",
        "the job adds its files to dataset {dataset}, which another campaign reads",
        announces=("output dataset",),
    ),
    Message(
        "X2P805",
        "do",
        "dataset {dataset} has to be defined before the other campaign that reads it is launched: "
        "POMS hands files only from stage to stage of one campaign; project.py --define did it",
        "{command}",
        task=Task("define", "{dataset}", "{command}"),
        need="block",
    ),
    Message(
        "X2P820",
        "error",
        "a name or value that a campaign.ini cannot contain",
        "simplify it",
    ),
    Message(
        "X2P821",
        "do",
        "several stages depend on no other one ({stages}): POMS launches a whole campaign only if "
        "exactly one does",
        "launch the stages one by one; or convert with --split-chains, which makes a campaign of "
        "each chain: {chains}",
        task=Task("launch"),
        need="block",
    ),
    Message(
        "X2P822",
        "do",
        "POMS finds no output of stage {stage!r}, which another stage reads",
        "give <check>1</check>, and before the next stage is launched define its dataset: "
        "project.py --define",
        task=Task("edit"),
        need="block",
    ),
    Message(
        "X2P823",
        "note",
        "settings of {stages} have no counterpart; with project.py as the launcher they keep "
        "their effect",
        "xml2poms … --launcher project.py",
    ),
    Message(
        "X2P824",
        "do",
        "stage {stage!r} of another project makes the input: POMS has no dependencies between "
        "campaigns",
        "launch this campaign when dataset {dataset} is complete",
        task=Task("launch"),
        need="block",
    ),
    Message(
        "X2P825",
        "look",
        "{file} is for a campaign named {name!r} too: in POMS the one uploaded last replaces the "
        "other",
        "give them different names: [campaign] name in a profile can contain the name of the XML",
        need="block",
    ),
    Message(
        "X2P826",
        "note",
        "stage {stage!r} of another project makes the input: both projects are one campaign",
    ),
    Message(
        "X2P827",
        "note",
        "several stages depend on no other one ({stages}): each is the first of a campaign of its "
        "own ({chains})",
    ),
    Message(
        "X2P830",
        "error",
        "a campaign.cfg that fife_launch cannot read",
        "correct the line",
    ),
    Message(
        "X2P831",
        "error",
        "a stage that fife_launch cannot apply",
        "correct the key",
    ),
    Message(
        "X2P832",
        "error",
        "an included file does not exist",
        "put it next to the campaign.cfg",
    ),
    Message(
        "X2P833",
        "error",
        "a campaign.cfg with Python code, which verify does not run",
        "use -O",
    ),
    Message(
        "X2P834",
        "error",
        "an override that fife_launch cannot read",
        "-Osection.key=value",
    ),
    Message(
        "X2P835",
        "error",
        "an option that fife_wrap rejects in the job",
        "correct it",
    ),
    Message(
        "X2P839",
        "error",
        "a launch command that is longer than a shell takes",
        "put scripts into files that are shipped with the jobs",
    ),
    Message(
        "X2P836",
        "error",
        "a value that the job's shell would execute",
        "quote it",
    ),
    Message(
        "X2P837",
        "error",
        "a campaign.ini that POMS rejects, or that does not belong to the campaign.cfg",
        "convert the XML again",
    ),
    Message(
        "X2P840",
        "look",
        "role {role}: {sign}, and project.py, which that account runs, takes this role",
        "if it is not run by the production account any more: --role analysis",
        need="optional",
    ),
    Message(
        "X2P841",
        "look",
        "role {role}, since {sign}; but {against}",
        "if that is wrong, say it: --role production or --role analysis",
        need="agree",
    ),
    Message(
        "X2P842",
        "look",
        "role {role}, as {who} says; but {against}",
        "check that this account may write to the directories of the campaign",
        announces=(
            "role",
            "role in POMS",
        ),
        need="agree",
    ),
    Message(
        "X2P843",
        "look",
        "--role={role} in <jobsub> of a campaign that POMS launches for {campaign}",
        "give all stages one role, or make a campaign of each role",
        announces=("role in POMS",),
        need="agree",
    ),
    Message(
        "X2P850",
        "look",
        "converted for {experiment}, but signs of {other} stand in the file: {signs}",
        "if it is a file of {other}: --experiment {other}",
        need="agree",
    ),
)
