"""What POMS launches for each stage of a campaign.ini, and the flow between stages."""

from __future__ import annotations

import configparser
import json

from msgspec import Struct

from converter.errors import CfgError
from converter.launch.plan import Value
from converter.mapping.inputs import drains_in_poms, source_of
from converter.model import Project, Stage
from converter.poms.ini import CampaignIni, IniError, IniStage, read_ini

__all__ = ["HANDED_OVER", "PomsLaunch", "poms_launches", "project_flow"]

HANDED_OVER = "DATASET_FROM_POMS"
"""The dataset of a stage that waits for another one."""


class PomsLaunch(Struct, frozen=True):
    """How POMS launches a stage.

    launcher   the program
    stage      of the campaign.cfg
    overrides  `section.key=value`, as after -O
    fields     the flow: what the stage waits for, its dataset, …
    """

    launcher: str
    stage: str
    overrides: tuple[str, ...]
    fields: dict[str, Value]


def poms_launches(text: str, name: str) -> dict[str, PomsLaunch]:
    """Each stage of a campaign.ini, by its name there.

    Raises CfgError where the server would refuse the file.
    """
    try:
        campaign = read_ini(text)
        return {stage.name: _launch(campaign, stage) for stage in campaign.stages}
    except (configparser.Error, IniError, KeyError, ValueError) as error:
        message = " ".join(str(error).split()) or type(error).__name__
        raise CfgError(
            "X2P837",
            f"POMS would refuse it: {message}",
            "correct the file, or convert the XML again",
            file=name,
        ) from None


def _launch(campaign: CampaignIni, stage: IniStage) -> PomsLaunch:
    (job_type,) = (j for j in campaign.job_types if j.name == stage.values["job_type"])
    flags: dict[str, str] = dict(job_type.parameters)
    # One ordered map: a flag that comes again takes the place of the first.
    flags.update((flag, value) for flag, value in json.loads(stage.values["param_overrides"]))
    dataset = stage.values["dataset_or_split_data"]
    waits = tuple(sorted(d.producer for d in stage.dependencies))
    known = {
        "dataset": HANDED_OVER if waits else dataset % {},
        "version": stage.values["software_version"] % {},
    }
    overrides, wanted, file = [], "", ""
    for flag, value in flags.items():
        if flag.startswith("-O"):
            overrides.append((flag[2:] + value) % known)
        elif flag.strip() == "--stage":
            wanted = (value % known).strip("'")
        elif flag.strip() == "-c":
            file = (value % known).replace("'", "").rpartition("/")[2]
    fields: dict[str, Value] = {
        "waits for": waits,
        "dataset in POMS": "" if waits or dataset == "None" else dataset % {},
        "split": "" if stage.values["cs_split_type"] == "None" else stage.values["cs_split_type"],
        "version in POMS": known["version"],
        "role in POMS": stage.values["vo_role"],
        "launches": f"stage {wanted} of {file}",
    }
    return PomsLaunch(job_type.launch_script, wanted, tuple(overrides), fields)


def project_flow(
    projects: tuple[Project, ...], index: int, stage: Stage, names: dict[str, str], role: str
) -> dict[str, Value]:
    """The same of a stage of the model: what project.py would have it wait for and read.

    names  path of a stage in the document → its name in the campaign
    role   as the jobs have it
    """
    source = source_of(projects, index, stage)
    waits = (names[source.origin.path],) if source and source.origin.path in names else ()
    dataset = split = ""
    if not waits and stage.input.kind == "dataset":
        dataset, split = stage.input.value.value.strip(), _split(stage)
        if drains_in_poms(stage):
            dataset = stage.basedef.value.strip()
    elif not waits and source is not None:
        dataset = source.defname.value.strip()
    return {
        "waits for": waits,
        "dataset in POMS": dataset,
        "split": split,
        "version in POMS": projects[index].release.tag.value.strip() or "test",
        "role in POMS": role if role == "Production" else "Analysis",
    }


def _split(stage: Stage) -> str:
    """How project.py limits a dataset: snapshots, a draining definition, jobs times files."""
    product = stage.numjobs.value * stage.maxfilesperjob.value
    if drains_in_poms(stage):
        return f"drainingn({stage.recurlimit})"
    if stage.recur:
        return "draining"
    return f"limitn({product})" if product > 0 else ""
