"""Real stages launch, and what is submitted equals what project.py submits.

fife_launch, jobsub_lite and fife_wrap take the converted files; group, jobs, resources,
container, requirements, lines, tarball, dataset, files per job, products, wrapper fcl and lar
arguments are compared with project.py's own submission.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import corpus, programs
from tests.programs_sample import RealStage, codes, converted, sample

pytestmark = [
    corpus.needs_programs,
    pytest.mark.long,
    # The real programs are older than the Python that runs them.
    pytest.mark.filterwarnings("default"),
]

ANNOUNCED = {"singularity_image": "X2P224"}
"""Field that may differ → the finding that says so."""


@pytest.mark.parametrize("stage", sample(25) if corpus.CORPUS.is_dir() else [], ids=str)
def test_launches_as_project_py_submits(stage: RealStage, tmp_path: Path) -> None:
    campaign, conversion = converted(stage)
    launcher = programs.Launcher(programs.put(campaign, tmp_path))
    launched = launcher.launch(stage.name)
    assert launched["ok"], launched["errors"]
    words, _ = programs.worker_words(stage.answer["submit"])
    theirs = launcher.jobsub(words, stage.experiment)
    if theirs["error"]:
        # jobsub_lite refuses project.py's own words: then the report has to say so.
        assert {"X2P210", "X2P211", "X2P603"} & codes(stage, conversion), theirs["error"]
        return
    found = programs.differences(launched, stage.answer["submit"], theirs, campaign, stage.name)
    said = codes(stage, conversion)
    assert {f: v for f, v in found.items() if ANNOUNCED.get(f) not in said} == {}
