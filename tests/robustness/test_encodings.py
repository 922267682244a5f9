"""The same document in another encoding is the same; what project.py refuses is refused."""

from __future__ import annotations

from pathlib import Path
from xml.dom import minidom
from xml.parsers.expat import ExpatError

import pytest

from converter.errors import XmlError
from converter.projectpy.document import Document, parse
from tests.commandline import run
from tests.robustness.documents import document

BODY = document(
    "&m;<jobsub><![CDATA[-e A=&m;]]></jobsub><defname name='x&n;'>été &n;</defname>",
    '<!ENTITY m "<memory>1</memory>"><!ENTITY n "N">',
).decode()
BARE = BODY.partition("\n")[2]


def seen(found: Document) -> list[tuple[str, int, str, str | None, tuple[str, ...]]]:
    return [
        (leaf.path, leaf.line, leaf.value, str(leaf.element.value), leaf.entities)
        for leaf in found.leaves
    ]


def declared(encoding: str) -> bytes:
    text = f'<?xml version="1.0" encoding="{encoding}"?>\n{BARE}'
    return text.encode(encoding)


@pytest.mark.parametrize(
    "data",
    [
        BODY.encode("utf-16"),
        b"\xfe\xff" + BODY.encode("utf-16-be"),
        declared("utf-16"),
        BODY.encode("utf-8-sig"),
        declared("utf-8"),
        declared("iso-8859-1"),
        declared("latin1"),
        declared("cp1252"),
        declared("iso-8859-15"),
    ],
    ids=lambda data: repr(data[:44]),
)
def test_the_encoding_changes_nothing(data: bytes) -> None:
    minidom.parseString(data)
    assert seen(parse(data)) == seen(parse(BODY.encode()))


@pytest.mark.parametrize(
    "data",
    [
        f'<?xml version="1.0" encoding="gb18030"?>{BARE}'.encode("gb18030"),
        f'<?xml version="1.0" encoding="utf-32"?>{BARE}'.encode("utf-32"),
        f'<?xml version="1.0" encoding="no-such"?>{BARE}'.encode(),
        f'<?xml version="1.0" encoding="utf-16"?>{BARE}'.encode(),
        BODY.encode("utf-16")[:-1],
        f'<?xml version="1.0" encoding="utf8"?>{BARE}'.encode(),
        f'<?xml version="1.0" encoding="us-ascii"?>{BARE}'.encode(),
    ],
    ids=lambda data: repr(data[:44]),
)
def test_what_expat_does_not_read_is_refused(data: bytes) -> None:
    with pytest.raises((ExpatError, ValueError, LookupError)):
        minidom.parseString(data)
    with pytest.raises(XmlError):
        parse(data)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
@pytest.mark.parametrize("name", ["p.xml", "p"])
def test_convert_and_migrate_agree(encoding: str, name: str, here: Path) -> None:
    Path("in").mkdir()
    Path("in", name).write_bytes(BODY.encode(encoding))
    assert run(f"in/{name}", "-o", "p.cfg", "--experiment", "dune", "-q") == 0
    assert run("migrate", "in", "-o", "out", "--experiment", "dune", "-j", "1", "-q") == 0
    assert sorted(p.name for p in Path("out").glob("p.*")) == ["p.cfg", "p.html", "p.ini", "p.json"]
