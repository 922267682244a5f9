"""Coverage-guided fuzzing of what reads, writes and follows; see `fuzzing`.

$XML2POMS_FUZZ_SECONDS is the budget of each target (default: 60); $XML2POMS_FUZZ_FOLDER keeps what
was found from one time to the next.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.robustness.fuzzing import TARGETS, seeds

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("target", TARGETS)
def test_what_fuzzing_begins_with(target: str) -> None:
    for seed in seeds(target):
        TARGETS[target](seed)


@pytest.mark.long
@pytest.mark.parametrize("target", TARGETS)
def test_fuzzing_finds_nothing(target: str, tmp_path: Path) -> None:
    seconds = os.environ.get("XML2POMS_FUZZ_SECONDS", "60")
    folder = os.environ.get("XML2POMS_FUZZ_FOLDER", str(tmp_path))
    command = [sys.executable, "-m", "tests.robustness.fuzzing", target, seconds, folder]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-5_000:]
