"""What POMS launches for each stage of a campaign.ini."""

from __future__ import annotations

import configparser
import json
import re
import shlex
from collections.abc import Mapping
from functools import lru_cache

from msgspec import Struct

from converter.errors import CfgError
from converter.poms.ini import CampaignIni, IniError, IniStage, read_ini
from converter.verify.plan import Value

__all__ = ["FIFE_LAUNCH", "HANDED_OVER", "PomsLaunch", "poms_launch", "poms_launches"]

FIFE_LAUNCH = "fife_launch"
"""The program that takes a campaign.cfg."""

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


def poms_launches(text: str, name: str) -> Mapping[str, PomsLaunch]:
    """Each stage of a campaign.ini, by its name there.

    Raises CfgError where the server would refuse the file.
    """
    try:
        return _launches(text)
    except (configparser.Error, IniError, KeyError, ValueError) as error:
        message = " ".join(str(error).split()) or type(error).__name__
        raise CfgError(
            "X2P837",
            f"POMS would refuse it: {message}",
            "correct the file, or convert the XML again",
            file=name,
        ) from None


@lru_cache(maxsize=2)  # many .cfg of one XML have the same .ini
def _launches(text: str) -> Mapping[str, PomsLaunch]:
    campaign = read_ini(text)
    return {stage.name: poms_launch(campaign, stage) for stage in campaign.stages}


def poms_launch(campaign: CampaignIni, stage: IniStage) -> PomsLaunch:
    """How POMS launches one stage; ValueError or KeyError where its launch would fail."""
    (job_type,) = (j for j in campaign.job_types if j.name == stage.values["job_type"])
    flags: dict[str, str] = dict(job_type.parameters)
    # One ordered map: a flag that comes again takes the place of the first.
    if stage.values["merge_overrides"] in ("True", "true"):
        flags.update(campaign.overrides)
    flags.update((flag, value) for flag, value in json.loads(stage.values["param_overrides"]))
    dataset = stage.values["dataset_or_split_data"]
    waits = tuple(sorted(d.producer for d in stage.dependencies))
    known = {
        "dataset": HANDED_OVER if waits else _formatted(dataset, {}),
        "version": _formatted(stage.values["software_version"], {}),
    }
    overrides, wanted, file = [], "", ""
    for flag, value in flags.items():
        if flag.startswith("-O"):
            # A word of the launch command, which a shell reads.
            (override,) = shlex.split(_formatted(flag[2:] + value, known))
            overrides.append(override)
        elif flag.strip() == "--stage":
            wanted = _formatted(value, known).strip("'")
        elif flag.strip() == "-c":
            file = _formatted(value, known).replace("'", "").rpartition("/")[2]
    fields: dict[str, Value] = {
        "waits for": waits,
        "dataset in POMS": "" if waits or dataset == "None" else _formatted(dataset, {}),
        "split": "" if stage.values["cs_split_type"] == "None" else stage.values["cs_split_type"],
        "version in POMS": known["version"],
        "role in POMS": stage.values["vo_role"],
        "launches": f"stage {wanted} of {file}",
    }
    return PomsLaunch(job_type.launch_script, wanted, tuple(overrides), fields)


_WIDE = re.compile(r"%[^a-zA-Z%]*[0-9*]{4}")


def _formatted(text: str, known: Mapping[str, str]) -> str:
    """As the server %-formats it.  ValueError where that fails, or would fill the memory."""
    if _WIDE.search(text):
        raise ValueError(f"a width that is far too large: {text}")
    try:
        return text % known
    except TypeError as error:
        raise ValueError(str(error)) from None
