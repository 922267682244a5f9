"""A document is read as UTF-8, as by project.py; what project.py refuses is refused."""

from __future__ import annotations

from pathlib import Path
from xml.dom import minidom
from xml.parsers.expat import ExpatError

import pytest

from converter.errors import XmlError
from converter.projectpy.document import Document, parse
from tests.commandline import run
from tests.robustness.documents import document, stage

BODY = document(
    "&m;<jobsub><![CDATA[-e A=&m;]]></jobsub><defname name='x&n;'>été &n;</defname>",
    '<!ENTITY m "<memory>1</memory>"><!ENTITY n "N">',
).decode()
BARE = BODY.partition("\n")[2]

PROJECT = (
    '<project name="p"><numevents>1</numevents><larsoft><tag>v1</tag></larsoft>'
    f"{stage('g')}</project>"
)


def seen(found: Document) -> list[tuple[str, int, str, str | None, tuple[str, ...]]]:
    return [
        (leaf.path, leaf.line, leaf.value, str(leaf.element.value), leaf.entities)
        for leaf in found.leaves
    ]


def declared(encoding: str, text: str = BARE) -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?>\n{text}'


def by_project_py(data: bytes, folder: Path) -> minidom.Document:
    """As project.py has a document on Python 3: of a file that is opened as text."""
    path = folder / "p.xml"
    path.write_bytes(data)
    with path.open(encoding="utf-8") as opened:
        return minidom.parse(opened)


@pytest.mark.parametrize(
    "data",
    [
        BODY.encode("utf-8-sig"),
        *(
            declared(encoding).encode()
            for encoding in (
                *("utf-8", "utf8", "us-ascii", "iso-8859-1", "windows-1252", "koi8-r"),
                *("utf-16", "utf-32", "gb18030", "no-such"),
            )
        ),
        b"\xef\xbb\xbf" + declared("iso-8859-1").encode(),
        BODY.replace("é", "e").encode("utf-16-le"),
        BODY.replace("é", "e").encode("utf-16-be"),
    ],
    ids=lambda data: repr(data[:44]),
)
def test_whatever_is_declared_it_is_read_as_utf_8(data: bytes, tmp_path: Path) -> None:
    theirs = by_project_py(data, tmp_path).getElementsByTagName("defname")[0]
    ours = next(leaf for leaf in parse(data).leaves if leaf.path.endswith("defname"))
    assert ours.value == theirs.firstChild.data  # type: ignore[union-attr]
    text = BODY if ours.value.startswith("é") else BODY.replace("é", "e")
    assert seen(parse(data)) == seen(parse(text.encode()))


@pytest.mark.parametrize(
    "data",
    [
        *(
            declared(encoding, f"<!-- {sign} --><p/>").encode(encoding)
            for encoding, sign in (
                *(("iso-8859-1", "é"), ("windows-1252", "€"), ("koi8-r", "я")),
                *(("gb18030", "é"), ("utf-16", "e"), ("utf-32", "e")),
            )
        ),
        BODY.encode("utf-16"),
        BODY.encode("utf-16-le"),
        b"\xfe\xff" + BODY.encode("utf-16-be"),
        BODY.encode("utf-16")[:-1],
        b"\xef\xbb\xbf\xef\xbb\xbf<p/>",
        b"<p>\xed\xa0\x80</p>",
        # Letters of names since the fifth edition of XML 1.0, which expat does not follow.
        "<project><\u0132/></project>".encode(),
        "<project \u0132='1'/>".encode(),
        b"<!DOCTYPE p [<!ENTITY e '<&#x132;/>'>]><project>&e;</project>",
    ],
    ids=lambda data: repr(data[:44]),
)
def test_what_project_py_does_not_read_is_refused(data: bytes, tmp_path: Path) -> None:
    with pytest.raises((ExpatError, UnicodeDecodeError)):
        by_project_py(data, tmp_path)
    with pytest.raises(XmlError):
        parse(data)


def test_what_is_not_utf_8_is_told_with_its_line() -> None:
    data = declared("iso-8859-1").replace("été", "x\n\x85").encode("latin-1")
    with pytest.raises(XmlError, match="byte 0x85 is not UTF-8, as which") as caught:
        parse(data)
    assert caught.value.line == data[: data.index(b"\x85")].count(b"\n") + 1
    assert caught.value.advice == "save the file in UTF-8"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("written", ["a{}b", "a\tb", "a&#10;b", "a&#13;b"])
