"""What is larger than any real file is refused with its place; the limits themselves are not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from converter.errors import XmlError
from converter.projectpy.reader import read
from tests.projects import GEN, stage, xml

ALONE = "<previousstage>none</previousstage>"


def stages(count: int) -> bytes:
    return xml("", "", *(stage(f"s{n}", ALONE) for n in range(1, count)))


def projects(count: int) -> bytes:
    return b"<job>" + b"".join(xml(ALONE, name=f"p{n}") for n in range(count)) + b"</job>"


def parameters(count: int) -> bytes:
    """As many in each of two stages, the second of which takes over the first one's."""
    body = "".join(f'<parameter name="p{n}">x</parameter>' for n in range(count))
    return xml(body, "", f'<stage name="t" base="s">{GEN}</stage>')


def long(count: int) -> bytes:
    document = xml()
    return document + b" " * (count - len(document))


def deep(count: int) -> bytes:
    return xml("<a>" * (count - 2) + "</a>" * (count - 2))


def fcl(count: int) -> bytes:
    return xml(GEN + "<fcl>x.fcl</fcl>" * (count - 1))


def fcl_of_stages(count: int) -> bytes:
    """One in the first stage, a hundred in each of the others."""
    hundred = GEN + "<fcl>x.fcl</fcl>" * 99
    rest = GEN + "<fcl>x.fcl</fcl>" * ((count - 2) % 100)
    return xml(
        "", "", *(stage(f"s{n}", hundred) for n in range((count - 2) // 100)), stage("t", rest)
    )


def words(count: int) -> bytes:
    return xml(f"<jobsub>{'x ' * count}</jobsub>")


@pytest.mark.parametrize(
    ("document", "most", "what"),
    [
        (long, 1 << 20, "bytes"),
        (deep, 32, "elements"),
        (stages, 1_000, "stages"),
        (projects, 50, "projects"),
        (lambda count: xml(name="p" * count), 255, "characters of a project's name"),
        (lambda count: xml("", "", stage("s" * count, ALONE)), 255, "characters of a stage's name"),
        (words, 5_000, "words of one value"),
        (lambda count: xml("", "<ups>u</ups>" * count), 500, "products"),
        (fcl, 300, "fcl files of a stage"),
        (fcl_of_stages, 1_200, "fcl files of all stages"),
    ],
)
def test_a_limit(document: Callable[[int], bytes], most: int, what: str) -> None:
    read(document(most))
    with pytest.raises(XmlError, match=what) as caught:
        read(document(most + 1))
    assert caught.value.code in ("X2P003", "X2P005")
    assert str(most) in caught.value.message.replace(",", "")


def test_what_a_stage_takes_over_counts_again() -> None:
    """Of each parameter the name, the value, and itself, and all that once more."""
    read(parameters(1_498))
    with pytest.raises(XmlError, match="more than 12,000 is not converted"):
        read(parameters(1_500))
