"""Where two plans differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from msgspec import Struct

from converter.verify.plan import FIELDS, Plan, Value, kind, lines

__all__ = ["Difference", "differences", "fields_of"]


class Difference(Struct, frozen=True):
    """A field that two plans do not have in common.

    project, campaign  its values; of lines only those that the other side has not
    reordered          both have the same lines, in another order
    """

    field: str
    project: Value
    campaign: Value
    reordered: bool = False


def fields_of(*plans: Plan) -> list[str]:
    """The fields that any of the plans has, in the order of FIELDS."""
    names = dict.fromkeys(field for plan in plans for field in plan.fields)
    order = list(FIELDS)
    return sorted(names, key=lambda name: order.index(kind(name)))


def differences(project: Plan, campaign: Plan) -> Iterator[Difference]:
    """Field by field; an absent field is an empty one."""
    for field in fields_of(project, campaign):
        one, other = project.fields.get(field, ""), campaign.fields.get(field, "")
        if one == other:
            continue
        if isinstance(one, str) and isinstance(other, str):
            yield Difference(field, one, other)
            continue
        left, right = lines(one), lines(other)
        if Counter(left) == Counter(right):
            yield Difference(field, left, right, reordered=True)
        else:
            yield Difference(field, _without(left, right), _without(right, left))


def _without(own: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    left = Counter(others)
    kept = []
    for line in own:
        if left[line]:
            left[line] -= 1
        else:
            kept.append(line)
    return tuple(kept)
