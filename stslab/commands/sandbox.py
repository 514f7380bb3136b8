"""``stslab sandbox``: serve the truthful moto on 127.0.0.1 until it is told to stop."""

from __future__ import annotations

import argparse
import json
import re
import secrets
import signal
import sys
import threading
from types import FrameType
from typing import Any

from stslab.errors import BadInput

ABOUT = """\
Serve moto with the project's own authentication and authorisation on 127.0.0.1. The first line of output, written when
the server takes requests, is JSON: endpoint, account, region, access_key_id and secret_access_key of the account's
admin, and management_token. Every request has to be signed with a key of IAM's in the sandbox. Further accounts:
POST {"account": "12 digits"} to /stslab/accounts, with the token in the header X-Management-Token or as a Bearer token
of Authorization, which also opens moto's own routes under /moto-api. Ctrl-C or SIGTERM stops it, and everything in it
is forgotten."""

HOST = "127.0.0.1"


def add(commands: Any) -> None:
    """Add the command's parser."""
    parser = commands.add_parser(
        "sandbox",
        help="serve an emulated account on 127.0.0.1, with IAM enforced",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=0, help="a free one unless given")
    parser.add_argument("--account", default="123456789012", metavar="ID", help="12 digits (default: %(default)s)")
    parser.add_argument("--region", default="us-east-1", help="(default: %(default)s)")
    parser.set_defaults(command=serve)


def serve(options: argparse.Namespace) -> int:
    """Serve until SIGTERM or Ctrl-C.

    Returns:
        0.

    Raises:
        BadInput: an option will not do, or the port is taken.
    """
    if not re.fullmatch(r"\d{12}", options.account):
        raise BadInput("--account", f"{options.account!r} is not 12 digits", "give an account id")
    if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", options.region):
        raise BadInput("--region", f"{options.region!r} is not a region", "give one, as us-east-1")
    if not 0 <= options.port <= 65535:
        raise BadInput("--port", f"{options.port} is not a port", "give one from 1 to 65535")
    stopped = threading.Event()

    def stop(_: int, __: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    return _serve(options, stopped)


def _serve(options: argparse.Namespace, stopped: threading.Event) -> int:
    # Only now: moto takes its time to import, and reads the environment when it does.
    from stslab.targets.environment import nobodys_environment
    from stslab.targets.gate import Gate
    from stslab.targets.seam import in_force

    with nobodys_environment():
        from moto.moto_server.werkzeug_app import MotoRequestHandler
        from werkzeug.serving import make_server

        from stslab.sandbox.application import Sandbox, credentials_shown

        class Quiet(MotoRequestHandler):
            def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
                """Keep quiet: requests are nobody's business on the terminal."""

        with in_force(Gate()):
            token = secrets.token_urlsafe(32)
            sandbox = Sandbox(options.account, options.region, token)
            try:
                server = make_server(HOST, options.port, sandbox, threaded=True, request_handler=Quiet)
            except (OSError, SystemExit):
                raise BadInput("--port", f"{options.port} is taken", "give another, or none for a free one") from None
            thread = threading.Thread(target=server.serve_forever, name="sandbox")
            thread.start()
            ready = {
                "endpoint": f"http://{HOST}:{server.server_port}",
                "account": options.account,
                "region": options.region,
                **credentials_shown(sandbox.open_account(options.account)),
                "management_token": token,
            }
            print(json.dumps(ready), flush=True)
            stopped.wait()
            server.shutdown()
            thread.join()
            server.server_close()
    sys.stdout.flush()
    return 0
