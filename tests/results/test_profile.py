"""Where the time of a run went."""

import numpy as np
import pytest

import izhi_numba as iz


def network(threads=1):
    net = iz.Network(dt=0.1, seed=1, threads=threads)
    exc = net.pool("exc", 4000, iz.Izhikevich)
    quiet = net.pool("quiet", 64, iz.LeakyIntegrateAndFire, receptors={"ampa": iz.AMPA})
    noise = net.poisson("noise", 500, 20.0)
    net.drive(exc, 4.0 + iz.noise(5.0))
    net.connect(exc, exc, rule=iz.fixed_outdegree(100), weight=0.2, delay=iz.integers(1, 5))
    net.connect(noise, quiet, rule=iz.fixed_outdegree(10), weight=0.1, receptor="ampa")
    return net


def total(profile):
    return sum(sum(parts.values()) for parts in profile.seconds.values()) + profile.waiting + profile.python


@pytest.mark.usefixtures("all_threads")
@pytest.mark.parametrize("threads", [1, 2])
def test_parts_add_up_to_the_time_of_the_run(threads):
    result = network(threads).run(100.0, profile=True)
    profile = result.profile
    assert list(profile.seconds) == ["exc", "quiet", "noise"]
    assert profile.threads == threads
    assert profile.wall_time == result.wall_time
    assert 0.7 * profile.wall_time < total(profile) < 1.1 * threads * profile.wall_time
    assert all(value >= 0 for parts in profile.seconds.values() for value in parts.values())
    assert sum(profile.seconds["exc"].values()) > sum(profile.seconds["quiet"].values())
    assert profile.seconds["noise"]["drive"] > 0
    assert profile.seconds["noise"]["update"] == profile.seconds["noise"]["delivery"] == 0
    assert (profile.waiting > 0.001 * profile.wall_time) == (threads > 1)


def test_more_synapses_take_more_delivery():
    def seconds(degree):
        pool = iz.Pool(5000, seed=1, threads=1)
        pool.drive(pool, 4.0 + iz.noise(5.0))
        pool.connect(pool, pool, rule=iz.fixed_outdegree(degree), weight=0.0)
        return pool.run(200.0, profile=True).profile.seconds["pool"]["delivery"]

    assert seconds(1000) > 3 * seconds(1)


def test_nothing_is_measured_where_nobody_asks():
    pool = iz.Pool(100, seed=1)
    assert pool.run(5.0).profile is None
    assert pool.step(3).profile is None
    assert network().run(5.0).profile is None


def test_spikes_are_the_same():
    one, other = network(2).run(100.0), network(2).run(100.0, profile=True)
    np.testing.assert_array_equal(one.spikes.t, other.spikes.t)
    np.testing.assert_array_equal(one.spikes.i, other.spikes.i)


def test_it_is_printed_as_a_table():
    profile = network().run(50.0, profile=True).profile
    lines = str(profile).splitlines()
    assert lines[0].split() == ["update", "delivery", "drive", "recording"]
    assert sorted(line.split()[0] for line in lines[1:4]) == ["exc", "noise", "quiet"]
    assert lines[1].startswith("exc")
    assert lines[4].startswith("threads wait for each other 0 %, Python ")
    assert lines[4].endswith(" s, 1 thread")


def test_a_processor_without_a_known_clock_says_so(monkeypatch):
    monkeypatch.setattr("izhi_numba.results.profile.HAS_TICKS", False)
    pool = iz.Pool(10, seed=1)
    with pytest.raises(NotImplementedError, match="no clock is known"):
        pool.run(5.0, profile=True)
    assert pool.t == 0.0
