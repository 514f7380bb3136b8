"""The lab through microburst, a proxy that is not ours and fails as AWS does: green after retries, and nothing left."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from urllib.parse import quote, unquote

import emulators
import pytest
from emulators import lab, ledgers
from wire import Wire


class AsSigned(Wire):
    """Puts a request back as it was signed.

    Microburst sends its upstream's name as the Host, for which it has no option, and spells %2F in a query as a slash,
    which AWS takes for the same and the sandbox does not.
    """

    def __init__(self, upstream_url, host):
        super().__init__(upstream_url)
        self.host = host

    def arrived(self, method, target, headers, body):
        headers.replace_header("Host", self.host)
        path, mark, query = target.partition("?")
        spelt = "&".join(quote(unquote(part), safe="=~") for part in query.split("&"))
        return super().arrived(method, path + mark + spelt, headers, body)


class Microburst:
    """The proxy, by its control API."""

    def __init__(self, url):
        self.url = url

    def rules(self, rules):
        """Replace all rules, and forget what the earlier ones have hit."""
        self._ask("rules", "POST", json.dumps(rules).encode())
        self._ask("fired", "DELETE")

    def fired(self):
        """The operations that were hit, as often as they were."""
        return [event["operation"] for event in self._ask("fired?limit=1000", "GET")]

    def _ask(self, path, method, body=None):
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/_microburst/{path}", body, headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read())


@pytest.fixture(scope="module")
def sandbox():
    with emulators.sandbox() as account:
        yield account


@pytest.fixture(scope="module")
def proxy(sandbox, tmp_path_factory):
    port, folder = emulators.free_port(), tmp_path_factory.mktemp("microburst")
    log = folder / "log"
    with AsSigned(sandbox.endpoint, f"127.0.0.1:{port}") as wire, log.open("wb") as out:
        told = ["--upstream", wire.url, "--port", str(port), "--no-resign"]
        process = subprocess.Popen([sys.executable, "-m", "microburst", *told], cwd=folder, stdout=out, stderr=out)
        try:
            url = f"http://127.0.0.1:{port}"
            emulators.await_answer(f"{url}/_microburst/health", process, log)
            yield Microburst(url)
        finally:
            emulators.end(process)


THROTTLED = {"code": "Throttling", "status": 400}
WEATHER = {
    "throttling of IAM and CloudFormation": [
        {"service": "iam", "operation": "CreateUser", "error": THROTTLED, "times": 2},
        {"service": "iam", "operation": "PutUserPolicy", "error": THROTTLED, "times": 1},
        {"service": "cloudformation", "error": THROTTLED, "times": 2},
        {"service": "sts", "operation": "AssumeRole", "error": THROTTLED, "times": 1},
    ],
    "a busy S3": [
        {"service": "s3", "operation": "PutObject", "error": {"code": "SlowDown", "status": 503}, "times": 2},
        {"service": "s3", "operation": "ListBuckets", "error": {"code": "InternalError", "status": 500}, "times": 2},
    ],
    "resets": [
        {"service": "iam", "operation": "CreateAccessKey", "reset": True, "times": 1},
        {"service": "cloudformation", "operation": "CreateStack", "reset": True, "times": 1},
        {"service": "iam", "operation": "DeleteUser", "reset": True, "times": 1},
    ],
    "latency": [{"service": "*", "latency": {"min": 20, "max": 60}, "times": 20}],
}


@pytest.mark.parametrize("weather", WEATHER)
def test_the_lab_is_green_after_retries_and_nothing_is_left(weather, sandbox, proxy, tmp_path):
    rules = WEATHER[weather]
    proxy.rules(rules)
    performance = lab(tmp_path, proxy.url, **sandbox.environment)
    fired = proxy.fired()
    assert performance.not_passed == {}, performance.output
    assert performance.exit_code == 0
    assert len(fired) == sum(rule["times"] for rule in rules), fired
    failing = sum(rule["times"] for rule in rules if "latency" not in rule)
    assert sum(call["retries"] for call in performance.result["calls"]) == failing
    assert sandbox.inventory() == {}
    assert ledgers(tmp_path) == []


def impatient():
    """No wait lasts two minutes, so that this test does not."""
    from dataclasses import replace

    from stslab.targets import remote

    remote.OF_AN_EMULATOR = replace(remote.OF_AN_EMULATOR, longest_wait=2)


def test_an_endpoint_that_never_stops_throttling_is_an_error_and_no_verdict(sandbox, proxy, tmp_path):
    proxy.rules([{"service": "iam", "operation": "PutUserPolicy", "error": THROTTLED}])
    performance = lab(tmp_path, proxy.url, sabotage=impatient, **sandbox.environment)
    assert performance.outcomes["policy.attached"] == "error", performance.output
    assert "failed" not in performance.outcomes.values()
    assert performance.outcomes["session.assumed"] != "passed"
    assert sandbox.inventory() == {}
    assert ledgers(tmp_path) == []


def test_without_the_detour_no_signature_is_right(sandbox, proxy, tmp_path, monkeypatch):
    """Should microburst leave requests alone one day, it can go."""
    monkeypatch.setattr(AsSigned, "arrived", Wire.arrived)
    proxy.rules([])
    performance = lab(tmp_path, proxy.url, **sandbox.environment)
    assert performance.exit_code == emulators.USAGE_ERROR
    assert "SignatureDoesNotMatch" in performance.output
