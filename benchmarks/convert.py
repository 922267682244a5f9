"""How fast files convert, on one core, next to parsing them alone.

    python benchmarks/convert.py DIRECTORY

Converts every .xml below the directory to .cfg, .ini and JSON, in memory, and prints files per
second and the time as a multiple of lxml's (the floor) and of minidom's (what project.py starts
from) for the same bytes.  The best of three runs counts.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from xml.dom import minidom
from xml.parsers.expat import ExpatError

from lxml import etree

from converter.conversion import convert_bytes
from converter.errors import ConversionError
from converter.report.model import Report
from converter.report.rendering import as_json


def _convert(data: bytes) -> None:
    as_json(Report((convert_bytes(data, "x.xml").report,)), "0")


def _lxml(data: bytes) -> None:
    etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))


def _minidom(data: bytes) -> None:
    minidom.parseString(data).unlink()


def _seconds(work: Callable[[bytes], None], files: list[bytes]) -> float:
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        for data in files:
            work(data)
        best = min(best, time.perf_counter() - start)
    return best


def _usable(data: bytes) -> bool:
    try:
        _convert(data)
        _lxml(data)
        _minidom(data)
    except (ConversionError, etree.XMLSyntaxError, ExpatError):
        return False
    return True


def main() -> None:
    """Measure over the directory that the command line names."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    files = [path.read_bytes() for path in sorted(Path(sys.argv[1]).rglob("*.xml"))]
    files = [data for data in files if _usable(data)]
    if not files:
        sys.exit(f"no convertible .xml below {sys.argv[1]}")
    ours, lxml, dom = (_seconds(work, files) for work in (_convert, _lxml, _minidom))
    print(f"{len(files)} files, {len(files) / ours:.0f} a second")
    print(f"{ours / lxml:.0f} times lxml's parse, {ours / dom:.1f} times minidom's")


if __name__ == "__main__":
    main()
