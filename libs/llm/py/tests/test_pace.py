"""Pace: limits from headers, and the calls at once that a service takes, in simulated time."""

import asyncio
import heapq
import random

import pytest

from sq_llm.pace import Gate, Pace, Told
from sq_llm.pace.breaker import Breaker
from sq_llm.pace.bucket import Bucket
from sq_llm.pace.headers import Stated, retry_after, seconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1s", 1),
        ("6m0s", 360),
        ("120ms", 0.12),
        ("1m30.5s", 90.5),
        ("17", 17),
        ("", None),
        ("soon", None),
        ("1x", None),
    ],
)
def test_durations(text, expected):
    assert seconds(text) == (pytest.approx(expected) if expected is not None else None)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after": "Thu, 26 Nov 2026 00:00:00 GMT"}, None),
        ({"retry-after": "nan"}, None),
        ({}, None),
    ],
)
def test_how_long_a_service_asks_to_wait(headers, expected):
    assert retry_after(headers) == expected


class TestBucket:
    def test_fills_at_the_rate_of_the_limit(self):
        bucket = Bucket(600, now=0)
        bucket.take(150, now=0)
        assert bucket.delay(20, now=0) == pytest.approx(2)
        assert bucket.delay(20, now=2) == pytest.approx(0)

    @pytest.mark.parametrize(
        ("configured", "stated", "burst", "wait"),
        [(600, 60, 15, 1), (60, 600, 15, 1), (0, 60, 15, 1), (600, 0, 150, 0.1), (0, 0, 150, 0)],
    )
    def test_the_lower_limit_holds(self, configured, stated, burst, wait):
        bucket = Bucket(configured, now=0)
        bucket.hear(Stated(stated or None), 0, now=0)
        # A quarter of a minute's limit may be used at once.
        bucket.take(burst, now=1000)
        assert bucket.delay(1, now=1000) == pytest.approx(wait)

    def test_the_lower_of_what_is_stated_and_counted_is_left(self):
        bucket = Bucket(600, now=0)
        bucket.hear(Stated(600, remaining=10), in_progress=4, now=0)
        assert bucket.delay(6, now=0) == 0
        assert bucket.delay(7, now=0) == pytest.approx(0.1)
        bucket.hear(Stated(600, remaining=600), in_progress=0, now=0)
        assert bucket.delay(7, now=0) == pytest.approx(0.1)

    def test_a_refused_call_leaves_nothing_whatever_the_headers_said(self):
        bucket = Bucket(600, now=0)
        bucket.drain(now=0)
        assert bucket.delay(1, now=0) == pytest.approx(0.1)

    def test_a_call_larger_than_the_bucket_may_start_when_it_is_full(self):
        assert Bucket(600, now=0).delay(10_000, now=0) == 0


def test_a_breaker_lets_one_call_try():
    breaker = Breaker(now=-5, trip=2)
    for _ in range(2):
        assert breaker.delay(now=0) == 0
        breaker.start()
        breaker.end(failed=True, now=0)
    assert breaker.delay(now=0.1) == pytest.approx(0.4)
    assert not breaker.end(failed=False, now=0.2), "a call from before the outage says nothing"
    breaker.start()
    assert breaker.delay(now=9) == float("inf")
    breaker.end(failed=True, now=0.5)
    assert breaker.delay(now=0.5) == pytest.approx(1)
    breaker.start()
    assert breaker.end(failed=False, now=2)
    assert breaker.delay(now=2) == 0


def test_a_service_that_answers_some_calls_is_not_away():
    breaker = Breaker(trip=2)
    for now in range(9):
        breaker.end(failed=False, now=now)
        for _ in range(50):
            breaker.end(failed=True, now=now)
        assert breaker.delay(now) == 0


