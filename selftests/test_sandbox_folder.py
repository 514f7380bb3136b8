"""The sandbox's AWS files: apart from the person's own, for its owner only, and never written over."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

import pytest
from botocore.session import Session

from stslab.credentials import Credentials, Secret
from stslab.errors import BadInput
from stslab.sandbox.folder import STUDENTS, AwsFolder

ENDPOINT, REGION = "http://127.0.0.1:5001", "eu-central-1"


def key(name="AKIAADMIN"):
    return Credentials(name, Secret(f"{secrets.token_hex(15)}%/+ws"), None)


@pytest.fixture
def folder(tmp_path):
    return AwsFolder(tmp_path / "deep" / "Ana's 50% AWS")


@pytest.fixture
def written(folder):
    """A folder that was written, and the admin whose it is."""
    admin = key()
    folder.write(admin, ENDPOINT, REGION)
    return folder, admin


def texts(folder):
    return folder.config.read_text(), folder.credentials.read_text()


def session(folder, monkeypatch, profile=None):
    """botocore's session as the AWS CLI has it with these files."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(folder.config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(folder.credentials))
    return Session(profile=profile)


def append(path, text):
    path.write_text(path.read_text() + text)


def section(name, access_key_id):
    return f"\n[{name}]\naws_access_key_id = {access_key_id}\naws_secret_access_key = {secrets.token_hex(20)}\n"


@pytest.mark.parametrize("profile", [None, "admin"])
def test_the_admin_is_the_default_and_a_profile(written, monkeypatch, profile):
    folder, admin = written
    found = session(folder, monkeypatch, profile).get_credentials()
    assert (found.access_key, found.secret_key) == (admin.access_key_id, admin.secret_access_key.reveal())
    assert found.token is None


@pytest.mark.parametrize("profile", [None, "admin", *STUDENTS])
def test_every_profile_stays_in_the_sandbox(written, monkeypatch, profile):
    folder, _ = written
    append(folder.credentials, "".join(section(name, "AKIAUSER") for name in STUDENTS))
    opened = session(folder, monkeypatch, profile)
    assert opened.get_config_variable("region") == REGION
    assert opened.get_scoped_config()["endpoint_url"] == ENDPOINT


def test_a_user_that_aws_configure_writes_is_the_default_until_its_section_is_renamed(written, monkeypatch):
    folder, admin = written
    append(folder.credentials, section("default", "AKIAUSER"))
    assert session(folder, monkeypatch).get_credentials().access_key == "AKIAUSER"
    assert session(folder, monkeypatch).get_scoped_config()["endpoint_url"] == ENDPOINT
    folder.credentials.write_text(folder.credentials.read_text().replace("[default]", "[sts]"))
    assert session(folder, monkeypatch).get_credentials().access_key == admin.access_key_id
    assert session(folder, monkeypatch, "sts").get_credentials().access_key == "AKIAUSER"


def test_the_files_are_for_their_owner_only_whatever_the_umask(folder):
    before = os.umask(0)
    try:
        folder.write(key(), ENDPOINT, REGION)
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.path.iterdir()} == {0o600}
    assert sorted(path.name for path in folder.path.iterdir()) == ["config", "credentials"]


def test_what_the_person_has_added_stays(written):
    folder, admin = written
    append(folder.credentials, section("sts", "AKIAUSER") + section("default", "AKIAUSER"))
    append(folder.config, "\n[profile mine]\nregion = us-west-2\ns3 =\n  addressing_style = path\n")
    before = texts(folder)
    folder.write(admin, ENDPOINT, REGION)
    assert texts(folder) == before


def test_a_file_that_is_missing_is_written_and_the_other_left(written):
    folder, admin = written
    before = texts(folder)
    for path in (folder.config, folder.credentials):
        path.unlink()
        folder.write(admin, ENDPOINT, REGION)
        assert texts(folder) == before


def test_an_admin_that_was_taken_out_of_the_credentials_is_no_fault(written):
    folder, admin = written
    folder.credentials.write_text(section("sts", "AKIAUSER"))
    folder.write(admin, ENDPOINT, REGION)
    assert "admin" not in folder.credentials.read_text()


@pytest.mark.parametrize("what", ["key", "endpoint", "credentials", "own"])
def test_files_of_something_else_are_not_touched(written, what):
    folder, admin = written
    other, endpoint = admin, ENDPOINT
    if what == "key":
        other = key("AKIAOTHER")
    elif what == "endpoint":
        endpoint = "http://127.0.0.1:5002"
    elif what == "credentials":
        folder.credentials.write_text(section("admin", "AKIAOTHER"))
    else:
        folder.config.write_text("[default]\nregion = us-east-1\n")
    before = texts(folder)
    with pytest.raises(BadInput, match="of another sandbox, or of an earlier one") as refusal:
        folder.write(other, endpoint, REGION)
    assert Path(refusal.value.where).name == ("credentials" if what == "credentials" else "config")
    assert texts(folder) == before


def test_nothing_is_written_where_one_of_the_files_is_of_something_else(folder):
    folder.path.mkdir(parents=True)
    folder.credentials.write_text(section("admin", "AKIAOTHER"))
    with pytest.raises(BadInput):
        folder.write(key(), ENDPOINT, REGION)
    assert not folder.config.exists()


@pytest.mark.parametrize(
    "content", [b"aws_access_key_id = x\n", b"[admin]\n[admin]\n", b"\xef\xbb\xbf[admin]\n", b"[admin]\n# \xff\n"]
)
@pytest.mark.parametrize("name", ["config", "credentials"])
def test_a_file_that_cannot_be_read_is_told_and_left(written, name, content):
    folder, admin = written
    path = folder.path / name
    path.write_bytes(content)
    with pytest.raises(BadInput) as refusal:
        folder.write(admin, ENDPOINT, REGION)
    assert str(refusal.value) == f"{path}: it cannot be read as an AWS file; put it right, or delete it."
    assert path.read_bytes() == content


@pytest.mark.parametrize("where", ["folder", "config", "new"])
def test_a_place_where_nothing_can_be_written_is_told(folder, where):
    folder.path.parent.mkdir(parents=True)
    if where == "folder":
        folder.path.write_text("a file")
    else:
        (folder.path / {"config": "config", "new": ".config.new"}[where]).mkdir(parents=True)
    with pytest.raises(BadInput, match="the AWS files cannot be written there") as refusal:
        folder.write(key(), ENDPOINT, REGION)
    assert refusal.value.where == str(folder.path)


def test_what_a_crash_left_half_written_is_not_taken_for_a_file(folder):
    folder.path.mkdir(parents=True)
    (folder.path / ".config.new").write_text("[defa")
    folder.write(key(), ENDPOINT, REGION)
    assert sorted(path.name for path in folder.path.iterdir()) == ["config", "credentials"]
    assert folder.config.read_text().startswith("[default]\n")


def test_a_link_that_somebody_put_there_is_not_followed(folder, tmp_path):
    folder.path.mkdir(parents=True)
    victim = tmp_path / "victim"
    victim.write_text("kept")
    (folder.path / ".credentials.new").symlink_to(victim)
    folder.write(key(), ENDPOINT, REGION)
    assert victim.read_text() == "kept"
