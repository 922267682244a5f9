"""What the real fife_launch makes of a campaign.cfg, where it is installed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from converter.errors import UsageError
from converter.verify.campaign.fife_launch import split_words
from converter.verify.node import what_runs
from converter.verify.plan import UPLOADS

__all__ = ["real_words"]

_BEFORE = "Then I would run: \n-----\n"
_AFTER = "\n-----\n... which would, in the job, do:"
_SECONDS = 120


def real_words(
    cfg: Path, stage: str, user: str, overrides: Sequence[str] = ()
) -> tuple[list[str], list[str]]:
    """The words that a dry run of fife_launch would give to jobsub_submit, and to the job.

    It runs $FIFE_UTILS_DIR/bin/fife_launch.  Raises UsageError where that is not there, or
    stops with an error, which the message holds.
    """
    home = os.environ.get("FIFE_UTILS_DIR", "")
    program = Path(home, "bin", "fife_launch")
    if not home or not program.is_file():
        raise UsageError(
            "X2P910",
            "the real fife_launch is not here: $FIFE_UTILS_DIR does not name it",
            "set up fife_utils first",
        )
    words = [sys.executable, str(program), "-c", str(cfg), "--dry_run", "--stage", stage]
    for override in overrides:
        words += ["-O", override]
    try:
        done = subprocess.run(
            words, capture_output=True, text=True, check=False, timeout=_SECONDS, cwd=cfg.parent
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError("X2P910", f"fife_launch: {error}", "try it by hand") from None
    start, end = done.stdout.find(_BEFORE), done.stdout.rfind(_AFTER)
    if not 0 <= start < end:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        raise UsageError(
            "X2P910",
            f"fife_launch stops: {said[-1] if said else 'without a word'}",
            f"try it by hand: fife_launch -c {cfg} --stage {stage} --dry_run",
        )
    command = done.stdout[start + len(_BEFORE) : end]
    events = what_runs(command, {"USER": user, "HOME": f"/home/{user}", "UPLOADS": UPLOADS})
    calls = [e.words[1:] for e in events if e.words[0] == "jobsub_submit"]
    return split_words(calls[0]) if calls else ([], [])