class Service:
    """A service that takes `most` calls at once, and none during an outage. All in simulated time."""

    def __init__(self, most, outage=(0, 0), headers=None):
        self.most, self.outage, self.headers = most, outage, headers or {}
        self.busy = 0
        self._random = random.Random(7)

    def call(self, now):
        """(seconds, whether it is refused)."""
        if self.busy >= self.most or self.outage[0] <= now < self.outage[1]:
            return 0.05, True
        self.busy += 1
        return 0.8 * self._random.lognormvariate(0, 0.5), False


def simulate(pace, service, until, tokens=100):
    """Calls as fast as the pace allows. Returns (time, limit) after each call, and the number answered."""
    now, running, limits, answered, number = 0.0, [], [], 0, 0
    while now < until:
        while (wait := pace.delay(tokens, now)) == 0:
            took, refused = service.call(now)
            number = pace.start(tokens, now)
            heapq.heappush(running, (now + took, number, refused))
        if running and running[0][0] <= now + wait:
            now, number, refused = heapq.heappop(running)
            service.busy -= not refused
            answered += not refused
            pace.end(number, Told(overloaded=refused, tokens=tokens, headers=service.headers), now)
            limits.append((now, pace.concurrency.limit))
        else:
            now += wait
    return limits, answered


@pytest.mark.parametrize("most", [1000, 200, 60])
def test_after_five_minutes_of_refusals_the_limit_is_back_within_seconds_and_steady(most):
    begin, end = 120, 420
    limits, _ = simulate(Pace(high=256), Service(most, (begin, end)), until=600)
    before = [limit for at, limit in limits if begin - 30 < at < begin]
    level = sum(before) / len(before)
    assert level >= 0.9 * min(most, 256)
    during = [limit for at, limit in limits if begin + 30 < at < end]
    assert len(during) < 150, "the breaker lets few calls through"
    back = next(at for at, limit in limits if at > end and limit >= 0.9 * level)
    assert back - end < 15
    after = [limit for at, limit in limits if at > back + 15]
    for steady in (before, after):
        assert max(steady) - min(steady) <= 0.1 * max(steady)


def test_a_service_that_takes_all_calls_gets_all_that_are_allowed():
    limits, answered = simulate(Pace(high=256), Service(1000), until=60)
    assert next(at for at, limit in limits if limit == 256) < 5
    assert answered > 0.93 * 256 * 60 / 0.907


@pytest.mark.parametrize(
    ("configured", "headers", "rate"),
    [
        ({"requests_per_minute": 600}, {}, 10),
        ({}, {"x-ratelimit-limit-requests": "600"}, 10),
        ({"requests_per_minute": 6000}, {"x-ratelimit-limit-tokens": "60000"}, 10),
        ({"tokens_per_minute": 120_000}, {"x-ratelimit-limit-requests": "600"}, 10),
    ],
)
def test_calls_keep_the_lower_limit_of_requests_and_tokens(configured, headers, rate):
    _, answered = simulate(Pace(high=64, **configured), Service(1000, headers=headers), until=300)
    assert rate * 290 < answered < rate * 300 * 1.1


def test_the_lower_bound_holds():
    limits, _ = simulate(Pace(high=64, low=8), Service(3), until=60)
    assert min(limit for _, limit in limits) == 8


def test_a_gate_lets_no_more_calls_through_and_keeps_their_order():
    async def scenario():
        gate, started, at_once = Gate(Pace(high=2)), [], []
        go = asyncio.Event()

        async def one(number):
            async with gate.passing(10) as call:
                started.append(number)
                at_once.append(1)
                await go.wait()
                at_once.pop()
                call.told = Told(tokens=10)

        tasks = [asyncio.create_task(one(number)) for number in range(5)]
        for _ in range(10):
            await asyncio.sleep(0)
        assert (started, len(at_once)) == ([0, 1], 2)
        tasks[2].cancel()  # one that waits leaves the others in line
        go.set()
        await asyncio.gather(*tasks, return_exceptions=True)
        return started

    assert asyncio.run(scenario()) == [0, 1, 3, 4]
