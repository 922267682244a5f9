"""What a migration calls its own in the output tree, told from what others put there.

Sources never get these names: their outputs have an underscore after them.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator

from converter.errors import OutputError
from converter.report.todo import is_untouched
from converter.report.waivers import NAME

__all__ = [
    "AT_THE_TOP",
    "FAMILIES",
    "FAMILIES_FILE",
    "FOLDER",
    "FRONT",
    "MANIFEST",
    "SARIF",
    "SCRATCH",
    "TODO",
    "check",
    "family_page",
    "is_ours",
]

MANIFEST, SARIF = "migration.json", "migration.sarif"
"""What there is of a migration as data, at the top of the output tree."""

FAMILIES, FAMILIES_FILE = "families", "families.json"
"""The directory of what the families of a migration are written to, and the list of them."""

TODO = "todo.sh"
"""The script of all that is left to do, beside them."""

FRONT = "index.html"
"""The page of a migration, at the top of the output tree."""

FOLDER = "migration-pages"
"""Of all its other pages."""

SCRATCH = ".xml2poms"
"""Where a migration keeps what it needs while it runs."""

AT_THE_TOP = (
    SCRATCH,
    FAMILIES,
    FOLDER,
    *sorted({name.rpartition(".")[0] for name in (MANIFEST, SARIF, FRONT, TODO, NAME)}),
)
"""Names, without their endings, that no source has at the top of the output tree."""

_SIGNS = {
    ".json": re.compile(rb'"tool": \{"name": "xml2poms"'),
    ".sarif": re.compile(rb'"name": ?"xml2poms"'),
    ".html": re.compile(rb"<footer>xml2poms"),
    ".sh": re.compile(rb"# xml2poms"),
}
"""What stands in a file of each kind that was written here, near its beginning or its end."""

_NEAR = 1 << 18


def family_page(name: str) -> str:
    """Where the page of a family is."""
    return f"{FOLDER}/family-{name}.html"


def is_ours(path: str) -> bool:
    """Whether a migration wrote that file.  A link is somebody else's, whatever it leads to."""
    sign = _SIGNS.get(os.path.splitext(path)[1])
    if sign is None or os.path.islink(path) or not os.path.isfile(path):
        return False
    try:
        return _is_signed(path, sign)
    except OSError:
        return False  # Nobody may read it.


def _is_signed(path: str, sign: re.Pattern[bytes]) -> bool:
    with open(path, "rb") as file:
        if path.endswith(".sh"):
            return is_untouched(file)
        begin = file.read(_NEAR)
        # What holds nothing is nobody's loss.
        if sign.search(begin) or begin.strip() in (b"", b"{}"):
            return True
        file.seek(max(0, os.path.getsize(path) - _NEAR))
        return sign.search(file.read()) is not None


def check(root: str, *, sarif: bool, pages: bool) -> None:
    """Whether the files of the whole migration may be put in place.  Raises OutputError."""
    for path in _own(root, sarif=sarif, pages=pages):
        if os.path.lexists(path) and not is_ours(path):
            raise OutputError(
                "X2P903",
                "exists and is not what this program wrote",
                "choose another output directory; or move it away, or replace it with --force",
                file=path,
            )


def _own(root: str, *, sarif: bool, pages: bool) -> Iterator[str]:
    yield os.path.join(root, MANIFEST)
    yield os.path.join(root, FAMILIES_FILE)
    yield os.path.join(root, TODO)
    if sarif:
        yield os.path.join(root, SARIF)
    if pages:
        yield os.path.join(root, FRONT)
        yield from _inside(os.path.join(root, FOLDER))


def _inside(folder: str) -> list[str]:
    """What lies in a directory; its own path where it is none, or nobody may look into it."""
    if not os.path.islink(folder):
        with contextlib.suppress(OSError):
            return [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
    return [folder]
