"""Which campaigns are one family: a rule that a person can predict.

Campaigns whose files have the same sections, keys and flow are kin (`member.kin`), and kin are
one family.  Where that family would have more than MOST_VARIABLES variables, or more than
MOST_CAMPAIGNS campaigns, it is a family for each directory instead.  Nothing else decides, so
that another file changes no family but its own.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import groupby
from typing import TypeVar

from msgspec import Struct

from converter.families.member import Member, stage_values

__all__ = ["MOST_CAMPAIGNS", "MOST_VARIABLES", "Rule", "differences", "family_name", "parts"]

MOST_VARIABLES = 12
"""A table of more columns is for nobody's eyes."""

MOST_CAMPAIGNS = 500
"""Nor one of more rows; and so many are in memory at once."""

T = TypeVar("T")


class Rule(Struct, frozen=True):
    """What people may say about it.

    by_directory  a family never spans directories
    apart         globs: the sources that are like one of these are families by themselves
    together      globs: families of these are not divided
    """

    by_directory: bool = False
    apart: tuple[str, ...] = ()
    together: tuple[str, ...] = ()

    def label(self, source: str) -> str:
        """Sources with different labels are never one family."""
        for glob in (*self.apart, *self.together):
            if fnmatchcase(source, glob):
                return glob
        return ""

    def divides(self, label: str) -> bool:
        return label not in self.together


def parts(
    kin: Sequence[T], folder: Callable[[T], str], variables: Callable[[], int], rule: Rule
) -> Iterator[tuple[str, Sequence[T]]]:
    """The families that kin are, each with what tells it from the others: "", or its directory.

    kin        in the order of their sources
    folder     where one's source is
    variables  how many variables the family of all of them has
    """
    ordered = sorted(kin, key=folder)
    divided = [(place, list(some)) for place, some in groupby(ordered, key=folder)]
    several = len(divided) > 1
    if several and (rule.by_directory or len(kin) > MOST_CAMPAIGNS or variables() > MOST_VARIABLES):
        chosen = divided
    else:
        chosen = [("", list(kin))]
    for place, some in chosen:
        for start in range(0, len(some), MOST_CAMPAIGNS):
            number = f"#{start // MOST_CAMPAIGNS}" if start else ""
            yield place + number, some[start : start + MOST_CAMPAIGNS]


def family_name(experiment: str, names: Sequence[str], stages: Sequence[str], kin: str) -> str:
    """A name by what the campaigns' names have in common, else by their stages.

    kin  what tells this family from all others: letters of its checksum end the name
    """
    words = [re.split(r"[_.+-]+", name) for name in names]
    common = [word for word in words[0] if all(word in other for other in words) and len(word) > 2]
    by_stages = [stages[0], stages[-1]] if len(stages) > 1 else [stages[0]]
    chosen = common[:4] or by_stages
    listed = [word for word in dict.fromkeys([experiment, *chosen]) if word]
    digest = hashlib.sha256(kin.encode()).hexdigest()[:6]
    return re.sub(r"[^A-Za-z0-9_]", "_", "_".join([*listed, digest]))


def differences(one: Member, other: Member, columns: Collection[str] = ()) -> list[str]:
    """In what, besides values, two campaigns differ: what one has and the other has not.

    columns  macros of the other that need not count: a template has them for its table
    """

    def keys(member: Member) -> dict[str, None]:
        return dict.fromkeys(
            ".".join(part for part in (stage, place, key) if part)
            for stage, place, key, _ in stage_values(member.cfg)
        )

    mine, its = keys(one), keys(other)
    more = [f"+{key}" for key in mine if key not in its]
    extra = {f"global.{column}" for column in columns}
    return [*more, *(f"-{key}" for key in its if key not in mine and key not in extra)]
