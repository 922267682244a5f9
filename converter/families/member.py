"""A campaign on its way into a family, and what makes two of them differ in more than values."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from converter.poms.document import Document, parse
from converter.poms.ini import CampaignIni, JobType, pairs, read_ini

__all__ = [
    "FAMILY",
    "IniTexts",
    "Member",
    "in_family",
    "ini_from",
    "ini_texts",
    "kin",
    "made_of",
    "named_for_all",
    "renamed",
    "stage_values",
]

IniTexts = dict[tuple[str, ...], str]
"""Where in a campaign.ini → the text there."""

FAMILY = "{{family}}"
"""In names of job types, login setups and scripts: they are the family's."""

_OVERRIDES = ("param_overrides", "test_param_overrides")
_FIXED = (
    *("vo_role", "completion_type", "merge_overrides", "login_setup", "job_type"),
    *("stage_type", "output_ancestor_depth"),
)
"""What of a stage is not a value of the campaign, but says what kind of stage it is."""


class Member(Struct, frozen=True):
    """A campaign.

    name    that it has in POMS
    source  the XML that it was made from
    cfg     its campaign.cfg
    ini     its campaign.ini, for that campaign.cfg
    scripts name → text of the files beside the campaign.cfg, which go with its jobs
    """

    name: str
    source: str
    cfg: Document
    ini: CampaignIni
    scripts: Mapping[str, str] = {}


def made_of(name: str, source: str, files: Mapping[str, str]) -> Member:
    """A campaign by its files: path → text, the campaign.cfg first and the campaign.ini last.

    The scripts between them are called after the campaign.cfg: here after the family.
    """
    (path, text), *scripts, (_, ini) = files.items()
    cfg = _base(path)
    stem = len(cfg) - len(".cfg")
    names = {_base(script): FAMILY + _base(script)[stem:] for script, _ in scripts}
    own = {
        names[_base(script)]: text.replace(f" of {cfg}", f" of {FAMILY}.cfg", 1)
        for script, text in scripts
    }
    return Member(name, source, renamed(parse(text), names), read_ini(ini), own)


def _base(path: str) -> str:
    return path.rpartition("/")[2]


def in_family(scripts: Iterable[str], family: str) -> dict[str, str]:
    """What a member's scripts are called in the family of that name."""
    return {script: script.replace(FAMILY, family) for script in scripts}


def renamed(cfg: Document, names: Mapping[str, str]) -> Document:
    """A campaign.cfg with other names of its scripts: old → new."""
    if not names:
        return cfg

    def new(text: str) -> str:
        for name in names:
            text = text.replace(name, names[name])
        return text

    return Document(
        {
            section: {key: new(text) for key, text in keys.items()}
            for section, keys in cfg.sections.items()
        }
    )


def kin(member: Member) -> str:
    """What all campaigns of a family have in common, as a checksum.

    The sections and keys of the campaign.cfg, the parents of its stages, and how many words
    there are in a command; the scripts; of the campaign.ini everything but its values.
    """
    shape: list[Any] = []
    for section, values in member.cfg.sections.items():
        shape.append([section, [*_shapes(section, values)]])
    ini = named_for_all(member.ini)
    shape.append([ini.experiment, ini.role, [(f, "") for f, _ in ini.overrides]])
    types = [job_type.name for job_type in ini.job_types]
    for stage in ini.stages:
        fixed = [stage.values[key] for key in _FIXED if key not in ("login_setup", "job_type")]
        flags = [[flag for flag, _ in json.loads(stage.values[key])] for key in _OVERRIDES]
        waits = [dependency.producer for dependency in stage.dependencies]
        shape.append([stage.name, fixed, flags, types.index(stage.values["job_type"]), waits])
    shape += [ini.login_setup.name, *map(_job_type_shape, ini.job_types)]
    shape += member.scripts.items()
    return hashlib.sha256(json.dumps(shape).encode()).hexdigest()


def _shapes(section: str, values: Any) -> Iterator[Any]:
    for key, text in values.items():
        place, _, option = key.rpartition(".")
        where = place or section
        if option == "parent" or (where, option) in _NAMES:
            yield [key, text]
        elif where.partition("_")[0] in ("submit", "executable"):
            # A command has as many words in all of them.
            yield [key, len(text.split())]
        elif not text:
            yield [key, ""]
        else:
            yield key


_NAMES = {("global", "stage"), ("global", "experiment"), ("global", "wrapper")}


def _job_type_shape(one: JobType) -> list[Any]:
    flags = [flag for flag, _ in one.parameters]
    changes = [(kind, [flag for flag, _ in pairs]) for kind, pairs in one.recoveries]
    return [one.name, one.launch_script, flags, changes]


