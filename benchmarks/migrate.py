"""How fast directories migrate, and what that costs, next to parsing their files alone.

    python benchmarks/migrate.py DIRECTORY [--json FILE] [--scale 1000,10000,100000]

Over the convertible files of DIRECTORY, on one core and in memory: time by phase, and as a
multiple of lxml's parse (the floor) and minidom's (what project.py starts from) of the same bytes.
Then `xml2poms migrate` itself with one and two processes, twice (the second time nothing has
changed), and `xml2poms --version` next to bare imports.  With --scale: the peak memory of
migrating so many files, and the processor time for each, made from samples/xml with names and
values of their own, each by itself and as families, and the second time.

The best of three runs counts, of alternating ones where things are compared.  What is written
goes to the usual place for temporary files: TMPDIR=/dev/shm takes the disk out of the comparison
of one and two processes.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from xml.dom import minidom
from xml.parsers.expat import ExpatError

from lxml import etree

from converter import conversion
from converter.errors import ConversionError
from converter.projectpy import reader
from converter.report.model import Report
from converter.report.rendering import as_json

SAMPLES = Path(__file__).parents[1] / "samples" / "xml"
RUNS = 3

PHASES = (
    (reader, "parse", "parse"),
    (conversion, "read", "read (with parse)"),
    (conversion, "experiment_of", "experiment"),
    (conversion, "map_project", "map"),
    (conversion, "factor", "factor"),
    (conversion, "write_cfg", "write and read back .cfg"),
    (conversion, "write_ini", "write and read back .ini"),
    (conversion, "ledger", "ledger"),
    (conversion, "checklist", "checklist"),
)
"""Functions that are timed: module, name, and what the table calls them."""


def convert(data: bytes) -> None:
    as_json(Report((conversion.convert_bytes(data, "x.xml").report,)), "0")


def parse_lxml(data: bytes) -> None:
    etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))


def parse_minidom(data: bytes) -> None:
    minidom.parseString(data).unlink()


def usable(data: bytes) -> bool:
    try:
        convert(data)
        parse_lxml(data)
        parse_minidom(data)
    except (ConversionError, etree.XMLSyntaxError, ExpatError):
        return False
    return True


def seconds(works: list[Callable[[bytes], None]], files: list[bytes]) -> list[float]:
    """The best time of each for all files, run by turns."""
    best = [float("inf")] * len(works)
    for _ in range(RUNS):
        for number, work in enumerate(works):
            gc.collect()
            start = time.perf_counter()
            for data in files:
                work(data)
            best[number] = min(best[number], time.perf_counter() - start)
    return best


@contextmanager
def timed() -> Iterator[dict[str, float]]:
    """Time spent in each phase, in seconds."""
    spent: dict[str, float] = {}
    originals = [(module, name, getattr(module, name)) for module, name, _ in PHASES]

    def clocked(function: Callable[..., Any], label: str) -> Callable[..., Any]:
        def clock(*args: Any, **more: Any) -> Any:
            start = time.perf_counter()
            try:
                return function(*args, **more)
            finally:
                spent[label] = spent.get(label, 0.0) + time.perf_counter() - start

        return clock

    for module, name, label in PHASES:
        setattr(module, name, clocked(getattr(module, name), label))
    try:
        yield spent
    finally:
        for module, name, function in originals:
            setattr(module, name, function)


def in_memory(directory: Path) -> dict[str, Any]:
    files = [path.read_bytes() for path in sorted(directory.rglob("*.xml"))]
    files = [data for data in files if usable(data)]
    if not files:
        sys.exit(f"no convertible .xml below {directory}")
    ours, lxml, dom = seconds([convert, parse_lxml, parse_minidom], files)
    with timed() as spent:
        start = time.perf_counter()
        for data in files:
            convert(data)
        whole = time.perf_counter() - start
    phases = {label: 1000 * spent[label] / len(files) for _, _, label in PHASES}
    # The parse is counted within reading too.
    phases["JSON and the rest"] = 1000 * whole / len(files) - sum(phases.values()) + phases["parse"]
    return {
        "files": len(files),
        "files a second": len(files) / ours,
        "times lxml's parse": ours / lxml,
        "times minidom's parse": ours / dom,
        "milliseconds a file": phases,
    }


def command(*args: str) -> list[str]:
    return [sys.executable, "-c", "from converter.cli import main; main()", *args]


class Cost(NamedTuple):
    """Seconds by the clock and of all processes' processor time; MB of the largest process."""

    seconds: float
    processor: float
    peak: int


