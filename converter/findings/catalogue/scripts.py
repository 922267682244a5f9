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
        "check that it does not need them to be declared",
        announces=(r"when (?!substage \d).* fails",),
        need="agree",
    ),
    Message(
        "X2P702",
        "look",
        "{script} never runs: project.py runs finalization scripts only with <check>1</check>",
        need="optional",
    ),
    Message(
        "X2P703",
        "note",
        "the job searches {script} in its PATH, where the release puts its scripts",
        "if it is your own script, give its path",
    ),
    Message(
        "X2P704",
        "look",
        "{script} runs before the launch; if it fails, the launch continues",
        "check its result before launching",
        need="agree",
    ),
    Message(
        "X2P705",
        "note",
        "{script} runs only when the executable succeeds; project.py also runs it after a failure",
        "run it in a script of its own if it has to clean up",
        announces=(r"when substage \d+ fails",),
    ),
    Message(
        "X2P706",
        "look",
        "the job's shell fails at {script!r}, or expands it",
        "give the script a plain name and plain arguments",
        announces=SHELL_STOPS,
        need="agree",
        if_invalid="block",
    ),
    Message(
        "X2P707",
        "look",
        "no script is named: project.py stops here when it submits",
        "name the script, or remove the element",
        need="agree",
    ),
    Message(
        "X2P720",
        "note",
        "the script of {stages} is long: it is a file of its own, {file}, which goes with the jobs",
        "keep it beside the campaign.cfg, and upload it to POMS with it",
        announces=("files shipped",),
    ),
)
