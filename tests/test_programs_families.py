"""The real programs: a template with a campaign's overrides is that campaign's own campaign.cfg."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from converter.poms.ini import write_ini
from converter.verify.campaign.poms import HANDED_OVER, poms_launch
from tests import corpus, programs
from tests.programs_families import RealFamily, RealMember, real_families
from tests.test_programs_poms import POMS_PYTHON, all_imported

pytestmark = [
    corpus.needs_programs,
    pytest.mark.long,
    # The real programs are older than the Python that runs them.
    pytest.mark.filterwarnings("default"),
]

FAMILIES = 22
"""Of so many families up to four members each are launched: more than sixty campaigns in all."""


def launched(cfg: Path, stage: str, overrides: tuple[str, ...]) -> dict[str, Any]:
    """What fife_launch, jobsub_lite and fife_wrap make of it; where they ran does not count."""
    found = programs.Launcher(cfg, *overrides).launch(stage)
    text = json.dumps(
        {key: value for key, value in found.items() if key not in ("cfg", "overrides")}
    )
    # Numbers of processes, in the script's name and in what SAM is told.
    text = re.sub(r"(/tmp/[\w.+-]+)_\d+|process \d+ on", r"\1", text.replace(cfg.name, "CFG"))
    # Scripts beside it are called after it; fife_launch quotes the lines of the job's shell.
    for stem in (cfg.stem, quote(cfg.stem)):
        text = text.replace(f"{stem}-", "CFG-")
    result: dict[str, Any] = json.loads(text)
    return result


def check_launches(folder: Path, one: RealFamily, real: RealMember) -> None:
    """Each stage of a member, both ways."""
    own = programs.put(real.own, folder)
    template = folder / f"{one.family.template.name}.cfg"
    template.write_text(one.cfg)
    for name, script in one.family.scripts.items():
        (folder / name).write_text(script)
    for before, after in zip(real.member.ini.stages, real.ini.stages):
        first, then = poms_launch(real.member.ini, before), poms_launch(real.ini, after)
        ours = launched(template, then.stage, then.overrides)
        assert ours["ok"], (real.own.name, before.name, ours["errors"])
        assert ours == launched(own, first.stage, first.overrides), (real.own.name, before.name)


@pytest.mark.parametrize("number", range(FAMILIES))
def test_the_real_launch_is_the_same_both_ways(number: int, tmp_path: Path) -> None:
    one = real_families()[number]
    for real in one.odd:
        check_launches(tmp_path, one, real)


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What the real server makes of each campaign: starting one takes longer than all imports."""
    folder = tmp_path_factory.mktemp("campaigns")
    inis = {}
    for real in (real for one in real_families()[:FAMILIES] for real in one.odd):
        inis[real.own.name] = folder / f"{real.own.name}.ini"
        inis[real.own.name].write_text(write_ini(real.ini))
    return dict(zip(inis, all_imported([*inis.values()])))


@pytest.mark.skipif(not POMS_PYTHON, reason="POMS_PYTHON does not name an interpreter")
@pytest.mark.parametrize("number", range(FAMILIES))
def test_the_real_server_builds_the_launch(number: int, answers: dict[str, dict[str, Any]]) -> None:
    for real in real_families()[number].odd:
        answer = answers[real.own.name]
        assert (answer["status"], answer["message"], answer["ok"]) == ("201 Created", "OK", True)
        for stage in real.ini.stages:
            words = shlex.split(answer["launch"][stage.name]["normal"]["command"])
            overrides = tuple(word[2:] for word in words if word.startswith("-O"))
            meant = poms_launch(real.ini, stage).overrides
            # What an earlier stage makes has no name yet, and a part of a dataset one of its own.
            split = stage.values["cs_split_type"] != "None" and not stage.dependencies
            given = stage.values["dataset_or_split_data"] if split else HANDED_OVER
            datasets = {override for override in meant if override.endswith(f"={given}")}
            assert set(meant) - datasets <= set(overrides), stage.name
            assert len(overrides) == len(meant)
