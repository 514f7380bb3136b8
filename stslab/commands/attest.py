"""``stslab attest``: put a run's reports under a signature."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from pathlib import Path
from typing import Any

from stslab.errors import BadInput
from stslab.report.visible import counted, one_line, visible

PASSPHRASE = "STSLAB_KEY_PASSPHRASE"  # noqa: S105 (the variable's name)

ABOUT = f"""\
Write down what every file of a run's reports is, byte for byte, and what became of every check, and sign it:
an in-toto statement (test-result v0.1) in a DSSE envelope, DIR/attestation.json. It never goes stale unseen:
stslab verify-report tells of every byte that has changed since. Equal reports and the same key give an equal file.

The key is an Ed25519 key in PKCS#8 PEM, as openssl genpkey -algorithm ed25519 makes it. The passphrase of an
encrypted one is asked for on the terminal, or taken from {PASSPHRASE}.

The exit code is 0 where it was signed, whatever the run has shown, and 2 for input that will not do."""


def add(commands: Any) -> None:
    """Add the command's parser."""
    parser = commands.add_parser(
        "attest",
        help="sign a run's reports, so that every later change shows",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", metavar="DIR", type=Path, help="the reports of a run")
    parser.add_argument(
        "--key", metavar="KEY", type=Path, required=True, help="the private key, a PEM file outside DIR"
    )
    parser.add_argument(
        "--out", metavar="FILE", type=Path, help="where to write it; outside DIR, unless it is DIR/attestation.json"
    )
    parser.set_defaults(command=attest)


def attest(options: argparse.Namespace) -> int:
    """Sign a folder.

    Returns:
        0.

    Raises:
        BadInput: the folder or the key will not do, or there is no writing there.
    """
    # Only now: the other commands start without a library for signing.
    from stslab.attestation.documents import unlike, untold
    from stslab.attestation.envelope import sealed
    from stslab.attestation.folder import ATTESTATION, REQUIRED, read_result, survey
    from stslab.attestation.keys import read_signer
    from stslab.attestation.statement import canonical, statement, verdict
    from stslab.files import write_whole
    from stslab.result_file import RESULT

    folder: Path = options.folder
    out: Path = options.out or folder / ATTESTATION
    _refuse_places(folder, options.key, out, ATTESTATION)
    found = survey(folder)
    shown = visible(str(folder))
    if found.unfit:
        name, why = min(found.unfit.items())
        raise BadInput(shown, f"{visible(name)} {why}", "take it out of the folder, or put the file itself there")
    _require(folder, [name for name in REQUIRED if name not in found.digests])
    result = read_result(folder, found.digests[RESULT])
    if kinds := untold(result):
        problem = f"it does not say what the {' and the '.join(kinds)} was"
        raise BadInput(visible(str(folder / RESULT)), problem, "perform the lab again with this version")
    _require(folder, [each.path for each in result.handed_in if each.path not in found.digests])
    if strangers := unlike(result, found.digests):
        raise BadInput(shown, " and ".join(strangers), "give the folder as the run has left it")
    signer = read_signer(options.key, lambda: _passphrase(options.key))
    payload = canonical(statement(result, found.digests)).encode()
    try:
        write_whole(out, sealed(payload, signer).decode())
    except OSError as fault:
        problem = f"the attestation cannot be written ({fault.strerror})"
        raise BadInput(visible(str(out)), problem, "make room for it, or name another place with --out") from None
    said = verdict(result)
    print(
        f"attested: {counted(len(found.digests), 'file')}, signed by key {signer.public_key.keyid}, "
        f"result {said.result} ({len(said.passed)} of {counted(len(result.checks), 'check')} passed), "
        f"in {visible(str(out))}"
    )
    for sentence in result.faults:
        print(f"FAILED, since: {one_line(sentence)}")
    return 0


def _refuse_places(folder: Path, key: Path, out: Path, attestation: str) -> None:
    """Refuse to hand the private key over with the reports, and to write over one of them, or over the key."""
    # Unlike Path.resolve, it takes a loop of links for a place, too; whoever opens it is told.
    inside, key_at, beside = (Path(os.path.realpath(place)) for place in (folder, key, out.parent))
    if key_at.is_relative_to(inside):
        problem = "the private key lies in the folder that is to be handed over"
        raise BadInput(visible(str(key)), problem, "keep it elsewhere")
    if Path(os.path.realpath(out)) == key_at:
        raise BadInput(visible(str(out)), "this is the private key", "name another file with --out")
    if beside.is_relative_to(inside) and beside / out.name != inside / attestation:
        problem = "it would be one of the files that are signed"
        raise BadInput(visible(str(out)), problem, f"write it outside of the folder, or to {attestation} in it")


def _require(folder: Path, missing: list[str]) -> None:
    if missing:
        problem = f"there is no {' and no '.join(map(visible, missing))}"
        raise BadInput(visible(str(folder)), problem, "give the folder as a whole run has left it")


def _passphrase(key: Path) -> str:
    given = os.environ.get(PASSPHRASE)
    if given is not None:
        return given
    try:
        if sys.stdin.isatty():
            return getpass.getpass(f"Passphrase of {visible(str(key))}: ")
    except EOFError:
        pass
    raise BadInput(visible(str(key)), "the key has a passphrase, and none was given", f"set {PASSPHRASE}")
