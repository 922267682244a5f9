"""Software: release, products, local release, fcl search path."""

from __future__ import annotations

import pytest

from tests.projects import Converted, convert, xml


def test_products_are_set_up_with_release_and_qualifiers() -> None:
    assert convert("", "<ups>dunesw</ups><ups>larutils, x</ups>").series("job_setup", "setup") == [
        "dunesw v09_81_00 -q e26:prof",
        "larutils v09_81_00 -q e26:prof",
        "x v09_81_00 -q e26:prof",
    ]


@pytest.mark.parametrize(
    ("experiment", "product"),
    [
        ("uboone", "uboonecode"),
        ("sbnd", "sbndcode"),
        ("icarus", "icaruscode"),
        ("lariat", "lariatsoft"),
        ("dune", "dunesw"),
        ("nova", "novacode"),
    ],
)
def test_without_ups_the_experiments_product_is_set_up(experiment: str, product: str) -> None:
    setup = convert(experiment=experiment)["job_setup", "setup_1"]
    assert setup == f"{product} v09_81_00 -q e26:prof"


def test_a_product_may_be_a_variable_of_the_job() -> None:
    converted = convert("", "<ups>$PRODUCT</ups>")
    assert converted["job_setup", "setup_1"] == "$PRODUCT v09_81_00 -q e26:prof"
    assert "X2P309" in converted.codes


@pytest.mark.parametrize(
    ("tag", "qual", "product"),
    [
        ("v09_29_00", "e20:prof", "dunetpc v09_29_00 -q e20:prof"),
        # The shell of the job expands them, as it does in project.py's job.
        ("$RELEASE", "$QUALS", "dunetpc $RELEASE -q $QUALS"),
        ("v 1", "a b", "dunetpc 'v 1' -q 'a b'"),
    ],
)
def test_a_release_may_be_a_variable_of_the_job(tag: str, qual: str, product: str) -> None:
    data = (
        f'<project name="p"><numevents>1</numevents><larsoft><tag>{tag}</tag><qual>{qual}</qual>'
        '</larsoft><stage name="s"><fcl>a.fcl</fcl><outdir>/o</outdir><workdir>/w</workdir>'
        "</stage></project>"
    )
    assert Converted(data.encode())["job_setup", "setup_1"] == product


def test_dune_changed_its_product_with_release_v09_30() -> None:
    old = (
        b'<project name="p"><numevents>1</numevents><larsoft><tag>v09_29_00</tag></larsoft>'
        b'<stage name="s"><fcl>a.fcl</fcl><outdir>/o</outdir><workdir>/w</workdir></stage>'
        b"</project>"
    )
    assert Converted(old)["job_setup", "setup_1"] == "dunetpc v09_29_00 -q debug"
    assert "X2P301" in convert().codes


@pytest.mark.parametrize(
    ("local", "value", "code"),
    [
        ("/exp/dune/x/local.tar", "dropbox:///exp/dune/x/local.tar", None),
        ("/exp/dune/x/local.tgz", "dropbox:///exp/dune/x/local.tgz", None),
        ("/exp/dune/x/products", "tardir:///exp/dune/x/products", "X2P303"),
    ],
)
def test_a_local_release_comes_first(local: str, value: str, code: str | None) -> None:
    converted = convert("", f"<larsoft><local>{local}</local></larsoft>")
    assert "tar_file_name" not in converted.sections["submit"], "only the first <larsoft> counts"
    data = (
        f'<project name="p"><numevents>1</numevents><larsoft><tag>v1</tag><local>{local}</local>'
        "</larsoft><stage name='s'><fcl>a.fcl</fcl><outdir>/o</outdir><workdir>/w</workdir>"
        "</stage></project>"
    ).encode()
    converted = Converted(data)
    assert converted["submit", "tar_file_name"] == value
    source = converted["job_setup", "source_1"]
    assert source is not None
    assert source.endswith("; export PRODUCTS=$INPUT_TAR_DIR_LOCAL:$PRODUCTS")
    assert (code in converted.codes) is (code is not None)


ONE = (
    "export INPUT_TAR_DIR_LOCAL_1=$INPUT_TAR_DIR_LOCAL INPUT_TAR_FILE_1=$INPUT_TAR_FILE",
    "",
)
TWO = (
    "export INPUT_TAR_DIR_LOCAL_2=$INPUT_TAR_DIR_LOCAL_1 "
    "INPUT_TAR_DIR_LOCAL_1=$INPUT_TAR_DIR_LOCAL "
    "INPUT_TAR_FILE_2=$INPUT_TAR_FILE_1 INPUT_TAR_FILE_1=$INPUT_TAR_FILE",
    "_1",
)


