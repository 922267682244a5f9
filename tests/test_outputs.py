"""Output: where it goes, under which name, what SAM is told of it."""

from __future__ import annotations

import pytest

from tests.projects import Converted, convert, stage, xml

OWN = r"${CLUSTER}_\${JOBSUBJOBSECTION:-\$PROCESS}"
TAR = "tar -cjf log.tar --no-recursion --exclude '*.root' --exclude 'x509*' *"


def test_data_and_log_go_to_their_folders() -> None:
    converted = convert("<logdir>/pnfs/dune/log/</logdir>")
    assert converted["job_output", "addoutput"] == "*.root"
    assert converted["job_output", "dest"] == f"/pnfs/dune/o/{OWN}"
    assert converted["job_output_1", "addoutput"] == "log.tar"
    assert converted["job_output_1", "dest"] == f"/pnfs/dune/log/{OWN}"
    assert converted.postscripts == [TAR]


@pytest.mark.parametrize(
    ("settings", "folders"),
    [
        ("<dirsize>10</dirsize><dirlevels>1</dirlevels>", "/$((PROCESS%10))/"),
        (
            "<dirsize>10</dirsize><dirlevels>2</dirlevels>",
            "/$((PROCESS/10%10))/$((PROCESS%10))/",
        ),
        ("<dirsize>10</dirsize>", "/"),
        ("<dirlevels>2</dirlevels>", "/"),
    ],
)
def test_hashed_folders(settings: str, folders: str) -> None:
    assert convert(settings)["job_output", "dest"] == f"/pnfs/dune/o{folders}{OWN}"


def test_hashed_folders_of_a_dataset_job_go_by_its_section() -> None:
    dest = convert("<inputdef>d</inputdef><dirsize>9</dirsize><dirlevels>1</dirlevels>")[
        "job_output", "dest"
    ]
    assert dest == "/pnfs/dune/o/$((${JOBSUBJOBSECTION:-$PROCESS}%9))/" + OWN


def test_only_a_generators_files_get_unique_names() -> None:
    assert convert()["job_output", "rename"] == "unique"
    assert convert("<inputdef>d</inputdef>")["job_output", "rename"] is None


def test_histograms_with_metadata_get_unique_names() -> None:
    line = convert("<inputdef>d</inputdef><TFileName>h.root</TFileName>").postscripts[0]
    assert "uuidgen" in line


@pytest.mark.parametrize(
    ("types", "patterns"),
    [
        ("root", ["*.root"]),
        ("root, json", ["*.root", "*.json"]),
        ("root,art.root", ["*.root"]),
        ("pndr,pndr", ["*.pndr"]),
    ],
)
def test_patterns_never_match_a_file_twice(types: str, patterns: list[str]) -> None:
    converted = convert(f"<datafiletypes>{types}</datafiletypes>")
    found = [v for k, v in converted.sections["job_output"].items() if k.startswith("addoutput")]
    assert found == patterns


def test_metadata_of_data_files_is_no_data() -> None:
    converted = convert("<datafiletypes>root,json</datafiletypes>")
    assert converted.postscripts[-1] == "rm -f *.root.json"


def test_check_declares_in_the_job() -> None:
    converted = convert("<check>1</check>")
    for key in ("declare_metadata", "add_location"):
        assert converted["job_output", key] == "True"
    assert converted["job_output", "metadata_extractor"] == "sam_metadata_dumper"
    assert converted["job_output", "filter_metadata"] is None
    assert convert("<check>0</check>")["job_output", "declare_metadata"] is None


def test_the_parent_of_a_chain_of_substages_is_not_declared() -> None:
    fcls = "<fcl>a.fcl</fcl><fcl>b.fcl</fcl><outdir>/pnfs/o</outdir><workdir>/w</workdir>"
    assert convert(fcls + "<check>1</check>")["job_output", "filter_metadata"] == "parents"


def test_only_art_files_are_declared() -> None:
    body = "<check>1</check><TFileName>h.root</TFileName>"
    named = convert(body + "<output>%ifb_x.root</output>")
    assert named["job_output", "addoutput"] == "*_x0.root"
    assert named["job_output", "declare_metadata"] == "True"
    assert named["job_output_1", "addoutput"] == "*.root"
    assert named["job_output_1", "declare_metadata"] is None
    unnamed = convert(body)
    assert unnamed["job_output", "addoutput"] == "h*.root"
    assert unnamed["job_output", "declare_metadata"] is None
    assert unnamed["job_output_1", "declare_metadata"] == "True"
    assert unnamed["job_output_2", "addoutput"] == "log.tar"


def test_without_a_sam_project_the_job_names_its_dataset() -> None:
    for body, dataset in (("<defname>d</defname>", "d"), ("", "_poms_task")):
        converted = Converted(xml(body, "", stage("t")))
        assert converted["job_output", "add_to_dataset"] == dataset


@pytest.mark.parametrize(
    ("settings", "dest", "code"),
    [
        ("<copy>1</copy>", "/pnfs/dune/o/" + OWN, "X2P604"),
        ("<copy>1</copy><check>1</check>", "/pnfs/dune/scratch/dunepro/dropbox/mc", "X2P606"),
        ("<copy>0</copy>", "/pnfs/dune/o/" + OWN, None),
    ],
)
def test_copy_goes_to_the_dropbox(settings: str, dest: str, code: str | None) -> None:
    converted = convert(settings, "<filetype>mc</filetype>")
    assert converted["job_output", "dest"] == dest
    assert code is None or code in converted.codes


def test_an_experiment_without_a_known_dropbox() -> None:
    assert "X2P605" in convert("<copy>1</copy><check>1</check>", experiment="nova").codes


def test_folders_outside_of_pnfs_are_made_by_the_job() -> None:
    converted = convert("<logdir>/dune/data/log</logdir>")
    assert converted.postscripts[-1] == (
        "ifdh mkdir_p /dune/data/log/${CLUSTER}_${JOBSUBJOBSECTION:-$PROCESS}"
    )
    assert "X2P609" in converted.codes


def test_names_of_datasets_become_commands() -> None:
    converted = convert(
        "<defname>d</defname><datatier>raw</datatier><anadefname>a</anadefname>"
        "<anadatatier>ntuple</anadatatier>",
        "<filetype>mc</filetype><version>v2</version>",
        experiment="uboone",
    )
    commands = [f.advice for f in converted.findings if f.code == "X2P802"]
    assert commands == [
        f'samweb create-definition {name} "file_type mc and data_tier {tier} and ub_project.name p '
        'and ub_project.stage s% and ub_project.version v2 and availability: anylocation"'
        for name, tier in (("d", "raw"), ("a", "ntuple"))
    ]
