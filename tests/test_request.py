"""What a stage asks the batch system for, in words."""

from __future__ import annotations

import pytest

from converter.poms.request import asked

USUAL = "1 job, 2 GB of memory, 10 GB of disk, 1 core, up to 8 h, {}, {}"
PLACE, IMAGE = "at any site", "jobsub_lite's own image (el9)"
MODEL = "usage_model=DEDICATED,OPPORTUNISTIC"


@pytest.mark.parametrize(
    ("submit", "words"),
    [
        ({}, USUAL.format(PLACE, IMAGE)),
        ({"N": "7"}, USUAL.format(PLACE, IMAGE).replace("1 job", "7 jobs")),
        ({"resource-provides": MODEL}, USUAL.format("at FermiGrid", IMAGE)),
        ({"resource-provides": f"{MODEL},OFFSITE"}, USUAL.format(PLACE, IMAGE)),
        ({"resource-provides_2": MODEL}, USUAL.format("at FermiGrid", IMAGE)),
        ({"resource-provides": "IO=5"}, USUAL.format(PLACE, IMAGE)),
        ({"lines_1": "usage_model=DEDICATED"}, USUAL.format(PLACE, IMAGE)),
        ({"onsite": "True"}, USUAL.format("at FermiGrid", IMAGE)),
        ({"onsite": "True", "offsite": "True"}, USUAL.format(PLACE, IMAGE)),
        ({"site": "X,Y"}, USUAL.format("at X,Y", IMAGE)),
        ({"blocklist": "X"}, USUAL.format(f"{PLACE}, not at X", IMAGE)),
        ({"no-singularity": "True"}, USUAL.format(PLACE, "no container")),
        ({"OS": "SL7"}, USUAL.format(PLACE, "system SL7")),
        ({"singularity-image": "/a/b:1"}, USUAL.format(PLACE, "image b:1")),
    ],
)
def test_in_words(submit: dict[str, str], words: str) -> None:
    assert asked(submit) == words
