"""A sample of real stages of all kinds, the same every time."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from converter.conversion import Campaign, Conversion, convert
from converter.profiles import Profile, profile
from converter.projectpy.reader import read
from tests import corpus


@dataclass(frozen=True)
class RealStage:
    """A stage of a real file: project.py's answer about it, and where its campaign is."""

    path: Path
    experiment: str
    project: str
    number: int
    name: str
    kind: str
    answer: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.path.name}:{self.project}:{self.name}"


def _kind(stage: dict[str, Any], first: bool) -> str:
    if stage["inputdef"]:
        kind = "dataset"
    elif stage["inputfile"]:
        kind = "file"
    elif not stage["inputlist"]:
        kind = "generator"
    elif first or stage["inputmode"]:
        kind = "list"
    else:
        kind = "stage"
    if len(stage["fclname"]) > 1:
        kind += ", several fcl"
    if any(stage[hook] for hook in ("init_source", "end_script", "fin_script", "mid_source")):
        kind += ", hooks"
    if stage["validate_on_worker"] == 1:
        kind += ", checked"
    return kind


@cache
def real_stages() -> dict[str, list[RealStage]]:
    """All stages that project.py can submit, by kind, in an order that mixes the files."""
    kinds: dict[str, list[RealStage]] = defaultdict(list)
    for path, answer in corpus.loadable():
        for number, project in enumerate(answer["projects"]):
            seen = set()
            for position, stage in enumerate(project["stages"]):
                if stage["name"] in seen or "error" in stage["submit"]:
                    continue
                seen.add(stage["name"])
                kind = _kind(stage, position == 0 and number == 0)
                one = RealStage(
                    path, answer["experiment"], project["name"], number, stage["name"], kind, stage
                )
                kinds[kind].append(one)
    for stages in kinds.values():
        stages.sort(key=lambda s: hashlib.sha256(str(s).encode()).hexdigest())
    return dict(sorted(kinds.items()))


def sample(per_kind: int) -> list[RealStage]:
    """Up to so many stages of each kind."""
    return [stage for stages in real_stages().values() for stage in stages[:per_kind]]


def profile_of(experiment: str) -> Profile:
    """The experiment as it was for the oracle: lariat without its own module."""
    facts = profile(experiment)
    if experiment == "lariat":
        return replace(facts, product="lariatcode", metadata="none")
    return facts


def converted(stage: RealStage) -> tuple[Campaign, Conversion]:
    """The stage's campaign, and the whole conversion."""
    conversion = _conversion(stage.path, stage.experiment)
    names = [campaign.project for campaign in conversion.campaigns]
    return conversion.campaigns[names.index(stage.project)], conversion


@cache
def _conversion(path: Path, experiment: str) -> Conversion:
    return convert(read(path), profile_of(experiment), source=path.name)


def codes(stage: RealStage, conversion: Conversion) -> set[str]:
    """The findings about a stage, or about its file."""
    return {
        finding.code
        for finding in conversion.report.findings
        if finding.stage in (None, stage.name) or finding.line
    }
