"""Software: release, products, local release, fcl search path."""

from __future__ import annotations

import pytest

from tests.projects import Converted, convert


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
