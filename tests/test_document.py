"""Safe XML: entities stay visible, nothing outside is read, problems have a place and a remedy."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.errors import XmlError
from converter.projectpy.document import Document, parse
from converter.projectpy.limits import MAX_BYTES


def doc(body: str, *entities: str) -> Document:
    return parse(f"<!DOCTYPE p [\n{' '.join(entities)}\n]>\n{body}".encode())


def value(body: str, *entities: str) -> str | None:
    found = doc(f"<p><x>{body}</x></p>", *entities).root.children[0].value
    return None if found is None else str(found)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("text", "text"),
        (" blanks stay ", " blanks stay "),
        ("a &amp; b &#65;", "a & b A"),
        ("", None),
        ("<y/>", None),
        ("first<!-- c -->lost", "first"),
        ("first<y/>lost", "first"),
        ("<!-- comment -->lost", " comment "),
        ("<?pi data?>lost", "data"),
        ("<![CDATA[<raw>]]>", "<raw>"),
        ("text<![CDATA[lost]]>", "text"),
    ],
)
def test_a_value_is_the_first_childs_text(body: str, expected: str | None) -> None:
    assert value(body) == expected


def test_minidom_reads_the_same(tmp_path: object) -> None:
    from xml.dom import minidom

    for body in ("a<!--c-->b", "<!--c-->b", "<![CDATA[x]]>y", "x<![CDATA[y]]>", "&e;&e;<b/>c"):
        whole = f'<!DOCTYPE p [<!ENTITY e "v">]><p>{body}</p>'
        first = minidom.parseString(whole).documentElement.firstChild
        assert first is not None
        assert str(parse(whole.encode()).root.value) == first.data  # type: ignore[union-attr]


def test_entities_stay_visible_in_text_and_attributes() -> None:
    root = doc('<p name="&a;_x">u/&b;/v</p>', '<!ENTITY a "A">', '<!ENTITY b "&a;B">').root
    assert root.attributes["name"].parts == (("A", "a"), ("_x", None))
    assert root.value is not None
    assert root.value.parts == (("u/", None), ("AB", "b"), ("/v", None))


def test_an_entity_knows_those_in_it() -> None:
    document = doc("<p>&b;</p>", '<!ENTITY a "A">', '<!ENTITY b "&a;B">')
    assert document.entities["b"].parts == (("A", "a"), ("B", None))


@pytest.mark.parametrize(
    ("written", "read"),
    [("&#65;", "A"), ("&#x41;", "A"), ("&#x1F600;", "\U0001f600"), ("&amp;#65;", "&#65;")],
)
def test_signs_may_be_written_as_numbers(written: str, read: str) -> None:
    root = doc(f'<p a="{written}&f;" b="x&f;">{written}&f;</p>', f'<!ENTITY f "{written}">').root
    assert str(root.value) == read + read
    assert root.attributes["a"].parts == ((read, None), (read, "f"))
    assert str(root.attributes["b"]) == f"x{read}"


def test_entities_may_hold_elements() -> None:
    document = doc("<p>\n&both;\n<z>3</z></p>", '<!ENTITY both "<x>1</x>\n<y>2</y>">')
    found = [(c.tag, str(c.value), c.line) for c in document.root.children]
    assert found == [("x", "1", 6), ("y", "2", 6), ("z", "3", 7)]


def test_entities_may_hold_elements_by_way_of_others() -> None:
    inner, outer = '<!ENTITY inner "<x>1</x>">', '<!ENTITY outer "&inner;">'
    for entities in ((inner, outer), (outer, inner)):
        (child,) = doc("<p>&outer;</p>", *entities).root.children
        assert (child.tag, str(child.value)) == ("x", "1")


def test_lines_are_those_of_the_document() -> None:
    root = parse(b"<p>\n\n<x>1</x>\n<y\n a='1'>2</y></p>").root
    assert [child.line for child in root.children] == [3, 5]


def test_paths_number_what_is_repeated() -> None:
    root = parse(b"<p><s/><t a='1'/><s><u/></s></p>").root
    assert [leaf.path for leaf in root.leaves()] == ["p/s[1]", "p/t/@a", "p/t", "p/s[2]/u"]


BOMB = ['<!ENTITY a0 "aaaaaaaaaa">'] + [
    f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9)
]


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        (b"", "X2P001", 1),
        (b"nothing", "X2P001", 1),
        (b"<p><a></p>", "X2P001", 1),
        (b'\n\n<?xml version="1.0"?>\n<p/>', "X2P002", 3),
        (b" " * (MAX_BYTES + 1), "X2P003", None),
        (b"<p>\n&nope;</p>", "X2P004", 2),
        (b"<p>" + b"<a>" * 40 + b"</a>" * 40 + b"</p>", "X2P005", 1),
        (b'<!DOCTYPE p [<!ENTITY a "&b;"><!ENTITY b "&a;">]><p>&a;</p>', "X2P006", 1),
        (f"<!DOCTYPE p [{''.join(BOMB)}]><p>&a8;</p>".encode(), "X2P006", 1),
        (b'<!DOCTYPE p [<!ENTITY e SYSTEM "file:///etc/passwd">]>\n<p>&e;</p>', "X2P007", 2),
        (b"<p>\xff\xfe</p>", "X2P001", 1),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place(
    data: bytes, code: str, line: int | None
) -> None:
    with pytest.raises(XmlError) as caught:
        parse(data, "bad.xml")
    assert (caught.value.code, caught.value.line) == (code, line)
    assert caught.value.advice
    assert "bad.xml" in str(caught.value)


def test_what_is_external_is_said_so() -> None:
    with pytest.raises(XmlError, match="entity &e; is external"):
        parse(b'<!DOCTYPE p [<!ENTITY a "&e;<b/>"><!ENTITY e SYSTEM "f">]><p>&a;</p>')


def test_a_bomb_in_an_attribute_is_refused() -> None:
    with pytest.raises(XmlError):
        parse(f"<!DOCTYPE p [{''.join(BOMB)}]><p a='&a8;'/>".encode())


def test_external_entities_that_are_not_used_are_remembered_and_not_read() -> None:
    document = doc("<p/>", '<!ENTITY e SYSTEM "file:///etc/passwd">', '<!ENTITY % q "ignored">')
    assert document.undeclared_use == ("e", "q")


@given(st.binary(max_size=200))
def test_any_bytes_are_parsed_or_refused(data: bytes) -> None:
    with contextlib.suppress(XmlError):
        assert isinstance(parse(data), Document)
