"""Messages X2P0xx: input that cannot be used."""

from __future__ import annotations

from converter.findings.message import Message

__all__ = ["ROWS"]

ROWS = (
    # Errors carry their own words; these say what the code stands for.
    Message(
        "X2P001",
        "error",
        "not well-formed XML",
        "correct the XML at the place named",
    ),
    Message(
        "X2P002",
        "error",
        "blanks or lines before `<?xml`",
        "remove them",
    ),
    Message(
        "X2P003",
        "error",
        "far larger than any project.py file",
        "check the file",
    ),
    Message(
        "X2P004",
        "error",
        "an entity that is not declared",
        "declare it in the DOCTYPE, or write `&amp;` for a plain `&`",
    ),
    Message(
        "X2P005",
        "error",
        "elements nested too deeply",
        "check the file",
    ),
    Message(
        "X2P006",
        "error",
        "entities that expand without bounds",
        "simplify the DOCTYPE",
    ),
    Message(
        "X2P007",
        "error",
        "an external entity, or a parameter entity, is used; xml2poms never reads other files",
        "put its text into the DOCTYPE",
    ),
    Message(
        "X2P010",
        "error",
        "no <project> element",
        "check that it is a project.py file",
    ),
    Message(
        "X2P011",
        "error",
        "a project or stage without a name",
        "give it a name",
    ),
    Message(
        "X2P012",
        "error",
        "no number of events",
        "give <numevents> directly in <project>",
    ),
    Message(
        "X2P013",
        "error",
        "an element without a value; project.py stops with a traceback",
        "give it a value or remove it",
    ),
    Message(
        "X2P014",
        "error",
        "a <parameter> without a name",
        "give it a name",
    ),
    Message(
        "X2P015",
        "error",
        "the base of a stage is not an earlier stage",
        "name an earlier stage",
    ),
    Message(
        "X2P016",
        "error",
        "a stage without an fcl file",
        "give <fcl>",
    ),
    Message(
        "X2P017",
        "error",
        "a stage without <outdir> or <workdir>",
        "give both",
    ),
    Message(
        "X2P018",
        "error",
        "a stage with more than one input",
        "keep one of them",
    ),
    Message(
        "X2P019",
        "error",
        "a substage's tag outside of <fcl>",
        "move it into its <fcl>",
    ),
    Message(
        "X2P020",
        "error",
        "not the number that project.py expects",
        "if the file is a template, fill it in first",
    ),
)
