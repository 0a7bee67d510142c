"""Functions of a user, which a call asks: what they raise, and what they may not do meanwhile."""

import threading

import numpy as np
import pytest

import izhi_numba as iz
from tests.wholeness.apart import apart
from tests.wholeness.injection import Injected, inject, sample
from tests.wholeness.scenarios import pool_of, wired
from tests.wholeness.state import differences, digest, goes_on


class Raising:
    """A function of time that raises when it is asked for the k-th time."""

    def __init__(self, at, error):
        self.at, self.error, self.asked = at, error, 0

    def __call__(self, t):
        self.asked += 1
        if self.asked == self.at:
            raise self.error("asked")
        return 4.0 + np.sin(np.asarray(t))


def driven(function):
    pool = wired().pool
    pool.drive(pool, iz.from_function(function) + iz.noise(2.0))
    return pool


def runs(pool, times):
    for _ in range(times):
        pool.run(40.0)


@pytest.mark.parametrize("error", [Injected, KeyboardInterrupt, MemoryError])
@pytest.mark.parametrize("at", [2, 3, 4, 5])
def test_a_function_of_time_that_raises_ends_a_run_at_a_step(error, at):
    function = Raising(0, error)
    pool = driven(function)
    function.at = function.asked + at
    with pytest.raises((error, iz.SimulationError)):
        runs(pool, 8)
    other_function = Raising(0, error)
    other = driven(other_function)
    if pool.t:
        other.step(round(pool.t))
    vars(other_function).update(vars(function))  # what a function is made of is compared, too
    assert differences(digest(pool), digest(other)) in ([], ["synapses 0 delays", "synapses 0 drawn"])
    assert not differences(goes_on(pool), goes_on(other))


@pytest.mark.parametrize("error", [Injected, KeyboardInterrupt, ValueError])
def test_a_rule_that_raises_adds_nothing(error):
    def rule(i):
        if i == 20:
            raise error("no")
        return [i // 2]

    pool, other = wired(ran=2).pool, wired(ran=2).pool
    with pytest.raises(error):
        pool.connect(pool, pool, rule=rule)
    assert not differences(digest(pool), digest(other))
    assert not differences(goes_on(pool), goes_on(other))


CHANGES = {
    "run": lambda pool: pool.run(1.0),
    "update": lambda pool: pool.update(),
    "drive": lambda pool: pool.drive(pool, 1.0),
    "connect": lambda pool: pool.connect(pool, pool, rule=iz.one_to_one()),
    "clamp_input": lambda pool: pool.clamp_input(1.0),
    "prepare": lambda pool: pool.prepare(),
}


def asks(change, problems):
    """A pool whose function of time tries to change it, once it runs."""
    pool, tries = wired().pool, []

    def function(t):
        if tries:
            try:
                change(pool)
                problems.append("done")
            except RuntimeError as error:
                problems.append("refused" if "busy" in str(error) else str(error))
        return 0 * np.asarray(t)

    pool.drive(pool, iz.from_function(function))
    return pool, tries


@pytest.mark.parametrize("name", [name for name in CHANGES if name != "prepare"])
def test_what_a_run_asks_may_not_change_the_pool(name):
    told = []
    pool, tries = asks(CHANGES[name], told)
    tries.append(True)
    pool.run(20.0)
    assert set(told) == {"refused"}


@pytest.mark.parametrize("name", ["run", "drive", "clamp_input"])
def test_nor_after_an_exception_has_left_a_lock_behind(name):
    """A lock that knows its thread must not take the function that it calls for one that was interrupted."""

    def work(tell):
        pool = pool_of().pool
        whole = inject(lambda: pool.clamp_input(2.0))
        found = []
        for at in sample(list(range(whole.events // 2, whole.events)), 120):
            told = []
            pool, tries = asks(CHANGES[name], told)
            inject(lambda: pool.clamp_input(2.0), at=at)  # noqa: B023
            tries.append(True)
            try:
                pool.run(20.0)
            except RuntimeError as error:
                told = [f"the run itself: {error}"[:40]]
            if set(told) != {"refused"}:
                found.append((at, *sorted(set(told))))
        return found

    assert apart(work, seconds=60) == []


def test_another_thread_is_refused_while_a_function_is_asked():
    told, inside, go_on = [], threading.Event(), threading.Event()
    pool = wired().pool

    def function(t):
        if waiting:
            inside.set()
            go_on.wait(10)
        return 0 * np.asarray(t)

    waiting = []
    pool.drive(pool, iz.from_function(function))
    pool.prepare()
    waiting.append(True)
    runner = threading.Thread(target=lambda: pool.run(5.0))
    runner.start()
    assert inside.wait(10)
    for change in CHANGES.values():
        if change is CHANGES["prepare"]:
            continue
        try:
            change(pool)
            told.append("done")
        except RuntimeError as error:
            told.append("refused" if "busy" in str(error) else str(error))
    go_on.set()
    runner.join()
    assert set(told) == {"refused"}
    assert pool.t == 5.0
