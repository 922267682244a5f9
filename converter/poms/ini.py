"""The campaign.ini that POMS imports: its parts, its text, and reading it as the server does.

Source: the POMS server's ini_to_campaign (fermitools/poms, v4_4_2).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from configparser import Error
from functools import cached_property

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from converter.errors import CfgError
from converter.poms.config import Key, commonest
from converter.poms.document import parse
from converter.text import one_line

__all__ = [
    "STAGE_KEYS",
    "CampaignIni",
    "Dependency",
    "IniError",
    "IniStage",
    "JobType",
    "LoginSetup",
    "Pairs",
    "campaign_key",
    "campaign_place",
    "chains",
    "default_place",
    "dependency_places",
    "job_type_place",
    "joined",
    "login_place",
    "named_by_content",
    "percent",
    "quoted",
    "read_ini",
    "stage_place",
    "write_ini",
]

Pairs = tuple[tuple[str, str], ...]
"""Flags and values; the server joins each pair with nothing between."""

STAGE_KEYS = (
    "vo_role",
    "software_version",
    "dataset_or_split_data",
    "cs_split_type",
    "completion_type",
    "completion_pct",
    "param_overrides",
    "test_param_overrides",
    "merge_overrides",
    "login_setup",
    "job_type",
    "stage_type",
    "output_ancestor_depth",
)
"""What a stage has, in the order of the file."""


class IniError(CfgError):
    """A campaign.ini that the server would not take as it is meant."""


class Dependency(Struct, frozen=True):
    """A stage waits for another one and reads those of its files that have the pattern.

    pattern  SQL-like on file names, or, with a blank in it, a SAM dimension
    """

    producer: str
    pattern: str


class IniStage(Struct, frozen=True):
    """A stage: every key of STAGE_KEYS with its text, and what it waits for."""

    name: str
    values: Mapping[str, str]
    dependencies: tuple[Dependency, ...] = ()


class JobType(Struct, frozen=True):
    """How stages are launched: a command, its parameters, what to recover."""

    name: str
    launch_script: str
    parameters: Pairs
    output_file_patterns: str
    recoveries: tuple[tuple[str, Pairs], ...] = ()


class LoginSetup(Struct, frozen=True):
    """Where the launch command runs, and what comes before it."""

    name: str
    host: str
    account: str
    setup: str


def campaign_place(key: str) -> Key:
    """Where something stands that is said of the campaign as a whole."""
    return "ini:campaign", key


def default_place(key: str) -> Key:
    """Where something stands that is said of every stage that does not say otherwise."""
    return "ini:campaign_defaults", key


def stage_place(stage: str, key: str) -> Key:
    """Where a value of a stage stands, be it in its own section or in the defaults."""
    return f"ini:campaign_stage {stage}", key


def dependency_places(stage: str, number: int = 1) -> tuple[Key, Key]:
    """Where a stage's dependency of that number stands: whom it waits for, and its pattern."""
    section = f"ini:dependencies {stage}"
    return (section, f"campaign_stage_{number}"), (section, f"file_pattern_{number}")


def job_type_place(job_type: JobType, key: str) -> Key:
    return f"ini:job_type {job_type.name}", key


def login_place(login: LoginSetup, key: str) -> Key:
    return f"ini:login_setup {login.name}", key


class CampaignIni(Struct, frozen=True, dict=True):
    """A campaign as POMS knows it.

    overrides  param_overrides of [campaign_defaults]: what all stages with merge_overrides
               launch with, before their own
    """

    name: str
    experiment: str
    role: str
    stages: tuple[IniStage, ...]
    job_types: tuple[JobType, ...]
    login_setup: LoginSetup
    overrides: Pairs = ()

    @cached_property
    def defaults(self) -> Mapping[str, str]:
        """The section [campaign_defaults]: of each key the value that most stages have.

        Only a dataset is each stage's own: one that names none must not get another one's.
        """
        found = {}
        for key in STAGE_KEYS:
            if key in ("dataset_or_split_data", "cs_split_type"):
                found[key] = "None"
            elif key != "param_overrides":
                found[key] = commonest([stage.values[key] for stage in self.stages])
        return found

    @property
    def places(self) -> dict[tuple[str, str], str]:
        """The section in which a stage's value stands, by stage and key."""
        defaults = self.defaults
        return {
            (stage.name, key): "campaign_defaults"
            if value == defaults.get(key)
            else f"campaign_stage {stage.name}"
            for stage in self.stages
            for key, value in stage.values.items()
        }


