"""The files of a family: the campaign.cfg with its comments, and the template of the .ini."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from configparser import Error

from converter.errors import CfgError, UsageError
from converter.families.factoring import Family, factor
from converter.families.member import Member
from converter.families.proof import launches_the_same
from converter.families.table import write_table
from converter.families.template import Template
from converter.poms.document import parse
from converter.poms.ini import read_ini, write_ini
from converter.poms.reader import read_cfg
from converter.poms.writer import CONTINUED

__all__ = ["CFG", "INI", "TABLE", "read_template", "single", "template_cfg", "template_ini"]

CFG, TABLE, INI = ".cfg", ".csv", ".ini.in"
"""The endings of a family's files: the campaign.cfg, the table, the template of the .ini."""

_WIDTH = 100


def template_cfg(family: Family, text: str, xml: str, *, comments: bool = True) -> str:
    """The campaign.cfg of a family, written as that of one of its campaigns.

    text  that one's, with its comments: those that name its XML are left out
    """
    template = family.template
    sections = template.cfg.sections
    lines = list(_heading(family)) if comments else []
    section, started, about_xml = "", False, False
    macros = iter(sections["global"].items())
    there = set(parse(text).sections["global"])
    new = [f"{key} = {value}" for key, value in macros if key not in there]
    body: list[str] = []
    for line in text.splitlines():
        if not started and (line.startswith("#") or not line):
            continue
        header = re.fullmatch(r"\[(.+)\]", line)
        if header or not started:
            if section == "global" and new:
                while body and (not body[-1] or body[-1].startswith("#")):
                    body.pop()
                remark = [f"# Columns of {template.name}{TABLE}."] if comments else []
                body += ["", *remark, *_aligned(new), ""]
            section, started = header[1] if header else section, True
        key = line.partition("=")[0].rstrip()
        if line.startswith("#"):
            about_xml = xml in line or (about_xml and line.startswith(CONTINUED))
            if comments and not about_xml:
                body.append(line)
            continue
        if not header and line and key in sections[section]:
            before = line[: len(line) - len(line.partition("=")[2])]
            line = f"{before} {sections[section][key]}".rstrip()
        body.append(line)
    written = "\n".join([*lines, *([""] if lines else []), *body]) + "\n"
    if parse(written) != template.cfg:
        raise CfgError("X2P999", "the template would not be read as it is meant", "report it")
    return written


def _heading(family: Family) -> Iterator[str]:
    name = family.template.name
    columns = ", ".join(family.columns)
    first, *rest = [stage.name for stage in family.template.ini.stages]
    yield f"# The family {name}: {len(family.rows)} campaigns that differ in {columns}."
    yield "#"
    then = f"        (then {', '.join(rest)})" if rest else ""
    yield f"#   fife_launch -c {name}{CFG} --stage {first}{then}"
    yield f"#   xml2poms campaigns {name}{TABLE} -o DIR        (the .ini of each campaign)"
    yield "#"
    if family.scripts:
        beside = ", ".join(family.scripts)
        yield f"# Scripts beside this file, which go with the jobs: {beside}."
    yield f"# The next campaign is a row of {name}{TABLE}; its values come as -Oglobal.NAME=VALUE."


def _aligned(lines: Sequence[str]) -> Iterator[str]:
    pairs = [line.split(" = ", 1) for line in lines]
    width = max(len(key) for key, _ in pairs)
    for key, value in pairs:
        yield f"{key.ljust(width)} = {value}".rstrip()


def template_ini(template: Template) -> str:
    """The campaign.ini with {{NAME}} for what a row of the table gives."""
    heading = [
        f"The campaigns of the family {template.name}, with {{{{COLUMN}}}} for what a row of its",
        f"table gives: xml2poms campaigns {template.name}{TABLE} -o DIR makes a .ini of each.",
    ]
    return write_ini(template.ini, heading)


def single(name: str, cfg: str, ini: str) -> tuple[str, str]:
    """The table and the template of the .ini of a campaign that is by itself.

    name  of its campaign.cfg, without the ending: that is the template

    Raises UsageError where a name or value would be taken for a column's.
    """
    known = read_ini(ini)
    member = Member(known.name, "", parse(cfg), known)
    family = factor([member], name)
    if not launches_the_same(member, family.template, family.rows[0]):
        raise UsageError(
            "X2P944",
            "the template would not launch what the campaign launches",
            "leave --table out, or look for {{ and }} in names and values",
        )
    return write_table(family.columns, family.rows), template_ini(family.template)


def read_template(name: str, cfg: str, ini: str) -> Template:
    """The template that was written so, maybe edited since.

    Raises CfgError where one of the two cannot be read.
    """
    file = f"{name}{CFG}"
    try:
        document = read_cfg(cfg, file)
        file = f"{name}{INI}"
        template = Template(name, document, read_ini(ini))
        if not template.ini.stages:
            raise ValueError("it has no stage")
        known = {one.name for one in template.ini.job_types}
        for stage in template.ini.stages:
            if stage.values["job_type"] not in known:
                raise ValueError(f"stage {stage.name}: there is no job type that it names")
        return template
    except (Error, KeyError, ValueError) as error:
        message = " ".join(str(error).split()) or type(error).__name__
        raise CfgError("X2P837", f"cannot be read: {message}", "correct it", file=file) from None
