"""Where two plans differ, and which findings of the conversion say so."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Set

from msgspec import Struct

from converter.launch.plan import FIELDS, Plan, Value, kind, lines

__all__ = ["ANNOUNCED", "Difference", "announcing", "differences", "fields_of"]


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


_FROM_ANOTHER = "X2P404 X2P405 X2P406 X2P407 X2P417"
_DECLARED = "X2P607 X2P608"

_ODD = "X2P201 X2P509 X2P511 X2P706"
"""What a shell of the job would stumble over, and with it all that comes after; no jobs."""

ANNOUNCED: tuple[tuple[str, str], ...] = (
    ("SAM dataset", f"{_FROM_ANOTHER} X2P403 X2P418"),
    ("SAM application", f"{_FROM_ANOTHER} X2P415"),
    ("files per job", _FROM_ANOTHER),
    ("input files", f"{_FROM_ANOTHER} X2P408 X2P416"),
    ("delivery", _FROM_ANOTHER),
    (r"substage 0 other arguments", f"{_FROM_ANOTHER} X2P506 X2P509"),
    (r"substage \d+ other arguments", "X2P506 X2P509"),
    (r"substage \d+ (output|errors) to", "X2P602"),
    (r"substage \d+ events|events in all", "X2P201 X2P507 X2P510"),
    (r"substage \d+ reads", "X2P508"),
    (r"when substage \d+ fails", "X2P602 X2P705"),
    (r"when (?!substage \d).* fails", "X2P701"),
    ("container", "X2P223 X2P224"),
    ("data files|log files|folders", "X2P610"),
    ("prestaged share", "X2P412 X2P527"),
    ("tarballs", "X2P308 X2P330"),
    ("refused", "X2P529 X2P308 X2P210 X2P211 X2P215 X2P216 X2P222 X2P223 X2P224 X2P201"),
    ("products", "X2P301 X2P302 X2P309"),
    ("bytes per job", "X2P202"),
    ("start and stop", "X2P203 X2P226"),
    ("worker script", "X2P225"),
    ("second SAM input", "X2P414"),
    ("SAM strategy", "X2P413"),
    ("merging", "X2P505"),
    ("role", "X2P217 X2P227"),
    ("substage 0 fcl", "X2P416"),
    ("mail", "X2P211"),
    ("jobs", "X2P212"),
    ("environment", "X2P215 X2P216"),
    ("job name", "X2P228"),
    (
        "environment|memory|disk|cores|gpus|expected lifetime|time limit|site|blocklist|usage model"
        "|provides|operating system|container|requirements|condor lines|subgroup|mail|option .*"
        "|jobs at a time|prestaged share",
        "X2P229",
    ),
    ("data files|log files|folders|tarballs|files sent along|input files|setup", "X2P230"),
    ("setup", "X2P309"),
    (r"condor lines|order|names|substage .*|when .*|SAM application|job name", "X2P503"),
    ("data files", "X2P603 X2P604 X2P605 X2P606 X2P623"),
    ("data files|log files|names", "X2P612"),
    ("names", "X2P624"),
    ("declaration", "X2P622 X2P625"),
    ("log files", "X2P603"),
    ("folders", "X2P603"),
    ("declared to SAM|SAM location|declaration", _DECLARED),
    ("output dataset", f"{_DECLARED} X2P801 X2P804"),
    ("order", "X2P603"),
    ("order|names|data files|input files|files fetched|files at hand|log files|refused", _ODD),
    (r"substage .*|when .*", _ODD),
    ("parents in SAM", f"{_DECLARED} X2P611"),
    ("files sent along", f"{_FROM_ANOTHER} X2P416"),
)
"""Fields, as regular expressions, and the findings that announce a difference in them."""


def announcing(field: str, codes: Set[str]) -> tuple[str, ...]:
    """Those of the codes that announce a difference in the field."""
    found = {
        code
        for pattern, known in ANNOUNCED
        if re.fullmatch(pattern, field)
        for code in known.split()
    }
    return tuple(sorted(found & codes))
