"""Runs that call functions of the user: when, what these may do, what is kept, and how they end a run."""

import threading

import numpy as np
import pytest

import izhi_numba as iz
from izhi_numba.results.returned import Returned


def network(**options):
    net = iz.Network(dt=1.0, seed=1, **options)
    exc, inh = net.pool("exc", 80, iz.Izhikevich), net.pool("inh", 20, iz.Izhikevich)
    exc.drive(exc, iz.noise(6.0))
    inh.drive(inh, iz.noise(4.0) + iz.ornstein_uhlenbeck(3.0, tau=10.0))
    net.connect(exc, net["inh"], rule=iz.fixed_outdegree(5), weight=3.0, delay=iz.integers(1, 9))
    net.connect(inh, net["exc"], rule=iz.fixed_outdegree(20), weight=-2.0, delay=2.0)
    return net


def same(one, other):
    np.testing.assert_array_equal(one.spikes.i, other.spikes.i)
    np.testing.assert_array_equal(one.spikes.t, other.spikes.t)


def test_functions_are_called_at_multiples_of_their_intervals():
    net, calls = network(), []
    net.run(7.0)
    every = {10.0: lambda net: calls.append(("tens", net.t)), 4.0: lambda net: calls.append(("fours", net.t))}
    assert net.run(17.0, every=every).stop == 24.0
    assert calls == [("fours", 8), ("tens", 10), ("fours", 12), ("fours", 16), ("tens", 20), ("fours", 20)]
    calls.clear()
    net.run(1.0, every=every)  # at its beginning, and not at the end of the run before
    assert calls == [("fours", 24)]


def test_functions_that_change_nothing_change_no_bit():
    one, other = network(threads=1), network(threads=3)
    one.record(["v", "I"], "exc[::7]", every=3.0)
    other.record(["v", "I"], "exc[::7]", every=3.0)
    looked = []
    first = one.run(200.0)
    second = other.run(
        200.0, every={1.0: lambda net: looked.append(net["exc"].v.mean()), 7.0: lambda net: None}
    )
    same(first, second)
    assert len(looked) == 200
    for name in ("v", "I"):
        np.testing.assert_array_equal(first["exc"].traces[name], second["exc"].traces[name])
        np.testing.assert_array_equal(first["exc"].times(name), second["exc"].times(name))


def turn(net):
    """Change about everything that can be changed, by the time that it is."""
    exc, inh, k = net["exc"], net["inh"], round(net.t)
    exc.v[::5] += k % 7
    exc.d = 4.0 + k % 5
    net.drive("exc", iz.noise(3.0 + k % 4))
    net.drive(inh, 1.0 * (k % 3), add=True)
    net.synapses[0].gain = 1.0 + (k % 3) / 2
    net.synapses[0].weights = net.synapses[0].weights + (k % 2)
    inh[:5].silenced = k % 20 == 0
    if k == 30:
        net.connect(exc, "exc", rule=iz.fixed_outdegree(10), weight=1.5, delay=iz.integers(1, 30))
    if k == 60:
        net.synapses[1].remove()
    if k == 70:
        inh.record("v", neurons=[1])


def test_what_functions_change_acts_as_between_two_runs():
    loop, cut = network(threads=2), network(threads=1)
    found = loop.run(100.0, every={10.0: turn})
    pieces = []
    for _ in range(10):
        turn(cut)
        cut["inh"].record("v", neurons=[])
        pieces.append(cut.run(10.0))
    same(found, sum(pieces))
    assert len(found.spikes.i) > 50
    for name in ("exc", "inh"):
        np.testing.assert_array_equal(loop[name].v, cut[name].v)
    assert "v" not in found["inh"].traces  # what a run keeps is said before it
    assert loop.run(5.0)["inh"].traces["v"].shape == (5, 1)


