"""Where ``stslab check`` looks, and as whom: told by nothing but a person's AWS files, as a rule."""

from __future__ import annotations

import pytest

from stslab.errors import BadInput
from stslab.targets.place import AWS, ENDPOINT, observed

SANDBOX, OF_AWS = "http://127.0.0.1:4566", "https://sts.us-east-1.amazonaws.com"
ADMIN = "[profile admin]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n"


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A person's config file, to be written; nothing of the machine's own counts."""
    config = tmp_path / "config"
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    config.write_text("[default]\nregion = us-east-1\n")
    return config


def test_without_an_endpoint_it_is_aws_and_guarded(files):
    place = observed("", "", "", {})
    assert (place.kind, place.endpoint_url, place.is_guarded) == (AWS, "", True)


@pytest.mark.parametrize(
    ("target", "kind", "guarded"), [("", ENDPOINT, False), ("endpoint", ENDPOINT, False), ("aws", AWS, True)]
)
def test_an_endpoint_in_the_files_is_gone_to(files, target, kind, guarded):
    files.write_text(f"[default]\nregion = us-east-1\nendpoint_url = {SANDBOX}\n")
    place = observed(target, "", "", {})
    assert (place.kind, place.endpoint_url, place.is_guarded) == (kind, SANDBOX, guarded)


@pytest.mark.parametrize("target", ["", "endpoint", "aws"])
@pytest.mark.parametrize("told", ["option", "variable", "file"])
def test_an_endpoint_of_awss_is_guarded_however_it_is_told(files, target, told):
    if told == "file":
        files.write_text(f"[default]\nregion = us-east-1\nendpoint_url = {OF_AWS}\n")
    option, variables = (
        (OF_AWS if told == "option" else ""),
        ({"AWS_ENDPOINT_URL": OF_AWS} if told == "variable" else {}),
    )
    place = observed(target, option, "", variables)
    assert (place.endpoint_url, place.is_aws_itself, place.is_guarded) == (OF_AWS, True, True)


@pytest.mark.parametrize(
    ("config", "told", "environ", "profile"),
    [
        (ADMIN, "", {}, "admin"),
        (ADMIN, "audit", {}, "audit"),
        (ADMIN, "", {"AWS_PROFILE": "mine"}, ""),
        (ADMIN, "", {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE"}, ""),
        ("", "", {}, ""),
        ("[profile admin]\nregion = us-east-1\nendpoint_url = http://127.0.0.1:1\n", "", {}, ""),
        ("[profile admin]\nsso_session = work\n", "", {}, "admin"),
    ],
)
def test_profile_admin_looks_where_it_has_credentials_and_nothing_tells_another(files, config, told, environ, profile):
    files.write_text(f"[default]\nregion = us-east-1\n[profile audit]\nregion = us-east-1\n{config}")
    assert observed("", "", told, environ).profile == profile


@pytest.mark.parametrize(("target", "problem"), [("moto", "nothing to look at"), ("endpoint", "there is no endpoint")])
def test_what_cannot_be_looked_at_is_said(files, target, problem):
    with pytest.raises(BadInput, match=problem):
        observed(target, "", "", {})
