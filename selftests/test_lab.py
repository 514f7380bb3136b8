"""The lab as it should be: green, complete, and with nothing left."""

from __future__ import annotations

import json

CONTRACT = {
    "submission.template": (),
    "submission.policy": (),
    "submission.secrets": (),
    "user.created": (),
    "user.identity": ("user.created",),
    "user.no-s3": ("user.identity",),
    "stack.deploys": ("submission.template",),
    "stack.bucket": ("stack.deploys",),
    "role.trust": ("stack.deploys",),
    "policy.attached": ("submission.policy", "user.created"),
    "policy.targets-role": ("policy.attached", "stack.deploys"),
    "session.assumed": ("user.identity", "role.trust"),
    "session.identity": ("session.assumed",),
    "session.lists-buckets": ("session.assumed",),
    "session.reads-bucket": ("session.assumed", "stack.bucket"),
    "session.least-privilege": ("session.assumed",),
    "user.still-no-s3": ("user.no-s3",),
    "cleanup.complete": (),
    "cleanup.residue": (),
}
"""The checks in order with their prerequisites."""


def test_every_check_passes_and_nothing_is_left(perform):
    lab = perform()
    assert lab.not_passed == {}
    assert list(lab.outcomes) == list(CONTRACT)
    assert lab.exit_code == 0
    assert lab.left == {}


def test_the_clean_up_goes_in_the_labs_order(perform):
    lab = perform()
    deletions = [
        c["action"] for c in lab.result["calls"] if c["check"] == "cleanup.complete" and "Delete" in c["action"]
    ]
    assert deletions == [
        "s3:DeleteObject",
        "cloudformation:DeleteStack",
        "iam:DeleteAccessKey",
        "iam:DeleteUserPolicy",
        "iam:DeleteUser",
    ]
    assert [c for c in lab.result["calls"] if c["check"] is None and "canary" not in json.dumps(c)][1:] == []


def test_the_marks_declare_the_contract():
    import importlib.util
    from pathlib import Path

    declared = {}
    for path in sorted((Path(__file__).parent.parent / "tests").glob("test_*.py")):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for name, test in vars(module).items():
            if name.startswith("test_"):
                marks = {mark.name: mark for mark in test.pytestmark}
                (check,) = marks["check"].args
                assert marks["dependency"].kwargs["name"] == check
                needs = tuple(marks["dependency"].kwargs.get("depends", ()))
                assert not needs or marks["dependency"].kwargs["scope"] == "session"
                assert marks["check"].kwargs["points"] > 0
                declared[check] = needs
    assert declared == CONTRACT
