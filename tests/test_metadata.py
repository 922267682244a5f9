"""The wrapper fcl: exactly project.py's lines, and none where it would hold only the include."""

from __future__ import annotations

import pytest

from tests.projects import GEN, convert

MC = "<filetype>mc</filetype><runtype>physics</runtype>"
COMMON = [
    'services.FileCatalogMetadata.applicationVersion: "v09_81_00"',
    'services.FileCatalogMetadata.fileType: "mc"',
    'services.FileCatalogMetadata.runType: "physics"',
]
FLUX = [
    'physics.producers.generator.FluxCopyMethod: "IFDH"',
    "physics.producers.generator.MaxFluxFileMB: 500",
]
SUBRUN = ["source.firstSubRun: $((PROCESS + 1))"]
NAMES = ['FCLName: "gen.fcl"', 'FCLVersion: "v09_81_00"', 'ProjectName: "p"', 'ProjectStage: "s"']


@pytest.mark.parametrize(
    ("experiment", "block"),
    [
        (
            "dune",
            [
                "services.FileCatalogMetadataDUNE: {",
                'MCName: "n"',
                'StageName: "s"',
                "}",
                "services.TFileMetadataDUNE: @local::dune_tfile_metadata",
            ],
        ),
        (
            "uboone",
            [
                "services.FileCatalogMetadataMicroBooNE: {",
                *NAMES,
                'ProjectVersion: "v2"',
                "Merge: 1",
                "}",
                "services.TFileMetadataMicroBooNE: @local::microboone_tfile_metadata",
                "services.TFileMetadataMicroBooNE.Merge: "
                "@local::microboone_tfile_metadata.GenerateTFileMetadata",
            ],
        ),
        (
            "sbnd",
            ["services.FileCatalogMetadataSBN: {", *NAMES, 'ProjectVersion: "v09_81_00"', "}"],
        ),
        (
            "lariat",
            ["services.FileCatalogMetadataLArIAT: {", *NAMES, 'ProjectVersion: "v09_81_00"', "}"],
        ),
        ("icarus", []),
        ("nova", []),
    ],
)
def test_each_experiments_block(experiment: str, block: list[str]) -> None:
    extra = '<version>v2</version><parameter name="MCName">n</parameter>'
    merge = "<merge>1</merge><anamerge>1</anamerge>"
    converted = convert(merge, MC + extra, experiment=experiment)
    lines = converted.heredoc("wrapper.fcl")
    assert lines == ['#include "gen.fcl"', *COMMON, *block, *FLUX, *SUBRUN]


def test_without_filetype_and_runtype_there_is_no_metadata() -> None:
    assert convert().heredoc("wrapper.fcl") == ['#include "gen.fcl"', *FLUX, *SUBRUN]


def test_a_wrapper_that_would_hold_only_the_include_is_not_written() -> None:
    converted = convert("<inputdef>d</inputdef>")
    assert converted.prescripts == []
    assert converted.arguments[0] == "-c gen.fcl"


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        ("<runnumber>77</runnumber>", "source.firstRun: 77"),
        ("<maxfluxfilemb>9</maxfluxfilemb>", "physics.producers.generator.MaxFluxFileMB: 9"),
    ],
)
def test_further_lines(setting: str, line: str) -> None:
    assert line in convert("<inputdef>d</inputdef>" + setting).heredoc("wrapper.fcl")


@pytest.mark.parametrize("fcl", [1, 2, 3])
@pytest.mark.parametrize("reads", ["", "<inputdef>d</inputdef>"])
def test_every_substage_has_the_first_run(fcl: int, reads: str) -> None:
    inside = f"{GEN}{'<fcl>b.fcl</fcl>' * (fcl - 1)}<runnumber>77</runnumber>{reads}"
    assert convert(inside).text.count("source.firstRun: 77") == fcl


def test_no_flux_files_are_asked_for_with_0() -> None:
    assert convert("<maxfluxfilemb>0</maxfluxfilemb>").heredoc("wrapper.fcl")[1:] == SUBRUN


def test_a_substages_own_names() -> None:
    fcl = (
        "<fcl>a.fcl<processname>A</processname><stagename>x</stagename>"
        "<projectname>q</projectname><version>w</version></fcl>"
        "<outdir>/pnfs/o</outdir><workdir>/w</workdir><inputdef>d</inputdef>"
    )
    lines = convert(fcl, MC, experiment="uboone").heredoc("wrapper.fcl")
    assert lines[1] == "process_name: A"
    assert {'ProjectName: "q"', 'ProjectStage: "x"', 'ProjectVersion: "w"'} <= set(lines)


def test_several_wrappers_by_a_function() -> None:
    fcls = "<fcl>a.fcl<stagename>x</stagename></fcl><fcl>b.fcl<processname>B</processname></fcl>"
    converted = convert(
        fcls + "<outdir>/pnfs/o</outdir><workdir>/w</workdir><inputdef>d</inputdef>", MC
    )
    calls = [line for line in converted.prescripts if line.startswith("wrapper ")]
    assert calls == ["wrapper a.fcl '' x > wrapper0.fcl", "wrapper b.fcl B s > wrapper1.fcl"]


def test_metadata_switch_on_for_either_tag() -> None:
    assert COMMON[0] in convert("", "<runtype>x</runtype>").heredoc("wrapper.fcl")


@pytest.mark.parametrize(
    ("experiment", "path", "fate"),
    [
        ("dune", "project/parameter", "derived"),
        ("uboone", "project/parameter", "by-design"),
        ("uboone", "project/version", "derived"),
        ("sbnd", "project/version", "by-design"),
    ],
)
def test_what_no_metadata_takes_is_said(experiment: str, path: str, fate: str) -> None:
    extra = '<version>v2</version><parameter name="MCName">n</parameter>'
    assert convert("", MC + extra, experiment=experiment).fate(path) == fate
