"""A script that is followed touches nothing: no file, no process, no socket, nothing of the system.

Python tells a hook of whatever reaches for the system; the hook stays, so this is a process of its
own.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

# ruff: noqa: E501
SCRIPTS = [
    "rm -rf / ~ /*; > /etc/passwd; mv / /tmp/x; chmod -R 777 /; mkdir -p /root/x; touch ~/x; cd /etc",
    "cat /etc/passwd ~/.ssh/id_rsa /proc/self/environ; . /etc/profile; x=$(</etc/shadow); ls /; echo /*",
    "echo > /dev/tcp/localhost/80; exec 3<>/dev/tcp/1.1.1.1/80; curl http://x; ssh x; nc -l 1; wget x",
    "kill -9 $$; :(){ :|:& };:; trap 'kill -9 0' EXIT; exec bash; bash -c 'exec sh'; sleep 99; exit 3",
    "while read x; do echo $x; done < /etc/passwd; dd if=/dev/zero of=/dev/sda; yes | head; cat <(ls /)",
    "env; export PATH=/x; unset HOME; echo $HOME $PWD ~root $RANDOM $UID; uuidgen; date; hostname; id",
    "ifdh cp /etc/passwd x; ifdh mkdir /root/x; tar cf /root/x.tar /etc; find / -exec rm {} +; ln -s / x",
]

HOOKED = """
import sys
from converter.shell import Shell
from converter.verify.node import node
from tests.robustness.test_nothing_runs import SCRIPTS
from tests.test_shell_bounds import BEYOND

seen = []
watching = False

def hook(event, arguments):
    if watching and event != "object.__getattr__":
        seen.append((event, arguments))

sys.addaudithook(hook)
variables = {"HOME": "/root", "BASH_ENV": "/etc/passwd", "ENV": "/etc/passwd", "PATH": "/bin"}
for script in [*SCRIPTS, *BEYOND.values()]:
    watching = True
    Shell(node(), variables, ("/etc/passwd",)).run(script)
    watching = False
assert not seen, seen
watching = True
open("/dev/null").close()
assert seen
"""


def test_a_script_that_is_followed_touches_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HOOKED], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-1000:]
