import gc
import tracemalloc

import numpy as np
import pytest

import izhi_numba as iz


def driven(n=50, **options):
    pool = iz.Pool(n, seed=1, **options)
    pool.drive(pool, np.linspace(3, 20, n))
    return pool


def test_spikes_are_ordered_by_time_then_neuron():
    spikes = driven(5000, threads=2).run(200).spikes
    order = np.lexsort((spikes.i, spikes.t))
    np.testing.assert_array_equal(order, np.arange(len(order)))
    assert spikes.t[0] > 0
    assert spikes.t[-1] <= 200


def test_counts_and_rates_agree_with_spikes():
    pool = driven(50)
    pool.group("low", 25)
    pool.group("high", 25)
    result = pool.run(500)
    np.testing.assert_array_equal(np.bincount(result.spikes.i, minlength=50), result.counts)
    np.testing.assert_array_equal(
        np.bincount((result.spikes.t - 1).astype(int), minlength=500), result.spikes_per_step
    )
    assert result.rate("high") > result.rate("low")
    assert result.rate() == pytest.approx(len(result.spikes.i) / 50 / 0.5)
    assert result.rate(slice(25, 50)) == result.rate("high")


def test_a_subset_of_neurons():
    whole = driven().run(300).spikes
    pool = driven()
    pool.record("spikes", neurons=[7, 49, 20])
    result = pool.run(300)
    chosen = np.isin(whole.i, [7, 20, 49])
    np.testing.assert_array_equal(result.spikes.i, whole.i[chosen])
    np.testing.assert_array_equal(result.spikes.t, whole.t[chosen])
    assert result.spikes_per_step.sum() == len(whole.i)
    pool.record("spikes", neurons=[])
    assert len(pool.run(300).spikes.i) == 0


def test_counts_only():
    pool = driven()
    pool.record("counts")
    result = pool.run(300)
    assert len(result.spikes.i) == 0
    np.testing.assert_array_equal(result.counts, driven().run(300).counts)
    pool.record("spikes")
    assert len(pool.run(300).spikes.i) > 0


def test_what_is_asked_for_twice_is_kept_of_both():
    pool = driven()
    pool.group("low", 20)
    pool.record("v", neurons=[7, 3], every=2.0)
    pool.record(["v", "u"], neurons=np.arange(50) < 4, every=2.0)
    result, whole = pool.run(20), driven()
    np.testing.assert_array_equal(result.neurons("v"), [7, 3, 0, 1, 2])
    np.testing.assert_array_equal(result.neurons("u"), [0, 1, 2, 3])
    whole.record(["v", "u"])
    expected = whole.run(20)
    np.testing.assert_array_equal(result.traces["v"], expected.traces["v"][1::2, [7, 3, 0, 1, 2]])
    with pytest.raises(
        ValueError, match=r"'v' is kept of 5 neurons every 2 ms, .*: give every=2, or begin anew by"
    ):
        pool.record("v", neurons=[9])
    np.testing.assert_array_equal(pool.run(2).neurons("v"), [7, 3, 0, 1, 2])
    pool.record("v", neurons=[3, 2, 1, 0, 7, 9])  # all that are kept, at another interval
    assert pool.run(2).traces["v"].shape == (2, 6)
    pool.record("v", neurons=[])
    pool.record("v", neurons=["low", pool[::7]], every=2.0)
    np.testing.assert_array_equal(pool.run(2).neurons("v"), [*range(20), 21, 28, 35, 42, 49])
    pool.record("v", every=2.0)
    np.testing.assert_array_equal(pool.run(2).neurons("v"), np.arange(50))


def test_spikes_that_are_asked_for_twice_are_kept_of_both():
    pool, whole = driven(), driven().run(200).spikes
    pool.record("spikes", neurons=[7, 49])
    pool.record("spikes", neurons=pool[10:20])
    np.testing.assert_array_equal(pool.run(200).spikes.i, whole.i[np.isin(whole.i, [7, 49, *range(10, 20)])])
    pool.record("spikes", neurons=[])
    pool.record("spikes", neurons=[3])
    assert set(pool.run(200).spikes.i) == {3}
    pool.record("spikes")
    result = pool.run(200)
    assert len(result.spikes.i) == result.counts.sum() > 0


def test_several_pools_and_variables_at_once():
    net = iz.Network(dt=1.0, seed=1)
    exc, inh = net.pool("exc", 20, iz.Izhikevich), net.pool("inh", 10, iz.Izhikevich)
    exc.group("left", 5)
    net.record(["v", "u"], ["exc.left", exc[::10], inh], every=2.0)
    net.record(["v", "counts"])
    result = net.run(10.0)
    np.testing.assert_array_equal(result["exc"].neurons("u"), [0, 1, 2, 3, 4, 10])
    assert {name: part.traces["v"].shape for name, part in result.items()} == {
        "exc": (10, 20),
        "inh": (10, 10),
    }
    assert result["inh"].traces["u"].shape == (5, 10)


