"""The table of a family's campaigns: CSV that people edit in a spreadsheet.

A row for each campaign, a column for each variable, every cell filled.  A cell that a spreadsheet
would take for a formula has an apostrophe in front, as spreadsheets themselves mark text.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from converter.errors import TableError
from converter.families.template import NAME

__all__ = ["Row", "Table", "letter", "read_table", "write_table"]

_FORMULA = ("=", "+", "-", "@", "'")
_DELIMITERS = ",;\t"


class Row(Struct, frozen=True):
    """A campaign: the line of the file, and column → value."""

    line: int
    values: Mapping[str, str]


class Table(Struct, frozen=True):
    """The columns in their order, and the rows.

    delimiter  what separates the cells
    mark       whether the file begins with a byte order mark
    """

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    delimiter: str = ","
    mark: bool = False

    def error(self, message: str, advice: str, row: Row | None, column: str, /) -> TableError:
        """Something wrong in a cell, or with a column."""
        place = f"column {letter(self.columns.index(column))} ({column})"
        return TableError(
            "X2P941" if row is None else "X2P942",
            f"{place}: {message}",
            advice,
            line=1 if row is None else row.line,
        )


def letter(number: int) -> str:
    """What a spreadsheet calls a column: A, B, …, AA."""
    found = ""
    while number >= 0:
        number, rest = divmod(number, 26)
        found = chr(ord("A") + rest) + found
        number -= 1
    return found


def write_table(
    columns: Sequence[str],
    rows: Iterable[Mapping[str, str]],
    *,
    delimiter: str = ",",
    mark: bool = False,
) -> str:
    """The text of the file."""
    text = io.StringIO("\ufeff" if mark else "")
    text.seek(0, io.SEEK_END)
    table = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    table.writerow(columns)
    table.writerows([_cell(row[column]) for column in columns] for row in rows)
    return text.getvalue()


def _cell(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value


def read_table(data: bytes) -> Table:
    """A table as people and spreadsheets leave it.

    Commas, semicolons or tabs; a mark of the byte order; blanks around cells and blank rows do
    not count.  Raises TableError, with the line.
    """
    text = _decoded(data)
    start = 0
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep="):
        # By which Excel is told what separates the cells.
        text, start = rest, 1
    delimiter = max(_DELIMITERS, key=text.partition("\n")[0].count)
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True
    )
    lines: list[tuple[int, list[str]]] = []
    line = start + 1
    try:
        for cells in reader:
            cells = [_plain(cell) for cell in cells]
            if any(cells):
                lines.append((line, cells))
            line = start + reader.line_num + 1
    except csv.Error as error:
        raise TableError(
            "X2P940", f"is no table: {error}", "save it anew as CSV", line=line
        ) from None
    if not lines:
        raise TableError("X2P940", "the table is empty", "its first row names the columns")
    (line, header), *body = lines
    while header and not header[-1]:
        header.pop()
    columns = tuple(header)
    _check_header(columns, line)
    rows = tuple(_row(columns, line, cells) for line, cells in body)
    return Table(columns, rows, delimiter, data.startswith(codecs.BOM_UTF8))


def _decoded(data: bytes) -> str:
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise TableError("X2P940", "is not UTF-8", "save it as CSV in UTF-8", line=line) from None


def _plain(cell: str) -> str:
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") else cell


def _check_header(columns: tuple[str, ...], line: int) -> None:
    for number, column in enumerate(columns):
        place = f"column {letter(number)}"
        if not column:
            raise TableError("X2P941", f"{place} has no name", "name or remove it", line=line)
        if column in columns[:number]:
            advice = "one of the two must go"
            raise TableError("X2P941", f"{place}: a second {column}", advice, line=line)
    if NAME not in columns:
        raise TableError(
            "X2P941",
            f"there is no column {NAME}",
            "the first row names the columns; each campaign needs a name",
            line=line,
        )


def _row(columns: tuple[str, ...], line: int, cells: list[str]) -> Row:
    if any(cells[len(columns) :]):
        raise TableError(
            "X2P942",
            f"column {letter(len(columns))}: a cell where the table has no column",
            "quote a value that holds what separates the cells",
            line=line,
        )
    filled = [*cells, *[""] * (len(columns) - len(cells))]
    return Row(line, dict(zip(columns, filled)))
