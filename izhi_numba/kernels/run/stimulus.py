"""What comes from outside in a step: waveforms, noise and Poisson trains, added to the input of a tile."""

from __future__ import annotations

import numpy as np

from izhi_numba.kernels.intrinsics import address_of, view
from izhi_numba.kernels.jit import inline
from izhi_numba.kernels.rng import TILE, fill_normals
from izhi_numba.kernels.run.fields import expect, has_samples, take_mean
from izhi_numba.kernels.run.poisson import POISSON_TRAINS, call_adder

CORRELATED = 1 << 16  # streams of random numbers: those of correlated noise begin here


@inline
def add_drive(total, pool, number, itemsize, step, at, tile, stop, count, normals, bits, work):
    """Add waveforms and noise of step ``step`` (row ``at`` of the tables) to the input of a tile."""
    n_waves, n_white, n_correlated = pool.n_waves, pool.n_white, pool.n_correlated
    extents = view(pool.extents, 2 * (n_waves + n_white + n_correlated), np.int64)
    wave_factors = view(pool.wave_factors, (at + 1) * n_waves, number)[at * n_waves :]
    waves = view(pool.waves, n_waves * pool.size, number)
    for w in range(n_waves):
        factor = wave_factors[w]
        if factor != 0 and extents[2 * w] < stop and tile < extents[2 * w + 1]:
            amplitude = waves[w * pool.size + tile : w * pool.size + stop]
            if has_samples(pool, w):
                mean = work[:count]
                take_mean(mean, pool, number, itemsize, w, at, tile)
                for i in range(count):
                    total[i] += amplitude[i] * number(mean[i])
            else:
                for i in range(count):
                    total[i] += amplitude[i] * factor
    key0, key1 = np.uint32(pool.key0), np.uint32(pool.key1)
    white_factors = view(pool.white_factors, (at + 1) * n_white, number)[at * n_white :]
    correlated_factors = view(pool.correlated_factors, (at + 1) * n_correlated, number)[at * n_correlated :]
    sds = view(pool.white, n_white * pool.size, number)
    values = view(pool.correlated, n_correlated * pool.size, number)
    decays = view(pool.decay, n_correlated * pool.size, number)
    kicks = view(pool.kick, n_correlated * pool.size, number)
    for w in range(n_white + n_correlated):  # one loop: the code for normals is long
        row = 2 * (n_waves + w)
        if extents[row] < stop and tile < extents[row + 1]:
            white, c = w < n_white, w - n_white
            factor = white_factors[w] if white else correlated_factors[c]
            if factor != 0 or not white:
                stream = w if white else CORRELATED + c
                fill_normals(normals, bits, tile // TILE, count, step, stream, key0, key1)
                if white:
                    sd = sds[w * pool.size + tile : w * pool.size + stop]
                    for i in range(count):
                        total[i] += sd[i] * factor * normals[i]
                else:
                    here, end = c * pool.size + tile, c * pool.size + stop
                    value, decay, kick = values[here:end], decays[here:end], kicks[here:end]
                    for i in range(count):
                        total[i] += value[i] * factor
                        value[i] = decay[i] * value[i] + kick[i] * normals[i]


@inline
def add_trains(pool, number, itemsize, step, at, tile, count, bits, counts, work, scratch):
    """Add the Poisson trains of step ``step`` (row ``at`` of the factors) to the ports of a tile."""
    n_tiles = -(-pool.size // TILE)
    ports = view(pool.train_ports, pool.n_trains, np.int64)
    factors = view(pool.train_factors, (at + 1) * pool.n_trains, number)[at * pool.n_trains :]
    largest = view(pool.train_largest, pool.n_trains * n_tiles, number)
    equal = view(pool.train_equal, pool.n_trains * n_tiles, np.uint8)
    for row in range(pool.n_trains):
        place, first = row * n_tiles + tile // TILE, itemsize * (row * pool.size + tile)
        if factors[row] != 0 and largest[place] != 0:
            port = ports[row] + itemsize * tile
            if ports[row] == pool.pulses:
                port += itemsize * (step % pool.n_pulse_slots * pool.size)
            expected, most, same = pool.trains + first, largest[place], equal[place] != 0
            if has_samples(pool, pool.n_waves + row):
                mean = work[:count]
                take_mean(mean, pool, number, itemsize, pool.n_waves + row, at, tile)
                most, same = expect(scratch, view(expected, count, number), mean, number)
                expected = address_of(scratch, 0)
            call_adder(
                pool.adder, port, expected, pool.train_weights + first,
                factors[row], most, same, tile // TILE, count, step,
                POISSON_TRAINS + row, np.uint32(pool.key0), np.uint32(pool.key1),
                address_of(bits, 0), address_of(counts, 0), address_of(work, 0),
            )  # fmt: skip
