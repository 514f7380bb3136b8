"""The two scripts that Gradescope runs: one when it builds an autograder's image, one for every submission."""

from __future__ import annotations

import json
from collections.abc import Sequence

RUBRIC = "rubric.toml"
"""Where the scripts look for a rubric, beside them."""

BROKEN = {
    "score": 0,
    "output": "This submission is not graded: the autograder itself broke. The 0 decides nothing, and a person has to "
    "look at the submission.",
    "output_format": "text",
    "stdout_visibility": "hidden",
    "tests": [],
}
"""``results.json`` for as long as there is no better one."""

_SETUP = """\
#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image of the autograder.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
root=/autograder
if command -v apt-get > /dev/null; then apt-get update -qq || true; fi
made=
for python in @PYTHONS@; do
    if command -v apt-get > /dev/null; then
        apt-get install -y -qq --no-install-recommends "$python" "$python-venv" > /dev/null 2>&1 || true
    fi
    if command -v "$python" > /dev/null && "$python" -m venv --clear "$root/venv"; then
        made=$python
        break
    fi
done
if [ -z "$made" ]; then
    echo "stslab needs Python 3.11 to 3.13, and this image has none: choose Ubuntu 22.04 or 24.04 as base image." >&2
    exit 1
fi
python=$root/venv/bin/python
"$python" -m pip install --quiet --disable-pip-version-check --no-input -r "$root/source/requirements.txt"
echo "$root/source" > "$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/stslab.pth"
# Better no image than one that cannot grade: the reference lab has to pass here.
"$python" -m stslab run --reports "$(mktemp -d)"
"""

_RUN = """\
#!/usr/bin/env bash
# Gradescope runs this for every submission.
set -u
root=/autograder
results=$root/results/results.json
mkdir -p "$root/results"
# First of all: whatever happens from here on, somebody is told.
cat > "$results" << 'END'
@BROKEN@
END
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# A class of one.
mkdir "$work/class"
cp -a "$root/submission" "$work/class/submission"
python=$root/venv/bin/python
rubric=()
if [ -f "$root/source/@RUBRIC@" ]; then rubric=(--rubric "$root/source/@RUBRIC@"); fi
"$python" -m stslab grade "$work/class" --out "$work/out" --format gradescope "${rubric[@]}"
graded=$work/out/submission/gradescope.json
if "$python" -m json.tool "$graded" /dev/null; then
    cp "$graded" "$results.whole" && mv "$results.whole" "$results"
fi
exit 0
"""


def setup(pythons: Sequence[str]) -> str:
    """Give ``setup.sh``: a virtual environment with what stslab needs, and stslab itself from where it lies.

    Args:
        pythons: the versions that will do, the best first.
    """
    return _SETUP.replace("@PYTHONS@", " ".join(f"python{version}" for version in pythons))


def run_autograder() -> str:
    """Give ``run_autograder``: the submission graded as a class of one, or a sentence that says that this failed."""
    return _RUN.replace("@BROKEN@", json.dumps(BROKEN, indent=2)).replace("@RUBRIC@", RUBRIC)