def test_what_functions_return_is_kept():
    pool = iz.Pool(10, seed=1)
    pool.drive(pool, 10.0)
    every = {2.0: lambda pool: round(pool.t) if pool.t != 4 else None, 5.0: lambda pool: pool.v.copy()}
    first = pool.run(10.0, every=every)
    assert list(first.returned) == [2.0, 5.0]
    np.testing.assert_array_equal(first.returned[2.0].t, [0, 2, 6, 8])
    assert first.returned[2.0].values == [0, 2, 6, 8]
    assert [one.shape for one in first.returned[5.0].values] == [(10,)] * 2
    both = first + pool.run(4.0, every=every)
    assert both.returned[2.0].values == [0, 2, 6, 8, 10, 12]
    assert isinstance(both.returned[5.0], Returned)
    assert pool.run(1.0).returned == {}


def test_what_is_returned_is_found_by_the_interval_that_was_given():
    pool = iz.Pool(5, seed=1, dt=0.1)
    assert pool.run(1.2, every={0.1 * 3: lambda pool: 1}).returned[0.1 * 3].values == [1] * 4


@pytest.mark.parametrize("what", ["spikes", "counts"])
def test_functions_get_the_result_since_their_last_call(what):
    net, other = network(), network()
    net.run(3.0), other.run(3.0)
    for one in (net, other):
        one.record(what)
        one.record("v", "exc[:2]", every=2.0)
    lasts = {7.0: [], 10.0: []}

    def fast(net, last):
        lasts[7.0].append(last)

    def slow(net, last):
        lasts[10.0].append(last)

    whole = net.run(60.0, every={7.0: fast, 10.0: slow})
    for interval, its in lasts.items():
        assert its[0].start == 3.0
        assert [one.stop for one in its] == [t for t in range(4, 63) if t % interval == 0]
        pieces = [other.run(one.duration) for one in its] if interval == 10.0 else []
        for one, piece in zip(its, pieces, strict=bool(pieces)):
            np.testing.assert_array_equal(one.counts, piece.counts)
            np.testing.assert_array_equal(one["exc"].spikes.t, piece["exc"].spikes.t)
            np.testing.assert_array_equal(one["exc"].traces["v"], piece["exc"].traces["v"])
            np.testing.assert_array_equal(one["exc"].times("v"), piece["exc"].times("v"))
            np.testing.assert_array_equal(one.spikes_per_step, piece.spikes_per_step)
        total = sum(one.counts.sum() for one in its)
        assert 0 < total <= whole.counts.sum()
    assert (sum(one.counts for one in lasts[10.0]) <= whole.counts).all()


def test_a_function_ends_the_run():
    net = network()
    result = net.run(1000.0, every={5.0: lambda net: net.stop() if net.t >= 20 else None})
    assert (result.start, result.stop, net.t) == (0.0, 20.0, 20.0)
    assert result["exc"].spikes.t.max() <= 20
    assert net.run(10.0).stop == 30.0  # it was the last run that was ended
    net.stop()
    assert net.run(10.0).stop == 40.0
    assert net.run(10.0, every={20.0: lambda net: net.stop()}).duration == 0.0


def test_another_thread_ends_a_run():
    pool, found, seen = iz.Pool.cortical(1000, seed=1), [], threading.Event()
    pool.prepare()
    thread = threading.Thread(
        target=lambda: found.append(pool.run(1e7, every={100.0: lambda pool: seen.set()}))
    )
    thread.start()
    assert seen.wait(60)
    at = pool.t  # may be read meanwhile
    pool.stop()
    thread.join(60)
    assert at <= found[0].stop == pool.t < 1e7


def test_another_thread_may_not_change_between_calls():
    pool, tell, told = iz.Pool(100, seed=1), threading.Event(), []

    def change():
        for _ in range(200):
            try:
                pool.drive(pool, 1.0)
                told.append("done")
            except RuntimeError as error:
                told.append(str(error))
        tell.set()

    thread = threading.Thread(target=change)

    def wait(pool):
        if pool.t == 3:
            thread.start()
        if tell.is_set():
            pool.stop()

    pool.run(1e6, every={1.0: wait})
    thread.join()
    assert set(told) == {
        "this pool is busy in another thread, with a run; wait for it to end, or end it: pool.stop()"
    }


