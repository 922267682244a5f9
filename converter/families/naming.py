"""What a variable of a family is called: as an expert would call it, by where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable

from converter.mapping.macros import RESERVED
from converter.poms.config import stem

__all__ = ["Names", "base_name", "ini_name"]

_KEYS = {
    "fclfile": "fcl",
    "sam_dataset": "dataset",
    "N": "numjobs",
    "f": "file",
    "e": "environment",
    "tar_file_name": "tarball",
    "expected-lifetime": "lifetime",
    "singularity-image": "image",
    "resource-provides": "resource",
    "append_condor_requirements": "requirement",
    "lines": "condor_line",
    "add_to_dataset": "definition",
    "dest": "directory",
    "setup": "product",
    "limit": "files_per_job",
}
_OPTIONS = {"-n": "events", "-c": "fcl", "-o": "output", "-T": "histograms"}
_INI_KEYS = {
    "dataset_or_split_data": "dataset",
    "cs_split_type": "split",
    "software_version": "version",
    "completion_pct": "completion",
    "output_file_patterns": "patterns",
}


def base_name(section: str, key: str, before: str) -> str:
    """A name for what stands there, without that of the stage.

    before  what stands before it in the same text
    """
    kind = stem(key)[0]
    if kind in ("prescript", "postscript", "source"):
        word = re.search(r"([A-Za-z_]\w*)[^\w]*$", before)
        return word[1] if word else "script" if kind != "source" else "source"
    if section.startswith("executable") and kind == "arg":
        option = re.search(r"(--?[A-Za-z][\w-]*)(?:[ =]\S*)?$", before)
        return (_OPTIONS.get(option[1]) or _plain(option[1])) if option else "argument"
    return _KEYS.get(kind) or _plain(kind)


def ini_name(place: tuple[str, ...]) -> str:
    """A name for what stands in that place of the campaign.ini."""
    if place[0] == "stage":
        key = place[2]
        flag = place[4] if len(place) > 4 else ""
        option = re.sub(r"^-O\w+\.|[= ]+$", "", flag)
        if flag:
            first = "test_" if key.startswith("test") else "launch_"
            return f"{first}{_plain(option)}_{_plain(place[1])}"
        return f"{_INI_KEYS.get(key, _plain(key))}_{_plain(place[1])}"
    if place[0] == "job_type":
        flag = re.sub(r"^-O\w+\.|[= ]+$", "", place[-1])
        first = "recovery_" if place[2] == "recoveries" else ""
        return first + _INI_KEYS.get(flag, _plain(flag))
    return f"login_{place[1]}"


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]+", "_", text).strip("_")


class Names:
    """Names for macros, none of which hides a key, or is there already.

    keys    of the sections: a macro of the same name would hide them
    macros  that are there
    """

    def __init__(self, keys: Iterable[str], macros: Iterable[str]) -> None:
        self._hiding = {*RESERVED, *(stem(key)[0] for key in keys)}
        self._taken = {*macros, "name", "stage"}

    def new(self, wanted: str) -> str:
        """A name like that one."""
        base = wanted if re.match(r"[A-Za-z]", wanted) else f"value_{wanted}".rstrip("_")
        if base in self._hiding or stem(base)[0] in self._hiding:
            base = f"job_{base}"
        name, number = base, 1
        while name in self._taken or name in self._hiding:
            number += 1
            name = f"{base}_{number}"
        self._taken.add(name)
        return name
