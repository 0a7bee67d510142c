"""An exception at any bytecode of a run: what was recorded until then is at hand, to the last step."""

import numpy as np

import izhi_numba as iz
from tests.wholeness.injection import Injected, inject, sample
from tests.wholeness.scenarios import pool_of

TRIES = 150


def recorded():
    pool = pool_of(60, connected=True).pool
    pool.record("v", neurons=[0, 7], every=3.0)
    pool.drive(pool, iz.noise(9.0))
    pool.prepare()
    return pool


def run(pool):
    return pool.run(60.0, every={20.0: lambda pool: pool.v.mean()})


def test_what_was_recorded_is_at_hand():
    pool = recorded()
    whole = inject(lambda: run(pool))
    expected, lost = whole.value, []
    for at in sample(list(range(whole.events)), TRIES):
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
        kept = expected.spikes.t <= pool.t
        np.testing.assert_array_equal(result.spikes.t, expected.spikes.t[kept])
        np.testing.assert_array_equal(result.spikes.i, expected.spikes.i[kept])
        rows = int(pool.t // 3)
        np.testing.assert_array_equal(result.traces["v"], expected.traces["v"][:rows])
        called = result.returned[20.0].t.tolist()
        at_most = [t for t in (0.0, 20.0, 40.0) if t <= pool.t]  # at 20 ms it may have been called already
        assert called in (at_most, [t for t in at_most if t < pool.t])
    assert set(lost) <= {0.0, 60.0}
    assert len(lost) < TRIES // 2