@pytest.mark.parametrize(
    ("local", "jobsub", "tarballs", "export", "copied"),
    [
        ("", "--tar_file_name tardir:///x/a", ["tardir:///x/a"], ONE, [1]),
        ("/x/l.tar", "", ["dropbox:///x/l.tar"], ONE, []),
        (
            "/x/l.tar",
            "--tar_file_name=dropbox:///x/a.tar",
            ["dropbox:///x/a.tar", "dropbox:///x/l.tar"],
            TWO,
            [1],
        ),
        (
            "",
            "--tar-file-name=dropbox:///x/a.tar --tar_file_name=dropbox:///x/b.tgz",
            ["dropbox:///x/a.tar", "dropbox:///x/b.tgz"],
            TWO,
            [1, 2],
        ),
    ],
)
def test_tarballs_have_the_names_that_they_have_in_project_pys_job(
    local: str, jobsub: str, tarballs: list[str], export: tuple[str, str], copied: list[int]
) -> None:
    """dojobsub() puts its own tarball first, then those of <jobsub>, then the release;
    condor_lar.sh copies the files of all but the release to where lar runs."""
    data = xml(f"<jobsub>{jobsub}</jobsub>" if jobsub else "")
    if local:
        data = data.replace(b"</larsoft>", f"<local>{local}</local></larsoft>".encode())
    converted = Converted(data)
    sent = [v for k, v in converted.sections["submit"].items() if k.startswith("tar_file_name")]
    assert sent == tarballs
    lines = [x for x in converted.prescripts if x.startswith(("export", "find"))]
    assert lines == [
        export[0],
        *(f"find $INPUT_TAR_DIR_LOCAL_{n}/ -follow -type f -exec cp {{}} . \\;" for n in copied),
    ]
    source = str(converted["job_setup", "source_1"])
    assert not local or f"PRODUCTS=$INPUT_TAR_DIR_LOCAL{export[1]}:" in source
    said = [f.message for f in converted.findings if f.code == "X2P330"]
    assert sorted(message.split(" in a job")[0] for message in said) == [
        f"{tarball.rpartition('/')[2]} is $INPUT_TAR_DIR_LOCAL_{n}"
        for n, tarball in enumerate(tarballs, 1)
    ]
    assert ("X2P331" in converted.codes) is bool(copied)


def test_tar_files_that_come_along_are_unpacked() -> None:
    """condor_lar.sh: find . -name \\*.tar -exec tar xf."""
    unpacked = "for t in *.tar; do tar xf $t; done"
    assert unpacked in convert("<jobsub>-f /x/a.tar</jobsub>").prescripts
    assert unpacked not in convert("<jobsub>-f /x/a.tgz</jobsub>").prescripts


def test_fcl_directories() -> None:
    cvmfs = convert("", "<fcldir>/cvmfs/x/fcl</fcldir>")["job_setup", "source_1"]
    assert cvmfs is not None
    assert cvmfs.endswith("; export FHICL_FILE_PATH=/cvmfs/x/fcl:$FHICL_FILE_PATH")
    own = convert("", "<fcldir>/exp/x/fcl/</fcldir>")
    assert own["submit", "f_1"] == "dropbox:///exp/x/fcl/gen.fcl"
    assert "cp $CONDOR_DIR_INPUT/* ." in own.prescripts
    assert "X2P305" in own.codes


def test_an_fcl_file_below_the_search_path_is_copied_from_there() -> None:
    converted = convert("<fcl>job/my.fcl</fcl><outdir>/pnfs/o</outdir><workdir>/w</workdir>")
    assert '#include "my.fcl"' in converted.prescripts
    assert (
        "for d in ${FHICL_FILE_PATH//:/ }; do if [ -f $d/job/my.fcl ]; "
        "then cp $d/job/my.fcl .; break; fi; done"
    ) in converted.prescripts
    assert "X2P307" in converted.codes


def test_an_fcl_file_given_by_path_goes_along() -> None:
    converted = convert("<fcl>/exp/x/my.fcl</fcl><outdir>/pnfs/o</outdir><workdir>/w</workdir>")
    assert converted["submit", "f_1"] == "dropbox:///exp/x/my.fcl"
    assert '#include "my.fcl"' in converted.prescripts
