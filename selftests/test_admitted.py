"""What may be in a frozen account: nothing is written that could not be read, and nothing read that may not be."""

from __future__ import annotations

import pickle
import re
import threading
from pathlib import Path

import pytest
from accounts import ACCOUNT, ALLOW, OTHER, in_process

from stslab.sandbox.state import freezing
from stslab.sandbox.state.admitted import NotOurs
from stslab.sandbox.state.freezing import CannotFreeze, freeze, thaw
from stslab.sandbox.state.standing import is_elsewhere


@pytest.fixture(scope="module", autouse=True)
def _account():
    with in_process() as account:
        for name in ("limits", "more"):
            account.policy(name, ALLOW)
        yield


@pytest.mark.parametrize("times", [1, 1000], ids=["once", "for ever"])
def test_who_reads_meanwhile_may_have_moto_file_something(monkeypatch, times):
    from moto.iam.models import iam_backends

    policies = iam_backends[ACCOUNT]["aws"].managed_policies
    before = dict(policies)

    def reading(kind):
        """What another thread does between two objects: it asks for a policy that nobody has asked for before."""
        if kind.__name__ == "ManagedPolicy" and len(policies) - len(before) < times:
            policies[f"other{len(policies)}"] = next(iter(before.values()))
        return is_elsewhere(kind)

    monkeypatch.setattr(freezing, "is_elsewhere", reading)
    try:
        if times == 1:
            assert b"other" in freeze(ACCOUNT)
        else:
            with pytest.raises(CannotFreeze, match="it changes while it is saved"):
                freeze(ACCOUNT)
    finally:
        policies.clear()
        policies.update(before)


@pytest.mark.parametrize(
    ("thing", "said"),
    [(threading.Lock(), "lock"), (Path("x"), "pathlib"), (print, "builtins.print"), ([].append, "list.append")],
    ids=["lock", "class", "function", "method"],
)
def test_what_could_not_be_read_again_is_not_written(thing, said):
    from moto.iam.models import iam_backends

    backend = iam_backends[ACCOUNT]["aws"]
    backend.strange = thing
    try:
        with pytest.raises(CannotFreeze, match=said):
            freeze(ACCOUNT)
    finally:
        del backend.strange


def named(module, name, *given):
    """A pickle that calls what has a name."""
    text = b"".join(b"\x8c" + bytes([len(part)]) + part.encode() for part in (module, name))
    return b"\x80\x04" + text + b"\x93" + pickle.dumps(given, 4)[2:-1] + b"R."


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "system"),
        ("posix", "system"),
        ("builtins", "eval"),
        ("builtins", "getattr"),
        ("subprocess", "Popen"),
        ("functools", "partial"),
        ("moto.s3.models", "get_canned_acl"),
        ("moto.s3.models", "os.system"),
        ("moto.s3.models", "FakeKey.dispose"),
        ("moto.s3.models", "BaseModel"),
        ("moto.cloudformation.parsing", "ec2_models.EC2Backend"),
        ("moto.iam.models", "json.loads"),
        ("moto.ec2.models", "EC2Backend"),
        ("moto.core.models", "BotocoreStubber"),
        ("stslab.sandbox.state.standing", "provide"),
        ("stslab.sandbox.state.store", "Store"),
    ],
)
def test_what_a_state_file_may_not_name(tmp_path, module, name):
    mark = tmp_path / "mark"
    with pytest.raises(NotOurs, match=rf"it names {re.escape(module)}\.{re.escape(name)}"):
        thaw(ACCOUNT, named(module, name, f"touch {mark}"))
    assert not mark.exists()
    assert freeze(ACCOUNT)


def test_that_pickle_alone_would_have_called_it(tmp_path):
    mark = tmp_path / "mark"
    pickle.loads(named("os", "system", f"touch {mark}"))
    assert mark.exists()


@pytest.mark.parametrize(
    "frozen",
    [b"", b"no pickle", pickle.dumps([]), pickle.dumps({"account": ACCOUNT, "services": {"iam": {"aws": 1}}})],
    ids=["nothing", "text", "a list", "no backend"],
)
def test_bytes_that_are_no_account_change_nothing(frozen):
    before = freeze(ACCOUNT)
    for strange in (frozen, pickle.dumps({"account": OTHER, "services": {}})):
        with pytest.raises(NotOurs):
            thaw(ACCOUNT, strange)
    with pytest.raises(NotOurs, match=OTHER):
        thaw(OTHER, before)
    assert len(freeze(ACCOUNT)) == len(before)
