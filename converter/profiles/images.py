"""Container images that Fermilab keeps for worker nodes."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["IMAGES"]

IMAGES: Mapping[str, str] = {
    alias: f"/cvmfs/singularity.opensciencegrid.org/fermilab/fnal-wn-{alias}:latest"
    for alias in ("sl6", "sl7", "el8", "el9")
}
"""`<os>` aliases for which there is a container image."""
