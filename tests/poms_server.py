"""The real POMS server on a port of this machine, for the real poms_client.

POMS_PYTHON tests/poms_server.py IMPORTER EXPERIMENT...    IMPORTER: tools/poms_import.py

Prints the port.  The database is the importer's throw-away one, whoever asks is a member of the
experiments, with token and proxy; what it would run on other machines goes to `ssh` in PATH.
Ends with its standard input.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import tempfile
import threading
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

_USER = "harness"
_ANALYSIS_HOSTS = ["pomsgpvm01.fnal.gov"]


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


def main(importer: str, *experiments: str) -> None:
    spec = importlib.util.spec_from_file_location("poms_import", importer)
    assert spec is not None
    assert spec.loader is not None
    poms_import = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(poms_import)
    # The server prints; standard output is for the port alone.
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    top = tempfile.mkdtemp(prefix="poms_server_")
    poms = poms_import.Poms(os.environ["REF_ROOT"], top, False)
    try:
        poms.start()
        poms.use_database("poms")
        for experiment in experiments:
            poms.seed(experiment, _USER, [], [])
        poms.write_config(_ANALYSIS_HOSTS)
        poms.cherrypy.config.update({"base_uploads_quota": 1 << 30})
        poms.service.submissionsPOMS.validate_submission = lambda *args: True

        def application(environment: dict[str, Any], start: Any) -> list[bytes]:
            environment["HTTP_X_SHIB_USERID"] = _USER
            try:
                return list(poms.cherrypy.tree(environment, start))
            finally:
                poms.session.remove()

        server = make_server("127.0.0.1", 0, application, handler_class=_Quiet)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_port, file=answer, flush=True)
        sys.stdin.read()
    finally:
        poms.stop()
        shutil.rmtree(top, ignore_errors=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
    # What the server started besides is not worth waiting for.
    sys.stdout.flush()
    os._exit(0)
