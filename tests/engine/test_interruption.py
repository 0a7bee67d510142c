"""Ctrl-C, failing threads and forks leave pools in order."""

import _thread
import gc
import os
import pickle
import signal
import threading
import time
import weakref

import numpy as np
import pytest

import izhi_numba as iz
from izhi_numba.kernels import team
from tests import inside

pytestmark = pytest.mark.usefixtures("all_threads")


def assert_like_uninterrupted(pool, make):
    """The pool goes on as one that was never stopped."""
    other = make()
    if pool.t:
        other.run(pool.t)
    np.testing.assert_array_equal(pool.v, other.v)
    mine, theirs = pool.run(50).spikes, other.run(50).spikes
    np.testing.assert_array_equal(mine.i, theirs.i)
    np.testing.assert_array_equal(mine.t, theirs.t)


@pytest.fixture
def heard():
    """Let Python hear Ctrl-C, which a process started in the background ignores."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_during_a_run(threads):
    def make():
        return iz.Pool.cortical(5000, seed=1, threads=threads)

    pool = make()
    pool.run(1.0)
    timer = threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        pool.run(1e6)
    timer.join()
    assert 1 < pool.t < 1e6
    assert_like_uninterrupted(pool, make)


def test_where_the_system_gives_no_threads(monkeypatch):
    def make():
        return iz.Pool.cortical(8000, seed=1, threads=4)

    start, calls = _thread.start_new_thread, []

    def sometimes(*arguments):
        calls.append(arguments)
        if len(calls) % 3 == 2:
            raise RuntimeError("can't start new thread")
        return start(*arguments)

    team.go_home()
    pool = make()
    monkeypatch.setattr(_thread, "start_new_thread", sometimes)
    pool.run(200)
    monkeypatch.undo()
    assert len(calls) > 2
    assert_like_uninterrupted(pool, make)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_can_go_on():
    pool = iz.Pool.cortical(5000, seed=1, threads=2)
    pool.run(100)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, int(pool.run(100).counts.sum()).to_bytes(8, "little"))
        os._exit(0)
    assert int.from_bytes(os.read(read, 8), "little") == pool.run(100).counts.sum()
    os.waitpid(child, 0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_child_forked_while_another_thread_runs_a_pool():
    pool, other = (iz.Pool.cortical(3000, seed=seed, threads=2) for seed in (1, 2))
    pool.run(10)
    other.run(10)
    running = threading.Thread(target=other.run, args=(500,))
    running.start()
    children = []
    for _ in range(3):
        child = os.fork()
        if child == 0:
            signal.alarm(60)
            os._exit(int(pool.run(100).counts.sum()) % 251)
        children.append(child)
    running.join()
    expected = int(pool.run(100).counts.sum()) % 251
    for child in children:
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == expected


@pytest.mark.parametrize("rule", [
    iz.fixed_outdegree(200), iz.fixed_indegree(200), iz.fixed_total_number(2_000_000), iz.fixed_probability(0.02),
])  # fmt: skip
def test_ctrl_c_while_synapses_are_drawn(monkeypatch, rule):
    """Between two portions: the next try is as if nothing had been."""

    def make():
        pool = iz.Pool(10_000, seed=1, threads=2)
        pool.connect(pool, pool, rule=rule, weight=iz.uniform(0, 1), delay=iz.integers(1, 9))
        return pool

    pool, call, calls = make(), team.call, []

    def interrupted(*arguments):
        call(*arguments)
        calls.append(arguments)
        if len(calls) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(team, "call", interrupted)
    with pytest.raises(KeyboardInterrupt):
        pool.prepare()
    monkeypatch.undo()
    (mine,), (theirs,) = pool.synapses, make().synapses
    for found, expected in zip(mine.to_arrays(), theirs.to_arrays(), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_pools_in_several_threads():
    results = {}

    def work(seed):
        results[seed] = iz.Pool.cortical(3000, seed=seed, threads=2).run(100).spikes.i

    threads = [threading.Thread(target=work, args=(seed,)) for seed in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed, spikes in results.items():
        np.testing.assert_array_equal(spikes, iz.Pool.cortical(3000, seed=seed).run(100).spikes.i)


def test_a_result_does_not_hold_the_pool_and_can_be_pickled():
    pool = iz.Pool.cortical(300, seed=1)
    pool.record("v", neurons=[1, 2])
    result = pool.run(100)
    population = weakref.ref(inside.population(pool))
    del pool
    gc.collect()
    assert population() is None
    again = pickle.loads(pickle.dumps(result))
    np.testing.assert_array_equal(again.spikes.t, result.spikes.t)
    np.testing.assert_array_equal(again.traces["v"], result.traces["v"])


def test_a_simulation_error_can_be_pickled():
    pool = iz.Pool(10)
    pool.u[3] = -1e30
    with pytest.raises(iz.SimulationError) as caught:
        pool.run(100)
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
    assert again.result.duration == caught.value.result.duration


def test_memory_is_flat_over_many_pools_and_runs():
    psutil = pytest.importorskip("psutil")

    def use():
        pool = iz.Pool.cortical(2000, seed=1)
        pool.record("v", neurons=[0])
        for _ in range(5):
            pool.run(100)

    for _ in range(5):
        use()
    gc.collect()
    before = psutil.Process().memory_info().rss
    for _ in range(40):
        use()
    gc.collect()
    assert psutil.Process().memory_info().rss - before < 20_000_000


def test_results_tell_their_own_compile_time():
    pool = iz.Pool(100)
    assert pool.run(10).compile_time > 0
    assert pool.run(10).compile_time == 0
    began = time.perf_counter()
    assert pool.prepare() == 0
    assert time.perf_counter() - began < 0.1
