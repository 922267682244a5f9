"""Tags of times before today's project.py, which stand in many files."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["LEGACY"]

LEGACY: Mapping[str, str] = {
    "group": "the experiment; it comes from the environment today",
    "ubfcl": "the version of MicroBooNE's product ubfcl",
    "ubxml": "the version of MicroBooNE's product ubxml",
    "OS": "the operating system; <os> is read today",
    "mergeana": "the merging of ntuples; <anamerge> is read today",
    "inputstage": "the stage that makes the input; <previousstage> is read today",
    "recurinput": "a draining dataset; <recurdef> is read today",
    "tarball": "a local release; <local> is read today",
}
"""Tag → what it stood for."""
