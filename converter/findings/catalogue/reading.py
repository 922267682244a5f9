"""Messages X2P1xx: reading: tags, names, places."""

from __future__ import annotations

from converter.findings.message import Message, Task

__all__ = ["ROWS"]

ROWS = (
    Message(
        "X2P101",
        "look",
        "stage {old!r} is called {new!r} in the campaign.cfg",
        "launch it with --stage {new}",
        need="optional",
    ),
    Message(
        "X2P102",
        "look",
        "a second stage is called {stage!r}: project.py only finds the first of that name",
        "rename it if it is meant to run",
        need="optional",
    ),
    Message(
        "X2P103",
        "do",
        "project {project!r} has no stage",
        "give it a stage; without one there is nothing to launch",
        task=Task("edit"),
        need="block",
    ),
    Message(
        "X2P105",
        "look",
        "project {old!r} is called {new!r} in the names of files and in POMS",
        "use that name with --project and in POMS",
        need="optional",
    ),
    Message(
        "X2P110",
        "look",
        "project.py ignores the attribute {name!r} of <{tag}>",
        need="optional",
    ),
    Message(
        "X2P111",
        "look",
        "project.py does not know <{tag}> and ignores it{hint}",
        marks="unknown tag",
        need="optional",
    ),
    Message(
        "X2P113",
        "look",
        "this <{tag}> is ignored, project.py uses another one: {rule}",
        "remove one of them",
        need="optional",
    ),
    Message(
        "X2P114",
        "look",
        "<{tag}> is ignored at this place: {rule}",
        "move it if it is meant to take effect",
        need="optional",
    ),
    Message(
        "X2P115",
        "look",
        "project.py ignores text directly inside <{tag}>",
        need="optional",
    ),
    Message(
        "X2P116",
        "look",
        "project.py reads only {read!r}: text after the first comment or element is lost",
        "write the value without comments or elements in it",
        need="optional",
    ),
    Message(
        "X2P117",
        "look",
        "the value begins with a comment, and project.py uses the comment's text as the value: "
        "{read!r}",
        "move the comment out of the element",
        need="optional",
    ),
    Message(
        "X2P118",
        "note",
        "the external or parameter entity {name!r} is declared but never used; it was not read",
    ),
    Message(
        "X2P119",
        "do",
        "xml2poms has no valid rule for <{tag}>: {problem}",
        "report this as a bug of xml2poms, with the file",
        task=Task("report"),
        need="agree",
    ),
    Message(
        "X2P120",
        "note",
        "<{tag}> is a legacy tag; project.py ignores it",
        marks="unknown tag",
    ),
    Message(
        "X2P121",
        "note",
        "belongs to a project that was not converted: it has no stage, or another one was selected",
    ),
    Message(
        "X2P122",
        "note",
        "<{tag}> holds nothing but blanks, and asks for nothing",
    ),
    Message(
        "X2P123",
        "look",
        "the value holds signs that are not seen, or that turn what is seen around: {signs}",
        "remove them, if nobody knows what they are for",
        need="agree",
    ),
)
