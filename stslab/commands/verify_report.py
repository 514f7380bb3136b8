"""``stslab verify-report``: are a run's reports what was signed?"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from stslab.errors import BadInput
from stslab.report.visible import counted, one_line, visible

ABOUT = """\
Say whether a run's reports are, byte for byte, what stslab attest signed, or what differs, a line each. Nothing is
asked of the network, and nothing in the attestation is believed before the key has verified it. The key is the
public half of the one that signed, in PEM; get it from who signed, and not together with the reports.

The exit code is 0 where all is intact (also for a run that has failed: the line tells its result), 1 where
something differs or another key has signed, and 2 for input that will not do."""


def add(commands: Any) -> None:
    """Add the command's parser."""
    parser = commands.add_parser(
        "verify-report",
        help="say whether a run's reports are what was signed",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", metavar="DIR", type=Path, help="the reports of a run")
    parser.add_argument("--key", metavar="PUB", type=Path, required=True, help="the public key, a PEM file")
    parser.add_argument(
        "--attestation", metavar="FILE", type=Path, help="the attestation; DIR/attestation.json unless given"
    )
    parser.set_defaults(command=verify_report)


def verify_report(options: argparse.Namespace) -> int:
    """Verify a folder, and say what differs.

    Returns:
        0 where it is intact, else 1.

    Raises:
        BadInput: the key, the attestation or the folder will not do.
    """
    # Only now: the other commands start without a library for signing.
    from stslab.attestation.comparison import contradictions, differing_files, read_statement, uncovered
    from stslab.attestation.envelope import deviations, distrust, opened
    from stslab.attestation.folder import ATTESTATION, REQUIRED, read_attestation, read_result, survey
    from stslab.attestation.keys import read_public
    from stslab.result_file import RESULT

    folder: Path = options.folder
    key = read_public(options.key)
    path: Path = options.attestation or folder / ATTESTATION
    found = survey(folder)
    raw = read_attestation(path)
    shown = visible(str(path))
    try:
        envelope = opened(raw)
    except ValueError as fault:
        raise BadInput(shown, str(fault), "give what stslab attest wrote") from None
    if why := distrust(envelope, key):
        print(f"{shown}: {why}")
        print("not intact: nothing can be said of the files.")
        return 1
    lines = [f"{shown}: {each}" for each in deviations(envelope, raw, key)]
    try:
        stated = read_statement(envelope.payload)
    except ValueError as fault:
        print("\n".join([*lines, f"{shown}: {fault}"]))
        print(f"not intact: what key {key.keyid} has signed is no statement about these files.")
        return 1
    lines += uncovered(stated, *REQUIRED)
    lines += differing_files(stated, found.digests, found.unfit)
    if stated.subjects.get(RESULT, "") == found.digests.get(RESULT):
        result = read_result(folder, found.digests[RESULT])
        lines += contradictions(stated, result)
    if lines:
        print("\n".join(lines))
        print(f"not intact: {counted(len(lines), 'thing')} not as key {key.keyid} has signed.")
        return 1
    told = stated.predicate
    print(
        f"intact: {counted(len(stated.subjects), 'file')}, signed by key {key.keyid}, result {told['result']} "
        f"({len(told['passedTests'])} of {counted(len(result.checks), 'check')} passed), "
        f"finished {visible(result.finished)}"
    )
    for sentence in result.faults:
        print(f"FAILED, since: {one_line(sentence)}")
    return 0
