"""Text: a string whose parts know the definitions they were written with."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from converter.text import Text

USER = Text.named("user", "dunepro")
PARTS = st.lists(st.tuples(st.text("ab /.", max_size=4), st.sampled_from([None, "x", "y"])))
TEXTS = PARTS.map(Text.of)


@given(TEXTS, st.integers(-9, 9), st.integers(-9, 9))
def test_slices_as_its_string_does(text: Text, start: int, stop: int) -> None:
    assert str(text[start:stop]) == str(text)[start:stop]


@given(TEXTS)
def test_strips_and_splits_as_its_string_does(text: Text) -> None:
    assert str(text.strip()) == str(text).strip()
    assert [str(word) for word in text.split()] == str(text).split()
    assert str(text.without_blanks()) == "".join(str(text).split())


@given(TEXTS, TEXTS)
def test_adds_up(one: Text, other: Text) -> None:
    assert str(one + other) == str(one) + str(other)
    assert (one + other).names == tuple(dict.fromkeys(one.names + other.names))


def test_keeps_a_name_as_long_as_its_whole_part_is_there() -> None:
    path = "/pnfs/" + USER + "/gen"
    assert path[3:].names == ("user",)
    assert path[:-1].names == ("user",)
    assert path[8:].names == ()


def test_knows_a_definition_that_stands_alone() -> None:
    assert USER.name == "user"
    assert (USER + "x").name is None
    assert Text("dunepro").name is None


def test_replaces_in_plain_parts_only() -> None:
    text = Text("gen/") + Text.named("x", "gen") + "/gen"

    def find(string: str, start: int, end: int) -> list[tuple[int, int]]:
        return [m.span() for m in re.finditer("gen", string[:end]) if m.start() >= start]

    assert text.replace(find, "stage").parts == (
        ("gen", "stage"),
        ("/", None),
        ("gen", "x"),
        ("/", None),
        ("gen", "stage"),
    )


def test_texts_that_differ_only_in_what_names_stand_for_have_one_template() -> None:
    one, other = Text.named("stage", "gen") + "0", Text.named("stage", "g4") + "0"
    assert one != other
    assert one.template == other.template