def joined(campaigns: Sequence[CampaignIni]) -> CampaignIni:
    """One campaign of several that have one login setup: the first one's name, all their stages."""
    first = campaigns[0]
    return CampaignIni(
        first.name,
        first.experiment,
        first.role,
        tuple(stage for one in campaigns for stage in one.stages),
        tuple(dict.fromkeys(job_type for one in campaigns for job_type in one.job_types)),
        first.login_setup,
    )


def chains(campaign: CampaignIni) -> tuple[CampaignIni, ...]:
    """A campaign for each stage that waits for none, named after it, with those that wait for it.

    POMS launches a campaign as a whole only where there is exactly one such stage.
    """
    heads: dict[str, str] = {}
    waiting = list(campaign.stages)
    while waiting:
        later = []
        for stage in waiting:
            producers = [dependency.producer for dependency in stage.dependencies]
            if not producers:
                heads[stage.name] = stage.name
            elif producers[0] in heads:
                heads[stage.name] = heads[producers[0]]
            else:
                later.append(stage)
        if len(later) == len(waiting):
            break
        waiting = later
    names = dict.fromkeys(heads.values())
    if len(names) < 2:
        return (campaign,)
    found = []
    for head in names:
        stages = tuple(stage for stage in campaign.stages if heads.get(stage.name) == head)
        used = {stage.values["job_type"] for stage in stages}
        job_types = tuple(one for one in campaign.job_types if one.name in used)
        found.append(
            replace(campaign, name=f"{campaign.name}-{head}", stages=stages, job_types=job_types)
        )
    return tuple(found)


def percent(text: str) -> str:
    """Text that the server %-formats: a dataset, a version, a flag, a value."""
    return text.replace("%", "%%")


def quoted(text: str) -> str:
    """One word of the launch command, which a shell reads after the server has %-formatted it."""
    if re.fullmatch(r"[A-Za-z0-9_./:,+=@-]+", text):
        return text
    return "'" + percent(text).replace("'", "'\\''") + "'"


def named_by_content(stem: str, *content: object) -> str:
    """A name that tells the content: the same in every campaign, another one where it differs."""
    written = json.dumps(content, ensure_ascii=False)
    return f"{stem}_{hashlib.sha256(written.encode()).hexdigest()[:8]}"


def pairs(value: Pairs) -> str:
    """Pairs as JSON on one line, which survives the server's export."""
    return _JSON.encode(value)


_JSON = json.JSONEncoder(ensure_ascii=False)


