"""Messages X2P3xx: software."""

from __future__ import annotations

from converter.findings.message import Message

__all__ = ["ROWS"]

ROWS = (
    Message(
        "X2P301",
        "look",
        "no <ups>: project.py would set up {old}, which has no release {release}; {new} is used",
        "give <ups> if that is wrong",
        announces=("products",),
        need="agree",
    ),
    Message(
        "X2P302",
        "look",
        "no release is given: the product is set up without a version, and the metadata has "
        "version `test`",
        "give <tag>, or set the version in job_setup.setup_1",
        announces=("products",),
        need="agree",
    ),
    Message(
        "X2P303",
        "look",
        "{path} is taken for a directory because of its name; it cannot be checked here",
        "if it is a tarball, write dropbox:// instead of tardir://",
        need="agree",
    ),
    Message(
        "X2P304",
        "note",
        "{fcl} is shipped with the jobs (jobsub -f)",
        "make sure that it exists at launch",
    ),
    Message(
        "X2P305",
        "look",
        "fcl files are shipped from {directory}; project.py does so for those that exist there",
        "if one is part of the release instead, remove its submit.f line",
        need="agree",
    ),
    Message(
        "X2P306",
        "look",
        "project.py would also search {directory} for fcl files; only the first <fcldir> is used",
        "if a file is there, correct its submit.f line",
        need="agree",
    ),
    Message(
        "X2P307",
        "look",
        "the job searches {fcl} in its FHICL_FILE_PATH; project.py searches there, and in the "
        "current directory, when it submits",
        "if it is a file of your own, give its full path",
        need="optional",
    ),
    Message(
        "X2P308",
        "look",
        "path {path!r} contains blanks, which project.py's DAG and many tools cannot handle",
        "correct the path",
        announces=(
            "tarballs",
            "refused",
        ),
        need="agree",
    ),
    Message(
        "X2P309",
        "look",
        "{product!r} is not a valid ups product name",
        "separate product names by commas",
        announces=(
            "products",
            "setup",
        ),
        need="block",
    ),
    Message(
        "X2P320",
        "look",
        "no <os> and no image: jobs run in jobsub_lite's default, el9, in which products of "
        "ups such as {release} hardly ever run",
        "give <os>SL7</os>, or name an image in a profile: [containers] default = IMAGE",
        need="block",
    ),
    Message(
        "X2P321",
        "look",
        "image {image}: sites may not run SL6 any more, and what jobs use today (ifdh, "
        "tokens) is not made for it",
        "name the image to use instead in a profile: [containers] {os} = IMAGE",
        need="agree",
    ),
    Message(
        "X2P322",
        "note",
        "no <os>: image {image}, as the profile says",
        announces=("container",),
    ),
    Message(
        "X2P330",
        "note",
        "{tarball} is ${there} in a job, as in project.py's, and ${here} too; there "
        "$INPUT_TAR_DIR_LOCAL holds the scripts and fcl files that project.py sends itself",
        "a script that takes one of those from $INPUT_TAR_DIR_LOCAL finds it in its own folder",
        announces=("tarballs",),
    ),
    Message(
        "X2P331",
        "note",
        "the files in {tarball} are copied to where lar runs, as project.py's job does: those"
        " with the ending of data come back with the output",
    ),
)
