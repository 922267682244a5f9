"""A page for each family: its campaigns and their values, and which findings all of them have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from converter.errors import TableError
from converter.families.table import read_table
from converter.families.template import NAME
from converter.families.writing import TABLE
from converter.findings.explanation import headline
from converter.migration.names import FAMILIES, family_page
from converter.migration.summary import Migration
from converter.poms.config import commonest
from converter.report.html import environment

__all__ = ["family_pages"]


class Member(Struct, frozen=True):
    """A campaign: its page, its cells with whether they are the commonest, its odd findings."""

    page: str
    cells: tuple[tuple[str, bool], ...]
    odd: tuple[str, ...]


def family_pages(
    families: Iterable[Mapping[str, Any]],
    migration: Migration,
    views: Sequence[tuple[str, str]],
    version: str,
    row: Callable[[str], Mapping[str, Any]],
    read: Callable[[str], bytes | None],
    put: Callable[[str, str], None],
) -> Iterator[tuple[Mapping[str, Any], int]]:
    """Write the page of each family; gives the family, and how many findings not all of it have.

    row   source → what is recorded of it
    read  what is in the output tree
    """
    template = environment().get_template("family.html")
    for family in families:
        path = f"{FAMILIES}/{family['name']}/{family['name']}"
        values = _values(read(f"{path}{TABLE}"))
        codes = {one["source"]: [*row(one["source"])["findings"]] for one in family["campaigns"]}
        counts = Counter(chain.from_iterable(codes.values()))
        files = len(codes)
        usual = {
            column: commonest([found.get(column, "") for found in values.values()])
            for column in (family["columns"] if values else ())
        }
        members = []
        for one in family["campaigns"]:
            found = {**values.get(one["campaign"], {}), NAME: one["campaign"]}
            cells = tuple(
                (found.get(column, ""), found.get(column) == usual.get(column))
                for column in family["columns"]
            )
            odd = tuple(code for code in codes[one["source"]] if counts[code] < files)
            members.append(Member(quote(migration.page(one["source"])), cells, odd))
        findings = [
            (f"{code} {headline(code)}", f"{code}.html", number)
            for code, number in counts.most_common()
        ]
        page = template.render(
            family=family,
            members=members,
            findings=findings,
            folder=quote(path),
            views=views,
            waivers=(),
            version=version,
        )
        put(family_page(family["name"]), page)
        yield family, sum(number < files for number in counts.values())


def _values(table: bytes | None) -> dict[str, Mapping[str, str]]:
    """Campaign → its row of the table, which somebody may have edited."""
    try:
        rows = read_table(table or b"").rows
    except TableError:
        return {}
    return {row.values[NAME]: row.values for row in rows}
