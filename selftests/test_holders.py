"""A key is looked up where it was found last, and what is found is what moto holds now."""

from __future__ import annotations

import pytest
from accounts import ACCOUNT, OTHER, REGION, code_of, in_process

from stslab.targets import authentication
from stslab.targets.admin import make_admin
from stslab.targets.authentication import find_holder


@pytest.fixture
def account():
    authentication._FOUND_IN.clear()
    with in_process() as opened:
        yield opened


def iam_of(account):
    from moto.iam.models import iam_backends

    return iam_backends[account]["aws"]


def test_a_key_that_was_found_is_found_again_without_a_search(account, monkeypatch):
    first = find_holder(account.admin.access_key_id)
    assert first.account == ACCOUNT
    from moto.iam import models

    class Searched(dict):
        def items(self):
            raise AssertionError("all accounts were searched")

    monkeypatch.setattr(models, "iam_backends", Searched(models.iam_backends))
    assert find_holder(account.admin.access_key_id) == first


def test_a_key_that_changes_counts_at_once(account):
    key = account.user("ana").access_key_id
    iam = account.client("iam")
    assert find_holder(key).user.name == "ana"
    iam.update_access_key(UserName="ana", AccessKeyId=key, Status="Inactive")
    assert find_holder(key) is None
    iam.update_access_key(UserName="ana", AccessKeyId=key, Status="Active")
    assert find_holder(key).user.name == "ana"
    iam.update_user(UserName="ana", NewUserName="eva")
    assert find_holder(key).user.name == "eva"
    iam.delete_access_key(UserName="eva", AccessKeyId=key)
    assert find_holder(key) is None


def test_a_user_who_is_gone_takes_his_session_with_him(account):
    ana = account.user("ana")
    session = account.client("sts", ana).get_session_token()["Credentials"]["AccessKeyId"]
    assert find_holder(session).session is not None
    iam = account.client("iam")
    iam.delete_access_key(UserName="ana", AccessKeyId=ana.access_key_id)
    iam.delete_user(UserName="ana")
    iam.create_user(UserName="ana")
    assert find_holder(session) is None


def test_a_key_is_found_in_the_account_that_has_it_now(account):
    """As after a reset, or from a state that is restored."""
    key = make_admin(OTHER, REGION).access_key_id
    assert find_holder(key).account == OTHER
    held = iam_of(OTHER).access_keys.pop(key)
    (owner,) = [user for user in iam_of(OTHER).users.values() if held in user.access_keys]
    owner.access_keys.remove(held)
    iam_of(ACCOUNT).create_user(REGION, "heir")
    iam_of(ACCOUNT).users["heir"].access_keys.append(held)
    iam_of(ACCOUNT).access_keys[key] = held
    assert find_holder(key).account == ACCOUNT
    assert find_holder(key).user.name == "heir"


def test_no_key_is_found_after_everything_is_gone():
    with in_process() as account:
        key = account.admin.access_key_id
        assert find_holder(key) is not None
    with in_process() as account:
        assert find_holder(key) is None
        assert code_of(account.client("iam", type(account.admin)(key, account.admin.secret_access_key)).list_users) == (
            "InvalidClientTokenId"
        )


def test_what_is_remembered_has_an_end(account, monkeypatch):
    monkeypatch.setattr(authentication, "REMEMBERED", 2)
    keys = [account.user(name).access_key_id for name in ("ana", "eva", "ida")]
    assert [find_holder(key).user.name for key in keys] == ["ana", "eva", "ida"]
    assert len(authentication._FOUND_IN) <= 2
    assert find_holder("AKIAIOSFODNN7EXAMPLE") is None
    assert "AKIAIOSFODNN7EXAMPLE" not in authentication._FOUND_IN
