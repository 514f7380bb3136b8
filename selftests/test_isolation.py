"""On moto nothing of the person's machine gets in, and nothing goes out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import performing

WATCH = """
import atexit, json, os, sys
seen = []
def hook(event, arguments):
    if event in ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto"):
        seen.append([event, str(arguments[1:])])
    if event == "open" and ".aws" in str(arguments[0]).split(os.sep):
        seen.append([event, str(arguments[0])])
    if event in ("os.listdir", "os.scandir") and ".aws" in str(arguments[0]).split(os.sep):
        seen.append([event, str(arguments[0])])
sys.addaudithook(hook)
atexit.register(lambda: open(os.environ["SEEN"], "w").write(json.dumps(seen)))
"""

LEAKS = {
    "AWS_PROFILE": "not-there",
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "not-a-secret",
    "AWS_SESSION_TOKEN": "not-a-token",
    "AWS_REGION": "eu-south-2",
    "AWS_DEFAULT_REGION": "eu-south-2",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9",
    "AWS_CONFIG_FILE": "/not/there",
    "AWS_SHARED_CREDENTIALS_FILE": "/not/there",
    "AWS_DATA_PATH": "/not/there",
    "AWS_CA_BUNDLE": "/not/there",
    "MOTO_ACCOUNT_ID": "999999999999",
    "INITIAL_NO_AUTH_ACTION_COUNT": "1000",
    "TEST_SERVER_MODE": "true",
    "TEST_PROXY_MODE": "true",
    "S3_IGNORE_SUBDOMAIN_BUCKETNAME": "true",
}


def lab_on(tmp_path: Path, *options: str, **environment: str) -> tuple[subprocess.CompletedProcess[str], list, dict]:
    """Perform the lab in a fresh interpreter that writes down every connection and every look into ``~/.aws``."""
    home = tmp_path / "home"
    (home / ".aws" / "models").mkdir(parents=True)
    poison = (
        "[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\nregion = eu-south-2\n[sts]\n"
    )
    for name in ("credentials", "config"):
        (home / ".aws" / name).write_text(poison)
    (tmp_path / "sitecustomize.py").write_text(WATCH)
    whole = {
        **os.environ,
        "HOME": str(home),
        "SEEN": str(tmp_path / "seen.json"),
        "PYTHONPATH": f"{tmp_path}{os.pathsep}{performing.ROOT}",
        **environment,
    }
    command = [sys.executable, "-m", "stslab", "run", *options]
    done = subprocess.run(command, cwd=tmp_path, env=whole, capture_output=True, text=True, timeout=120, check=False)
    seen = json.loads((tmp_path / "seen.json").read_text())
    return done, seen, json.loads((tmp_path / "reports" / "result.json").read_text())


IMPORT_OF_URLLIB3 = ["socket.bind", "(('::1', 0),)"]
"""Asks this machine whether it has IPv6; nothing is sent, and it happens when boto3 is imported."""


def test_no_socket_is_opened_and_the_persons_aws_folder_is_not_touched(tmp_path):
    done, seen, _ = lab_on(tmp_path, "--disable-socket")
    assert done.returncode == 0, done.stdout
    assert [event for event in seen if event != IMPORT_OF_URLLIB3] == []
    assert "plugins:" in done.stdout
    assert "socket" in done.stdout.split("plugins:")[1].splitlines()[0]
    assert (tmp_path / "home" / ".aws" / "credentials").read_text().startswith("[default]")
    assert sorted(path.name for path in (tmp_path / "home" / ".aws").iterdir()) == ["config", "credentials", "models"]


def test_the_watch_sees_what_it_watches_for(tmp_path):
    """The same interpreter, doing on purpose what the lab must not do."""
    (tmp_path / "sitecustomize.py").write_text(WATCH)
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text("")
    deed = "import socket; open('.aws/config'); s = socket.socket(); s.settimeout(1); s.connect_ex(('127.0.0.1', 9))"
    environment = {**os.environ, "SEEN": str(tmp_path / "seen.json"), "PYTHONPATH": str(tmp_path)}
    subprocess.run([sys.executable, "-c", deed], cwd=tmp_path, env=environment, check=True, timeout=60)
    events = [event for event, _ in json.loads((tmp_path / "seen.json").read_text())]
    assert events == ["open", "socket.connect"]


def test_variables_of_the_persons_machine_do_not_leak_in(tmp_path):
    done, seen, result = lab_on(tmp_path, **LEAKS)
    assert done.returncode == 0, done.stdout
    assert [event for event in seen if event != IMPORT_OF_URLLIB3] == []
    assert result["account"] == "123456789012"
    assert "eu-south-2" not in json.dumps(result)


def test_the_environment_is_given_back():
    from stslab.targets.moto import MotoTarget

    before = {**os.environ, "AWS_PROFILE": "mine", "MOTO_ACCOUNT_ID": "999999999999"}
    os.environ.update(before)
    try:
        target = MotoTarget("123456789012", "us-east-1")
        target.open()
        assert "AWS_PROFILE" not in os.environ
        assert "MOTO_ACCOUNT_ID" not in os.environ
        target.close()
        assert dict(os.environ) == before
    finally:
        del os.environ["AWS_PROFILE"], os.environ["MOTO_ACCOUNT_ID"]
