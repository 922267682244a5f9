"""Messages X2P7xx: scripts."""

from __future__ import annotations

from converter.findings.catalogue.announced import SHELL_STOPS
from converter.findings.message import Message

__all__ = ["ROWS"]

ROWS = (
    Message(
        "X2P701",
        "look",
        "{script} runs before the files are declared and copied, not after",
        "check that it does not need them declared",
        announces=(r"when (?!substage \d).* fails",),
    ),
    Message(
        "X2P702",
        "look",
        "{script} never runs: project.py runs finalization scripts only with <check>1</check>",
    ),
    Message(
        "X2P703",
        "note",
        "{script} is looked for on the job's PATH, where the release puts its scripts",
        "if it is a file of yours, give its path",
    ),
    Message(
        "X2P704",
        "look",
        "{script} runs before the launch; if it fails, the launch goes on",
        "check its result before launching",
    ),
    Message(
        "X2P705",
        "note",
        "{script} runs after success only; project.py runs it after a failed executable too",
        "run it in a script of its own where it has to clean up",
        announces=(r"when substage \d+ fails",),
    ),
    Message(
        "X2P706",
        "look",
        "{script!r} has characters that the shell of the job takes for its own",
        "give the script a plain name and plain arguments",
        announces=SHELL_STOPS,
    ),
)
