"""``stslab gradescope-zip``: make the upload for Gradescope's "Configure Autograder"."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from stslab.errors import BadInput

ABOUT = """\
Make the zip that Gradescope's page "Configure Autograder" takes. It has this very stslab in it, its suite, and the
versions of everything that it needs; Gradescope installs those when it builds the image. Choose Ubuntu 22.04 or 24.04
as base image, and as maximum the points of all checks."""


def add(commands: Any) -> None:
    """Add the command's parser."""
    parser = commands.add_parser(
        "gradescope-zip",
        help="make the autograder upload for Gradescope",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--out", type=Path, default=Path("autograder.zip"), metavar="FILE", help="(default: %(default)s)"
    )
    parser.add_argument(
        "--rubric", type=Path, metavar="FILE", help="a rubric.toml to grade by; the reference one unless given"
    )
    parser.set_defaults(command=make)


def make(options: argparse.Namespace) -> int:
    """Write the zip.

    Returns:
        0.

    Raises:
        BadInput: the rubric is none, or the zip cannot be written.
        SuiteError: the installation is not whole.
    """
    # Only now: it is no other command's business.
    from stslab.exporters.autograder import autograder
    from stslab.rubric import read_rubric

    if options.rubric:
        read_rubric(options.rubric)
    content = autograder(options.rubric.read_bytes() if options.rubric else None)
    _write(options.out, content)
    print(f"{options.out}: upload it on Gradescope's page Configure Autograder.")
    return 0


def _write(path: Path, content: bytes) -> None:
    if path.is_dir():
        raise BadInput("--out", f"{path} is a folder", "give a file")
    fresh = path.with_name(f".{path.name}.part")
    try:
        fresh.write_bytes(content)
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise BadInput("--out", f"{path} cannot be written ({error.strerror})", "give a file in a folder") from None
