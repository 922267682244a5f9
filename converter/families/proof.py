"""The proof of a family: each campaign launches from the template what it launches by itself."""

from __future__ import annotations

import configparser
from collections.abc import Mapping

from converter.errors import CfgError
from converter.families.member import Member, in_family, renamed
from converter.families.template import Template
from converter.poms.document import Document
from converter.poms.ini import CampaignIni, IniStage
from converter.poms.reader import resolve
from converter.verify.campaign.poms import PomsLaunch, poms_launch

__all__ = ["launches_the_same"]


def launches_the_same(member: Member, template: Template, row: Mapping[str, str]) -> bool:
    """Whether POMS and fife_launch find the same for each stage, in the same order."""
    try:
        ini = template.campaign(row)
        cfg = renamed(member.cfg, in_family(member.scripts, template.name))
        return len(ini.stages) == len(member.ini.stages) and all(
            _same(_launched(cfg, member.ini, mine), _launched(template.cfg, ini, of_template))
            for mine, of_template in zip(member.ini.stages, ini.stages)
        )
    except (CfgError, configparser.Error, KeyError, ValueError):
        return False


_Sections = Mapping[str, Mapping[str, str]]


def _launched(
    cfg: Document, ini: CampaignIni, stage: IniStage
) -> tuple[str, PomsLaunch, _Sections]:
    launch = poms_launch(ini, stage)
    return stage.name, launch, resolve(cfg, launch.stage, launch.overrides)


def _same(one: tuple[str, PomsLaunch, _Sections], other: tuple[str, PomsLaunch, _Sections]) -> bool:
    (name, launch, mine), (other_name, other_launch, its) = one, other
    flow, other_flow = ({**x.fields, "launches": ""} for x in (launch, other_launch))
    if (name, launch.launcher, flow) != (other_name, other_launch.launcher, other_flow):
        return False
    # The template has macros besides.
    known = {key: text for key, text in its["global"].items() if key in mine["global"]}
    return known == mine["global"] and all(
        [*keys.items()] == [*its.get(section, {}).items()]
        for section, keys in mine.items()
        if section != "global"
    )
