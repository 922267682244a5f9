"""What a person does to a campaign.cfg."""

from __future__ import annotations

import re

__all__ = ["with_line"]


def with_line(text: str, section: str, stem: str, seam: int, line: str) -> str:
    """The file with a line added to a section's STEM_N, and those after it numbered anew.

    seam  how many of the section's lines of that kind stand before the new one
    """
    lines = text.splitlines()
    start = lines.index(f"[{section}]") + 1
    end = next((n for n in range(start, len(lines)) if lines[n].startswith("[")), len(lines))
    key = re.compile(rf"{stem}_(\d+)(\s*=.*)")
    places = [n for n in range(start, end) if key.fullmatch(lines[n])]
    for n in places[seam:]:
        match = key.fullmatch(lines[n])
        assert match is not None
        lines[n] = f"{stem}_{int(match[1]) + 1}{match[2]}"
    at = places[seam] if seam < len(places) else places[-1] + 1 if places else start
    lines.insert(at, f"{stem}_{seam + 1} = {line}")
    return "\n".join(lines) + "\n"
