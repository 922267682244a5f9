"""Every real file that converts: what its campaign does differently is announced."""

from __future__ import annotations

from pathlib import Path

import pytest

from converter.mapping.campaign import map_project
from converter.poms.factor import factor
from converter.poms.ini import write_ini
from converter.poms.writer import write_cfg
from converter.projectpy.reader import read
from converter.verify.verification import UNANNOUNCED
from tests import corpus
from tests.programs_sample import profile_of
from tests.projects import verify
from tests.test_corpus_convert import FOLDERS, files_of

pytestmark = corpus.needs_corpus


@pytest.mark.parametrize(
    "poms", [False, pytest.param(True, marks=pytest.mark.long)], ids=["fife_launch", "POMS"]
)
@pytest.mark.parametrize("folder", FOLDERS, ids="/".join)
def test_differences_are_announced(folder: tuple[str, ...], poms: bool) -> None:
    for path in files_of(folder):
        answer = corpus.oracle()[path]
        if "error" not in answer:
            assert unannounced(path, answer["experiment"], poms=poms) == [], path


def unannounced(path: Path, experiment: str, *, poms: bool) -> list[object]:
    """What no finding says, of all projects, stages and their first and last jobs."""
    projects = read(path).projects
    facts = profile_of(experiment)
    found: list[object] = []
    for index, project in enumerate(projects):
        mapped = map_project(projects, index, facts, path.name)
        if mapped.ini is None:
            continue
        result = verify(
            projects,
            facts,
            write_cfg(factor(mapped.config)),
            project=project.name.value if len(projects) > 1 else None,
            inis=[("campaign.ini", write_ini(mapped.ini))] if poms else [],
        )
        assert not result.missing
        for check in result.checks:
            found += [check.error] if check.error else []
            found += [f for f in check.fields if f.verdict == UNANNOUNCED]
    return found