@pytest.mark.parametrize("call", [
    lambda net: net.run(1.0), lambda net: net.step(), lambda net: net.update(), lambda net: net.reset(),
    lambda net: net.pool("more", 10),
])  # fmt: skip
def test_what_a_function_may_not_do(call):
    net = network()

    def function(net):
        with pytest.raises(
            RuntimeError, match="busy in another thread, or in the run that called this function"
        ):
            call(net)

    assert net.run(5.0, every={2.0: function}).duration == 5.0
    assert list(net.pools) == ["exc", "inh"]


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, SystemExit])
def test_an_error_in_a_function_leaves_what_was_recorded(error):
    net, other = network(), network()
    net.record("v", "exc[:3]")
    expected = other.run(30.0)

    def fails(net):
        if net.t == 30:
            raise error("no")
        return net.t

    with pytest.raises(error) as caught:
        net.run(100.0, every={10.0: fails})
    result = caught.value.result
    same(result, expected)
    assert result["exc"].traces["v"].shape == (30, 3)
    assert result.returned[10.0].values == [0, 10, 20]
    assert caught.value.__notes__ == ["the run stands at t = 30 ms; error.result has what it has recorded"]
    same(net.run(20.0), other.run(20.0))


def test_an_exception_that_is_raised_again_has_the_result_of_the_last_run():
    pool, error = iz.Pool(5, seed=1), ZeroDivisionError("again")

    def fails(pool):
        if pool.t % 100 == 20:
            raise error

    for start in (0, 20):
        with pytest.raises(ZeroDivisionError):
            pool.run(200.0, every={20.0: lambda pool, start=start: fails(pool) if pool.t > start else None})
    assert (error.result.start, error.result.stop) == (20.0, 120.0)
    assert error.__notes__ == ["the run stands at t = 120 ms; error.result has what it has recorded"]


def test_a_run_within_a_run():
    outer, inner = iz.Pool(5, seed=1), iz.Pool(7, seed=1)
    inner.drive(inner, iz.from_function(lambda t: 1 / (t[0] < 30) + 0 * t))

    def function(outer):
        inner.run(20.0)

    with pytest.raises(iz.SimulationError) as caught:
        outer.run(100.0, every={10.0: function})
    assert caught.value.result.size == 5
    assert caught.value.result.stop == outer.t == 20.0


def test_a_doubt_that_is_an_error_leaves_the_result():
    pool = iz.Pool(5, iz.LeakyIntegrateAndFire)
    pool.drive(pool, 1.0)
    with pytest.raises(iz.DoubtfulWarning) as caught:
        pool.run(1000.0)
    assert caught.value.result.stop == pool.t == 1000.0


def test_a_failure_of_the_run_before_does_not_end_the_next():
    pool = iz.Pool(5, seed=1)

    def current(t):
        if np.any(t >= 20):
            raise ValueError("no data")
        return 0 * t

    pool.drive(pool, iz.from_function(current))

    def told(at):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        pool.run(40.0, progress=told)
    pool.drive(pool, 5.0)
    assert pool.run(40.0, every={10.0: lambda pool: None}).duration == 40.0


def test_a_run_that_has_not_begun_leaves_no_result():
    pool = iz.Pool(10, seed=1)
    pool.v[3] = np.nan
    with pytest.raises(ValueError, match="v of neuron 3 is nan before the run") as caught:
        pool.run(1.0)
    assert caught.value.result is None


def test_values_that_a_function_sets_are_checked():
    net = network()
    noise = net.poisson("noise", 5, 10.0)
    with pytest.raises(ValueError, match="v of neuron 2 is nan before the run"):
        net.run(10.0, every={5.0: lambda net: net["exc"].v.__setitem__(2, np.nan)})
    net["exc"].v[2] = 0.0
    with pytest.raises(ValueError, match="rate: expected 0 to 1000 Hz"):
        net.run(10.0, every={5.0: lambda net: noise.rate.__setitem__(0, 1e6)})


