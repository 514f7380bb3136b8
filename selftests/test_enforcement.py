"""No verdict without enforcement: off from the start, lost in the middle, or not there at all, the run is an error."""

from __future__ import annotations

import pytest
import sabotage


@pytest.mark.parametrize(
    "broken",
    [
        sabotage.enforcement_never_on,
        sabotage.everything_allowed,
        sabotage.moto_without_the_seam,
        sabotage.canary_gets_another_error,
    ],
    ids=lambda broken: broken.__name__,
)
def test_without_enforcement_every_check_is_an_error(perform, broken):
    lab = perform(sabotage=broken)
    assert set(lab.outcomes.values()) == {"error"}
    assert len(lab.outcomes) == 19
    assert lab.result["score"] == 0
    assert lab.exit_code == 1
    assert lab.left in ({}, None)
    assert "The run ended early" in lab.output


def test_enforcement_lost_in_the_middle_ends_the_run(perform):
    lab = perform(sabotage=sabotage.enforcement_lost_in_the_middle)
    outcomes = list(lab.outcomes.values())
    assert outcomes[:9] == ["passed"] * 9
    assert set(outcomes[9:]) == {"error"}
    assert "authorisation is off" in lab.check("policy.attached")["reason"]
    assert lab.exit_code == 1
    assert lab.left == {}


def test_enforcement_lost_during_the_clean_up_is_no_verdict_on_the_lab(perform):
    lab = perform(sabotage=sabotage.enforcement_lost_during_the_clean_up)
    assert lab.not_passed == {"cleanup.complete": "error", "cleanup.residue": "error"}
    assert lab.left == {}


def test_the_missing_seam_is_named_with_the_version(perform):
    lab = perform(sabotage=sabotage.moto_without_the_seam)
    from importlib.metadata import version

    assert f"moto {version('moto')} does not authorise where stslab takes over" in lab.check("user.created")["reason"]


def test_every_call_of_a_lab_principal_was_decided(perform):
    """The gate sees each of them, the admin's too: nobody is exempt."""
    lab = perform(sabotage=_count_decisions)
    calls = [c for c in lab.result["calls"] if c["http_status"] and c["http_status"] < 300]
    decided = int(lab.text("decisions"))
    refused_later = [c for c in lab.result["calls"] if c["outcome"] == "denied" or c["error_code"]]
    assert decided >= len(calls)
    assert decided <= len(calls) + len(refused_later)
    assert {c["principal"].rpartition("/")[2] for c in lab.result["calls"] if c["check"]} == {
        "stslab-admin",
        "sts-machine-user",
        "s3-sts-fun",
    }


def _count_decisions():
    from pathlib import Path

    from stslab.targets.moto import MotoTarget

    close = MotoTarget.close

    def close_and_tell(target):
        Path("reports/decisions").write_text(str(target.gate.decisions))
        close(target)

    MotoTarget.close = close_and_tell
