"""Messages X2P9xx: the command line, files and this program."""

from __future__ import annotations

from converter.findings.message import Message

__all__ = ["ROWS"]

ROWS = (
    Message("X2P901", "error", "no experiment's name", "one word in small letters"),
    Message("X2P902", "error", "the experiment cannot be told", "use --experiment"),
    Message(
        "X2P903",
        "error",
        "the output exists and differs",
        "use --force to replace it",
        marks="refused",
    ),
    Message(
        "X2P904", "error", "the output cannot be written", "choose another place", marks="refused"
    ),
    Message("X2P905", "error", "the input cannot be read", "check name and permissions"),
    Message("X2P906", "error", "no such project in the file", "name one of those listed"),
    Message("X2P907", "error", "an unknown kind of report", "use one of those listed"),
    Message("X2P908", "error", "a mistake in a profile", "see xml2poms profile EXP"),
    Message("X2P909", "error", "no such stage in the project", "name one of those listed"),
    Message("X2P910", "error", "the real fife_launch cannot be asked", "set up fife_utils"),
    Message(
        "X2P911",
        "error",
        "the process that converted the file ended",
        "convert it alone",
        marks="defect",
    ),
    Message("X2P912", "error", "nothing to migrate", "name a directory, or --files-from"),
    Message("X2P913", "error", "a mistake in a waivers file", "correct it"),
    Message("X2P914", "error", "nothing to review", "name a migration's directory or a report"),
    Message(
        "X2P999",
        "error",
        "an internal error",
        "report it with the file that was written",
        marks="defect",
    ),
)
