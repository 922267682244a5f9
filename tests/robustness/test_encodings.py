"""The same document in another encoding is the same; what project.py refuses is refused."""

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
        b"\xef\xbb\xbf" + declared("iso-8859-1"),
    ],
    ids=lambda data: repr(data[:44]),
)
def test_the_encoding_changes_nothing(data: bytes) -> None:
    minidom.parseString(data)
    assert seen(parse(data)) == seen(parse(BODY.encode()))


@pytest.mark.parametrize("encoding", ["raw_unicode_escape", "cp1252", "koi8-r"])
def test_an_encoding_is_the_table_that_expat_gets(encoding: str) -> None:
    data = f'<?xml version="1.0" encoding="{encoding}"?><a>\\u0041\\x42</a>'.encode() + b" "
    data = data.replace(b"</a>", b"\xc3\xa9</a>")
    first = minidom.parseString(data).documentElement.firstChild
    assert str(parse(data).root.value) == first.data  # type: ignore[union-attr]


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
        # Letters of names since the fifth edition of XML 1.0, which expat does not follow.
        "<project><\u0132/></project>".encode(),
        "<project \u0132='1'/>".encode(),
        b"<!DOCTYPE p [<!ENTITY e '<&#x132;/>'>]><project>&e;</project>",
    ],
    ids=lambda data: repr(data[:44]),
)
def test_what_expat_does_not_read_is_refused(data: bytes) -> None:
    with pytest.raises((ExpatError, ValueError, LookupError)):
        minidom.parseString(data)
    with pytest.raises(XmlError):
        parse(data)


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


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
@pytest.mark.parametrize("name", ["p.xml", "p"])
def test_convert_and_migrate_agree(encoding: str, name: str, here: Path) -> None:
    Path("in").mkdir()
    Path("in", name).write_bytes(BODY.encode(encoding))
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
        f'<?xml version="1.0" encoding="utf-16"?>{BARE}'.encode(),
        f'<?xml version="1.0" encoding="utf-16-be"?>{BARE}'.encode(),
        f'<?xml version="1.0" encoding="utf-32"?>{BARE}'.encode("utf-32"),
        BARE.encode("utf-32-be"),
    ],
    ids=lambda data: repr(data[:44]),
)
def test_what_convert_refuses_is_no_other_file_to_migrate(data: bytes, here: Path) -> None:
    Path("in").mkdir()
    Path("in/p.xml").write_bytes(data)
    assert run("in/p.xml", "-o", "p.cfg", "--experiment", "dune", "-q") == 3
    assert run("migrate", "in", "-o", "out", "--experiment", "dune", "-j", "1", "-q") == 3
