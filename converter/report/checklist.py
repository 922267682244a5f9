"""What is left to do until the campaigns run, in the order of the work, with commands to copy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from converter.findings.finding import Finding
from converter.pasted import file_word, word
from converter.poms.ini import CampaignIni, IniStage
from converter.report.model import Step
from converter.text import one_line

__all__ = ["OPTIONAL", "PARTS", "SECTIONS", "ToLaunch", "checklist", "in_parts", "section"]

SECTIONS: Mapping[str, tuple[str, ...]] = {
    "credentials": ("token", "proxy", "see"),
    "uploads": ("upload",),
    "definitions": ("exists", "define"),
    "prestaging": ("prestage",),
    "campaigns": ("campaign", "split"),
    "tests": ("test",),
    "launches": ("launch",),
}
"""The parts of the work, in order → the verbs of the steps in each."""

OPTIONAL = "optional"
"""The part that is done only where it is asked for."""

PARTS = (*SECTIONS, OPTIONAL)

_PLACEHOLDERS = {
    "FILE_TYPE": "what <filetype> of project {project} would say",
    "DATA_TIER": "what <datatier> of a stage of project {project} would say",
    "VERSION": "what <tag> of <larsoft> of project {project} would say",
}
"""What stands in a definition where the XML does not say it → where it would come from."""


class ToLaunch(Struct, frozen=True):
    """A campaign that is to be launched.

    projects  of whose settings it is made
    files     what has to be uploaded for a launch, and last the campaign.ini itself
    sam       the SAM instance that has its datasets
    samweb    how samweb is called for them
    """

    projects: tuple[str, ...]
    ini: CampaignIni
    files: Sequence[str]
    sam: str
    samweb: str


def checklist(campaigns: Iterable[ToLaunch], findings: Sequence[Finding]) -> tuple[Step, ...]:
    """The steps of a document's campaigns, each once, those that they do not need last."""
    steps: dict[tuple[str, ...], Step] = {}
    for one in campaigns:
        own = [f for f in findings if f.project in (None, *one.projects)]
        for step in _steps(one, own):
            known = steps.get(step.script)
            both = known.campaigns + step.campaigns if known is not None else ()
            steps[step.script] = replace(known, campaigns=both) if known is not None else step
    return tuple(
        replace(step, what=f"if you want it: {step.what}") if part == OPTIONAL else step
        for part, step in in_parts(steps.values())
    )


def in_parts(steps: Iterable[Step]) -> list[tuple[str, Step]]:
    """The steps by the parts of the work, in order.

    A dataset that no campaign reads first need not be defined: POMS hands over what one stage
    makes and another one reads.
    """
    steps = list(steps)
    read = {step.dataset for step in steps if step.kind == "prestage"}
    found = []
    for step in steps:
        needed = step.script[0] != "define" or step.dataset in read
        found.append((section(step.script[0]) if needed else OPTIONAL, step))
    return sorted(found, key=lambda one: PARTS.index(one[0]))


def section(verb: str) -> str:
    """The part of the work that a step of that verb belongs to."""
    return next(name for name, verbs in SECTIONS.items() if verb in verbs)