@pytest.mark.parametrize("every", [1, 3, 7])
def test_traces_at_an_interval(every):
    """What is kept at intervals, in pieces, is what stepping shows."""
    seen, spiked = [], []
    watch = driven()
    for _ in range(100):
        spiked.append(watch.update())
        seen.append(watch.v[[4, 30]].copy())
        for column, neuron in enumerate([4, 30]):
            if neuron in spiked[-1]:
                seen[-1][column] = 30
    pool = driven()
    pool.record("v", neurons=[4, 30], every=every)
    results = [pool.run(20), pool.step(), pool.run(79)]
    times = np.concatenate([r.times("v") for r in results])
    np.testing.assert_array_equal(times, np.arange(every, 101, every))
    np.testing.assert_array_equal(
        np.concatenate([r.traces["v"] for r in results]), np.array(seen)[every - 1 :: every]
    )


def test_several_traces_and_the_order_of_neurons():
    pool = driven(3000, threads=2)
    pool.record("v", neurons=[2999, 0, 1500])
    pool.record("u", neurons=pool[10:12], every=10.0)
    pool.record("I", neurons=[2999, 5])
    result = pool.run(50)
    assert result.traces["v"].shape == (50, 3)
    assert result.traces["u"].shape == (5, 2)
    np.testing.assert_array_equal(result.neurons("v"), [2999, 0, 1500])
    np.testing.assert_array_equal(result.traces["I"], np.tile(pool.external_input[[2999, 5]], (50, 1)))
    alone = driven(3000)
    alone.record("v", neurons=[1500])
    np.testing.assert_array_equal(alone.run(50).traces["v"][:, 0], result.traces["v"][:, 2])


def test_the_peak_is_shown_on_the_step_of_a_spike():
    pool = driven()
    pool.record("v")
    result = pool.run(200)
    at_spike = result.traces["v"][np.rint(result.spikes.t).astype(int) - 1, result.spikes.i]
    assert (at_spike == 30).all()
    assert (result.traces["v"] == 30).sum() == len(at_spike)


def test_time_goes_on():
    pool = driven(dt=0.5)
    first, second = pool.run(100), pool.run(50)
    assert (first.start, first.stop, second.start, second.stop) == (0, 100, 100, 150)
    assert second.spikes.t.min() > 100
    assert pool.t == 150
    assert second.duration == 50


def test_many_spikes_outgrow_the_first_buffer():
    n = 2000
    pool = iz.Pool(n, threads=2)
    pool.clamp_input(3000.0)
    pool.set(b=0.0, d=0.0, u=0.0)
    result = pool.run(300)
    assert len(result.spikes.i) == 300 * n
    np.testing.assert_array_equal(result.counts, 300)
    np.testing.assert_array_equal(result.spikes.i, np.tile(np.arange(n), 300))


def test_a_state_that_runs_away_stops_the_run_and_keeps_the_record():
    pool = driven(3000, threads=2)
    pool.run(100)
    pool.record("v", neurons=[3])
    pool.u[1234] = -1e30
    with pytest.raises(
        iz.SimulationError, match=r"neuron 1234 is not finite after step 10\d \(t = 10\d ms\)"
    ) as caught:
        pool.run(1000)
    result = caught.value.result
    assert 0 < result.duration < 1000
    assert len(result.spikes_per_step) == len(result.traces["v"])
    assert "too large" in str(caught.value)
    assert "input too strong" in str(caught.value)
    pool.set(v=-65.0, u=-13.0)
    assert np.isfinite(pool.run(100).traces["v"]).all()


def test_what_was_not_recorded_is_named():
    pool = driven()
    pool.record("v")
    result = pool.run(10)
    with pytest.raises(KeyError, match="'u' was not recorded; recorded: v"):
        result.times("u")
    with pytest.raises(KeyError, match="no group 'exc'"):
        result.rate("exc")


def test_update_returns_who_spiked_and_costs_no_record():
    pool = driven()
    spiked = np.concatenate([pool.update() for _ in range(100)])
    np.testing.assert_array_equal(spiked, driven().run(100).spikes.i)


def test_a_kept_result_of_a_small_pool_does_not_keep_those_of_others():
    net = iz.Network(dt=1.0, seed=1)
    large = net.pool("large", 2000)
    net.pool("small", 10)
    net.drive(large, 10.0)
    large.record("v")
    net.run(100.0)
    gc.collect()
    tracemalloc.start()
    try:
        kept = [net.run(300.0)["small"] for _ in range(3)]
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] < 1e6  # a trace takes 2.4 MB
    finally:
        tracemalloc.stop()
    assert kept[0].spikes_per_step.sum() == 0
