"""The corpus of real files, the oracle's answers about them, and the real programs.

They lie beside the project, not in it; a test that needs them skips where they are absent.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(os.environ.get("XML2POMS_SHARED", Path(__file__).parents[2] / "shared"))
CORPUS = SHARED / "corpus"
REF_ROOT = os.environ.get("REF_ROOT", "")

needs_corpus = pytest.mark.skipif(
    not CORPUS.is_dir(), reason=f"no corpus of real files at {CORPUS}"
)
needs_programs = pytest.mark.skipif(
    not (REF_ROOT and CORPUS.is_dir()), reason="REF_ROOT does not name the real programs"
)

EXPERIMENTS = {
    "duneutil": "dune",
    "ubutil": "uboone",
    "wild-uboone": "uboone",
    "wild-sbnd": "sbnd",
    "wild-lariat": "lariat",
}
"""Each file of the oracle, and the experiment that project.py was run for."""


@cache
def files() -> tuple[Path, ...]:
    """Every real XML file, in a fixed order."""
    return tuple(sorted(CORPUS.rglob("*.xml")))


@cache
def oracle() -> dict[Path, dict[str, Any]]:
    """What the real project.py made of each file; `experiment` says for whom."""
    answers: dict[Path, dict[str, Any]] = {}
    for name, experiment in EXPERIMENTS.items():
        with gzip.open(SHARED / "oracle" / f"{name}.jsonl.gz", "rt") as lines:
            for line in lines:
                answer = json.loads(line)
                answers[SHARED / answer["file"]] = {**answer, "experiment": experiment}
    return answers


def loadable() -> Iterator[tuple[Path, dict[str, Any]]]:
    """The files that project.py loads, with its answers."""
    for path, answer in sorted(oracle().items()):
        if "error" not in answer:
            yield path, answer
