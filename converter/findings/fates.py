"""What becomes of a setting, and the records from which the report is made."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from msgspec import Struct

from converter.findings.catalogue import check_slots
from converter.poms.config import Place

__all__ = ["FAIL_ON", "Fate", "Implied", "Record", "Records"]


class Fate(str, Enum):
    """What becomes of a setting; each has exactly one."""

    rank: int
    """What counts where several stages use one setting: 0 yields to all, 7 to none."""

    MAPPED = "mapped"
    DERIVED = "derived"
    OVERRIDDEN = "overridden"
    BY_DESIGN = "by-design"
    INERT = "inert"
    MANUAL = "manual"
    UNSUPPORTED = "unsupported"
    INVALID = "invalid"

    __hash__ = str.__hash__

    @property
    def is_loss(self) -> bool:
        """Whether something that the XML asks for does not happen."""
        return self in (Fate.UNSUPPORTED, Fate.INVALID)

    @property
    def meaning(self) -> str:
        return _MEANINGS[self]


for _rank, _fate in enumerate(
    (
        Fate.OVERRIDDEN,
        Fate.BY_DESIGN,
        Fate.MAPPED,
        Fate.DERIVED,
        Fate.INERT,
        Fate.MANUAL,
        Fate.UNSUPPORTED,
        Fate.INVALID,
    )
):
    _fate.rank = _rank

_MEANINGS = {
    Fate.MAPPED: "same meaning, one place",
    Fate.DERIVED: "same effect by other means",
    Fate.OVERRIDDEN: "not used by any stage: each has its own value",
    Fate.BY_DESIGN: "POMS needs no counterpart, nothing is lost",
    Fate.INERT: "project.py ignores it too",
    Fate.MANUAL: "something has to be done by hand",
    Fate.UNSUPPORTED: "no counterpart in POMS, the effect is lost",
    Fate.INVALID: "fails in project.py's jobs too",
}


FAIL_ON = (
    *("optional", "agree", "block"),
    *(fate.value for fate in (Fate.INERT, Fate.MANUAL, Fate.UNSUPPORTED, Fate.INVALID)),
)
"""What somebody may want to hear of: what findings ask for, and fates."""


class Record(Struct, frozen=True, gc=False):
    """One thing that was decided about a setting, or found out about a stage.

    path   the setting's path in the document; None for a finding about the stage or the file
    stage  the stage that it was decided for, by its name in the campaign.cfg; None: all
    keys   where the result stands: what the calls that wrote it gave
    code   of the message catalogue, with the values for its slots; '' if nothing is to be said
    """

    path: str | None
    fate: Fate
    project: int
    stage: str | None = None
    keys: tuple[Place, ...] = ()
    code: str = ""
    slots: Mapping[str, str] = MappingProxyType({})

    def __post_init__(self) -> None:
        if self.code:
            check_slots(self.code, self.slots)


class Implied(Struct, frozen=True, gc=False):
    """Something that project.py does unasked, and what it becomes."""

    what: str
    project: int
    stage: str | None
    keys: tuple[Place, ...]
    message: str


class Records(Struct):
    """What the mapping leaves for the report."""

    records: list[Record] = []
    implied: list[Implied] = []
