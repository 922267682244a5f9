"""Messages X2P9xx: the command line, files and this program."""

from __future__ import annotations

from converter.findings.message import Message

__all__ = ["ROWS"]

ROWS = (
    Message(
        "X2P901",
        "error",
        "an unknown experiment",
        "use a known one, or define it in a profile",
    ),
    Message(
        "X2P902",
        "error",
        "cannot determine the experiment",
        "give --experiment",
    ),
    Message(
        "X2P903",
        "error",
        "the output file exists and differs",
        "use --force to replace it",
        marks="refused",
    ),
    Message(
        "X2P904",
        "error",
        "the output file cannot be written",
        "choose another directory",
        marks="refused",
    ),
    Message(
        "X2P905",
        "error",
        "the input file cannot be read",
        "check its name and permissions",
    ),
    Message(
        "X2P906",
        "error",
        "no such project in the file",
        "name one of those listed",
    ),
    Message(
        "X2P907",
        "error",
        "unknown report format",
        "use one of those listed",
    ),
    Message(
        "X2P908",
        "error",
        "an error in a profile",
        "see xml2poms profile EXP",
    ),
    Message(
        "X2P909",
        "error",
        "no such stage in the project",
        "name one of those listed",
    ),
    Message(
        "X2P910",
        "error",
        "cannot run the real fife_launch",
        "set up fife_utils",
    ),
    Message(
        "X2P911",
        "error",
        "the process that converted the file died",
        "convert the file alone",
        marks="defect",
    ),
    Message(
        "X2P912",
        "error",
        "nothing to migrate",
        "give a directory, or --files-from",
    ),
    Message(
        "X2P913",
        "error",
        "an error in a waivers file",
        "correct it",
    ),
    Message(
        "X2P914",
        "error",
        "nothing to review",
        "give the directory of a migration, or a .json report",
    ),
    Message(
        "X2P915",
        "error",
        "nothing to compare",
        "give an XML and its .cfg, or the directory of a migration",
    ),
    Message(
        "X2P916",
        "error",
        "a file is read and written, or written twice",
        "use another name",
    ),
    Message(
        "X2P930",
        "error",
        "an error in a file of signatures",
        "take it back from your repository, or move it away and sign again",
    ),
    Message(
        "X2P940",
        "error",
        "a table of campaigns that cannot be read",
        "save it as CSV in UTF-8",
    ),
    Message(
        "X2P941",
        "error",
        "a column that the family's template does not have, or one that is missing",
        "use the columns of the table that was written with the template",
    ),
    Message(
        "X2P942",
        "error",
        "a cell without a value, or with one that a launch would misread",
        "correct the cell of that row and column",
    ),
    Message(
        "X2P943",
        "error",
        "no such campaign in the table",
        "name one of those listed",
    ),
    Message(
        "X2P944",
        "error",
        "a campaign of several .cfg or .ini has no table",
        "leave --table out",
    ),
    Message(
        "X2P999",
        "error",
        "an internal error",
        "report it with the file that was written",
        marks="defect",
    ),
)
