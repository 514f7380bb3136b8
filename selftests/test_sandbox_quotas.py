"""What one account may take of a sandbox that many share."""

from __future__ import annotations

import threading
import time

import pytest

from stslab.sandbox.quotas import AT_ONCE, BODY, REQUESTS_A_SECOND, SENT, Excess, Quotas

ONE, OTHER = "111122223333", "444455556666"


class Clock:
    def __init__(self, now=0.0):
        self.now = now

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def quotas(clock):
    return Quotas(clock)


def taken(quotas, times, account=ONE, size=0):
    """How many of so many requests are let through."""
    return sum(quotas.take(account, size, s3=False) is None for _ in range(times))


@pytest.mark.parametrize("now", [0.0, 0.5, 1e9])
def test_a_fresh_account_may_make_a_burst_whenever_the_clock_began(now):
    assert taken(Quotas(Clock(now)), int(AT_ONCE) + 50) == AT_ONCE


def test_then_it_is_held_to_the_average(quotas, clock):
    taken(quotas, int(AT_ONCE))
    assert taken(quotas, 1) == 0
    clock.now += 1
    assert taken(quotas, 1000) == REQUESTS_A_SECOND
    clock.now += 1 / REQUESTS_A_SECOND / 2
    assert taken(quotas, 1) == 0
    clock.now += 1 / REQUESTS_A_SECOND
    assert taken(quotas, 2) == 1


def test_a_long_pause_saves_up_no_more_than_a_burst(quotas, clock):
    taken(quotas, 1)
    clock.now += 1e6
    assert taken(quotas, 5000) == AT_ONCE


def test_accounts_do_not_take_of_each_other(quotas):
    taken(quotas, 1000, size=1000)
    assert taken(quotas, 10, OTHER) == 10
    assert taken(quotas, 10, "") == 10


def test_excess_is_said_as_the_service_says_it(quotas):
    taken(quotas, int(AT_ONCE))
    assert quotas.take(ONE, 0, s3=True) == Excess("503 Slow Down", "SlowDown", "Please reduce your request rate.")
    assert quotas.take(ONE, 0, s3=False) == Excess("400 Bad Request", "Throttling", "Rate exceeded")


def test_one_request_has_a_limit(quotas):
    assert quotas.take(ONE, BODY, s3=True) is None
    large = quotas.take(ONE, BODY + 1, s3=True)
    assert (large.status, large.code) == ("400 Bad Request", "EntityTooLarge")
    assert "32 MB" in large.message
    assert quotas.take(ONE, BODY + 1, s3=False).code == "RequestEntityTooLarge"


def test_what_is_sent_in_all_has_a_limit_and_what_was_refused_is_not_counted(quotas):
    for _ in range(SENT // BODY):
        assert quotas.take(ONE, BODY, s3=True) is None
    assert quotas.take(ONE, BODY + 1, s3=True).code == "EntityTooLarge"
    full = quotas.take(ONE, 1, s3=True)
    assert (full.status, full.code) == ("403 Forbidden", "SandboxQuotaExceeded")
    assert "256 MB" in full.message
    assert quotas.take(ONE, 0, s3=True) is None
    assert quotas.take(OTHER, BODY, s3=True) is None


class Slow(int):
    """A size that takes its time to be added, so that another thread may come between."""

    def __radd__(self, other):
        time.sleep(0.005)
        return other + int(self)


def test_many_threads_get_no_more_than_one(quotas):
    taken(quotas, int(AT_ONCE) - 4)
    let_in, barrier = [], threading.Barrier(8)

    def ask():
        barrier.wait()
        let_in.append(taken(quotas, 1, size=Slow(1)))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(let_in) == 4
