"""Campaigns of one family to their template and a row for each.

What differs becomes a macro of [global] with the commonest value: of a script only the words that
differ, of a macro the whole of it.  What differs together, and means the same, is one variable;
what is made of the release or the project follows them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Union

from msgspec import Struct
from msgspec.structs import replace

from converter.families.columns import Column, around, is_distinctive, parts_of
from converter.families.member import (
    FAMILY,
    IniTexts,
    Member,
    in_family,
    ini_from,
    ini_texts,
    named_for_all,
    renamed,
    stage_values,
)
from converter.families.naming import Names, base_name, ini_name
from converter.families.template import FIXED, NAME, Template, carried, placeholder
from converter.poms.config import commonest
from converter.poms.document import Document
from converter.poms.ini import CampaignIni, pairs, quoted
from converter.poms.names import as_name

__all__ = ["Family", "factor"]

_LEADING = ("project",)
"""Macros that tell one campaign from the next, besides the release."""


class Family(Struct, frozen=True):
    """A template, and a row for each of its campaigns: variable → value.

    columns  the variables in the order of the table, the campaign's name first
    scripts  name → text of the files beside the template's campaign.cfg
    """

    template: Template
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]
    scripts: Mapping[str, str] = {}


class _Variable(Struct):
    """Something that varies: its value for each campaign; stages that use it, "" for all.

    name  of the macro; "" as long as all its uses are not known
    """

    column: Column
    base: str
    stages: list[str] = []
    name: str = ""


_Part = Union[str, _Variable]
_REFERENCE = re.compile(r"%\((\w+)\)s")


def factor(members: Sequence[Member], name: str) -> Family:
    """The family of campaigns that are alike but for values (see `member.kin`)."""
    inis = [named_for_all(member.ini) for member in members]
    cfg = _Cfg([member.cfg for member in members], carried(inis[0]))
    scripts = members[0].scripts
    names = in_family(scripts, name)
    document = renamed(cfg.document(), names)
    ini = _Ini(cfg, document, inis)
    template = Template(name, document, _of_family(ini_from(inis[0], ini.texts()), name))
    columns = {NAME: tuple(member.name for member in members)}
    columns.update((one.name, one.column) for one in cfg.variables if one.stages)
    rows = tuple(
        {key: column[number] for key, column in columns.items()} for number in range(len(members))
    )
    beside = {names[script]: text.replace(FAMILY, name, 1) for script, text in scripts.items()}
    return Family(template, tuple(columns), rows, beside)


class _Cfg:
    """The campaign.cfg of all members, and the variables that are found in it."""

    def __init__(self, documents: Sequence[Document], version: str | None) -> None:
        self.documents = documents
        self.variables: list[_Variable] = []
        first = documents[0]
        everything = list(stage_values(first))
        self._by_stages = {
            key for stage, place, key, _ in everything if stage and place == "global"
        }
        keys = [key for _, section, key, _ in everything if section != "global"]
        self.names = Names(keys, [*first.sections["global"], *self._by_stages])
        self._parts: dict[tuple[str, str], list[_Part]] = {}
        macros = first.sections["global"]
        leading = [*([version] if version else []), *_LEADING]
        self.leading = [m for m in leading if m in macros and self.is_own(m)]
        for macro in dict.fromkeys([*self.leading, *macros]):
            if self.is_own(macro):
                self._macro(macro)
        for section, values in first.sections.items():
            for key in values:
                if (section, key) not in self._parts:
                    self._place(section, key)

    def is_own(self, macro: str) -> bool:
        """Whether -O can set it: what a stage sets anew would be set for that one too."""
        return macro not in self._by_stages and macro not in FIXED

    def column(self, section: str, key: str) -> Column:
        return tuple(document.sections[section][key] for document in self.documents)

    def _macro(self, macro: str) -> None:
        """A macro of [global] varies as a whole."""
        column = self.column("global", macro)
        if len(set(column)) == 1 and macro not in self.leading:
            return
        known = None if macro in self.leading else self._followed(column, "")
        if known is not None:
            self._parts["global", macro] = known
            return
        self.variables.append(_Variable(column, macro, [""], macro))
        self._parts["global", macro] = []

    def _place(self, section: str, key: str) -> None:
        """Any other place: what varies there is a variable, or is made of one."""
        column = self.column(section, key)
        if len(set(column)) == 1:
            return
        stage = section.removeprefix("stage_") if section.startswith("stage_") else ""
        place, dot, option = key.partition(".")
        place, option = (place, option) if stage and dot else (section, key)
        is_macro = place == "global"
        parts: list[_Part] = []
        for part in [column] if is_macro else parts_of(column):
            if isinstance(part, str):
                parts.append(part)
                continue
            # Expanded once more than where it stood.
            values = part if is_macro else tuple(text.replace("%", "%%") for text in part)
            before = "".join(one for one in parts if isinstance(one, str))
            base = base_name(place, option, before)
            if is_macro and not stage:
                base += "_default"
            known = self._followed(values, base)
            if known is None:
                self.variables.append(_Variable(values, base))
                known = [self.variables[-1]]
            for one in known:
                if isinstance(one, _Variable):
                    one.stages.append(stage)
            parts += known
        self._parts[section, key] = parts

    def _followed(self, column: Column, base: str) -> list[_Part] | None:
        """What is known that gives these values."""
        distinctive = is_distinctive(column)
        for one in self.variables:
            if one.column == column and (distinctive or one.base == base):
                return [one]
        for one in self.variables:
            follows = one.name or is_distinctive(one.column)
            if follows and len(set(one.column)) > 1 and (found := around(column, one.column)):
                return [part for part in (found[0], one, found[1]) if part]
        return None

    def document(self) -> Document:
        """The campaign.cfg with macros for what varies; they get their names here."""
        for one in self.variables:
            if not one.name:
                (stage, *others) = dict.fromkeys(one.stages)
                of_stage = "" if others or not stage else f"_{stage}"
                one.name = self.names.new(re.sub(r"\W", "_", one.base + of_stage))
        sections: dict[str, dict[str, str]] = {}
        for section, values in self.documents[0].sections.items():
            sections[section] = {
                key: self._written(section, key, text) for key, text in values.items()
            }
        macros = sections["global"]
        for one in self.variables:
            macros[one.name] = commonest(one.column)
        return Document(sections)

    def _written(self, section: str, key: str, text: str) -> str:
        parts = self._parts.get((section, key))
        if parts is None:
            return text
        return "".join(p if isinstance(p, str) else f"%({p.name})s" for p in parts)


class _Ini:
    """The campaign.ini of all members, by places, with placeholders for what varies."""

    def __init__(self, cfg: _Cfg, document: Document, inis: Sequence[CampaignIni]) -> None:
        self.cfg, self.document = cfg, document
        self.all = [ini_texts(ini) for ini in inis]
        self._first = {stage.name for stage in inis[0].stages if not stage.dependencies}
        self._doubled = [v for v in cfg.variables if any("%" in text for text in v.column)]
        self._plain = [v for v in cfg.variables if v not in self._doubled]

    def texts(self) -> IniTexts:
        return {place: self._text(place) for place in self.all[0]}

    def _text(self, place: tuple[str, ...]) -> str:
        if place == ("name",):
            return placeholder(NAME)
        column = tuple(one[place] for one in self.all)
        of_stage = place[0] == "stage" and len(place) == 3
        key = place[2] if of_stage else ""
        followed = None
        if key == "dataset_or_split_data":
            followed = self._dataset(place[1], column)
        if followed is None and key == "software_version":
            followed = self._equal(column, self.cfg.leading[:1])
        if followed is not None:
            return followed
        if len(set(column)) == 1:
            # What the campaign begins with is what the next one has another of.
            begins = key == "dataset_or_split_data" and place[1] in self._first
            return self._own(place, column) if begins and column[0] != "None" else column[0]
        if is_distinctive(column):
            followed = self._equal(column, [one.name for one in self._plain])
        return followed or self._made_of(column) or self._own(place, column)

    def _equal(self, column: Column, names: Sequence[str]) -> str | None:
        found = next((v for v in self._plain if v.name in names and v.column == column), None)
        return placeholder(found.name) if found else None

    def _made_of(self, column: Column) -> str | None:
        for one in self._plain:
            if len(set(one.column)) > 1 and (found := around(column, one.column)):
                return found[0] + placeholder(one.name) + found[1]
        return None

    def _own(self, place: tuple[str, ...], column: Column) -> str:
        base = ini_name(place)
        alike = (v for v in self.cfg.variables if base in (v.base, v.name))
        found = next((v for v in alike if v.column == column and v not in self._doubled), None)
        if found is None:
            found = _Variable(column, base, [""], self.cfg.names.new(base))
            self.cfg.variables.append(found)
        return placeholder(found.name)

    def _dataset(self, stage: str, column: Column) -> str | None:
        """The dataset as the campaign.cfg names it, if that is the one of each campaign."""
        own = self.document.sections.get(f"stage_{stage}", {})
        raw = own.get("global.sam_dataset", self.document.sections["global"].get("sam_dataset", ""))
        known = {one.name: one.column for one in self._plain}
        macros = self.document.sections["global"]
        names = _REFERENCE.findall(raw)
        if not names or any(n not in known and "%" in macros.get(n, "%") for n in names):
            return None
        own_macros = {name for name in names if name in known or self.cfg.is_own(name)}
        filled = _REFERENCE.sub(
            lambda m: placeholder(m[1]) if m[1] in own_macros else macros[m[1]], raw
        )
        for number, text in enumerate(column):
            values = {**macros, **{name: values[number] for name, values in known.items()}}
            if raw % values != text:
                return None
        return filled


def _of_family(ini: CampaignIni, name: str) -> CampaignIni:
    """The names of job types and login setup as those of the family, its campaign.cfg as named."""
    cfg = quoted(f"{name}.cfg")

    def named(text: str) -> str:
        return text.replace(FAMILY, as_name(name))

    def launched(overrides: str) -> str:
        found = json.loads(overrides)
        return pairs(tuple((flag, text.replace(f"{FAMILY}.cfg", cfg)) for flag, text in found))

    stages = tuple(
        replace(
            stage,
            values={
                **stage.values,
                **{key: named(stage.values[key]) for key in ("job_type", "login_setup")},
                "param_overrides": launched(stage.values["param_overrides"]),
            },
        )
        for stage in ini.stages
    )
    job_types = tuple(replace(one, name=named(one.name)) for one in ini.job_types)
    login = replace(ini.login_setup, name=named(ini.login_setup.name))
    return replace(ini, stages=stages, job_types=job_types, login_setup=login)
