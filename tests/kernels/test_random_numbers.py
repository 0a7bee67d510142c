import numpy as np
import pytest
from scipy import stats

import izhi_numba as iz
from izhi_numba.kernels import rng
from izhi_numba.kernels.jit import kernel


@kernel
def philox(c0, c1, c2, c3, k0, k1):
    return rng.philox(c0, c1, c2, c3, k0, k1)


@kernel
def normals(out, bits, tile, count, step, key0, key1):
    rng.fill_normals(out, bits, tile, count, step, 0, key0, key1)


@kernel
def logarithm(x, out):
    for i in range(len(x)):
        out[i] = rng.log_float32(x[i])


def draw(tile, step, key=(1, 0), count=rng.TILE):
    out = np.full(rng.TILE, np.nan, np.float32)
    normals(out, np.empty(rng.TILE, np.uint32), tile, count, step, np.uint32(key[0]), np.uint32(key[1]))
    return out


def test_no_two_purposes_share_a_number():
    purposes = [value for name, value in vars(rng).items() if isinstance(value, np.uint32) and name[0] != "_"]
    assert len(purposes) > 5
    assert len(set(purposes)) == len(purposes)


@pytest.mark.parametrize(
    ("counter", "key", "answer"),
    [  # kat_vectors of Random123
        ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
        ([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
        (
            [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
            [0xA4093822, 0x299F31D0],
            [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
        ),
    ],
)
def test_philox_gives_the_known_answers(counter, key, answer):
    assert list(philox(*(np.uint32(x) for x in counter + key))) == answer


def test_normals_are_normal():
    z = np.concatenate([draw(tile, step) for tile in range(4) for step in range(250)]).astype(float)
    assert stats.kstest(z, "norm").pvalue > 0.001
    assert abs(z.mean()) < 4 / np.sqrt(len(z))
    assert abs(z.std() - 1) < 4 / np.sqrt(2 * len(z))
    assert abs((z**4).mean() - 3) < 4 * np.sqrt(96 / len(z))


def test_normals_are_independent_across_neurons_steps_and_seeds():
    base = draw(0, 0).astype(float)
    for other in (draw(1, 0), draw(0, 1), draw(0, 0, key=(2, 0)), draw(0, 0, key=(1, 1)), draw(0, 1 << 32)):
        assert abs(np.corrcoef(base, other)[0, 1]) < 4.5 / np.sqrt(len(base))
    z = np.array([draw(0, step) for step in range(2000)], float)
    between_neurons = np.corrcoef(z.T) - np.eye(rng.TILE)
    assert abs(between_neurons).max() < 6.5 / np.sqrt(len(z))


@pytest.mark.parametrize("count", [1, 17, 64, 256, 300, 600, 1024])
def test_a_part_of_a_tile_holds_the_same_numbers(count):
    np.testing.assert_array_equal(
        draw(3, 9, count=count)[: min(count, rng.QUARTER)], draw(3, 9)[: min(count, rng.QUARTER)]
    )
    np.testing.assert_array_equal(draw(3, 9, count=count)[:count], draw(3, 9)[:count])


def test_log_is_good_to_two_ulp():
    x = np.concatenate([np.geomspace(1e-37, 1e38, 200_001), 1 + np.linspace(-1e-3, 1e-3, 20_001)]).astype(
        np.float32
    )
    out = np.empty_like(x)
    logarithm(x, out)
    exact = np.log(x.astype(np.float64))
    ulp = np.spacing(np.maximum(np.abs(exact), 1e-30).astype(np.float32)).astype(float)
    assert (np.abs(out - exact) / ulp).max() < 2


def test_a_pools_random_numbers_follow_from_its_seed():
    pools = [iz.Pool(10, seed=seed) for seed in (5, 5, 6)]
    first, same, other = (pool.random(1000) for pool in pools)
    np.testing.assert_array_equal(first, same)
    assert not np.array_equal(first, other)
    assert not np.array_equal(first, pools[0].random(1000))
    assert stats.kstest(first, "uniform").pvalue > 0.001


def test_a_drawn_seed_can_be_used_again():
    first = iz.Pool.cortical(200)
    again = iz.Pool.cortical(200, seed=first.seed)
    np.testing.assert_array_equal(first.run(100).spikes.i, again.run(100).spikes.i)
