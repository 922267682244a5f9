"""The rows of a table to campaigns: refused where a launch would not do what the row says."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from msgspec.structs import replace

from converter.errors import CfgError, TableError, UsageError
from converter.families.table import Row, Table
from converter.families.template import FIXED, NAME, Template
from converter.poms.escape import SAFE
from converter.poms.ini import CampaignIni, IniError, write_ini
from converter.verify.campaign.campaign import launch_words
from converter.verify.campaign.poms import poms_launch
from converter.verify.plan import Circumstances
from converter.verify.submission import submission

__all__ = ["campaigns", "with_row"]

_Shape = tuple[int, int, tuple[str, ...]]

_NUMBERS = re.compile(r"(numjobs|numevents|eventsperjob|events|files_per_job)(_.*)?")
"""Columns of whole numbers, with which a job's shell calculates."""

_PLAIN = re.compile(rf"(?:{SAFE.pattern[:-1]}|%%|%\(\w+\)s)+")
"""Words in which no shell on the way finds anything but letters; macros among them."""

_JOB = Circumstances(files=("a.root",))


def campaigns(template: Template, table: Table) -> Iterator[tuple[str, str]]:
    """Name and text of the campaign.ini of each row; TableError with row and column."""
    _check_columns(template, table)
    names: dict[str, Row] = {}
    usual: dict[str, _Shape] = {}
    for row in table.rows:
        _check_cells(template, table, row)
        name = row.values[NAME]
        other = names.setdefault(name.casefold(), row)
        if other is not row:
            message = f"{name} is in line {other.line} too"
            raise table.error(message, "give each campaign a name of its own", row, NAME)
        ini = template.campaign(row.values)
        _check_launches(template, table, row, ini, usual)
        yield name, _written(template, table, row, ini)


def with_row(
    template: Template, table: Table, like: str, name: str, values: Mapping[str, str]
) -> Table:
    """The table with one more campaign: one that is there, but for its name and these values.

    A macro of the template that was no column becomes one, with its usual value for the others.
    Raises UsageError where there is no such campaign.
    """
    known = {row.values[NAME]: row for row in table.rows}
    if like not in known:
        near = get_close_matches(like, known, 3) or list(known)[:3]
        raise UsageError(
            "X2P943", f"the table has no campaign {like}", f"there is {', '.join(near)}, …"
        )
    columns = (*table.columns, *(one for one in values if one not in table.columns))
    rows = [
        replace(row, values={**{c: template.macros.get(c, "") for c in columns}, **row.values})
        for row in table.rows
    ]
    made = {**rows[[*known].index(like)].values, **values, NAME: name}
    last = max(row.line for row in rows)
    return replace(table, columns=columns, rows=(*rows, Row(last + 1, made)))


def _written(template: Template, table: Table, row: Row, ini: CampaignIni) -> str:
    try:
        return write_ini(ini, [f"A campaign of the family {template.name}."])
    except IniError as error:
        raise table.error(error.message, error.advice, row, NAME) from None


def _check_columns(template: Template, table: Table) -> None:
    known = {NAME, *template.macros, *template.placeholders}
    for column in table.columns:
        if column not in known:
            what = "is not in the template"
            if column in FIXED:
                what = "is the same for the whole family"
            elif column in template.cfg.sections["global"]:
                what = "is set by a stage, for which an override would count too, in the template"
            advice = f"there are {', '.join(sorted(known))}"
            raise table.error(f"{what} {template.name}", advice, None, column)
    missing = [one for one in template.placeholders if one not in table.columns]
    missing = [one for one in missing if one not in template.macros]
    if missing:
        raise TableError(
            "X2P941",
            f"there is no column {missing[0]}",
            f"the template {template.name} needs it: take it from an earlier table",
            line=1,
        )


def _check_cells(template: Template, table: Table, row: Row) -> None:
    for column in table.columns:
        value = row.values[column]
        if not value:
            usual = template.macros.get(column)
            advice = f"the usual value is {usual}" if usual else "give it a value"
            raise table.error("no value", advice, row, column)
        if not value.isprintable():
            raise table.error("a line break or control character", "remove it", row, column)
        if value.upper() in ("TRUE", "FALSE") and value not in ("True", "False"):
            raise table.error(
                f"{value} is what a spreadsheet makes of {value.capitalize()}, and means nothing",
                "format the column as text",
                row,
                column,
            )
        usual = template.macros.get(column, "")
        if _PLAIN.fullmatch(usual) and not _PLAIN.fullmatch(value):
            message = f"{value}: blanks and signs of a shell, where {usual} has none"
            raise table.error(message, "write one plain word", row, column)
        counts = _NUMBERS.fullmatch(column) and usual.isdigit()
        if counts and not re.fullmatch("[0-9]+", value):
            raise table.error(f"{value} is no whole number", "write digits only", row, column)
        if column in template.placeholders and column in template.macros and "%" in value:
            raise table.error("a percent sign in what POMS is told", "write it out", row, column)
    name = row.values[NAME]
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*", name):
        advice = "use letters, digits and _ . + -"
        raise table.error(f"{name} is no name for a campaign", advice, row, NAME)


def _check_launches(
    template: Template,
    table: Table,
    row: Row,
    ini: CampaignIni,
    usual: dict[str, _Shape],
) -> None:
    """Each stage's launch: that of the template, with other words in the same places."""
    own = {c: v for c, v in row.values.items() if template.macros.get(c) not in (None, v)}
    for stage in ini.stages:
        try:
            launch = poms_launch(ini, stage)
            found = _shape(template, launch.stage, launch.overrides)
            if stage.name not in usual:
                usual[stage.name] = _shape(template, launch.stage, _by_poms(launch.overrides))
        except (CfgError, configparser.Error, KeyError, TypeError, ValueError) as error:
            raise _guilty(template, table, row, _told(error), own, stage.name) from None
        if found != usual[stage.name]:
            message = "; ".join(found[2]) or "a launch would take it for more or fewer words"
            raise _guilty(template, table, row, message, own, stage.name)


def _told(error: Exception) -> str:
    if isinstance(error, CfgError):
        return error.message
    return " ".join(str(error).split()) or type(error).__name__


def _by_poms(overrides: tuple[str, ...]) -> tuple[str, ...]:
    """Those that are not the campaign's own."""
    return tuple(one for one in overrides if not one.startswith("global."))


def _shape(template: Template, stage: str, overrides: tuple[str, ...]) -> _Shape:
    """How many words jobsub_submit and the job get, and what jobsub_lite would refuse."""
    submit, job = launch_words(template.cfg, stage, _JOB, overrides)
    return len(submit), len(job), tuple(submission(submit, {}).get("refused", ()))


def _guilty(
    template: Template,
    table: Table,
    row: Row,
    message: str,
    own: Mapping[str, str],
    stage: str,
) -> TableError:
    """The error, with the column that it comes from: without its value there is none."""
    for column, value in own.items():
        try:
            alone = _shape(template, stage, (f"global.{column}={value}",))
            if alone == _shape(template, stage, ()):
                continue
        except (CfgError, configparser.Error, ValueError):
            pass
        return table.error(f"{value}: {message} (stage {stage})", _ADVICE, row, column)
    return table.error(f"{message} (stage {stage})", _ADVICE, row, NAME)


_ADVICE = "correct the value; %% is a percent sign, and %(NAME)s another macro"
