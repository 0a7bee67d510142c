"""An exception at any bytecode of a run: what was recorded until then is at hand, to the last step."""

import itertools

import numpy as np
import pytest

import izhi_numba as iz
from tests.wholeness.injection import Injected, inject, sample
from tests.wholeness.scenarios import pool_of

# Opcodes at which each run is stopped, and those of the long form.
tries = pytest.mark.parametrize("tries", [50, pytest.param(500, marks=pytest.mark.slow)])
_ENDS = ("run", "_Run.start", "_Run.go", "_Run._stretch")


def recorded():
    pool = pool_of(60, connected=True).pool
    pool.record("v", neurons=[0, 7], every=3.0)
    idle = pool.connect(pool, pool, rule=iz.fixed_outdegree(2), weight=iz.uniform(0, 1))
    idle.gain = 0.0  # whatever its weights are, spikes are the same
    idle.record(every=4.0)
    pool.drive(pool, iz.noise(9.0))
    pool.prepare()
    return pool


def run(pool):
    return pool.run(60.0, every={20.0: look})


def look(pool):
    """Change weights once, at a time at which they are recorded."""
    if pool.t == 20.0:
        pool.synapses[1].weights = 1.5
    return pool.v.mean()


@tries
def test_what_was_recorded_is_at_hand(tries):
    pool, places = recorded(), []
    whole = inject(lambda: run(pool), seen=places)
    expected, lost, n_kept = whole.value, [], 0
    ends = [k for k, one in enumerate(places) if one.file.endswith("running.py") and one.function in _ENDS]
    for at in sorted({*sample(list(range(whole.events)), tries), *ends}):
        pool = recorded()
        left = inject(lambda: run(pool), at=at).left  # noqa: B023
        if left is None:
            continue
        assert isinstance(left, Injected)
        result = getattr(left, "result", None)
        if result is None:  # before the run, or after it, when there is a result already
            lost.append(pool.t)
            continue
        assert result.stop == pool.t
        n_kept += 1
        kept = expected.spikes.t <= pool.t
        np.testing.assert_array_equal(result.spikes.t, expected.spikes.t[kept])
        np.testing.assert_array_equal(result.spikes.i, expected.spikes.i[kept])
        rows = int(pool.t // 3)
        np.testing.assert_array_equal(result.traces["v"], expected.traces["v"][:rows])
        weights = [one.weights["pool -> pool (2)"].values for one in (result, expected)]
        np.testing.assert_array_equal(weights[0], weights[1][: int(pool.t // 4)])
        called = result.returned[20.0].t.tolist()
        at_most = [t for t in (0.0, 20.0, 40.0) if t <= pool.t]  # at 20 ms it may have been called already
        assert called in (at_most, [t for t in at_most if t < pool.t])
    assert set(lost) <= {0.0, 60.0}
    assert n_kept > tries // 3


def test_an_exception_at_the_end_of_a_turn_leaves_the_result():
    """Bug: the turn was still that of the call, and whoever asked for the result was told that it is busy."""
    pool, places = recorded(), []
    inject(lambda: pool.run(60.0), seen=places)
    ends = [k for k, one in enumerate(places) if one.file.endswith("running.py") and one.function in _ENDS]
    assert len(ends) > 20
    for at in ends:
        pool = recorded()
        left = inject(lambda: pool.run(60.0), at=at).left  # noqa: B023
        assert isinstance(left, Injected), left
        result = getattr(left, "result", None)
        if result is None:  # before the run, or when its result is about to be returned
            assert pool.t == 0 or places[at].function == "run"
        else:
            assert result.stop == pool.t


def streamed(path):
    pool = recorded()
    pool.record("spikes", to=path)
    return pool


@tries
def test_a_file_has_what_was_recorded(tmp_path, tries):
    expected = run(recorded())
    numbers = itertools.count()

    def path():
        return tmp_path / f"{next(numbers)}.h5"

    pool = streamed(path())
    whole = inject(lambda: run(pool))
    n_kept = n_went_on = 0
    for at in sample(list(range(whole.events)), tries):
        file = path()
        pool = streamed(file)
        left = inject(lambda: run(pool), at=at).left  # noqa: B023
        if left is None:
            continue
        assert isinstance(left, Injected), left
        result = getattr(left, "result", None)
        if result is not None:
            assert result.stop == pool.t
            n_kept += 1
        if pool.t == 0 and file.exists():
            file.unlink()  # of a run that has not begun
        if pool.t < 60.0:
            pool.run(60.0 - pool.t)
            n_went_on += 1
        found = iz.open_results(file)
        np.testing.assert_array_equal(found.spikes.t, expected.spikes.t)
        np.testing.assert_array_equal(found.spikes.i, expected.spikes.i)
        np.testing.assert_array_equal(found.traces["v"], expected.traces["v"])
        weights = [one.weights["pool -> pool (2)"] for one in (found, expected)]
        np.testing.assert_array_equal(weights[0].t, weights[1].t)
        np.testing.assert_array_equal(weights[0].values[:5], weights[1].values[:5])  # until they are changed
        file.unlink()
    assert n_kept > tries // 3
    assert n_went_on > tries // 3
