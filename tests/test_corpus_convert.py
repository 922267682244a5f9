"""Every real file: converted, or refused with what project.py refuses it for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from converter.conversion import convert_bytes, experiment_of
from converter.errors import ConversionError, UsageError, XmlError
from converter.projectpy.reader import read
from converter.report.model import Report
from converter.report.rendering import as_json
from tests import corpus

pytestmark = corpus.needs_corpus

FOLDERS = sorted({p.relative_to(corpus.CORPUS).parts[:2] for p in corpus.files()})


def files_of(folder: tuple[str, ...]) -> list[Path]:
    return [p for p in corpus.files() if p.relative_to(corpus.CORPUS).parts[:2] == folder]


@pytest.mark.parametrize("folder", FOLDERS, ids="/".join)
def test_files_convert_and_their_fates_add_up(folder: tuple[str, ...]) -> None:
    for path in files_of(folder):
        answer = corpus.oracle()[path]
        data = path.read_bytes()
        if "error" in answer:
            with pytest.raises(ConversionError):
                convert_bytes(data, path.name, experiment=answer["experiment"])
            continue
        conversion = convert_bytes(data, path.name, experiment=answer["experiment"])
        report = conversion.report
        assert len(conversion.campaigns) == len(answer["projects"])
        assert sum(report.fates.values()) == len(report.settings)
        assert "X2P119" not in {finding.code for finding in report.findings}, path
        again = convert_bytes(data, path.name, experiment=answer["experiment"])
        assert again == conversion
        json.loads(as_json(Report((report,)), "0"))


def test_the_experiment_is_found_by_the_files_own_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EXPERIMENT", raising=False)
    monkeypatch.delenv("SAM_EXPERIMENT", raising=False)
    unknown = []
    for path, answer in corpus.loadable():
        try:
            found = experiment_of(read(path))
        except UsageError:
            unknown.append(path.name)
            continue
        except XmlError:
            continue
        assert found == answer["experiment"], path
    assert len(unknown) <= 5, unknown