def _steps(one: ToLaunch, findings: Sequence[Finding]) -> Iterator[Step]:
    ini = one.ini
    who = (ini.experiment, ini.role)
    client = f"--experiment {ini.experiment} --poms_role {ini.role}"

    def step(kind: str, what: str, command: str | None, *script: str, dataset: str = "") -> Step:
        return Step(kind, one_line(what), command, one.projects[0], dataset, (ini.name,), script)

    if ini.role == "production":
        login = ini.login_setup
        what = (
            f"see that {login.account}@{login.host} gets the managed token of {ini.experiment}pro, "
            f"and has the proxy /opt/{ini.experiment}pro/{ini.experiment}pro.Production.proxy"
        )
        yield step("credentials", what, None, "see", what.removeprefix("see that "))
    else:
        # What the server looks for when it launches: a token of at most five days, and a proxy.
        for thing, name, option in (
            ("vault token", "vt", "vaulttoken"),
            ("proxy", "x509up_voms", "proxy"),
        ):
            what = f"upload your {thing}, {name}_{ini.experiment}_Analysis_$USER"
            verb = thing.split(" ")[-1]
            yield step("credentials", what, f"upload_file {client} --{option}", verb, *who)
    tasks = [f.task for f in findings if f.task is not None]
    late = {f.slots["dataset"] for f in findings if f.code == "X2P824"}
    lists = list(dict.fromkeys(task.what for task in tasks if task.kind == "upload"))
    for name in (*one.files[:-1], *lists):
        command = f"upload_file {client} {file_word(name)}"
        yield step("upload", f"upload {name}", command, "upload", *who, name)
    made = {t.command: t.what for t in tasks if t.kind == "define" and t.command}
    for command, dataset in made.items():
        if not dataset:
            what = "see that this dataset exists: only somebody who knows it can define it"
            yield step("define", what, command, "exists", one.sam, command)
            continue
        missing = _placeholders(command, " or ".join(one.projects))
        words = ("define", one.sam, dataset, command, *missing)
        yield step("define", f"define dataset {dataset}", command, *words, dataset=dataset)
    leading = [stage for stage in ini.stages if not stage.dependencies]

    def reads(stage: IniStage) -> tuple[str, ...]:
        """The SAM instance and the dataset of a stage that another campaign feeds."""
        return (one.sam, _dataset(stage)) if _dataset(stage) in late else ()

    fed = [stage for stage in leading if _dataset(stage) != "None"]
    for stage in fed:
        dataset = _dataset(stage)
        command = f"{one.samweb} prestage-dataset --defname={word(dataset)}"
        words = ("prestage", one.sam, dataset, stage.values["cs_split_type"])
        what = f"bring dataset {dataset} to disk"
        if dataset in late:
            what += ", when the campaign that makes it is done"
        yield step("prestage", what, command, *words, dataset=dataset)
    name = one.files[-1]
    command = f"upload_wf {client} {file_word(name)}"
    yield step("upload", "upload the campaign", command, "campaign", *who, name)
    for stage in fed:
        split = stage.values["cs_split_type"]
        if split == "draining":
            continue
        if split.startswith("drainingn"):
            what = (
                f"in POMS, campaign {ini.name}, stage {stage.name}: set the split type of tests to "
                f"None, else each takes a part of {split} from the launches"
            )
        else:
            what = (
                f"in POMS, campaign {ini.name}, stage {stage.name}: if its dataset has more than "
                "1 TiB, set the split type to mod(N) and launch N times"
            )
        words = ("split", *who, ini.name, stage.name, _dataset(stage), split, one.sam)
        yield step("launch", what, None, *words)
    for stage in leading:
        if stage.values["test_param_overrides"] != "[]":
            what = f"in POMS, campaign {ini.name}: launch test jobs of stage {stage.name}"
            yield step("launch", what, None, "test", *who, ini.name, stage.name, *reads(stage))
    for stage in leading:
        what = f"in POMS: launch campaign {ini.name}"
        if len(leading) > 1:
            what = f"in POMS, campaign {ini.name}: launch stage {stage.name}"
        if reads(stage):
            what += f", when dataset {_dataset(stage)} is complete"
        yield step("launch", what, None, "launch", *who, ini.name, stage.name, *reads(stage))


def _placeholders(command: str, project: str) -> Iterator[str]:
    """Each placeholder of a definition, and where it would come from."""
    for name, where in _PLACEHOLDERS.items():
        if re.search(rf"\b{name}\b", command):
            yield name
            yield one_line(where.format(project=project))


def _dataset(stage: IniStage) -> str:
    return stage.values["dataset_or_split_data"].replace("%%", "%")
