"""What the sandbox tells a person when it is ready."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from stslab.sandbox.folder import AwsFolder
from stslab.sandbox.guide import OVERRIDING, class_guide, exports, guide, warnings

ENDPOINT = "http://127.0.0.1:5001"
ODD = '/tmp/Ana\'s "50%" $HOME `x` \\ !'


def told(state=None):
    return guide("111122223333", "eu-central-1", ENDPOINT, AwsFolder(Path("/srv/aws")), "stslab check", state)


def test_the_guide_fits_a_screen_and_has_the_lines_of_each_shell():
    shown = told().splitlines()
    assert len(shown) <= 24
    assert max(map(len, shown)) <= 120
    assert "export AWS_CONFIG_FILE=/srv/aws/config" in shown
    assert "export AWS_SHARED_CREDENTIALS_FILE=/srv/aws/credentials" in shown
    assert "set -gx AWS_CONFIG_FILE '/srv/aws/config'" in shown
    assert "$env:AWS_SHARED_CREDENTIALS_FILE = '/srv/aws/credentials'" in shown
    for part in ("111122223333", "eu-central-1", ENDPOINT, "stslab check", "~/.aws is left alone"):
        assert part in told()
    assert [len(lines) for lines in exports(AwsFolder(Path("/srv/aws"))).values()] == [2, 2, 2]


def test_an_odd_path_is_quoted_for_a_posix_shell():
    line = exports(AwsFolder(Path(ODD)))["bash, zsh"][0]
    assert shlex.split(line) == ["export", f"AWS_CONFIG_FILE={ODD}/config"]


def test_an_odd_path_is_quoted_for_fish():
    line = exports(AwsFolder(Path("/tmp/a'b\\c $d")))["fish"][0]
    assert line == "set -gx AWS_CONFIG_FILE '/tmp/a\\'b\\\\c $d/config'"


@pytest.mark.parametrize("quote", ["'", "\u2018", "\u2019", "\u201a", "\u201b"])
def test_every_quote_that_powershell_takes_for_one_is_doubled(quote):
    line = exports(AwsFolder(Path(f"/home/Ana{quote}s $x")))["PowerShell"][0]
    assert line == f"$env:AWS_CONFIG_FILE = '/home/Ana{quote}{quote}s $x/config'"


def test_the_end_is_told_truly():
    assert "everything in it is forgotten" in told()
    kept = told(Path("/srv/my state"))
    assert "forgotten" not in kept
    assert "--state '/srv/my state' goes on with it" in kept


def test_a_class_is_told_of_its_accounts_and_folders():
    shown = class_guide(2, ENDPOINT, Path("/srv/out"), None)
    assert shown.startswith(f"2 accounts answer at {ENDPOINT}")
    assert "/srv/out" in shown
    for form in ("export {}=", "set -gx {} ", "$env:{} = "):
        assert f'{form.format("AWS_CONFIG_FILE")}"$PWD/config"\n' in shown
        assert f'{form.format("AWS_SHARED_CREDENTIALS_FILE")}"$PWD/credentials"\n' in shown
    assert shown.endswith("--state FILE keeps it.\n")
    assert "forgotten" not in class_guide(1, ENDPOINT, Path("/srv/out"), Path("/s"))


@pytest.mark.parametrize("name", [*OVERRIDING, "AWS_ENDPOINT_URL_S3"])
def test_a_variable_that_leads_elsewhere_is_warned_of(name):
    assert (
        warnings({name: "", "PATH": ""}) == f"{name} counts for more than these files; there say, too: unset {name}\n"
    )


def test_several_are_named_together_and_harmless_ones_not_at_all():
    shown = warnings(dict.fromkeys(["AWS_PROFILE", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL", "HOME"], ""))
    assert shown.startswith("AWS_PROFILE and AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_STS count for more")
    assert shown.endswith("unset AWS_PROFILE AWS_ENDPOINT_URL AWS_ENDPOINT_URL_STS\n")
    assert warnings(dict.fromkeys(["AWS_CONFIG_FILE", "AWS_PAGER", "AWS_DEFAULT_OUTPUT", "PATH"], "")) == ""


def test_the_variables_that_are_warned_of_are_those_that_lead_elsewhere():
    """Each of them sends the CLI to somebody else's account or endpoint, whatever the files say."""
    assert {"AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_ENDPOINT_URL", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"} <= set(
        OVERRIDING
    )


@pytest.mark.parametrize(
    ("environ", "warned"),
    [
        ({"HTTP_PROXY": "http://proxy:3128"}, True),
        ({"http_proxy": "http://proxy:3128", "no_proxy": "localhost, example.com"}, True),
        ({"http_proxy": "http://proxy:3128", "NO_PROXY": "localhost, 127.0.0.1"}, False),
        ({"http_proxy": "http://proxy:3128", "no_proxy": "*"}, False),
        ({"http_proxy": ""}, False),
        ({"HTTPS_PROXY": "http://proxy:3128"}, False),
    ],
)
def test_a_proxy_on_the_way_is_told_of(environ, warned):
    """The AWS CLI takes it for 127.0.0.1 too. Source: AWS CLI user guide, "Use an HTTP proxy"."""
    assert ("export NO_PROXY=127.0.0.1" in warnings(environ)) is warned
