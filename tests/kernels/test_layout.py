"""What is told to the compiled code is checked: a wrong array is refused before it is read."""

import gc
import weakref

import numpy as np
import pytest

import izhi_numba as iz
from izhi_numba.kernels import layout
from izhi_numba.kernels.layout import POOL, Record
from tests import inside

NUMBERS = {
    "n": 1500, "size": 1536, "n_rows": 3, "n_waves": 2, "n_white": 1, "n_correlated": 3, "n_projections": 2,
    "n_pulse_slots": 4, "n_rings": 2, "n_blocks": 2, "n_slots": 32, "n_trains": 2, "n_given": 7, "capacity": 100,
    "n_rounds": 3, "n_entries": 4, "n_state_rows": 2, "n_groups": 32, "n_fields": 4, "n_shares": 3,
}  # fmt: skip
# Of all arrays: dtype, and the least number of items.
ARRAYS = {
    "rows": ("int64", 2 * 3), "outcome": ("uint8", 1536), "silenced": ("uint8", 1536),
    "held": ("uint64", 2 * 1536), "crossing": ("float32", 1536), "constant": ("int64", 2),
    "waves": ("float32", 2 * 1536), "wave_factors": ("float32", 2), "white": ("float32", 1536),
    "white_factors": ("float32", 1), "correlated": ("float32", 3 * 1536), "decay": ("float32", 3 * 1536),
    "kick": ("float32", 3 * 1536), "correlated_factors": ("float32", 3), "extents": ("int64", 6 * 2),
    "pieces": ("int64", 2 * 2 * layout.N_COLUMNS), "pulses": ("float32", 4 * 1536), "rings": ("int64", 8),
    "bounds": ("int64", 3), "history": ("int32", 32 * 1536), "counts": ("int32", 64),
    "crossings": ("float32", 32 * 1536), "trains": ("float32", 2 * 1536), "train_weights": ("float32", 2 * 1536),
    "train_largest": ("float32", 4), "train_equal": ("bool", 4), "train_factors": ("float32", 2),
    "train_ports": ("int64", 2), "given_steps": ("int64", 7), "given_neurons": ("int64", 7), "spikes": ("int32", 100),
    "spike_crossings": ("float32", 100), "n_kept": ("int64", 1), "per_step": ("int32", 2), "kept": ("uint8", 1500),
    "spike_count": ("int64", 1536), "trace": ("float32", 1), "trace_double": ("float64", 1), "probes": ("int64", 5),
    "means": ("int64", 7), "mean_bounds": ("int64", 3), "masks": ("uint8", 1), "sums": ("float64", 1),
    "probe_bounds": ("int64", 3), "peak": ("float32", 1536), "fault": ("int64", 4), "rounds": ("int64", 9),
    "entries": ("int64", 16), "segments": ("int64", 4), "items": ("int64", 2),
    "itemsizes": ("int64", 2), "awake": ("uint8", 32), "rest": ("int64", 2 * 3),
    "fields": ("int64", 4 * 4), "first_samples": ("int64", 4), "shares": ("float64", 4 * 3),
}  # fmt: skip


def a_record(dtype="float32"):
    pools = np.zeros(2, POOL)
    record = Record(np.dtype(dtype), pools[1:2])
    record.set(**NUMBERS)
    return record, pools


def test_all_fields_are_named_here():
    numbers = set(POOL.names) - set(ARRAYS)
    assert set(NUMBERS) < numbers
    others = {
        "update",
        "n_variables",
        "may_rest",
        "steady",
        "key0",
        "key1",
        "ready",
        "first_sent",
        "mean_gap",
        "peak_varies",
        "adder",
        "lister",
        "keep_spikes",
        "sites",
        "n_sites",
        "logs",
        "n_logs",
        "passes",
        "quota",
        "n_recent",
        "recent",
    }
    assert numbers - set(NUMBERS) == others


@pytest.mark.parametrize("name", ARRAYS)
def test_a_wrong_array_is_refused(name):
    record, pools = a_record()
    kind, least = ARRAYS[name]
    right = np.zeros(least, kind)
    record.point(**{name: right})
    assert pools[1][name] == right.ctypes.data
    record.point(**{name: np.zeros((2, least), kind)})  # longer ones do no harm
    fixed = np.zeros(least, kind)
    fixed.flags.writeable = False
    record.point(**{name: fixed})
    assert pools[1][name] == fixed.ctypes.data
    for wrong in {"float64", "float32", "int64", "int32", "uint32", "uint8", "bool"} - {kind}:
        with pytest.raises(TypeError, match=rf"^{name}: expected an array of {kind}, got {wrong}$"):
            record.point(**{name: np.zeros(least, wrong)})
    if least > 1:
        with pytest.raises(
            ValueError, match=rf"^{name}: expected an array .* of {least} numbers, got \({least - 1},\)"
        ):
            record.point(**{name: np.zeros(least - 1, kind)})
    with pytest.raises(ValueError, match=f"^{name}: expected numbers that follow one another"):
        record.point(**{name: np.zeros((least + 1, 2), kind)[:, 0]})
    with pytest.raises(TypeError, match=f"^{name}: expected an array of {kind}, got 3"):
        record.point(**{name: 3})
    record.point(**{name: np.zeros(0, kind)})
    assert pools[1][name] == 0
    assert not any(pools[0].tolist())


