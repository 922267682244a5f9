"""Stand-ins for samweb, upload_file and poms_client, which write down what they are asked for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_SAMWEB = """#!/bin/sh
echo "samweb $*" >> "$STUBS/calls"
experiment=$SAM_EXPERIMENT
if [ "$1" = -e ]; then experiment=$2; shift 2; fi
case $1 in
describe-definition) [ -e "$STUBS/$experiment-$2" ] ;;
create-definition) echo "$3" > "$STUBS/$experiment-$2" ;;
list-files)
    printf 'File count:\\t%s\\n' "${FILES-100}"
    printf 'Total size:\\t%s\\nEvent count:\\t5\\n' "$SIZE" ;;
esac
"""

_UPLOAD_FILE = """#!/bin/sh
echo "upload_file $*" >> "$STUBS/calls"
"""

_POMS_CLIENT = """
import json, os, pathlib

folder = pathlib.Path(os.environ["STUBS"])
known = folder / "poms.json"
stages = []


def _said(*words):
    with open(folder / "calls", "a") as file:
        print("poms_client", *words, file=file)


def _known():
    return json.loads(known.read_text()) if known.exists() else []


def upload_file(name, experiment=None, role=None):
    _said("upload_file", experiment, role, name)
    return open(name).close() is None


def upload_wf(name, experiment=None, role=None):
    _said("upload_wf", experiment, role, name)
    return True, json.loads(os.environ.get("ANSWER", '{"status": "201 Created", "message": "OK"}'))


def get_campaign_stage_id(experiment, campaign, stage, role=None):
    if os.environ.get("NO_CAMPAIGN"):
        int("null")  # as the server's answer is read
    stages.append((campaign, stage))
    return len(stages) - 1


def update_campaign_stage(stage_id, experiment=None, role=None, **columns):
    _said("update_campaign_stage", experiment, role, *(f"{k}={v}" for k, v in columns.items()))


def campaign_stage_submissions(experiment, role, campaign, stage):
    mine = [n for n, (c, s, test) in enumerate(_known()) if (c, s) == (campaign, stage)]
    rows = [{"submission_id": n, "status": "New"} for n in mine]
    # The server leaves the key out where there is none.
    return True, {"data": {"submissions": rows} if rows else {}}


def submission_details(experiment, role, number):
    test = _known()[number][2]
    return True, {"submission": {"submission_params": {"test": 1} if test else {}}}


def launch_campaign_stage_jobs(stage_id, test_launch=None, experiment=None, role=None):
    _said("launch_campaign_stage_jobs", experiment, role, "test" if test_launch else "all")
    if os.environ.get("NO_TOKEN"):
        int("/poms/auth")  # where it sends those who have none
    known.write_text(json.dumps([*_known(), (*stages[stage_id], test_launch)]))
    return "list_launch_file_1", 303, 1
"""


class Stubs:
    """A folder with the stand-ins; `size` is what samweb says of every dataset, in bytes."""

    def __init__(self, folder: Path, *, size: int = 1, **more: str) -> None:
        self.folder = folder / "stubs"
        self.folder.mkdir()
        for name, text in (("samweb", _SAMWEB), ("upload_file", _UPLOAD_FILE)):
            (self.folder / name).write_text(text)
            (self.folder / name).chmod(0o755)
        (self.folder / "python3").symlink_to(sys.executable)
        (self.folder / "poms_client.py").write_text(_POMS_CLIENT)
        self.environment = {
            "PATH": f"{self.folder}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(self.folder),
            "STUBS": str(self.folder),
            "SIZE": str(size),
            **more,
        }

    def run(self, script: Path, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", str(script), *words],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def calls(self) -> list[str]:
        """What they were asked for since this was asked."""
        file = self.folder / "calls"
        lines = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return lines
