"""Real Ctrl-C, at random times: in drawing, writing, driving, first runs and closed loops, on 1 to 3 threads.

Where ``test_whole.py`` stops between bytecodes, a signal comes while compiled code runs, helpers wait or
numpy copies. Each of these runs in a process of its own: a crash or a hang fails one test.

Some each; with ``-m slow`` a thousand on each.
"""

import os
import random
import signal
import threading
import time

import numpy as np
import pytest

import izhi_numba as iz
from tests.wholeness.apart import CAN_FORK, apart
from tests.wholeness.attack import Failure, References, Report, judge
from tests.wholeness.scenarios import Scenario, World, network_of, pool_of

FEW, MANY = 4, 1000

pytestmark = [
    pytest.mark.usefixtures("all_threads"),
    pytest.mark.skipif(not CAN_FORK or not hasattr(signal, "setitimer"), reason="needs fork and timers"),
]


def large(n=2000, *, degree=25, weight=None, ran=0, **options):
    world = pool_of(n, **options)
    world.synapses = world.pool.connect(
        world.pool, world.pool, rule=iz.fixed_outdegree(degree), delay=iz.integers(1, 5),
        weight=iz.uniform(0.0, 0.3) if weight is None else weight,
    )  # fmt: skip
    if ran:
        world.pool.step(ran)
    return world


def sharing(*, gain=1.0, ran=0, **options):
    world = large(800, **options)
    world.pool.connect(world.pool, world.pool, rule=iz.fixed_probability(0.01), weight=iz.uniform(0.0, 0.2))
    world.synapses.gain = gain
    if ran:
        world.pool.step(ran)
    return world


def unconnected(n=20_000, *, ran=2, **options):
    world = pool_of(n, **options)
    inputs = iz.ornstein_uhlenbeck(2.0, tau=8.0) + iz.sine(3.0, frequency=40.0) + iz.noise(3.0)
    world.pool.drive(world.pool, inputs)
    if ran:
        world.pool.step(ran)
    return world


def write(world):
    world.synapses.weights = np.linspace(0.0, 0.4, len(world.synapses))