def test_numbers_in_double_precision():
    record, _ = a_record("float64")
    record.point(waves=np.zeros((2, 1536)))
    with pytest.raises(TypeError, match="waves: expected an array of float64, got float32"):
        record.point(waves=np.zeros((2, 1536), np.float32))


def test_an_array_is_looked_at_again_after_a_number_has_changed():
    record, _ = a_record()
    waves = np.zeros((2, 1536), np.float32)
    record.point(waves=waves)
    record.point(waves=waves)
    record.set(n_waves=3)
    with pytest.raises(
        ValueError, match=r"waves: expected an array \(n_waves, size\) of 4608 numbers, got \(2, 1536\)"
    ):
        record.point(waves=waves)


def test_numbers_and_arrays_are_not_mixed_up():
    record, pools = a_record()
    for name in ("waves", "nothing"):
        with pytest.raises(TypeError, match=f"{name}: expected a field that is a number"):
            record.set(**{name: 3})
    for name in ("size", "nothing"):
        with pytest.raises(TypeError, match=f"{name}: expected a field that is an array"):
            record.point(**{name: np.zeros(3)})
    assert pools[1]["size"] == 1536


def test_arrays_live_as_long_as_the_record():
    record, _ = a_record()
    white = np.zeros(1536, np.float32)
    held = weakref.ref(white)
    record.point(white=white)
    del white
    gc.collect()
    assert held() is not None
    record.point(white=np.zeros(1536, np.float32))
    gc.collect()
    assert held() is None


def test_a_pool_that_has_everything_passes():
    """A model with a dtype of its own in each array: what a pool points to is what is declared."""
    for dtype in ("float32", "float64"):
        pool = iz.Pool(1500, seed=1, dtype=dtype, threads=2)
        pool.drive(
            pool,
            3.0 + iz.noise(2.0) + iz.ornstein_uhlenbeck(1.0, 5.0) + iz.ramp(0.1) + iz.poisson(100, weight=1),
        )
        pool.connect(
            pool, pool, rule=iz.fixed_outdegree(20), weight=iz.uniform(0, 1), delay=iz.integers(1, 9)
        )
        pool.record("v", neurons=[0])
        pool.record("spikes", neurons=[1, 2])
        pool.run(20.0)
        pool.update()
        assert len(inside.held(pool)) > 20


def test_an_interrupted_pointing_is_not_taken_for_done(monkeypatch):
    """Bug: the old array was let go while its address stood, and the next call left out the new one."""

    def interrupted(array):
        raise KeyboardInterrupt

    row = np.zeros(1, POOL)
    record = Record(np.dtype(np.float32), row)
    record.set(size=64, n_waves=1)
    old, new = np.ones((1, 64), np.float32), np.zeros((1, 64), np.float32)
    address, alive = old.ctypes.data, weakref.ref(old)
    record.point(waves=old)
    del old
    monkeypatch.setattr("izhi_numba.kernels.layout.address", interrupted)
    with pytest.raises(KeyboardInterrupt):
        record.point(waves=new)
    monkeypatch.undo()
    gc.collect()
    assert row["waves"][0] == address
    assert alive() is not None
    record.point(waves=new)
    assert row["waves"][0] == new.ctypes.data
    assert alive() is None


def all_records(n_pools=3):
    """Records of pools with a capacity each."""
    pools = np.zeros(n_pools, POOL)
    pools["capacity"], pools["n_blocks"] = [5, 0, 7], [1, 2, 3]
    return pools


def test_parts_of_an_array_are_pointed_to_by_all_pools():
    pools, spikes = all_records(), np.zeros(12, np.int32)
    pools["spikes"] = layout.addresses_of(
        pools, np.dtype(np.float32), "spikes", spikes, np.array([0, 5, 5, 12])
    )
    first = spikes.ctypes.data
    np.testing.assert_array_equal(pools["spikes"], [first, 0, first + 4 * 5])  # none: not there
    bounds = np.zeros(9, np.int64)
    ends = np.array([0, 2, 5, 9])
    pools["probe_bounds"] = layout.addresses_of(pools, np.dtype(np.float32), "probe_bounds", bounds, ends)
    np.testing.assert_array_equal(pools["probe_bounds"] - bounds.ctypes.data, [0, 16, 40])


@pytest.mark.parametrize(("array", "ends", "error"), [
    (np.zeros(12, np.int64), [0, 5, 5, 12], TypeError),  # another kind
    (np.zeros(11, np.int32), [0, 5, 5, 12], TypeError),  # it ends before the last part does
    (np.zeros(24, np.int32)[::2], [0, 5, 5, 12], TypeError),  # numbers apart
    (np.zeros(12, np.int32), [0, 4, 4, 12], ValueError),  # the first part is too short
])  # fmt: skip
def test_wrong_parts_are_refused_and_nothing_is_pointed_to(array, ends, error):
    pools = all_records()
    with pytest.raises(error, match="spikes: expected"):
        layout.addresses_of(pools, np.dtype(np.float32), "spikes", array, np.array(ends))
    assert not pools["spikes"].any()
