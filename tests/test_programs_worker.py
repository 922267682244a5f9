"""The real workers of both sides do the same for the first and the last job of a stage.

condor_lar.sh runs what project.py submits, fife_wrap what fife_launch submits of the converted
file; what they read, run, write and declare is compared.  Each difference has its finding.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests import corpus, programs
from tests.programs_sample import RealStage, codes, converted, sample

pytestmark = [
    corpus.needs_programs,
    pytest.mark.long,
    # The real programs are older than the Python that runs them.
    pytest.mark.filterwarnings("default"),
]

FILES = 5
"""Files of the input list: jobs beyond them fail on both sides, in ways of their own."""

ANNOUNCED = {
    "data files out": "X2P606",
    "stdout": "X2P602",
    "stderr": "X2P602",
    "files in": "X2P404",
    "sam consumer": "X2P404",
    "sam files consumed": "X2P404",
    "inputs": "X2P404",
    "options": "X2P404",
}
"""Field of the comparison → the finding that says so."""


REFUSED = {"X2P210", "X2P211", "X2P225", "X2P402", "X2P408", "X2P416", "X2P603"}
"""Findings about what project.py's submission or worker fails on."""


def announced(stage: RealStage, difference: dict[str, Any], said: set[str]) -> bool:
    field = difference["field"].split(": ")[-1]
    if field == "declared":
        return bool({"X2P607", "X2P608"} & said)
    if field == "other files out":
        # A by-product of project.py: metadata of metadata, an empty object.
        return not difference["only_b"] and all(
            name.endswith(".json.json") for name, _ in difference["only_a"]
        )
    if field == "options":
        words = {option[0] for option in difference["only_a"] + difference["only_b"]}
        if not words <= {"-S", "--sam-process-id", "--sam-web-uri"}:
            return False
    if {"X2P304", "X2P305"} & said:
        # The oracle puts an empty file in the place of an fcl that goes along.
        if field == "includes":
            return not difference["only_b"]
        if field == "data files out":
            theirs, ours = ([name for name, _ in difference[k]] for k in ("only_a", "only_b"))
            return ours == ["wrapper_art.root"] and theirs[0].endswith("_art.root")
    if field.endswith("InputFileName"):
        # In a folder of its own, out of reach of the patterns for output.
        return str(difference["a"]).replace('"', '"in/', 1) == difference["b"]
    code = ANNOUNCED.get(field)
    if code == "X2P404":
        return bool({"X2P404", "X2P405"} & said)
    return code in said


def unannounced(stage: RealStage, process: int, folder: Path) -> list[dict[str, Any]]:
    campaign, conversion = converted(stage)
    file = programs.put(campaign, folder)
    files = [f"/pnfs/{stage.experiment}/fake/input_{n:05d}.root" for n in range(FILES)]
    words = ["--stage", stage.name, "--process", str(process), "--experiment", stage.experiment]
    words += ["--input", *files]
    project = ["--project", stage.project, "--any-os"]
    theirs = programs.worker("project", stage.path, *words, *project)
    overrides = programs.with_local_files(campaign.cfg, stage.name, folder, files)
    ours = programs.worker("campaign", file, *words, *(w for o in overrides for w in ("-O", o)))
    assert "cluster" in ours, ours.get("error")
    said = codes(stage, conversion)
    if theirs.get("error") or theirs["status"]:
        # project.py's own job does not run: then the report has to say so.
        assert REFUSED & said, theirs.get("error") or theirs["output"]
        return []
    return [d for d in programs.compare(theirs, ours) if not announced(stage, d, said)]


@pytest.mark.parametrize("stage", sample(5) if corpus.CORPUS.is_dir() else [], ids=str)
def test_workers_do_the_same(stage: RealStage, tmp_path: Path) -> None:
    last = max(stage.answer["num_jobs"] - 1, 0)
    if stage.kind.startswith(("list", "stage")):
        last = min(last, FILES - 1)
    for process in sorted({0, last}):
        assert unannounced(stage, process, tmp_path) == []
