"""Messages X2P1xx: reading: tags, names, places."""

from __future__ import annotations

from converter.findings.message import Message, Task

__all__ = ["ROWS"]

ROWS = (
    Message(
        "X2P101",
        "look",
        "stage {old!r} is called {new!r} in the campaign.cfg",
        "use that name with --stage",
    ),
    Message(
        "X2P102",
        "look",
        "a second stage {stage!r}: project.py only ever finds the first of that name",
        "rename it if it is meant to run",
    ),
    Message(
        "X2P103", "do", "project {project!r} has no stage", "nothing to launch", task=Task("edit")
    ),
    Message("X2P110", "look", "attribute {name!r} of <{tag}> means nothing to project.py"),
    Message("X2P111", "look", "<{tag}> means nothing to project.py{hint}", marks="unknown tag"),
    Message("X2P113", "look", "project.py takes another <{tag}>: {rule}", "remove one of them"),
    Message(
        "X2P114", "look", "<{tag}> does not count here: {rule}", "move it if it was meant to count"
    ),
    Message("X2P115", "look", "text directly inside of <{tag}>, which project.py never reads"),
    Message(
        "X2P116",
        "look",
        "project.py reads {read!r} and loses the text that follows the first comment or element",
        "write the value in one piece",
    ),
    Message(
        "X2P117",
        "look",
        "the value begins with a comment, and project.py takes the comment's text: {read!r}",
        "move the comment out of the element",
    ),
    Message(
        "X2P118",
        "note",
        "the external or parameter entity {name!r} is declared and never used; it was not read",
    ),
    Message(
        "X2P119",
        "do",
        "xml2poms does not know what becomes of <{tag}>: {problem}",
        "report this as a defect of xml2poms, with the file",
        task=Task("report"),
    ),
    Message(
        "X2P120", "note", "<{tag}> is a legacy tag, which project.py ignores", marks="unknown tag"
    ),
    Message(
        "X2P121",
        "note",
        "of a project that was not converted: it has no stage, or another one was asked for",
    ),
)
