"""A person's two terminals: ``stslab sandbox`` in one, and a shell with the real AWS CLI in the other."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import performing

AWS = performing.ROOT / ".venv" / "awscli" / "bin"
"""In an environment of its own: it pins an older botocore than ours. ``make test`` makes it."""

READY = "Ctrl-C ends the sandbox"


class SandboxTerminal:
    """``stslab sandbox`` as a person starts it, and what it has said so far.

    Args:
        folder: the person's home, where his temporary files go, too.
        options: its options.
    """

    def __init__(self, folder: Path, *options: str) -> None:
        self._lines: list[str] = []
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "stslab", "sandbox", *options],
            cwd=performing.ROOT,
            env={**environment, "HOME": str(folder), "TMPDIR": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()
        self.wait_for(READY)

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as out:
            for line in out:
                self._lines.append(line)

    @property
    def said(self) -> str:
        """What it has said so far."""
        return "".join(self._lines)

    def wait_for(self, words: str, seconds: float = 30) -> None:
        """Wait until it has said something."""
        until = time.monotonic() + seconds
        while words not in self.said:
            assert time.monotonic() < until, f"it does not say {words!r}:\n{self.said}"
            assert self._process.poll() is None or words in self.said, f"it has ended:\n{self.said}"
            time.sleep(0.02)

    @property
    def exports(self) -> dict[str, str]:
        """The variables of the two lines for bash."""
        return dict(re.findall(r"^export (AWS_\w+)=(\S+)$", self.said, re.MULTILINE))

    def end(self, number: int = signal.SIGINT) -> int:
        """End it, and give its exit code."""
        self._process.send_signal(number)
        code = self._process.wait(20)
        self._reading.join(20)
        return code


@contextmanager
def sandbox_terminal(folder: Path, *options: str) -> Iterator[SandboxTerminal]:
    """``stslab sandbox``, which has to end well."""
    terminal = SandboxTerminal(folder, *options)
    try:
        yield terminal
    finally:
        code = terminal.end()
    assert code == 0, terminal.said
    assert "Traceback" not in terminal.said, terminal.said


class Shell:
    """A bash with the AWS CLI and stslab at hand; what is exported in it stays so.

    Args:
        folder: the person's home.
        exports: what was pasted into it.
    """

    def __init__(self, folder: Path, exports: dict[str, str]) -> None:
        assert (AWS / "aws").exists(), f"there is no {AWS}; say make {AWS.parent.relative_to(performing.ROOT)}.stamp"
        self.at = folder
        self.environment = {
            "PATH": os.pathsep.join([str(AWS), str(performing.ROOT / ".venv" / "bin"), os.environ["PATH"]]),
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "AWS_PAGER": "",
            **exports,
        }

    def run(self, script: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        """Run lines as they are pasted; what they leave of variables and of the folder is kept.

        Args:
            script: the lines.
            typed: what is typed while they run.
        """
        after = self.at / ".after"
        kept = f'\ncode=$?; {{ pwd; env -0; }} > "{after}"; exit $code'
        done = subprocess.run(
            ["bash", "-c", script + kept],
            cwd=self.at,
            env=self.environment,
            input=typed,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        where, _, variables = after.read_text().partition("\n")
        after.unlink()
        self.at = Path(where)
        self.environment = dict(pair.split("=", 1) for pair in variables.split("\0") if pair)
        return done

    def says(self, script: str, typed: str = "") -> str:
        """Run lines that succeed, and give what they print."""
        done = self.run(script, typed)
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout
