"""The samples launch, and the hand-written examples' XMLs do the same on both sides.

The examples lie beside the project (examples/NAME/project.xml, campaign.cfg by hand); what is
converted here must do what project.py does with them, and be about as long as the hand-written.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from converter.conversion import convert_bytes
from converter.poms.reader import read_cfg, stage_names
from tests import corpus, golden, programs
from tests.programs_sample import RealStage
from tests.test_programs_worker import FILES, announced

pytestmark = [
    corpus.needs_programs,
    pytest.mark.long,
    # The real programs are older than the Python that runs them.
    pytest.mark.filterwarnings("default"),
]

EXAMPLES = sorted((corpus.SHARED / "examples").glob("*/project.xml"))
CFGS = sorted((golden.SAMPLES / "cfg").glob("*.cfg"))


def stages(text: str) -> list[str]:
    return stage_names(read_cfg(text, "campaign.cfg"))


@pytest.mark.parametrize("path", CFGS, ids=lambda p: p.stem)
def test_samples_launch(path: Path) -> None:
    for stage in stages(path.read_text()):
        launched = programs.Launcher(path).launch(stage)
        assert launched["ok"], (stage, launched["errors"])


@pytest.mark.parametrize("xml", EXAMPLES, ids=lambda p: p.parent.name)
def test_examples_do_the_same_and_are_about_as_long_as_by_hand(xml: Path, tmp_path: Path) -> None:
    by_hand = (xml.parent / "campaign.cfg").read_text()
    found = re.search(r"^experiment *= *(\w+)", by_hand, re.MULTILINE)
    assert found
    experiment = found.group(1)
    conversion = convert_bytes(xml.read_bytes(), xml.name, experiment=experiment)
    (campaign,) = conversion.campaigns
    assert campaign.cfg.count("\n") <= 1.5 * by_hand.count("\n")
    file = programs.put(campaign, tmp_path)
    files = [f"/pnfs/{experiment}/fake/input_{n:05d}.root" for n in range(FILES)]
    for stage in conversion.report.projects[0].stages:
        assert programs.Launcher(file).launch(stage.name)["ok"]
        said = {f.code for f in conversion.report.findings}
        real = RealStage(xml, experiment, "", 0, stage.name, "", {})
        for process in (0, 1, FILES - 1):
            words = ["--stage", stage.name, "--process", str(process)]
            words += ["--experiment", experiment, "--input", *files]
            theirs = programs.worker("project", xml, *words)
            overrides = programs.with_local_files(campaign.cfg, stage.name, tmp_path, files)
            options = [word for override in overrides for word in ("-O", override)]
            # What is looked for on the job's PATH stands there.
            options += [
                word
                for finding in conversion.report.findings
                if finding.code == "X2P703"
                for word in ("--script", finding.message.split()[3])
            ]
            ours = programs.worker("campaign", file, *words, *options)
            left = [d for d in programs.compare(theirs, ours) if not announced(real, d, said)]
            assert left == [], (stage.name, process)
