"""The stages of a campaign as a picture: who waits for whom."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from converter.report.model import StageReport

__all__ = ["Graph", "Node", "drawn"]

_HIGH = 30
_GAP_X, _GAP_Y = 16, 18
_CLOSE = 8
"""Between boxes one below the other that do not wait for each other."""

_ACROSS = 1000
"""How far to the right boxes go, about: more of one height stand in further rows."""

_LETTER, _MARGIN = 9, 20
_LETTERS = 36
"""How wide a letter is at most, what is left beside a name, how many letters fit."""


class Node(Struct, frozen=True):
    """A box at x, y: the stage, and its name, cut to fit."""

    stage: StageReport
    x: int
    y: int
    name: str


class Graph(Struct, frozen=True):
    """Boxes of one size, lines between them as SVG paths, and the size of it all."""

    nodes: tuple[Node, ...]
    edges: tuple[str, ...]
    width: int
    height: int
    box: tuple[int, int]


def drawn(stages: Sequence[StageReport]) -> Graph:
    """Every stage below those that it waits for; stages of one height side by side."""
    longest = max((len(stage.name) for stage in stages), default=0)
    wide = min(longest, _LETTERS) * _LETTER + _MARGIN
    across = max(1, (_ACROSS + _GAP_X) // (wide + _GAP_X))
    nodes: dict[str, Node] = {}
    bottom, columns = 2, 0
    for level in _levels(stages):
        for number, stage in enumerate(level):
            row, column = divmod(number, across)
            x, y = column * (wide + _GAP_X) + 2, bottom + row * (_HIGH + _CLOSE)
            nodes[stage.name] = Node(stage, x, y, _cut(stage.name, _LETTERS))
        bottom = y + _HIGH + _GAP_Y
        columns = max(columns, min(len(level), across))
    edges = tuple(
        _edge(nodes[producer], nodes[stage.name], wide)
        for stage in stages
        for producer in stage.waits_for
        if producer in nodes
    )
    return Graph(
        tuple(nodes.values()),
        edges,
        columns * (wide + _GAP_X),
        bottom - _GAP_Y + 2,
        (wide, _HIGH),
    )


def _levels(stages: Sequence[StageReport]) -> list[list[StageReport]]:
    """The stages that wait for none, those that wait for these, and so on."""
    depths: dict[str, int] = {}
    levels: list[list[StageReport]] = []
    for stage in stages:
        # A stage only ever waits for earlier ones.
        depth = 1 + max((depths.get(s, -1) for s in stage.waits_for), default=-1)
        depths[stage.name] = depth
        if depth == len(levels):
            levels.append([])
        levels[depth].append(stage)
    return levels


def _cut(text: str, most: int) -> str:
    """As much as fits: the ends of a name tell more than its middle."""
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]}…{text[-half + 1 :]}"


def _edge(above: Node, below: Node, wide: int) -> str:
    """A curve from the middle of one box's foot to the middle of the other one's head."""
    x, y = above.x + wide // 2, above.y + _HIGH
    to_x, to_y = below.x + wide // 2, below.y
    bend = (to_y - y) // 2
    return f"M{x} {y}C{x} {y + bend} {to_x} {to_y - bend} {to_x} {to_y}"
