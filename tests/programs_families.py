"""Families of real campaigns: each with its members as they are by themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from converter.conversion import Campaign, Options, convert_bytes
from converter.errors import ConversionError
from converter.families.factoring import Family, factor
from converter.families.member import Member, kin, made_of
from converter.families.writing import template_cfg
from converter.poms.ini import CampaignIni
from tests import corpus

__all__ = ["RealFamily", "RealMember", "real_families"]


class RealMember(NamedTuple):
    """A campaign: by itself, and as one of its family."""

    own: Campaign
    member: Member
    ini: CampaignIni


class RealFamily(NamedTuple):
    """A family: its template, the text of that one's campaign.cfg, and the members."""

    family: Family
    cfg: str
    members: Sequence[RealMember]

    def __str__(self) -> str:
        return self.family.template.name

    @property
    def odd(self) -> list[RealMember]:
        """Four members: the first, and those with most overrides."""
        most = sorted(self.members[1:], key=lambda one: -len(one.ini.overrides))
        return [self.members[0], *most[:3]]


@cache
def real_families() -> list[RealFamily]:
    """All families of the corpus that are kin, not divided: those with most members first."""
    found: dict[str, list[tuple[Campaign, Member]]] = defaultdict(list)
    for path in corpus.files():
        stem = "_".join(path.relative_to(corpus.CORPUS).with_suffix("").parts).replace("@", "_")
        options = Options(output=f"{stem}.cfg", title=stem)
        try:
            conversion = convert_bytes(path.read_bytes(), path.name, options=options)
        except ConversionError:
            continue
        for own in conversion.campaigns:
            if own.is_alone(conversion.campaigns):
                member = made_of(own.name, str(path), own.files)
                found[kin(member)].append((own, member))
    families = [
        _family(some, f"family_{number}")
        for number, some in enumerate(found.values())
        if len(some) > 1
    ]
    return sorted(families, key=lambda one: -len(one.members))


def _family(some: Sequence[tuple[Campaign, Member]], name: str) -> RealFamily:
    family = factor([member for _, member in some], name)
    own, first = some[0]
    members = [
        RealMember(one, member, family.template.campaign(row))
        for (one, member), row in zip(some, family.rows)
    ]
    text = template_cfg(family, own.cfg, first.source.rpartition("/")[2])
    return RealFamily(family, text, members)
