"""A family's template: one campaign.cfg and one campaign.ini with names for what varies.

In the campaign.cfg these are macros of [global], each with its commonest value; a campaign gives
its own with -Oglobal.NAME=.  In the campaign.ini they stand as {{NAME}}.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property

from msgspec import Struct
from msgspec.structs import astuple, replace

from converter.families.member import ini_from, ini_texts, stage_values
from converter.poms.document import Document
from converter.poms.escape import files_beside
from converter.poms.ini import CampaignIni, JobType, LoginSetup, Pairs, named_by_content, quoted

__all__ = ["FIXED", "NAME", "Template", "placeholder"]

NAME = "name"
"""What the campaign itself is called."""

FIXED = frozenset({"experiment", "group", "wrapper", "includes"})
"""Macros that say where a campaign belongs, not which one it is."""

_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")

Row = Mapping[str, str]
"""Variable → value: in the campaign.cfg as it stands in [global], percent signs doubled."""


def placeholder(name: str) -> str:
    return "{{" + name + "}}"


class Template(Struct, frozen=True, dict=True):
    """What campaigns are made from.

    name  of the family, and of its files
    cfg   the campaign.cfg that all of them launch with
    ini   of all of them, with placeholders
    """

    name: str
    cfg: Document
    ini: CampaignIni

    @cached_property
    def macros(self) -> dict[str, str]:
        """Macros that a campaign can have its own values for, and the usual ones.

        What stages set anew is none: -O would be set for all of them.
        """
        own = {key for stage, place, key, _ in stage_values(self.cfg) if stage and place}
        found = self.cfg.sections["global"]
        return {key: text for key, text in found.items() if key not in own and key not in FIXED}

    @cached_property
    def placeholders(self) -> tuple[str, ...]:
        """The names in the campaign.ini, in their order."""
        found = (n for text in ini_texts(self.ini).values() for n in _PLACEHOLDER.findall(text))
        return tuple(dict.fromkeys(found))

    @cached_property
    def beside(self) -> tuple[str, ...]:
        """The names of the files that go with the jobs from where the campaign.cfg is."""
        found = (
            name
            for section, keys in self.cfg.sections.items()
            for key, text in keys.items()
            if section == "submit" or key.startswith("submit.")
            for name in files_beside(text)
        )
        return tuple(dict.fromkeys(found))

    @cached_property
    def carried(self) -> str | None:
        """The macro that POMS gives the version of the software."""
        return carried(self.ini)

    def campaign(self, row: Row) -> CampaignIni:
        """The campaign.ini of a row of the table; KeyError for a placeholder without a value."""
        values = {**self.macros, **row}
        texts = {
            place: _PLACEHOLDER.sub(lambda match: values[match[1]], text)
            for place, text in ini_texts(self.ini).items()
        }
        filled = ini_from(self.ini, texts)
        names = {one.name: named_by_content(one.name, *_content(one)) for one in filled.job_types}
        login = filled.login_setup
        login = replace(login, name=named_by_content(login.name, *_content(login)))
        overrides = self.overrides(row)
        merge = {"merge_overrides": "True"} if overrides else {}
        stages = [
            replace(
                stage,
                values={
                    **stage.values,
                    **merge,
                    "job_type": names[stage.values["job_type"]],
                    "login_setup": login.name,
                },
            )
            for stage in filled.stages
        ]
        job_types = [replace(one, name=names[one.name]) for one in filled.job_types]
        return replace(
            filled,
            stages=tuple(stages),
            job_types=tuple(dict.fromkeys(job_types)),
            login_setup=login,
            overrides=overrides,
        )

    def overrides(self, row: Row) -> Pairs:
        """What a campaign launches with besides the template: as few as there can be."""
        return tuple(
            (f"-Oglobal.{name}=", quoted(row[name]))
            for name, usual in self.macros.items()
            if name != self.carried and row.get(name, usual) != usual
        )

    def by_hand(self, row: Row) -> tuple[str, ...]:
        """The same for a launch without POMS, which says the version too."""
        return tuple(
            f"-Oglobal.{name}={row[name]}"
            for name, usual in self.macros.items()
            if row.get(name, usual) != usual
        )


def _content(thing: JobType | LoginSetup) -> tuple[object, ...]:
    """What its name tells."""
    return astuple(thing)[1:]


def carried(ini: CampaignIni) -> str | None:
    """The macro that the version of the software goes into, with all job types."""
    found = [
        {flag for flag, text in one.parameters if text == "%(version)s"} for one in ini.job_types
    ]
    flags = sorted(set.intersection(*found)) if found else []
    names = [flag[len("-Oglobal.") : -1] for flag in flags if flag.startswith("-Oglobal.")]
    return names[0] if names else None
