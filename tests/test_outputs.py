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
        ("<dirsize>1</dirsize><dirlevels>1</dirlevels>", "/$((PROCESS%1))/"),
        ("<dirsize>10</dirsize>", "/"),
        ("<dirlevels>2</dirlevels>", "/"),
        (f"<dirsize>{2**64}</dirsize><dirlevels>1</dirlevels>", "/"),
        (f"<dirsize>10</dirsize><dirlevels>{2**64}</dirlevels>", "/"),
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


def patterns(converted: Converted) -> dict[str, list[str]]:
    """The sections of output files → their patterns, a declared one's with a + in front."""
    return {
        ("+" if "declare_metadata" in keys else "") + section: [
            value for key, value in keys.items() if key.startswith("addoutput")
        ]
        for section, keys in converted.sections.items()
        if section.startswith("job_output") and keys
    }


LOG = {"job_output_1": ["log.tar"]}


@pytest.mark.parametrize(
    ("settings", "groups"),
    [
        ("", {"+job_output": ["*.root"]}),
        ("<ana>1</ana>", {"+job_output": ["*.root"]}),
        ("<datafiletypes>csv</datafiletypes>", {"job_output": ["*.csv"]}),
        ("<datafiletypes>csv,h5</datafiletypes>", {"job_output": ["*.csv", "*.h5"]}),
        ("<datafiletypes>art.root</datafiletypes>", {"job_output": ["*.art.root"]}),
        (
            "<datafiletypes>root,csv</datafiletypes>",
            {"+job_output": ["*.root"], "job_output_2": ["*.csv"]},
        ),
        (
            "<datafiletypes>root,csv</datafiletypes><TFileName>h.root</TFileName>",
            {"job_output": ["h*.root", "*.csv"], "+job_output_2": ["*.root"]},
        ),
        (
            "<TFileName>h.root</TFileName><output>%ifb_x.root</output>",
            {"+job_output": ["*_x0.root"], "job_output_2": ["*.root"]},
        ),
        (
            "<ana>1</ana><TFileName>h.root</TFileName>",
            {"job_output": ["h*.root"], "+job_output_2": ["*.root"]},
        ),
        ("<TFileName>h.csv</TFileName>", {"+job_output": ["*.root"]}),
    ],
)
def test_only_art_files_are_declared(settings: str, groups: dict[str, list[str]]) -> None:
    """validate_in_job.py, main(): what is no art file needs its own metadata."""
    assert patterns(convert("<check>1</check>" + settings)) == groups | LOG
    undeclared = patterns(convert(settings))
    assert set(undeclared) == {"job_output", "job_output_1"}


def test_the_log_is_no_data_where_tar_files_are() -> None:
    found = patterns(convert("<datafiletypes>tar</datafiletypes>"))
    assert found == {"job_output": ["log.tar"], "job_output_1": ["*.tar"]}


def test_a_stage_has_no_groups_that_only_another_one_needs() -> None:
    own = "<inputdef>d</inputdef><check>1</check><datafiletypes>root,csv</datafiletypes>"
    more = stage("t", own)
    converted = Converted(xml("", "", more))
    assert patterns(converted) == {"job_output": ["*.root"], "job_output_1": ["log.tar"]}
    assert "# Set by stages, where they need it.\n[job_output_2]\n" in converted.text


@pytest.mark.parametrize(
    ("settings", "code", "fate"),
    [
        ("<datafiletypes>root,csv</datafiletypes>", "X2P621", "derived"),
        ("<datafiletypes>csv</datafiletypes>", "X2P622", "derived"),
        ("<datafiletypes>art.root</datafiletypes>", "X2P625", "invalid"),
    ],
)
def test_what_is_kept_and_not_declared_is_said(settings: str, code: str, fate: str) -> None:
    converted = convert("<check>1</check>" + settings)
    assert [f.fate.value for f in converted.findings if f.code == code] == [fate]
    assert code not in convert(settings).codes
    assert code not in convert("<check>2</check>" + settings).codes


def test_a_stage_without_art_files_feeds_none() -> None:
    converted = Converted(xml("<datafiletypes>csv</datafiletypes>", "", stage("t")))
    assert "X2P627" in converted.codes
    assert set(patterns(converted)) == {"job_output", "job_output_1"}


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ("<jobsub>-f /pnfs/x/sce.root</jobsub>", "X2P620"),
        ("<jobsub>-f /pnfs/x/sce.root</jobsub><check>1</check>", "X2P626"),
        ("<jobsub>-f dropbox:///pnfs/x/sce.root</jobsub>", "X2P620"),
        ("<jobsub>-f /x/t.csv</jobsub><datafiletypes>csv</datafiletypes>", "X2P620"),
        (
            "<jobsub>-f /x/t.csv</jobsub><datafiletypes>root,csv</datafiletypes><check>1</check>",
            "X2P620",
        ),
        ("<jobsub>-f /x/t.csv</jobsub>", None),
        ("<jobsub>-f /x/t.ROOT</jobsub>", None),
        ("<endscript>/x/end.sh</endscript><datafiletypes>sh</datafiletypes>", "X2P620"),
    ],
)
def test_files_that_come_along_and_back_are_said(settings: str, code: str | None) -> None:
    assert convert(settings).codes & {"X2P620", "X2P626"} == ({code} if code else set())


def test_data_that_the_workers_own_files_look_like() -> None:
    assert "X2P624" in convert("<datafiletypes>root,txt</datafiletypes>").codes
    assert "X2P624" not in convert("<datafiletypes>root,json</datafiletypes>").codes


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


@pytest.mark.parametrize(
    ("settings", "project", "missing"),
    [
        ("", "", ["<filetype> and no <datatier>"]),
        ("<datatier>reco</datatier>", "", ["<filetype>"]),
        ("<datatier> </datatier>", "<filetype>mc</filetype>", ["<datatier>"]),
        ("<datatier>reco</datatier>", "<filetype>mc</filetype>", []),
    ],
)
def test_a_dropbox_that_nothing_names(settings: str, project: str, missing: list[str]) -> None:
    converted = convert("<copy>1</copy><check>1</check>" + settings, project, experiment="uboone")
    said = [f for f in converted.findings if f.code == "X2P623"]
    assert [f.message.partition("no ")[2].partition(" says")[0] for f in said] == missing
    dest = str(converted["job_output", "dest"])
    box = "/pnfs/dune/o/" if missing else "/pnfs/uboone/scratch/uboonepro/dropbox/mc/uboone/reco"
    assert dest.startswith(box)
    assert "//" not in dest


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


@pytest.mark.parametrize(
    ("outdir", "logdir"), [("o/", "l/"), ("o", "l/"), ("o/", "o"), ("o", "o/"), ("o/", "o/")]
)
def test_a_slash_at_the_end_of_a_directory_is_no_level_of_it(outdir: str, logdir: str) -> None:
    converted = convert(
        f"<fcl>a.fcl</fcl><workdir>/w</workdir><outdir>/pnfs/dune/{outdir}</outdir>"
        f"<logdir>/pnfs/dune/{logdir}</logdir>"
    )
    job = r"${CLUSTER}_\${JOBSUBJOBSECTION:-\$PROCESS}"
    assert converted["job_output", "dest"] == f"/pnfs/dune/o/{job}"
    assert converted["job_output_1", "dest"] == f"/pnfs/dune/{logdir[0]}/{job}"
