"""``docs/practice.md``: what a newcomer copies from it, in its order, and what the page says that comes.

What is in capitals is filled in from what was printed, as the page has the reader do.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import performing
import pytest
from terminals import Shell, sandbox_terminal

PAGE = (performing.ROOT / "docs" / "practice.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"```sh\n(.*?)```\n(?:\n```text\n(.*?)```\n)?", re.DOTALL)
SECTIONS = {heading.partition("\n")[0]: BLOCK.findall(heading) for heading in PAGE.split("\n## ")[1:]}
BY_HAND = [heading for heading in SECTIONS if re.match(r"\d\. ", heading)]

ALIKE = (
    (r"\b[0-9]{12}\b", "ACCOUNT"),
    (r"127\.0\.0\.1:\d+", "ENDPOINT"),
    (r"/\S*/stslab-sandbox-\w+", "FOLDER"),
    (r"\b(AIDA|AKIA|AROA|ASIA)[A-Z0-9]{12,17}\b", r"\1"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?", "TIME"),
    (r"\b\d\d:\d\d:\d\dZ?", "HOUR"),
    (r"(SecretAccessKey +\|  )\S{40}", r"\1SECRET"),
    (r'("SecretAccessKey": ")[^"]+', r"\1SECRET"),
    (r'("SessionToken": ")[^"]+', r"\1TOKEN"),
    (r"StsRole-\w+", "ROLE"),
    (r"labbucket-\w+", "BUCKET"),
    (r"come next: \S+ check|what comes next: \S+/stslab check", "COMMAND"),
)
"""What is another one each time, on the page and on the terminal."""


def alike(text: str) -> str:
    for pattern, name in ALIKE:
        text = re.sub(pattern, name, text)
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())


def assert_comes(shown: str, came: str) -> None:
    """What the page shows comes, where a line of three dots stands for any lines, also for none."""
    parts = re.split(r"(?m)^\.\.\.$\n?", f"{alike(shown)}\n")
    pattern = r"(?:.*\n)*?".join(re.escape(part) for part in parts)
    assert re.fullmatch(pattern, f"{alike(came)}\n"), f"the page shows\n{alike(shown)}\nand there came\n{alike(came)}"


class Newcomer:
    """Copies and pastes, and remembers what was printed."""

    def __init__(self, home: Path) -> None:
        self.shell = Shell(home, {})
        self._printed: dict[str, str] = {}

    def pastes(self, script: str) -> str:
        """Paste lines, with what they have in capitals filled in."""
        typed = ""
        if script.startswith("aws configure --profile"):
            typed = f"{self._printed['AccessKeyId']}\n{self._printed['SecretAccessKey']}\n\n\n"
        for placeholder in ("ROLE_ARN", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "ACCESS_KEY_ID"):
            script = script.replace(placeholder, self._printed.get(placeholder, placeholder))
        done = self.shell.run(script, typed)
        self._remember(script, done.stdout)
        return done.stdout + done.stderr

    def _remember(self, script: str, printed: str) -> None:
        if "create-access-key" in script:
            self._printed |= dict(re.findall(r"^\|\|\s+(\w+)\s+\|\s+(\S+)\s+\|\|$", printed, re.MULTILINE))
        elif "describe-stacks" in script:
            self._printed["ROLE_ARN"] = next(word for word in printed.split() if ":role/" in word)
        elif "assume-role" in script:
            session = json.loads(printed)["Credentials"]
            self._printed["ACCESS_KEY_ID"] = session["AccessKeyId"]
            self._printed["SECRET_ACCESS_KEY"] = session["SecretAccessKey"]
            self._printed["SESSION_TOKEN"] = session["SessionToken"]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder as a clone is, in which the page's commands write nothing of ours."""
    for name in ("policies", ".venv"):
        (tmp_path / name).symlink_to(performing.ROOT / name)
    return tmp_path