def test_currents_of_receptors_follow_what_functions_set():
    def make():
        pool = iz.Pool(20, iz.LeakyIntegrateAndFire, receptors={"ampa": iz.AMPA}, seed=1, dt=0.1)
        pool.drive(pool, iz.poisson(2000.0, weight=2.0, receptor="ampa"))
        pool.record("I_ampa", neurons=[0, 3])
        return pool

    def shift(pool):
        pool.E_ampa = 0.0 if pool.t < 5 else -20.0

    one, other = make(), make()
    found, pieces = one.run(10.0, every={5.0: shift}), []
    for _ in range(2):
        shift(other)
        pieces.append(other.run(5.0))
    np.testing.assert_array_equal(found.traces["I_ampa"], sum(pieces).traces["I_ampa"])


async def waits(net):
    pass


@pytest.mark.parametrize(("every", "message"), [
    (lambda net: None, "every: expected intervals with functions, got .*; give an interval in ms and a function"),
    ({10.0: 3}, "every: expected a function, got 3; give an interval"),
    ({0.3: print}, "every: expected a multiple of dt = 1 ms, got 0.3"),
    ({-1.0: print}, "every: expected a number above 0, got -1.0"),
    ({0.999999999999: print, 1.0: print}, "every: 1.0 and 0.999999999999 are the same number of steps"),
    ({1.0: waits}, "every: expected a function, got one that is async"),
    ({1.0: lambda: None}, r"every: <lambda>\(\) is called with the pool, or the network, and, where it takes"),
    ({1.0: lambda a, b, c: None}, r"every: <lambda>\(a, b, c\) is called with the pool, or the network"),
])  # fmt: skip
def test_calls_that_make_no_sense(every, message):
    net = network()
    with pytest.raises((TypeError, ValueError), match=message):
        net.run(5.0, every=every)
    assert net.t == 0


# What is logged


def test_runs_are_logged(caplog):
    caplog.set_level("DEBUG", "izhi_numba")
    net = network(threads=2)
    net.prepare()
    caplog.clear()
    net.run(30.0, every={10.0: lambda net: None}, realtime=1e6)
    told = [(one.levelname, one.getMessage()) for one in caplog.records]
    assert told[0] == ("INFO", "a run of 30 ms from 0 ms on; threads: 2")
    assert told[-1][0] == "INFO"
    assert told[-1][1].startswith("behind the clock by ")
    chunks = [text for level, text in told if level == "DEBUG"]
    assert len(chunks) >= 3
    assert chunks[-1].split(" in ")[0].endswith("steps to step 30")


def test_nothing_is_logged_where_nobody_listens(caplog):
    net = network()
    net.prepare()
    caplog.clear()
    net.run(30.0)
    assert caplog.records == []


# Checkpoints and runs


def test_a_function_saves_and_a_run_goes_on_from_there(tmp_path):
    net = network()

    def save(net):
        if net.t == 40:
            net.save(tmp_path / "net.izhi")
            return net.store()
        return None

    whole = net.run(100.0, every={20.0: save})
    again = iz.load(tmp_path / "net.izhi", threads=2)
    assert again.t == 40
    rest = again.run(60.0)
    late = whole.spikes.t > 40
    np.testing.assert_array_equal(rest.spikes.t, whole.spikes.t[late])
    np.testing.assert_array_equal(rest.spikes.i, whole.spikes.i[late])
    (stored,) = whole.returned[20.0].values
    net.restore(stored)
    same(net.run(60.0), rest)


def test_a_network_is_saved_after_a_run_that_was_cut_short(tmp_path):
    net, other = network(), network()
    with pytest.raises(ZeroDivisionError):
        net.run(100.0, every={30.0: lambda net: 1 / 0 if net.t else None})
    net.save(tmp_path / "net.izhi")
    other.run(30.0)
    same(iz.load(tmp_path / "net.izhi").run(50.0), other.run(50.0))


def test_a_function_may_not_restore():
    net = network()
    stored = net.store()

    def function(net):
        with pytest.raises(RuntimeError, match="busy"):
            net.restore(stored)

    assert net.run(5.0, every={2.0: function}).duration == 5.0
