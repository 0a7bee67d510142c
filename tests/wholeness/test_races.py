"""Several threads at one pool: each call is done or refused, none is half done, and looking harms nobody."""

import itertools
import sys
import threading
import time

import numpy as np
import pytest

import izhi_numba as iz
from tests.wholeness.apart import CAN_FORK, apart
from tests.wholeness.scenarios import pool_of
from tests.wholeness.state import differences, digest, goes_on, of_result

FEW, MANY = 12, 300

pytestmark = pytest.mark.skipif(not CAN_FORK, reason="a crash would end the run")
lengths = pytest.mark.parametrize("times", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])


def make(threads=1):
    world = pool_of(400, threads=threads)
    pool = world.pool
    world.synapses = pool.connect(
        pool, pool, rule=iz.fixed_outdegree(20), weight=iz.uniform(0.0, 0.5), delay=iz.integers(1, 5)
    )
    pool.connect(pool, pool, rule=iz.fixed_probability(0.02), weight=iz.uniform(0.0, 0.5))
    return world


def at_once(*works):
    """Do several things at once; returns what each gave or raised."""
    answers, gate = [None] * len(works), threading.Barrier(len(works))

    def do(number, work):
        gate.wait()
        try:
            answers[number] = work()
        except BaseException as failure:  # looked at by the caller
            answers[number] = failure

    threads = [threading.Thread(target=do, args=one) for one in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def refused(answer):
    return isinstance(answer, RuntimeError) and "busy" in str(answer)


def settled(answer):
    """Done or refused."""
    return not isinstance(answer, BaseException) or refused(answer)


def raced(body, times, seconds=120):
    """Repeat in a process of its own, with threads that change places often; raise what is told."""

    def work(tell):
        sys.setswitchinterval(1e-5)
        found = []
        for number in range(times):
            tell(f"{body.__name__}, {number}")
            wrong = body(number)
            if wrong:
                found.append(str(wrong)[:300])
        return found

    found = apart(work, seconds)
    kinds = {one: found.count(one) for one in found}
    assert not found, f"{len(found)} of {times}: {kinds}"


@lengths
@pytest.mark.parametrize("threads", [1, 2])
def test_prepare_and_looks_during_the_first_run(times, threads):
    world = make(threads)
    want, after = of_result(world.pool.run(30.0)), goes_on(world.sim)

    def body(number):
        world = make(threads)
        pool = world.pool

        def looks():
            for _ in range(3):
                len(world.synapses), repr(pool), pool.nbytes, world.synapses.summary()
                world.synapses.to_arrays()

        def prepares():
            for _ in range(3):
                try:
                    pool.prepare()
                except RuntimeError as failure:
                    if not refused(failure):
                        raise

        result, *others = at_once(lambda: pool.run(30.0), prepares, looks)
        wrong = [one for one in others if one is not None]
        if wrong:
            return f"prepare or look: {wrong!r}"
        if not settled(result):
            return f"run: {result!r}"
        if refused(result):
            result = pool.run(30.0)
        if differences(of_result(result), want):
            return "the run has other bits"
        names = differences(goes_on(pool), after)
        return f"a later run has other bits: {names[:3]}" if names else ""

    raced(body, times)


@lengths
def test_set_and_gain_from_another_thread_while_it_runs(times):
    pool = make().pool
    pool.step(2)

    def body(number):
        world = make()
        pool = world.pool
        pool.step(2)
        done = threading.Event()

        def runs():
            for _ in range(4):
                try:
                    pool.run(20.0)
                except RuntimeError as failure:
                    if not refused(failure):
                        raise
            done.set()

        def changes():
            k = 0
            while not done.is_set():
                k += 1
                for change in (
                    lambda: pool.set(a=0.02 + 0.001 * (k % 7), d=20.0 + k % 7),  # noqa: B023
                    lambda: setattr(world.synapses, "gain", 0.5 + 0.1 * (k % 3)),  # noqa: B023
                ):
                    try:
                        change()
                    except RuntimeError as failure:
                        if not refused(failure):
                            raise
            return k

        ran, changed = at_once(runs, changes)
        for answer in (ran, changed):
            if isinstance(answer, BaseException):
                return f"{answer!r}"
        k = round(float(pool.d[0]) - 20.0) if pool.d[0] >= 20 else None  # None: each was refused
        if len(np.unique(pool.a)) > 1 or len(np.unique(pool.d)) > 1:
            return "set has reached some neurons"
        if k is not None and pool.a[0] != np.float32(0.02 + 0.001 * k) and changed > 1:
            return f"set has reached one name: {pool.a[0]} {pool.d[0]}"
        # Built anew from what is to be read, it goes on alike.
        twin = make().pool
        twin.step(1)
        weights, gain = world.synapses.weights, world.synapses.gain
        if gain not in (1.0, 0.5, 0.6, 0.7):
            return f"gain {gain}"
        if not np.array_equal(weights, twin.synapses[0].weights):
            return "the weights without the gain have changed"
        goes_on(pool)
        return ""

    raced(body, times)


@lengths
def test_two_threads_drive(times):
    one = lambda pool: pool.drive(pool[:250], iz.sine(3.0, frequency=40.0) + iz.noise(2.0) + 1.0)
    two = lambda pool: pool.drive(
        pool[150:], iz.noise(5.0) + iz.constant(4.0) + iz.poisson(100.0, weight=2.0)
    )
    orders = {}
    for name, calls in {"one": [one], "two": [two], "one two": [one, two], "two one": [two, one]}.items():
        pool = make().pool
        pool.step(2)
        for call in calls:
            call(pool)
        orders[name] = goes_on(pool)

    def body(number):
        pool = make().pool
        pool.step(2)
        answers = at_once(lambda: one(pool), lambda: two(pool))
        if not all(map(settled, answers)):
            return f"drive: {answers!r}"
        if all(map(refused, answers)):
            return "both are refused"
        names = ["one", "two", "both"][0 if refused(answers[1]) else 1 if refused(answers[0]) else 2]
        allowed = ["one two", "two one"] if names == "both" else [names]
        told = goes_on(pool)
        found = [differences(told, orders[order]) for order in allowed]
        return "" if not all(found) else f"goes on as neither: {min(found, key=len)[:3]}"

    raced(body, times)


@lengths
def test_two_threads_change_the_same_pool(times):
    def body(number):
        pool = make().pool
        pool.step(2)
        connect = lambda: pool.connect(pool, pool, rule=iz.fixed_outdegree(3), weight=iz.uniform(0.0, 1.0))
        groups = [lambda name=name: pool.group(name, 40) for name in ("one", "two")]
        answers = at_once(
            connect, connect, *groups, lambda: pool.record("v", neurons=[1]), lambda: pool.random(3)
        )
        if not all(map(settled, answers)):
            return f"{answers!r}"
        made = [one for one in answers[:2] if not refused(one)]
        if len(pool.synapses) != 2 + len(made):
            return f"{len(pool.synapses)} projections, {len(made)} were made"
        named = sorted((one.start, one.stop) for one in answers[2:4] if not refused(one))
        if any(a[1] > b[0] for a, b in itertools.pairwise(named)):
            return f"groups overlap: {named}"
        goes_on(pool)
        return ""

    raced(body, times)


@lengths
def test_random_numbers_of_two_threads_are_different(times):
    def body(number):
        pool = make().pool
        alone = make().pool
        want = sorted(float(alone.random(1)[0]) for _ in range(8))
        several = lambda: [float(pool.random(1)[0]) for _ in range(4)]
        answers = at_once(several, several)
        if any(isinstance(one, BaseException) for one in answers):
            return f"{answers!r}"
        return "" if sorted(answers[0] + answers[1]) == want else "the same numbers twice"

    raced(body, times)


def test_a_run_is_not_stopped_by_a_look():
    pool = make().pool
    pool.step(2)
    began, looked = time.perf_counter(), 0

    def runs():
        return pool.run(2000.0)

    def looks():
        nonlocal looked
        while time.perf_counter() - began < 0.05:
            digest(pool)
            looked += 1

    result, other = at_once(runs, looks)
    assert isinstance(result, iz.Result)
    assert other is None
    assert looked
