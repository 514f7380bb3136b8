"""The IAM user guide's own tables, examples and rules, asked of ``stslab simulate --jsonl`` one by one."""

from __future__ import annotations

import json

import guide_evaluation
import guide_examples
import guide_grammar
import guide_operators
import pytest
from guide_cases import Case

from stslab.iam.decision import Layer
from stslab.simulation import answer, read_document

CASES = [*guide_operators.CASES, *guide_evaluation.CASES, *guide_examples.CASES, *guide_grammar.CASES]


@pytest.mark.parametrize("case", CASES, ids=[f"{case.page}: {case.title}" for case in CASES])
def test_the_answer_is_the_guides(case: Case) -> None:
    told = answer(json.dumps(case.request))
    assert told.get("decision", told.get("error", {}).get("code")) == case.answer, told
    text = told["reason"] if "reason" in told else told["error"]["message"]
    assert text.strip() == text
    assert "\n" not in text


def test_every_case_has_a_name_of_its_own() -> None:
    names = [(case.page, case.title) for case in CASES]
    assert len(set(names)) == len(names)


def test_what_aws_itself_has_as_policies_are_policies() -> None:
    """All managed policies of AWS that moto carries: none of them may be called malformed."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    known = json.loads(aws_managed_policies_data)
    assert len(known) > 1000
    for name, policy in known.items():
        assert read_document(policy["Document"], name, Layer.IDENTITY).statements