def write_ini(campaign: CampaignIni, heading: Iterable[str] = ()) -> str:
    """The text, with the heading as comments; stages hold only what differs from the defaults.

    It is read back as the server reads it: IniError where something would be lost.
    """
    defaults = campaign.defaults
    lines = [f"# {one_line(line)}".rstrip() for line in heading]
    lines += [
        "[campaign]",
        f"experiment = {campaign.experiment}",
        f"poms_role = {campaign.role}",
        f"name = {campaign.name}",
        "",
        "[campaign_defaults]",
        *(f"{key} = {value}" for key, value in defaults.items()),
    ]
    if campaign.overrides:
        lines.append(f"param_overrides = {pairs(campaign.overrides)}")
    for stage in campaign.stages:
        lines += ["", f"[campaign_stage {stage.name}]"]
        values = stage.values
        lines += [f"{k} = {values[k]}" for k in STAGE_KEYS if values[k] != defaults.get(k)]
    for stage in campaign.stages:
        if stage.dependencies:
            lines += ["", f"[dependencies {stage.name}]"]
        for number, dependency in enumerate(stage.dependencies, 1):
            lines.append(f"campaign_stage_{number} = {dependency.producer}")
            lines.append(f"file_pattern_{number} = {dependency.pattern}")
    for job_type in campaign.job_types:
        lines += [
            "",
            f"[job_type {job_type.name}]",
            f"launch_script = {job_type.launch_script}",
            f"parameters = {pairs(job_type.parameters)}",
            f"output_file_patterns = {job_type.output_file_patterns}",
        ]
        if job_type.recoveries:
            listed = [[kind, [list(p) for p in changes]] for kind, changes in job_type.recoveries]
            lines.append(f"recoveries = {json.dumps(listed)}")
    login = campaign.login_setup
    lines += [
        "",
        f"[login_setup {login.name}]",
        f"host = {login.host}",
        f"account = {login.account}",
        f"setup = {login.setup}",
    ]
    text = "\n".join(lines).lstrip("\n") + "\n"
    if read_ini(text) != campaign:
        raise IniError(
            "X2P820",
            "the campaign.ini would not be read by POMS as it is meant",
            "look for line breaks or leading blanks in names, datasets and set-up",
        )
    return text


def read_ini(text: str) -> CampaignIni:
    """A campaign.ini as the server reads it: defaults filled in, an empty value is the default.

    Raises configparser.Error, ValueError or KeyError where the server would refuse it.
    """
    config = _sections(text)
    defaults = config.get("campaign_defaults", {})
    stages = []
    for section, own in config.items():
        kind, _, name = section.partition(" ")
        if kind == "campaign_stage":
            values = {key: own.get(key) or defaults.get(key, "") for key in STAGE_KEYS}
            for key in ("param_overrides", "test_param_overrides"):
                _pairs(values[key])
            stages.append(IniStage(name, values, _dependencies(config, name)))
    (login,) = (s for s in config if s.startswith("login_setup "))
    return CampaignIni(
        name=config["campaign"]["name"],
        experiment=config["campaign"].get("experiment", ""),
        role=config["campaign"].get("poms_role", ""),
        stages=tuple(stages),
        job_types=tuple(_job_type(config, s) for s in config if s.startswith("job_type ")),
        login_setup=LoginSetup(
            login.partition(" ")[2],
            config[login]["host"],
            config[login]["account"],
            config[login]["setup"],
        ),
        overrides=_pairs(defaults.get("param_overrides") or "[]"),
    )


def campaign_key(text: str) -> tuple[str, str] | None:
    """Experiment and name, by which the server knows a campaign; None if the text is none."""
    try:
        config = _sections(text)
        return config["campaign"].get("experiment", ""), config["campaign"]["name"]
    except (Error, KeyError):
        return None


_Sections = Mapping[str, Mapping[str, str]]


def _sections(text: str) -> _Sections:
    """As the server's ConfigParser has them: keys in small letters, nothing expanded."""
    document = parse(text, key=str.lower)
    if not document.defaults:
        return document.sections
    return {name: document.items(name) for name in document.sections}


def _dependencies(config: _Sections, stage: str) -> tuple[Dependency, ...]:
    own = config.get(f"dependencies {stage}", {})
    numbers = [key.removeprefix("campaign_stage_") for key in own if "campaign_stage_" in key]
    return tuple(Dependency(own[f"campaign_stage_{n}"], own[f"file_pattern_{n}"]) for n in numbers)


def _job_type(config: _Sections, section: str) -> JobType:
    values = config[section]
    return JobType(
        section.partition(" ")[2],
        values["launch_script"],
        _pairs(values["parameters"]),
        values["output_file_patterns"],
        msgspec.json.decode(values.get("recoveries", "[]"), type=_Recoveries),
    )


_Recoveries = tuple[tuple[str, Pairs], ...]


def _pairs(text: str) -> Pairs:
    """Pairs from JSON.  ValueError where they are none."""
    return msgspec.json.decode(text, type=Pairs)