def drive(world):
    inputs = iz.noise(4.0) + iz.ornstein_uhlenbeck(1.0, tau=5.0) + iz.sine(1.0, frequency=9.0) + 2.0
    world.pool.drive(world.pool[: world.n // 2], inputs)


LOOPS = 8


def loop(world):
    for _ in range(LOOPS):
        world.pool.clamp_input(8.0)
        world.pool.update()


def clamped(**options):
    world = pool_of(300, connected=True, **options)
    world.pool.clamp_input(8.0)
    return world


def net_loop(world):
    for _ in range(LOOPS):
        world.exc.clamp_input(8.0)
        world.net.update()


def clamped_net(**options):
    world = network_of(**options)
    world.exc.clamp_input(8.0)
    return world


SITUATIONS = [
    Scenario("draw", "synapses", large, lambda w: w.pool.prepare(), "settle"),
    Scenario("draw", "synapses that share rows", sharing, lambda w: w.pool.prepare(), "settle"),
    Scenario("write", "one weight for all", large, write, options={"weight": 0.2, "ran": 2}),
    Scenario("write", "shared rows with a gain", sharing, write, options={"gain": 0.5, "ran": 2}),
    Scenario("drive", "a half", unconnected, drive),
    Scenario("run", "the first", large, lambda w: w.pool.run(40.0), "advance", steps=40),
    Scenario("run", "later", large, lambda w: w.pool.run(40.0), "advance", steps=40, options={"ran": 2}),
    Scenario("update", "the first", large, lambda w: w.pool.update(), "advance", steps=1),
    Scenario("loop", "of a pool", clamped, loop, "advance", steps=LOOPS),
    Scenario("loop", "of a network", clamped_net, net_loop, "advance", steps=LOOPS),
    Scenario(
        "set", "spikes", network_of, lambda w: w.clicks.set_spikes([0, 1], [4.0, 5.0]), options={"ran": 3}
    ),
    Scenario("set", "two names", unconnected, lambda w: w.pool.set(a=0.1, d=3.0)),
]


def during(call):
    """Do it, while Ctrl-C is heard: here, and in what is called from here."""
    call()


def pressed(number, frame):
    """Raise what Ctrl-C raises, where the call is under way; what comes too late may not stop the test."""
    within = frame
    while within is not None:
        if within.f_code is during.__code__:
            signal.default_int_handler(number, frame)
        within = within.f_back


def interrupted(call, delay, again):
    """Call, and have Ctrl-C come after a while, and again and again where that is not 0; whether it came."""
    try:
        signal.setitimer(signal.ITIMER_REAL, delay, again)
        during(call)
    except KeyboardInterrupt:
        return True
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return False


def alone():
    """Whether helpers are gone, or go within a second."""
    end = time.monotonic() + 1
    while threading.active_count() > 1 and time.monotonic() < end:
        time.sleep(1e-3)
    return threading.active_count() == 1


def interrupts(references, times, threads, seed, tell):
    """Interrupt a call at random times; every third time Ctrl-C is pressed again and again."""
    signal.signal(signal.SIGALRM, pressed)
    scenario, report, chance = references.scenario, Report(), random.Random(seed)
    took = min(_seconds(references) for _ in range(2))
    tried, hits = 0, 0
    while hits < times and tried < 3 * times:
        tried += 1
        world = scenario.make(**references.options)
        delay, again = chance.uniform(1e-6, took), chance.uniform(5e-5, 1e-3) * (tried % 3 == 0)
        tell(f"{scenario.name}, {threads} threads: Ctrl-C number {tried} after {1e6 * delay:.0f} us")
        came = interrupted(lambda: scenario.call(world), delay, again)  # noqa: B023
        hits += came
        wrong = judge(references, world, reads_first=tried % 2 == 0, elsewhere=tried % 5 == 0)
        if not alone():
            wrong = wrong or "leaves threads"
        if wrong:
            where = f"{1e6 * delay:.0f} of {1e6 * took:.0f} us"
            report.failures.append(Failure(scenario.name, [where], (tried, None), wrong))
    report.tried, report.opcodes = tried, hits
    return report


def _seconds(references):
    world = references.scenario.make(**references.options)
    began = time.perf_counter()
    references.scenario.call(world)
    return time.perf_counter() - began


def attacked(scenario, threads, times):
    references = References(scenario, threads=threads)
    references.check()
    work = lambda tell: interrupts(references, times, threads, 10 * threads, tell)
    report = apart(work, seconds=60 if times == FEW else 1200)
    if report.failures:
        pytest.fail(str(report), pytrace=False)


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("scenario", SITUATIONS, ids=[one.name for one in SITUATIONS])
def test_ctrl_c(scenario, threads):
    attacked(scenario, threads, FEW)


@pytest.mark.slow
@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("scenario", SITUATIONS, ids=[one.name for one in SITUATIONS])
def test_ctrl_c_a_thousand_times(scenario, threads):
    attacked(scenario, threads, MANY)


def test_an_interrupt_that_comes_late_is_heard_here():
    before = signal.signal(signal.SIGALRM, pressed)
    try:
        assert interrupted(lambda: time.sleep(0.05), 1e-3, 0)
        assert interrupted(lambda: time.sleep(0.05), 1e-3, 1e-3)
        assert not interrupted(lambda: None, 10.0, 0)
        signal.setitimer(signal.ITIMER_REAL, 1e-3)
        time.sleep(0.01)  # nothing is under way
    finally:
        signal.signal(signal.SIGALRM, before)


def test_a_crash_a_hang_and_a_failure_are_told():
    from tests.wholeness.apart import ApartError

    def work(tell):
        tell("about to crash")
        os.kill(os.getpid(), signal.SIGSEGV)

    with pytest.raises(ApartError, match=r"SIGSEGV in .'about to crash'"):
        apart(work, seconds=20)
    with pytest.raises(ApartError, match=r"hung for 0\.3 s"):
        apart(lambda tell: time.sleep(10), seconds=0.3)
    with pytest.raises(ApartError, match="ZeroDivisionError"):
        apart(lambda tell: 1 / 0, seconds=20)
    assert apart(lambda tell: World(a=1).a, seconds=20) == 1
