"""``stslab check`` at endpoints that are no sandbox of ours, again and again with ``--watch``, and its clients."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace

import botocore.session
import emulators
import performing
import pytest
from emulators import await_answer, end, free_port
from practising import STACK, USER, Student
from wire import Wire

from stslab.calls import Recorder
from stslab.credentials import Credentials, Secret
from stslab.errors import SuiteError
from stslab.principals import Sessions
from stslab.profiles import ProfileFile
from stslab.scrub import Scrubber


@contextmanager
def plain_moto(folder):
    """Moto's own server, which asks nobody for permission, as anybody may start it."""
    port = free_port()
    log = folder / "log"
    with log.open("wb") as out:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    try:
        await_answer(f"http://127.0.0.1:{port}/moto-api/data.json", process, log)
        admin = Credentials("AKIAIOSFODNN7EXAMPLE", Secret("of no account at all, since nobody asks"))
        yield emulators.Emulated("123456789012", admin, f"http://127.0.0.1:{port}")
    finally:
        end(process)


def test_where_nobody_enforces_iam_there_is_no_verdict(tmp_path):
    with plain_moto(tmp_path) as account:
        student = Student(account, tmp_path)
        student.do()
        line = student.refused()
    assert line == (
        "ERROR: The target does not enforce IAM, so no verdict is given; iam:ListUsers by "
        f"arn:aws:iam::123456789012:user/{USER} succeeds although no policy allows it."
    )


def test_the_lab_on_ministack(tmp_path):
    with emulators.ministack() as account:
        student = Student(account, tmp_path)
        student.do()
        done = student.check()
        student.clean_up()
        clean = student.check()
    assert (done.exit_code, done.wrong) == (0, {}), done.output
    assert "17 of 17 checks passed; 2 to come." in done.output
    assert done.next.startswith("clean up, tear down the stack"), done.output
    assert "2 of 2 checks of the clean-up passed." in clean.output
    assert clean.exit_code == 1, "nothing proves that the steps were done"
    for checked in (done, clean):
        assert "CloudTrail shows no call at all; " in checked.output
        assert "Whether the steps were done in order cannot be told." in checked.output


class Watched:
    """``stslab check --watch`` on a terminal of its own."""

    def __init__(self, student):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self._said = student.folder / "watched"
        with self._said.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "stslab", "check", "--watch", "--every=0.1"],
                cwd=performing.ROOT,
                env={**environment, **student.environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def said(self):
        return self._said.read_text()

    def wait_for(self, is_so, seconds=60):
        until = time.monotonic() + seconds
        while not is_so():
            assert self.process.poll() is None, self.said
            assert time.monotonic() < until, self.said
            time.sleep(0.05)

    def control_c(self):
        """What a terminal does: everybody in the foreground gets the signal."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(30)


def test_watching_tells_what_has_changed_until_control_c(sandbox, tmp_path):
    with Wire(sandbox.endpoint) as wire:
        student = Student(replace(sandbox, endpoint=wire.url), tmp_path)
        watched = Watched(student)

        def looks():
            return sum(call.operation == "ListAccountAliases" for call in wire.calls)

        try:
            watched.wait_for(lambda: looks() > 2)
            student.create_user()
            watched.wait_for(lambda: "Next: create an access key" in watched.said)
            whole = student.files.credentials.read_text()
            student.files.credentials.write_text("half a l")
            watched.wait_for(lambda: "it cannot be read as an AWS config or credentials file" in watched.said)
            student.files.credentials.write_text(whole)
            before = looks()
            watched.wait_for(lambda: looks() > before)
            code, said = watched.control_c(), watched.said
        finally:
            if watched.process.poll() is None:
                watched.process.kill()
    assert code == 130
    assert "Traceback" not in said
    assert "KeyboardInterrupt" not in said
    assert said.count("Next: create the user") == 1, "what has not changed is not told again"


def test_watching_ends_where_the_first_look_cannot_be(sandbox, tmp_path):
    line = Student(sandbox.another("555500000001"), tmp_path).refused("--watch", "--aws-profile=nobody")
    assert line.startswith("ERROR: --aws-profile: ")


# Whatever calls, nothing is changed


@pytest.mark.parametrize("holder", ["of credentials", "of a person's profile", "the admin"])
def test_no_client_of_a_run_that_looks_changes_anything(holder, sandbox, tmp_path, monkeypatch):
    student = Student(sandbox, tmp_path)
    for name, value in student.environment.items():
        monkeypatch.setenv(name, value)
    admin, arn = student.account.admin, f"arn:aws:iam::{student.account.id}:user/{emulators.ADMIN}"
    chain = botocore.session.Session(profile="admin")
    profiles = ProfileFile()
    with Wire(student.account.endpoint) as wire:
        wiring = {"endpoint_url": wire.url}
        recorder = Recorder(lambda: None, lambda: None, lambda *_: None)
        sessions = Sessions(profiles, "us-east-1", student.account.id, recorder, Scrubber(), wiring, only_reading=True)
        who = {
            "of credentials": lambda: sessions.of_credentials("admin", arn, admin),
            "of a person's profile": lambda: sessions.of_person("admin", chain),
            "the admin": lambda: sessions.of_chain("admin", arn, chain),
        }[holder]()
        for operation, asked in (
            (who.s3.put_object, {"Bucket": "a", "Key": "a"}),
            (who.iam.create_user, {"UserName": "ana"}),
            (who.iam.delete_user, {"UserName": "ana"}),
            (who.iam.update_access_key, {"AccessKeyId": "A" * 20, "Status": "Inactive"}),
            (who.cloudformation.delete_stack, {"StackName": STACK}),
        ):
            with pytest.raises(SuiteError, match="would change something, and this run only looks"):
                operation(**asked)
        assert wire.calls == []
        assert who.sts.get_caller_identity()["Arn"] == arn
        assert [call.operation for call in wire.calls] == ["GetCallerIdentity"]
    profiles.remove()
