"""``docs/attestation.md``: its commands, taken from the page itself and run on the reports of a real run."""

from __future__ import annotations

import os
import re
import subprocess
import tarfile

import performing
import pytest
from attesting import a_result

from stslab.attestation.statement import FAULTS, statement

PAGE = (performing.ROOT / "docs" / "attestation.md").read_text(encoding="utf-8")
COMMANDS = {
    heading.partition("\n")[0]: re.findall(r"```sh\n(.*?)```", heading, re.DOTALL)
    for heading in PAGE.split("\n## ")[1:]
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a run's reports, in which the page's commands can be given as they stand."""
    place = tmp_path_factory.mktemp("guide")
    run = performing.perform(place)
    assert run.exit_code == 0, run.output
    (place / ".venv").symlink_to(performing.ROOT / ".venv")
    return place


def said(place, script):
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(performing.ROOT),
        "STSLAB_KEY_PASSPHRASE": "only in this test",
    }
    done = subprocess.run(
        ["bash", "-c", f"set -e -o pipefail\n{script}"],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def good(place, script):
    code, out, err = said(place, script)
    assert code == 0, f"{script}\n{out}\n{err}"
    return out


def test_every_command_of_the_page_in_its_order(place):
    assert [len(blocks) for blocks in COMMANDS.values()] == [2, 1, 1, 1, 3, 0, 0]
    (make, identify), (sign,), (pack,), (verify,), (apart, ask, compare), _, _ = COMMANDS.values()

    good(place, make)
    assert (place / "key.pem").read_text().startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    key = good(place, identify).split()[-1]
    signed = good(place, sign)
    assert f" files, signed by key {key}, result PASSED (19 of 19 checks passed)," in signed
    good(place, pack)
    with tarfile.open(place / "reports.tar.gz") as packed:
        assert "reports/attestation.json" in packed.getnames()
    intact = good(place, verify)
    assert re.fullmatch(
        rf"intact: (\d+) files, signed by key {key}, result PASSED \(19 of 19 checks passed\), finished \S+Z\n", intact
    )
    good(place, apart)
    assert "Signature Verified Successfully" in good(place, ask)
    assert good(place, compare) == f"PASSED {intact.split()[1]} files, differing: none\n"

    with (place / "reports" / "lab.html").open("a") as report:
        report.write(" ")
    code, out, _ = said(place, verify)
    assert (code, out.splitlines()[0]) == (1, "lab.html: changed")
    assert good(place, f"{apart}\n{ask}")
    code, out, _ = said(place, compare)
    assert (code, out.endswith(" differing: ['lab.html']\n")) == (1, True)

    statement = (place / "statement.json").read_bytes()
    signed_bytes = (place / "signed.bin").read_bytes()
    assert signed_bytes.endswith(statement)
    (place / "signed.bin").write_bytes(signed_bytes.replace(b"PASSED", b"FAILED"))
    code, out, err = said(place, ask)
    assert code == 1
    assert "Signature Verified Successfully" not in out + err


def test_the_page_names_what_is_in_the_statement():
    told = statement(a_result(faults=["x"]), {})
    inside = PAGE.partition("## What is in it")[2].partition("\n## ")[0]
    fields = set(re.findall(r"^\| `(\w+)` \|", inside, re.MULTILINE))
    assert fields == {"subject", *told["predicate"]}
    assert FAULTS in fields