def run(args: list[str]) -> Cost:
    """What a command costs."""
    start = time.perf_counter()
    process = subprocess.Popen(args, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 3):
        sys.exit(f"{' '.join(args)} ended with {process.returncode}")
    spent = usage.ru_utime + usage.ru_stime
    return Cost(time.perf_counter() - start, spent, usage.ru_maxrss // 1024)


def migrations(directory: Path) -> dict[str, Any]:
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for turn in range(RUNS):
            for jobs in (1, 2):
                # Kept to the end: what a file system does after a removal slows the next run.
                out = f"{scratch}/{turn}-{jobs}"
                args = command("migrate", str(directory), "-o", out, "-q", "-j", str(jobs))
                for label in (f"--jobs {jobs}", f"--jobs {jobs}, unchanged"):
                    found[label] = min(run(args).seconds, found.get(label, float("inf")))
    found["2 jobs are faster by"] = found["--jobs 1"] / found["--jobs 2"]
    return found


def start_up() -> dict[str, float]:
    bare = [sys.executable, "-c", "import click, lxml.etree"]
    times = [(run(command("--version")).seconds, run(bare).seconds) for _ in range(5 * RUNS)]
    ours, theirs = (min(column) for column in zip(*times))
    return {"seconds": ours, "times bare imports": ours / theirs}


def make(number: int, folder: Path) -> None:
    """Files like the samples: each with its own names and numbers, a thousand in a directory."""
    samples = [path.read_text() for path in sorted(SAMPLES.glob("*.xml"))]
    for index in range(number):
        text = samples[index % len(samples)]
        text = re.sub(r'(<!ENTITY name\s+")([^"]+)', rf"\g<1>\g<2>_{index}", text)
        text = re.sub(r'(<project name="[A-Za-z]\w*)"', rf'\1_{index}"', text)
        text = re.sub(r"(<(?:defname|inputdef)>[^<]*)", rf"\1_{index}", text)
        text = re.sub(r"<numjobs>\d+", f"<numjobs>{index % 997 + 2}", text)
        place = folder / f"{index // 1000:03}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"workflow_{index}.xml").write_text(text)


def memory(scale: list[int]) -> dict[str, dict[str, float]]:
    found = {}
    for number in scale:
        with tempfile.TemporaryDirectory() as scratch:
            source = Path(scratch, "in")
            make(number, source)
            args = command("migrate", str(source), "-o", f"{scratch}/out", "-q", "-j", "2")
            costs = {
                "": run(args),
                ", unchanged": run(args),
                ", as families": run([*args, "--families", "--force"]),
                ", families unchanged": run([*args, "--families"]),
            }
            found[f"{number:,} files"] = {
                what + which: value
                for which, cost in costs.items()
                for what, value in (
                    ("seconds", cost.seconds),
                    ("CPU ms a file", 1000 * cost.processor / number),
                    ("peak MB", cost.peak),
                )
            }
    return found


def show(name: str, value: Any, indent: int = 0) -> None:
    if isinstance(value, dict):
        print(f"{'  ' * indent}{name}")
        for key, item in value.items():
            show(key, item, indent + 1)
    else:
        shown = f"{value:,.3f}" if isinstance(value, float) else f"{value:,}"
        print(f"{'  ' * indent}{name:<{34 - 2 * indent}} {shown:>10}")


def main() -> None:
    """Measure, print the table, write the JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("directory", type=Path)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--scale", default="", metavar="N,…")
    options = parser.parse_args()
    results = {
        "one core, in memory": in_memory(options.directory),
        "migrate, seconds": migrations(options.directory),
        "xml2poms --version": start_up(),
        "memory": memory([int(number) for number in options.scale.split(",") if number]),
    }
    for name, value in results.items():
        if value:
            show(name, value)
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