def test_blanks_of_an_entity_are_those_of_project_py(written: str, end: str) -> None:
    text = (
        f'<!DOCTYPE p [<!ENTITY e "{written.format(end)}">]><p n="&e;{end}&#10;&e;">&e;{end}x</p>'
    )
    data = text.encode()
    theirs = minidom.parseString(data).documentElement
    ours = parse(data).root
    assert ours.attributes["n"].string == theirs.getAttribute("n")
    assert str(ours.value) == theirs.firstChild.data


@pytest.mark.parametrize(
    ("doctype", "refused"),
    [
        ("<!ENTITY % p 'x'><!ENTITY e 'y'>", False),
        ("<!-- %p; --><?x %p;?><!ENTITY % p 'x'><!ENTITY e 'y'>", False),
        ("<!ENTITY % p \"<!ENTITY e 'y'>\">%p;", True),
        ("<!ENTITY % p SYSTEM 'p'>%p;<!ENTITY e 'y'>", True),
        ("<!ENTITY e 'y'>%q;", True),
    ],
)
def test_a_parameter_entity_that_is_used_is_refused(doctype: str, refused: bool) -> None:
    """project.py's parser knows no declaration after it, and drops what those stand for."""
    data = f"<!DOCTYPE p [\n{doctype}]><p>a&e;b %p;</p>".encode()
    if not refused:
        assert str(parse(data).root.value) == "ayb %p;"
        return
    with pytest.raises(XmlError) as caught:
        parse(data)
    assert (caught.value.code, caught.value.line) == ("X2P007", 2)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-8-sig"])
@pytest.mark.parametrize("name", ["p.xml", "p"])
def test_convert_and_migrate_agree(encoding: str, name: str, here: Path) -> None:
    Path("in").mkdir()
    Path("in", name).write_bytes(BODY.replace("é", "e").encode(encoding))
    assert run(f"in/{name}", "-o", "p.cfg", "--experiment", "dune", "-q") == 0
    assert run("migrate", "in", "-o", "out", "--experiment", "dune", "-j", "1", "-q") == 0
    assert sorted(p.name for p in Path("out").glob("p.*")) == ["p.cfg", "p.html", "p.ini", "p.json"]


@pytest.mark.parametrize(
    "data",
    [
        b" \n" * 5_000 + BARE.encode(),
        f"<!DOCTYPE a [<!ENTITY p '{PROJECT}'>]><a>&p;</a>".encode(),
        f"<!DOCTYPE a [<!ENTITY p '{PROJECT.replace('<', '&#60;')}'>]><a>&p;</a>".encode(),
        f"<!DOCTYPE a [<!ENTITY p '{PROJECT.replace('<', '&#x03C;')}'>]><a>&p;</a>".encode(),
    ],
    ids=["far down", "in an entity", "with numbers of signs", "with hexadecimal ones"],
)
@pytest.mark.parametrize("name", ["p.xml", "p"])
def test_a_project_is_found_wherever_it_stands(data: bytes, name: str, here: Path) -> None:
    Path("in").mkdir()
    Path("in", name).write_bytes(data)
    assert run(f"in/{name}", "-o", "p.cfg", "--experiment", "dune", "-q") == 0
    assert run("migrate", "in", "-o", "out", "--experiment", "dune", "-j", "1", "-q") == 0
    assert Path("out/p.cfg").is_file()


@pytest.mark.parametrize(
    "data",
    [
        declared("iso-8859-1").encode("iso-8859-1"),
        declared("utf-16").encode("utf-16"),
        declared("utf-32").encode("utf-32"),
        BARE.encode("utf-32-be"),
    ],
    ids=lambda data: repr(data[:44]),
)
def test_what_convert_refuses_is_no_other_file_to_migrate(data: bytes, here: Path) -> None:
    Path("in").mkdir()
    Path("in/p.xml").write_bytes(data)
    assert run("in/p.xml", "-o", "p.cfg", "--experiment", "dune", "-q") == 3
    assert run("migrate", "in", "-o", "out", "--experiment", "dune", "-j", "1", "-q") == 3
