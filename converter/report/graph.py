"""The stages of a campaign as a picture: who waits for whom, what is read and made."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from converter.report.model import StageReport

__all__ = ["Graph", "Node", "drawn"]

_WIDE, _HIGH = 300, 62
_GAP_X, _GAP_Y = 24, 40
_ACROSS = 3
"""How many stages stand side by side at most."""

_BIG, _SMALL = 30, 36
"""How many letters of the name, and of the rest, fit into a box."""


class Node(Struct, frozen=True):
    """A box at x, y: the stage, and what it reads and makes, cut to fit."""

    stage: StageReport
    x: int
    y: int
    name: str
    reads: str
    makes: str


class Graph(Struct, frozen=True):
    """Boxes of one size, lines between them as SVG paths, and the size of it all."""

    nodes: tuple[Node, ...]
    edges: tuple[str, ...]
    width: int
    height: int
    box: tuple[int, int] = (_WIDE, _HIGH)


def drawn(stages: Sequence[StageReport]) -> Graph:
    """Every stage below those that it waits for; stages of one height side by side."""
    depths: dict[str, int] = {}
    for stage in stages:
        # A stage only ever waits for earlier ones.
        depths[stage.name] = 1 + max((depths.get(s, -1) for s in stage.waits_for), default=-1)
    levels: dict[int, list[StageReport]] = {}
    for stage in stages:
        levels.setdefault(depths[stage.name], []).append(stage)
    rows: list[list[StageReport]] = []
    for _, level in sorted(levels.items()):
        rows += [level[k : k + _ACROSS] for k in range(0, len(level), _ACROSS)]
    nodes = {
        stage.name: _node(stage, column, row)
        for row, level in enumerate(rows)
        for column, stage in enumerate(level)
    }
    edges = tuple(
        _edge(nodes[producer], nodes[stage.name])
        for stage in stages
        for producer in stage.waits_for
        if producer in nodes
    )
    across = max((len(level) for level in rows), default=0)
    return Graph(
        tuple(nodes.values()),
        edges,
        across * (_WIDE + _GAP_X),
        len(rows) * (_HIGH + _GAP_Y) - _GAP_Y + 4,
    )


def _node(stage: StageReport, column: int, row: int) -> Node:
    reads = f"reads {stage.reads}" if stage.reads else "generator"
    if stage.waits_for:
        reads = f"after {', '.join(stage.waits_for)}"
    return Node(
        stage,
        column * (_WIDE + _GAP_X) + 2,
        row * (_HIGH + _GAP_Y) + 2,
        _cut(stage.name, _BIG),
        _cut(reads, _SMALL),
        _cut(f"makes {stage.makes}" if stage.makes else "", _SMALL),
    )


def _cut(text: str, most: int) -> str:
    """As much as fits: the ends of a name tell more than its middle."""
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]}…{text[-half + 1 :]}"


def _edge(above: Node, below: Node) -> str:
    """A curve from the middle of one box's foot to the middle of the other one's head."""
    x, y = above.x + _WIDE // 2, above.y + _HIGH
    to_x, to_y = below.x + _WIDE // 2, below.y
    bend = (to_y - y) // 2
    return f"M{x} {y}C{x} {y + bend} {to_x} {to_y - bend} {to_x} {to_y}"