def ini_texts(ini: CampaignIni) -> IniTexts:
    """Every text of a campaign.ini that may differ within a family, and its own name."""
    texts: IniTexts = {("name",): ini.name}
    for stage in ini.stages:
        for key, value in stage.values.items():
            if key in _OVERRIDES:
                for number, (flag, text) in enumerate(json.loads(value)):
                    texts["stage", stage.name, key, str(number), flag] = text
            elif key not in _FIXED:
                texts["stage", stage.name, key] = value
        for number, dependency in enumerate(stage.dependencies):
            texts["stage", stage.name, "pattern", str(number)] = dependency.pattern
    for job_type in ini.job_types:
        name = job_type.name
        texts["job_type", name, "output_file_patterns"] = job_type.output_file_patterns
        for number, (flag, text) in enumerate(job_type.parameters):
            texts["job_type", name, "parameters", str(number), flag] = text
        for place, (_, changes) in enumerate(job_type.recoveries):
            for number, (flag, text) in enumerate(changes):
                texts["job_type", name, "recoveries", str(place), str(number), flag] = text
    login = ini.login_setup
    for key in ("host", "account", "setup"):
        texts["login_setup", key] = getattr(login, key)
    return texts


def ini_from(ini: CampaignIni, texts: IniTexts) -> CampaignIni:
    """The campaign.ini with other texts in the same places."""
    found = msgspec.to_builtins(ini)
    found["name"] = texts["name",]
    for stage in found["stages"]:
        name = stage["name"]
        for key, value in stage["values"].items():
            if key in _OVERRIDES:
                given = json.loads(value)
                changed = [
                    (flag, texts["stage", name, key, str(number), flag])
                    for number, (flag, _) in enumerate(given)
                ]
                stage["values"][key] = pairs(tuple(changed))
            elif key not in _FIXED:
                stage["values"][key] = texts["stage", name, key]
        for number, dependency in enumerate(stage["dependencies"]):
            dependency["pattern"] = texts["stage", name, "pattern", str(number)]
    for job_type in found["job_types"]:
        name = job_type["name"]
        job_type["output_file_patterns"] = texts["job_type", name, "output_file_patterns"]
        job_type["parameters"] = [
            (flag, texts["job_type", name, "parameters", str(number), flag])
            for number, (flag, _) in enumerate(job_type["parameters"])
        ]
        job_type["recoveries"] = [
            (
                kind,
                [
                    (flag, texts["job_type", name, "recoveries", str(place), str(number), flag])
                    for number, (flag, _) in enumerate(changes)
                ],
            )
            for place, (kind, changes) in enumerate(job_type["recoveries"])
        ]
    for key in ("host", "account", "setup"):
        found["login_setup"][key] = texts["login_setup", key]
    return msgspec.convert(found, CampaignIni)


def stage_values(cfg: Document) -> Iterator[tuple[str, str, str, str]]:
    """Everything in a campaign.cfg: the stage or "", section, key, and the text as it stands."""
    for section, values in cfg.sections.items():
        stage = section.removeprefix("stage_") if section.startswith("stage_") else ""
        for key, text in values.items():
            place, dot, option = key.partition(".")
            if stage and dot:
                yield stage, place, option, text
            else:
                yield stage, section, key, text


def named_for_all(ini: CampaignIni) -> CampaignIni:
    """A campaign.ini whose job types, login setup and campaign.cfg are those of its family.

    Their names do without the checksums of their contents, which are not known yet.
    """

    own = re.compile(rf"(?<![A-Za-z0-9]){re.escape(ini.name)}(?![A-Za-z0-9])")

    def shared(name: str) -> str:
        return own.sub(FAMILY, re.sub(r"_[0-9a-f]{8}$", "", name))

    names = dict(_apart(shared(one.name) for one in ini.job_types))
    renamed = dict(zip((one.name for one in ini.job_types), names))
    login = replace(ini.login_setup, name=shared(ini.login_setup.name))
    return replace(
        ini,
        stages=tuple(
            replace(
                stage,
                values={
                    **stage.values,
                    "job_type": renamed[stage.values["job_type"]],
                    "login_setup": login.name,
                    "param_overrides": pairs(
                        tuple(
                            (flag, f"$UPLOADS/{FAMILY}.cfg" if flag.strip() == "-c" else text)
                            for flag, text in json.loads(stage.values["param_overrides"])
                        )
                    ),
                },
            )
            for stage in ini.stages
        ),
        job_types=tuple(replace(one, name=renamed[one.name]) for one in ini.job_types),
        login_setup=login,
    )


def _apart(names: Iterator[str]) -> Iterator[tuple[str, None]]:
    """The names, made different where they are not."""
    taken: set[str] = set()
    for name in names:
        while name in taken:
            name += "_"
        taken.add(name)
        yield name, None
