"""No secret leaves: not in a report, not on the terminal, not in a traceback with locals."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import pytest
import sabotage

from stslab.credentials import REDACTED, Credentials, Secret
from stslab.scrub import FRAGMENT

KEPT = "kept"


def keep_what_moto_gave_out() -> None:
    """Write every secret that moto made into a file, to look for it in the reports afterwards."""
    from moto.iam.models import AccessKey
    from moto.sts.models import AssumedRole

    def keep(value: str) -> None:
        with Path(KEPT).open("a") as out:
            out.write(value + "\n")

    make_key, make_session = AccessKey.__init__, AssumedRole.__init__

    def key(self, *args, **kwargs):
        make_key(self, *args, **kwargs)
        keep(self.secret_access_key)

    def session(self, *args, **kwargs):
        make_session(self, *args, **kwargs)
        keep(self.session_token)

    AccessKey.__init__, AssumedRole.__init__ = key, session


def everything_leaks() -> None:
    """Print the credentials, log them, and fail with them in the locals of every frame."""
    import logging

    keep_what_moto_gave_out()

    def meddle(client, params, proceed):
        held = client._request_signer._credentials
        plain = {"secret": held.secret_key, "token": held.token}
        print(plain, f"half of it: {str(held.token)[:150]}")
        logging.getLogger("leak").warning("%s", plain)
        raise RuntimeError(f"failed with {held.secret_key} and {held.token}")

    sabotage.on("ListObjectsV2", meddle, nth=2)


class AnotherReporter:
    """Writes what pytest hands to every reporter."""

    def pytest_runtest_logreport(self, report):
        with Path("reports/others").open("a") as out:
            out.write(report.longreprtext)
            out.writelines(text for _, text in report.sections)


def everything_leaks_to_others():
    everything_leaks()
    return [AnotherReporter()]


def the_finished_file_leaks() -> None:
    """A secret that comes into lab.html by a way that pytest's own reports do not show."""
    from fixtures import reports

    keep_what_moto_gave_out()
    table = reports.calls_table
    reports.calls_table = lambda calls: table(calls) + "".join(f"<i>{s}</i>" for s in Path(KEPT).read_text().split())


def test_what_other_reporters_are_handed_shows_no_secret(perform, tmp_path):
    lab = perform("-l", "--tb=long", sabotage=everything_leaks_to_others)
    assert "plain" in lab.text("others")
    assert_clean(lab, tmp_path, "others")


def test_a_finished_file_shows_no_secret(perform, tmp_path):
    lab = perform(sabotage=the_finished_file_leaks)
    assert f"&lt;i&gt;{REDACTED}&lt;/i&gt;" in lab.text("lab.html")
    assert_clean(lab, tmp_path)


def test_a_failure_shows_no_secret(perform, tmp_path):
    lab = perform(sabotage=everything_leaks)
    assert lab.outcomes["session.reads-bucket"] == "error"
    assert REDACTED in lab.check("session.reads-bucket")["reason"]
    assert REDACTED in lab.text("lab.html")
    assert REDACTED in lab.text("junit.xml")
    assert_clean(lab, tmp_path)


def assert_clean(lab, folder, *others):
    secrets = (folder / KEPT).read_text().split()
    # The admin's key, the canary's, the user's, and the session's with its token.
    assert len(secrets) == 5
    texts = {name: lab.text(name) for name in ("result.json", "junit.xml", "lab.html", *others)}
    for name, text in {**texts, "terminal": lab.output}.items():
        for secret in secrets:
            for at in range(len(secret) - FRAGMENT + 1):
                assert secret[at : at + FRAGMENT] not in text, f"{name} shows a part of a secret"


SECRET = "abcdefghij/KLMNOPQRST+uvwxyz0123456789XY"


def test_a_secret_has_no_face():
    secret = Secret(SECRET)
    held = Credentials("AKIAIOSFODNN7EXAMPLE", secret, Secret("token" * 9))
    for shown in (repr(secret), str(secret), f"{secret}", repr(held), str(held), repr([held])):
        assert SECRET[:5] not in shown
        assert "token" not in shown.replace("session_token", "")
    assert secret.reveal() == SECRET
    assert copy.copy(held) == held
    with pytest.raises(TypeError):
        pickle.dumps(secret)
