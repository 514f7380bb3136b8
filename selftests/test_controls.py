"""Controls: what the checks say about them is read strictly, and no more is claimed than was shown."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import classes
import pytest

from stslab.controls.control import Controls
from stslab.controls.mapping import load_controls, read_controls
from stslab.controls.standing import FAULTY, Standing, assess
from stslab.errors import BadInput
from stslab.result import LabResult, Outcome
from stslab.rubric import read_rubric

POLICIES = Path(__file__).parent.parent / "policies"
CHECKS = tuple(classes.CHECKS)
REFERENCE = read_controls(POLICIES / "controls.toml", CHECKS)

SMALL = """\
schema = 1
[[framework]]
id = "f"
title = "Framework"
version = "v2"
source = "https://example.org"
[[control]]
framework = "f"
id = "2.1"
title = "Deny"
speaks = "One call is denied."
checks = ["user.no-s3", "role.trust"]
numbers = { v1 = "1.1", v2 = "2.1" }
[[control]]
framework = "f"
id = "2.2"
title = "Groups"
speaks = "The lab breaks it."
broken_by = "policy.attached"
[[silence]]
framework = "f"
id = "2.3"
title = "Logs"
why = "Nobody looks."
[[exemption]]
controls = ["f/2.2"]
owner = "owner of the account"
reason = "The lab is about it."
expires = 2026-01-02
[unmapped]
"stack.bucket" = "It is a bucket."
"""


def small(folder: Path, *changes: tuple[str, str]) -> Controls:
    text = SMALL
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (folder / "controls.toml").write_text(text, encoding="utf-8", errors="surrogateescape")
    return read_controls(folder / "controls.toml", CHECKS)


def run(finished: str = "2026-01-02T23:59:59.999Z", target: str = "aws", **said: Outcome) -> LabResult:
    outcomes = {check: (said[key], "So it is.") for check in CHECKS if (key := re.sub(r"\W", "_", check)) in said}
    return replace(classes.graded("x", outcomes).result, finished=finished, target=target)


def standings(result: LabResult, controls: Controls) -> list[Standing]:
    return [one.standing for one in assess(result, controls).assessed]


def test_every_check_of_the_lab_is_mapped_or_speaks_for_nothing_on_purpose():
    assert set(read_rubric(POLICIES / "rubric.toml")) == set(CHECKS)
    mapped = {check for one in REFERENCE.controls for check in (*one.checks, one.broken_by) if check}
    assert mapped | set(REFERENCE.unmapped) == set(CHECKS)


def test_the_reference_pins_cis_and_keeps_the_numbers_of_other_versions():
    (groups,) = [one for one in REFERENCE.controls if one.title.startswith("Ensure IAM users receive permissions")]
    assert REFERENCE.frameworks[groups.framework].version == "v5.0.0"
    assert (groups.id, groups.numbers["v5.0.0"], groups.numbers["v3.0.0"]) == ("1.14", "1.14", "1.15")


def test_the_objectives_are_spelled_as_their_labels():
    for one in REFERENCE.controls:
        told = re.fullmatch(r"([a-z]{2}-\d+(?:\.\d+)?)_obj(?:\.([a-z])-(\d))?", one.objective)
        assert bool(told) == (one.framework == "nist-800-53"), one
        if told:
            family, number = told[1].split("-")
            plain, _, more = number.partition(".")
            label = f"{family.upper()}-{int(plain):02}" + (f"({int(more):02})" if more else "")
            assert one.id == label + (f"{told[2]}.[{int(told[3]):02}]" if told[2] else "")


def test_no_check_speaks_for_audit_records():
    assert {"AU-03", "AU-12"} <= {one.id for one in REFERENCE.silences}
    assert not [one for one in REFERENCE.controls if one.id.startswith("AU")]


def test_what_the_lab_itself_breaks_is_exempted_by_a_role_until_a_day():
    broken = [one for one in REFERENCE.controls if one.broken_by]
    assert [one.key for one in broken] == ["cis-aws-foundations/1.14", "aws-security-hub/IAM.2"]
    for one in broken:
        exemption = REFERENCE.exemption(one)
        assert exemption is not None
        assert exemption.expires == date(2028, 11, 30)


def test_a_run_that_passed_satisfies_what_it_speaks_for_and_nothing_else():
    assessment = assess(run(), REFERENCE)
    assert {one.standing for one in assessment.assessed} == {Standing.SATISFIED, Standing.EXEMPTED}
    assert assessment.faults == ()


def test_one_failed_check_is_enough_and_is_named(tmp_path):
    controls = small(tmp_path)
    result = run(role_trust=Outcome.FAILED, user_no_s3=Outcome.ERROR)
    first = assess(result, controls).assessed[0]
    assert (first.standing, first.why) == (Standing.NOT_SATISFIED, "role.trust failed.")


@pytest.mark.parametrize("outcome", [Outcome.ERROR, Outcome.BLOCKED, Outcome.UNDETERMINED])
def test_what_was_not_decided_is_not_determined(tmp_path, outcome):
    controls = small(tmp_path)
    assert standings(run(role_trust=outcome), controls)[0] is Standing.NOT_DETERMINED
    assert standings(run(policy_attached=outcome), controls)[1] is Standing.NOT_DETERMINED


def test_what_was_blocked_is_told_with_what_blocked_it(tmp_path):
    result = run(role_trust=Outcome.BLOCKED)
    next(one for one in result.checks if one.id == "role.trust").blocked_by = "stack.deploys"
    assert assess(result, small(tmp_path)).assessed[0].why == "role.trust was blocked by stack.deploys."


def test_what_a_run_left_out_is_not_determined(tmp_path):
    whole = run()
    part = replace(whole, checks=[one for one in whole.checks if one.id not in ("role.trust", "policy.attached")])
    assessed = assess(part, small(tmp_path)).assessed
    assert [one.standing for one in assessed] == [Standing.NOT_DETERMINED] * 2
    assert "role.trust was not performed" in assessed[0].why
    assert [check.id for check in assessed[0].checks] == ["user.no-s3"]


def test_what_passed_with_the_reference_in_its_place_speaks_for_nobody(tmp_path):
    result = run()
    next(one for one in result.checks if one.id == "role.trust").carried_on = "template"
    (first, _) = assess(result, small(tmp_path)).assessed
    assert first.standing is Standing.NOT_DETERMINED
    assert "reference template" in first.why


def test_a_practice_is_not_broken_by_a_policy_that_was_not_put(tmp_path):
    assessment = assess(run("2030-01-01T00:00:00Z", policy_attached=Outcome.FAILED), small(tmp_path))
    assert assessment.assessed[1].standing is Standing.NOT_DETERMINED
    assert assessment.faults == ()


@pytest.mark.parametrize(
    ("finished", "standing"),
    [
        ("2026-01-02T23:59:59.999Z", Standing.EXEMPTED),
        ("2026-01-03T00:00:00.000Z", Standing.EXPIRED),
        ("2026-01-03T00:30:00.000+01:00", Standing.EXEMPTED),
        ("2026-01-02T23:30:00.000-01:00", Standing.EXPIRED),
    ],
)
def test_an_exemption_holds_to_the_end_of_its_day_in_utc_by_the_end_of_the_run(tmp_path, finished, standing):
    assessment = assess(run(finished), small(tmp_path))
    assert assessment.assessed[1].standing is standing
    assert bool(assessment.faults) == (standing is Standing.EXPIRED)


def test_an_expired_exemption_and_one_that_is_not_there_are_faults_with_name_and_reason(tmp_path):
    (expired,) = assess(run("2026-01-03T00:00:00Z"), small(tmp_path)).faults
    said = "The lab breaks it, and the exemption of the owner of the account expired on 2026-01-02."
    assert expired == f"Framework v2, 2.2: Groups. {said}"
    bare = replace(small(tmp_path), exemptions=())
    assessment = assess(run(), bare)
    assert assessment.assessed[1].standing in FAULTY
    assert assessment.faults == ("Framework v2, 2.2: Groups. The lab breaks it, and there is no exemption.",)


def test_the_method_is_test_alone_and_an_emulator_proves_nothing_of_aws(tmp_path):
    controls = small(tmp_path)
    for target, word in (
        ("aws", "AWS itself"),
        ("moto", "emulation (moto)"),
        ("endpoint at http://127.0.0.1:5000", "taken for an emulation (endpoint at"),
    ):
        limits = assess(run(target=target), controls).limits
        assert "TEST only" in limits[0]
        assert word in limits[1]
        assert ("AWS itself" in limits[1]) == (target == "aws")


def test_a_folders_own_mapping_goes_before_the_reference(tmp_path):
    assert load_controls(tmp_path, POLICIES, CHECKS) == REFERENCE
    assert load_controls(tmp_path, POLICIES, CHECKS) != small(tmp_path) == load_controls(tmp_path, POLICIES, CHECKS)


CONTROL = '[[control]]\nframework = "f"\nid = "{}"\ntitle = "T"\nspeaks = "S."\nchecks = ["user.no-s3"]\n[[silence]]'
BAD = {
    "no TOML": ("schema = 1", "schema = = 1", "does not parse"),
    "not UTF-8": ("Deny", "\udcff", "not UTF-8"),
    "no schema": ("schema = 1\n", "", "schema is not 1"),
    "another schema": ("schema = 1", "schema = 2", "schema is not 1"),
    "a schema that is a truth": ("schema = 1", "schema = true", "schema is not 1"),
    "an unknown table": ("[unmapped]", "[unmaped]", "'unmaped', which is unknown"),
    "an unknown check": ('"user.no-s3", "role', '"user.no-s4", "role', "names check 'user.no-s4', which is unknown"),
    "an unknown breaker": ("policy.attached", "policy.atached", "names check 'policy.atached', which is unknown"),
    "an unknown check unmapped": ('"stack.bucket" =', '"stack.buckets" =', "'stack.buckets', which is unknown"),
    "a check both": ('"stack.bucket" =', '"role.trust" =', "role.trust both mapped and unmapped"),
    "a check twice": ('"role.trust"]', '"user.no-s3"]', "twice in its checks"),
    "an unknown framework": ('"f"\nid = "2.1"', '"g"\nid = "2.1"', "of framework 'g', which is unknown"),
    "an unknown framework in a silence": ('"f"\nid = "2.3"', '"g"\nid = "2.3"', "of framework 'g', which is unknown"),
    "a control twice": ("[[silence]]", CONTROL.format("2.1"), "control f/2.1 is there twice"),
    "a control that is silent": ("[[silence]]", CONTROL.format("2.3"), "control f/2.3 is there twice"),
    "a framework twice": (
        "[[silence]]",
        '[[framework]]\nid = "f"\ntitle = "F"\nversion = "v2"\nsource = "https://example.org"\n[[silence]]',
        "framework f is there twice",
    ),
    "a source that is no address": ("https://example.org", "javascript:alert(1)", "source that is no https"),
    "a title left out": ('title = "Deny"\n', "", "control 2.1 has no title"),
    "an empty title": ('"Deny"', '" "', "no line of text as its title"),
    "a title that is a number": ('"Deny"', "7", "no line of text as its title"),
    "a title with an escape": ('"Deny"', '"a\\u001b[31m"', "no line of text as its title"),
    "an objective that is none": ('title = "Deny"', 'title = "Deny"\nobjective = "ac-3"', "'ac-3', which is none of"),
    "an id with a space": ('id = "2.1"', 'id = "2 1"', "'2 1', which is no id"),
    "a field nobody reads": ('title = "Deny"', 'title = "Deny"\nchekcs = []', "'chekcs', which is unknown"),
    "checks that are text": ('["user.no-s3", "role.trust"]', '"user.no-s3"', "no list of text as its checks"),
    "checks that are none": ('["user.no-s3", "role.trust"]', "[]", "no list of text as its checks"),
    "neither checks nor breaker": ('broken_by = "policy.attached"\n', "", "not either checks or broken_by"),
    "both checks and breaker": ("broken_by", 'checks = ["role.trust"]\nbroken_by', "not either checks or broken_by"),
    "another number pinned": ('v2 = "2.1"', 'v2 = "2.9"', "another number for v2"),
    "no number pinned": (', v2 = "2.1"', "", "another number for v2"),
    "a version with an escape": ("{ v1 =", '{ "v\\u001b" = " ", v1 =', "no line of text as its numbers v\\x1b"),
    "numbers that are text": ('{ v1 = "1.1", v2 = "2.1" }', '"2.1"', "no table as its numbers"),
    "controls that are one table": ("[[silence]]", "[silence]", "silence is not a list of tables"),
    "a silence without a why": ('why = "Nobody looks."\n', "", "has no why"),
    "an exemption without an owner": ('owner = "owner of the account"\n', "", "exemption 1 has no owner"),
    "an exemption without a reason": ('reason = "The lab is about it."\n', "", "exemption 1 has no reason"),
    "an exemption without an expiry": ("expires = 2026-01-02\n", "", "exemption 1 has no date as its expires"),
    "an expiry in quotes": ("2026-01-02", '"2026-01-02"', "no date as its expires"),
    "an expiry with a time": ("2026-01-02", "2026-01-02T00:00:00Z", "no date as its expires"),
    "an exemption of nothing": ('controls = ["f/2.2"]\n', "", "names no controls"),
    "an exemption of the unknown": ('["f/2.2"]', '["f/9.9"]', "'f/9.9', which is unknown"),
    "an exemption of a silence": ('["f/2.2"]', '["f/2.3"]', "'f/2.3', which is unknown"),
    "an exemption of what is kept": ('["f/2.2"]', '["f/2.1"]', "which the lab does not break"),
    "an exemption twice": (
        "[unmapped]",
        '[[exemption]]\ncontrols = ["f/2.2"]\nowner = "o"\nreason = "r"\nexpires = 2030-01-01\n[unmapped]',
        "control f/2.2 is exempted twice",
    ),
    "an unmapped check without a why": ('"It is a bucket."', '""', "no line of text as its unmapped stack.bucket"),
}


@pytest.mark.parametrize(("old", "new", "said"), BAD.values(), ids=BAD)
def test_a_mapping_that_cannot_be_is_refused_in_one_sentence_that_names_the_file(tmp_path, old, new, said):
    with pytest.raises(BadInput) as raised:
        small(tmp_path, (old, new))
    sentence = str(raised.value)
    assert sentence.startswith(f"{tmp_path / 'controls.toml'}: ")
    assert said in sentence
    assert sentence.isprintable()
    assert sentence.endswith(".")


def test_a_mapping_that_is_not_there_or_nested_without_end_is_refused(tmp_path):
    with pytest.raises(BadInput, match="cannot be read"):
        read_controls(tmp_path / "controls.toml", CHECKS)
    with pytest.raises(BadInput, match="does not parse"):
        small(tmp_path, ("schema = 1", f"schema = {'[' * 5000}"))


def test_the_small_mapping_is_one(tmp_path):
    controls = small(tmp_path)
    assert tomllib.loads(SMALL)["schema"] == 1
    assert [one.key for one in controls.controls] == ["f/2.1", "f/2.2"]
    assert controls.controls[0].numbers == {"v1": "1.1", "v2": "2.1"}
    assert controls.unmapped == {"stack.bucket": "It is a bucket."}
