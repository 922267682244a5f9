"""One page of all signatures of a migration, to be printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec import Struct

from converter.migration.signoff import Row
from converter.report.html import environment
from converter.report.waivers import Waiver
from converter.version import version

__all__ = ["as_page"]


class _Folder(Struct):
    """A directory: how many of its files have which state, and who signed some of them."""

    name: str
    states: Counter[str]
    signers: dict[str, None]


def as_page(rows: Sequence[Row], waivers: Iterable[Waiver], title: str) -> str:
    """The page: totals, directories, what has changed, what is open, what is accepted."""
    folders: dict[str, _Folder] = {}
    for row in rows:
        name = row.source.rpartition("/")[0] or "."
        folder = folders.setdefault(name, _Folder(name, Counter(), {}))
        folder.states[row.state] += 1
        if row.signature is not None:
            folder.signers[row.signature.who] = None
    states = Counter(row.state for row in rows)
    return (
        environment()
        .get_template("signed.html")
        .render(
            title=title,
            states=states,
            folders=list(folders.values()),
            rows={state: [row for row in rows if row.state == state] for state in states},
            waivers=list(waivers),
            version=version(),
        )
    )