def set_up(script: str) -> str:
    """The lines of a block without those for make, which have been said by whoever runs this."""
    lines = script.splitlines(keepends=True)
    makes = [line for line in lines if line.startswith("make ")]
    rules = (performing.ROOT / "Makefile").read_text(encoding="utf-8").replace("$(VENV)", ".venv")
    assert all(re.search(rf"(?m)^(?:\S+ )*{re.escape(line.split()[1])}[ :]", rules) for line in makes), makes
    return "".join(line for line in lines if line not in makes)


def test_a_newcomer_gets_through_with_copy_and_paste(clone: Path):
    assert len(BY_HAND) == 6
    newcomer, tried = Newcomer(clone), 0
    with sandbox_terminal(clone) as sandbox:
        for script, shown in (block for heading in BY_HAND for block in SECTIONS[heading]):
            if script == ".venv/bin/stslab sandbox\n":
                came = sandbox.said
                newcomer.shell.environment |= sandbox.exports
            else:
                came = newcomer.pastes(set_up(script))
            if shown:
                assert_comes(shown, came)
                tried += 1
            elif not script.startswith("aws configure --profile"):
                assert came == "", f"{script}\n{came}"
    assert tried == 15


def test_what_is_shown_has_to_come():
    assert_comes("a\n...\nd", "a\nb\nc\nd")
    assert_comes("...\nd\n...", "d")
    for shown, came in (("a\n...\nd", "a\nb"), ("a\nb", "a\nb\nc"), ("a", "b"), ("...\nd", "c")):
        with pytest.raises(AssertionError):
            assert_comes(shown, came)


def test_it_goes_on_tomorrow(clone: Path):
    """With ``--state``, as the page has it; and the history as a file."""
    ((again, _),) = SECTIONS["Go on tomorrow"]
    options = again.split()[2:]
    assert options == ["--state", "practice/mine.state"]
    (clone / "practice").mkdir()
    state = ["--state", str(clone / "practice" / "mine.state")]
    ((history, _),) = SECTIONS["In an account of AWS's own"]
    with sandbox_terminal(clone, *state) as sandbox:
        shell = Shell(clone, sandbox.exports)
        before = json.loads(shell.says("aws iam create-user --user-name sts-machine-user"))
    with sandbox_terminal(clone, *state) as sandbox:
        assert sandbox.exports.items() <= shell.environment.items()
        assert json.loads(shell.says("aws iam get-user --user-name sts-machine-user"))["User"] == before["User"]
        assert "create user sts-machine-user, by stslab-admin" in shell.says(history)


def test_a_class_is_handed_out(clone: Path):
    (serve, _), (look, _), (every, _) = SECTIONS["For teachers: a class"]
    options = serve.split()[2:]
    assert options == ["--accounts", "100", "--credentials", "out/", "--state", "class.state"]
    with sandbox_terminal(clone, "--accounts", "3", "--credentials", str(clone / "out"), "--quiet") as sandbox:
        folders = sorted((clone / "out").iterdir())
        assert [len(folder.name) for folder in folders] == [12, 12, 12]
        first = Shell(folders[0], {})
        lines = re.findall(r"^export .*$", sandbox.said, re.MULTILINE)
        assert len(lines) == 2
        first.says("\n".join(lines))
        first.says("aws iam create-user --user-name sts-machine-user")
        teacher = Shell(clone, {})
        said = [teacher.says(look.replace("ACCOUNT", folder.name)) for folder in folders]
        at_a_glance = teacher.says(every).splitlines()
    assert [f"account {folder.name}" in each for folder, each in zip(folders, said, strict=True)] == [True] * 3
    assert ["create user sts-machine-user" in each for each in said] == [True, False, False]
    assert [line.split()[0] for line in at_a_glance] == [f"out/{folder.name}/" for folder in folders]
    assert ["Next: create an access key" in line for line in at_a_glance] == [True, False, False]
    assert ["Next: create the user" in line for line in at_a_glance] == [False, True, True]
    assert "CreateUser" not in sandbox.said
