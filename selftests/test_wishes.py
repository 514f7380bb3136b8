"""Requests that take another permission beside their own, and what the permissions are about."""

from __future__ import annotations

from typing import Any

import pytest
from accounts import ACCOUNT, Account, refusal
from stacking import BUCKET, STACKS, Stack, text

TAGS = [{"Key": "run", "Value": "1"}]
HOST = "token.actions.githubusercontent.com"


def may(*actions: str, on: str = "*") -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": on}


def test_a_stack_with_tags_takes_the_permission_to_tag_it(account: Account) -> None:
    stack = f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/lab/*"
    ana, bea = account.user("ana", may("cloudformation:CreateStack", "s3:*")), account.user("bea", STACKS, may("s3:*"))
    params = {"StackName": "lab", "TemplateBody": text({"B": BUCKET})}
    hers = account.client("cloudformation", ana)
    code, message, _ = refusal(hers.create_stack, **params, Tags=TAGS)
    assert code == "AccessDenied"
    assert f"is not authorized to perform: cloudformation:TagResource on resource: {stack}" in message
    hers.create_stack(**params)
    account.client("cloudformation", bea).create_stack(**{**params, "StackName": "tagged"}, Tags=TAGS)
    change = {**params, "StackName": "changed", "ChangeSetName": "c", "ChangeSetType": "CREATE"}
    cora = account.user("cora", may("cloudformation:CreateChangeSet"))
    changes = account.client("cloudformation", cora)
    assert "cloudformation:TagResource" in refusal(changes.create_change_set, **change, Tags=TAGS)[1]
    changes.create_change_set(**change)


def test_a_bucket_with_tags_takes_the_permission_to_tag_it(account: Account) -> None:
    s3 = account.client("s3", account.user("ana", may("s3:CreateBucket")))
    code, message, _ = refusal(s3.create_bucket, Bucket="lab", CreateBucketConfiguration={"Tags": TAGS})
    assert code == "AccessDenied"
    assert "s3:TagResource on resource: arn:aws:s3:::lab" in message
    s3.create_bucket(Bucket="lab")
    bea = account.user("bea", may("s3:CreateBucket", "s3:TagResource"))
    account.client("s3", bea).create_bucket(Bucket="tagged", CreateBucketConfiguration={"Tags": TAGS})


def test_a_stacks_bucket_takes_it_too_and_tags_put_later_do_not(account: Account) -> None:
    ana = account.user("ana", STACKS, may("s3:CreateBucket", "s3:DeleteBucket", "s3:PutBucketTagging"))
    stack = Stack(account, ana).create({"B": BUCKET}, Tags=TAGS)
    assert stack.status == "ROLLBACK_COMPLETE"
    assert "s3:TagResource" in stack.failure("B")
    plain = Stack(account, ana, "plain").create({"B": BUCKET})
    assert plain.status == "CREATE_COMPLETE"
    account.client("s3", ana).put_bucket_tagging(Bucket=plain.resources()["B"][1], Tagging={"TagSet": TAGS})


@pytest.mark.parametrize(("host", "allowed"), [(HOST, True), ("gitlab.com", False)])
def test_an_identity_provider_is_what_its_actions_are_about(account: Account, host: str, allowed: bool) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{HOST}"
    actions = ("CreateOpenIDConnectProvider", "GetOpenIDConnectProvider", "DeleteOpenIDConnectProvider")
    ana = account.user("ana", may(*(f"iam:{action}" for action in actions), on=arn))
    iam = account.client("iam", ana)
    mine = {"OpenIDConnectProviderArn": arn.replace(HOST, host)}
    url = f"https://{host}"
    if allowed:
        iam.create_open_id_connect_provider(Url=url)
        iam.get_open_id_connect_provider(**mine)
        iam.delete_open_id_connect_provider(**mine)
        return
    account.client("iam").create_open_id_connect_provider(Url=url)
    for operation, params in (
        (iam.create_open_id_connect_provider, {"Url": f"{url}/more"}),
        (iam.get_open_id_connect_provider, mine),
        (iam.delete_open_id_connect_provider, mine),
    ):
        code, message, _ = refusal(operation, **params)
        assert (code, mine["OpenIDConnectProviderArn"] in message) == ("AccessDenied", True)
