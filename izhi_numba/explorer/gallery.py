"""Networks that the explorer's start page opens: published ones, some of them smaller, and a small brain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.connectivity.distributions import integers, normal, uniform
from izhi_numba.connectivity.pairs import from_arrays
from izhi_numba.connectivity.rules import (
    all_to_all,
    fixed_indegree,
    fixed_outdegree,
    fixed_probability,
    fixed_total_number,
    small_world,
)
from izhi_numba.explorer.controls import Control
from izhi_numba.explorer.exhibits import Exhibit
from izhi_numba.inputs.makers import noise, poisson
from izhi_numba.models import (
    ExponentialConductance,
    ExponentialCurrent,
    Izhikevich,
    LeakyIntegrateAndFire,
    VoltageJump,
)
from izhi_numba.models.rules.dopamine import DopamineSTDP
from izhi_numba.models.rules.pair import PairSTDP
from izhi_numba.network.cortical import cortical_pool
from izhi_numba.network.network import Network
from izhi_numba.network.pool import Pool

_TENTH = 0.1


def cortical(neurons: float = 1000, inhibitory: float = 0.2) -> Pool:
    """Return the network of Izhikevich (2003), :meth:`izhi_numba.Pool.cortical`, at any size."""
    pool = Pool(int(neurons), Izhikevich(), dt=1.0, scheme="net2003", seed=1)
    cortical_pool(pool, inhibitory=inhibitory)
    return pool


def brunel(g: float = 5.0, outside: float = 2.0) -> Pool:
    """Return the network of Brunel (2000) with a quarter of its neurons and synapses, twice as strong each.

    Parameters
    ----------
    g : float
        Strength of inhibition over that of excitation.
    outside : float
        Rate of the trains from outside over the rate that alone would reach the threshold.
    """
    n_exc, n_inh, c_exc, c_inh, strength = 2500, 625, 250, 62, 0.2
    cell = LeakyIntegrateAndFire(C=200.0, g_L=10.0, E_L=0.0, V_th=20.0, V_reset=10.0, t_ref=2.0)
    pool = Pool(n_exc + n_inh, cell, dt=0.1, scheme="exact", seed=1, receptors={"syn": VoltageJump()})
    exc, inh = pool.group("exc", n_exc), pool.group("inh", n_inh)
    pool.connect(exc, pool, rule=fixed_indegree(c_exc), weight=strength, delay=1.5)
    pool.connect(inh, pool, rule=fixed_indegree(c_inh), weight=-g * strength, delay=1.5)
    at_threshold = 1000 * 20.0 / (strength * c_exc * 20.0)  # Hz, of each train
    pool.drive(pool, poisson(outside * at_threshold, n=c_exc, weight=strength))
    return pool


def coba() -> Pool:
    """Return the network with conductances of Vogels and Abbott (2005), which keeps itself awake."""
    receptors = {"exc": ExponentialConductance(tau=5.0), "inh": ExponentialConductance(tau=10.0, E=-80.0)}
    cell = LeakyIntegrateAndFire(g_L=10.0, E_L=-60.0)
    pool = Pool(4000, cell, dt=0.1, seed=1, receptors=receptors)
    exc, inh = pool.group("exc", 3200), pool.group("inh", 800)
    pool.connect(exc, pool, rule=fixed_probability(0.02), weight=6.0, delay=0.1, receptor="exc")
    pool.connect(inh, pool, rule=fixed_probability(0.02), weight=67.0, delay=0.1, receptor="inh")
    pool.v = -60.0 + 10.0 * pool.random(4000)
    pool.drive(pool, poisson(300.0, weight=6.0, receptor="exc", stop=50.0))
    return pool


_LAYERS = ("L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")
_SIZES = np.array([20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948])
_CHANCES = np.array([  # row: target, column: source
    [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0000, 0.0076, 0.0000],
    [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0000, 0.0042, 0.0000],
    [0.0077, 0.0059, 0.0497, 0.1350, 0.0067, 0.0003, 0.0453, 0.0000],
    [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0000, 0.1057, 0.0000],
    [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0000],
    [0.0548, 0.0269, 0.0257, 0.0022, 0.0600, 0.3158, 0.0086, 0.0000],
    [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
    [0.0364, 0.0010, 0.0034, 0.0005, 0.0277, 0.0080, 0.0658, 0.1443],
])  # fmt: skip
_RATES = np.array([0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829])  # Hz
_OUTSIDE = np.array([1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100])  # synapses on each neuron
_START_MEAN = np.array([-68.28, -63.16, -63.33, -63.45, -63.11, -61.66, -66.72, -61.43])  # mV
_WEIGHT = 87.81  # pA


def microcircuit(scale: float = _TENTH) -> Pool:
    """Return the cortical microcircuit of Potjans and Diesmann (2014), with a share of neurons and synapses.

    Weights and a constant current make up for what is missing; see ``examples/microcircuit.py``.
    """
    sizes = np.rint(scale * _SIZES).astype(int)
    weights = np.where([name.endswith("E") for name in _LAYERS], _WEIGHT, -4 * _WEIGHT) * np.ones((8, 1))
    weights[0, 2] *= 2
    exact = np.log1p(-_CHANCES) / np.log1p(-1 / np.outer(_SIZES, _SIZES))
    lacking = 1 - np.sqrt(scale)
    current = 1e-3 * 0.5 * lacking * (weights * exact / _SIZES[:, None] * _RATES).sum(axis=1)
    current += 1e-3 * 0.5 * lacking * _WEIGHT * _OUTSIDE * 8.0
    cell = LeakyIntegrateAndFire(E_L=-65.0, V_reset=-65.0, V_th=-50.0, C=250.0, g_L=25.0, t_ref=2.0)
    pool = Pool(
        int(sizes.sum()), cell, dt=0.1, scheme="exact", seed=1, receptors={"syn": ExponentialCurrent(tau=0.5)}
    )
    groups = [pool.group(name, int(size)) for name, size in zip(_LAYERS, sizes, strict=True)]
    for j, source in enumerate(groups):
        delay = normal(1.5, 0.75, low=0.1) if _LAYERS[j].endswith("E") else normal(0.75, 0.375, low=0.1)
        for i, target in enumerate(groups):
            number, weight = round(scale**2 * exact[i, j]), weights[i, j] / np.sqrt(scale)
            if number:
                sign = {"low": 0.0} if weight > 0 else {"high": 0.0}
                drawn = normal(weight, 0.1 * abs(weight), **sign)
                pool.connect(source, target, rule=fixed_total_number(number), weight=drawn, delay=delay)
    for i, group in enumerate(groups):
        group.v = normal(_START_MEAN[i], 4.9)
        trains = poisson(8.0 * scale, n=int(_OUTSIDE[i]), weight=_WEIGHT / np.sqrt(scale))
        pool.drive(group, current[i] + trains)
    return pool


def ring() -> tuple[Pool, Array]:
    """Return a small world: 500 cells on a ring with shortcuts, and where they are."""
    n, k = 500, 50
    pool = Pool(n, Izhikevich(), dt=1.0, seed=1)
    inhibitory = np.argsort(pool.random(n)) < n // 5
    pool.set(a=np.where(inhibitory, 0.1, 0.02), d=np.where(inhibitory, 2.0, 8.0))
    weight = np.where(inhibitory[:, None], -1.0, 3.0) * pool.random(n * k).reshape(n, k)
    delay = np.where(inhibitory[:, None], 1.0, 1 + np.floor(20 * pool.random(n * k).reshape(n, k)))
    pool.connect(pool, pool, rule=small_world(k, 0.33), weight=weight, delay=delay)
    pool.drive(pool, 2.5 + noise(1.44))
    angle = 2 * np.pi * np.arange(n) / n
    return pool, np.column_stack([np.sin(angle), np.cos(angle)])


def competition() -> Network:
    """Return a neuron of Song, Miller and Abbott (2000), whose thousand synapses compete."""
    net = Network(dt=0.1, seed=1)
    exc, inh = net.poisson("inputs", 1000, 20.0), net.poisson("inhibition", 200, 10.0)
    receptors = {"exc": ExponentialConductance(tau=5.0), "inh": ExponentialConductance(tau=5.0, E=-70.0)}
    cell = LeakyIntegrateAndFire(C=200.0, g_L=10.0, E_L=-70.0, V_th=-54.0, V_reset=-60.0, t_ref=0.0)
    cells = net.pool("cell", 1, cell, receptors=receptors)
    largest = 0.15  # nS
    rule = PairSTDP(A_plus=0.05 * largest, A_minus=0.0525 * largest, w_max=largest)
    net.connect(
        exc,
        cells,
        rule=all_to_all(),
        weight=uniform(0.0, largest),
        delay=0.1,
        receptor="exc",
        plasticity=rule,
    )
    net.connect(inh, cells, rule=all_to_all(), weight=0.5, delay=0.1, receptor="inh")
    return net


def reward() -> Pool:
    """Return a network whose synapses wait for dopamine, after Izhikevich (2007)."""
    pool = Pool(1000, Izhikevich(), dt=1.0, scheme="net2003", seed=1)
    exc, inh = pool.group("exc", 800), pool.group("inh", 200)
    inh.set(a=0.1, d=2.0)
    pool.connect(
        exc, pool, rule=fixed_outdegree(100), weight=1.0, delay=integers(1, 20), plasticity=DopamineSTDP()
    )
    pool.connect(inh, exc, rule=fixed_outdegree(100), weight=-1.0, delay=1.0)
    pool.drive(pool, noise(6.5))
    return pool


def brain_tables(n: int = 3000) -> dict[str, Array]:
    """Return tables as those of a connectome: cells with places, regions and signs, and who reaches whom.

    They are drawn at random here: two hemispheres, each of four regions around a core.

    Returns
    -------
    dict
        ``place`` (n, 3), ``region`` and ``inhibitory`` (n,); ``pre``, ``post``, ``weight``, ``delay`` (m,).
    """
    random = np.random.default_rng(7)
    side, region = np.arange(n) % 2, np.sort(np.arange(n) % 4)
    direction = random.normal(size=(n, 3))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    depth = np.where(region == 3, 0.45, 1.0) * random.uniform(0.82, 1.0, n) ** (1 / 3)
    elongation = np.array([0.62, 1.0, 0.75])
    place = direction * depth[:, None] * elongation
    angle = np.arctan2(direction[:, 2], direction[:, 1])
    outer = region != 3
    place[outer] = place[np.flatnonzero(outer)[np.argsort(angle[outer], kind="stable")]]
    place[:, 0] = np.abs(place[:, 0]) + 0.1
    place[side == 1, 0] *= -1
    inhibitory = random.random(n) < 0.2
    pre, post = _near_pairs(place, side, 60, random)
    apart = np.linalg.norm(place[pre] - place[post], axis=1)
    weight = np.where(inhibitory[pre], -8.0, 4.0) * random.random(len(pre))
    return {
        "place": place, "region": region, "inhibitory": inhibitory, "pre": pre, "post": post,
        "weight": weight, "delay": np.maximum(1.0, np.rint(12.0 * apart)),
    }  # fmt: skip


def _near_pairs(place: Array, side: Array, degree: int, random: Any) -> tuple[Array, Array]:
    """Who reaches whom: mostly neighbours, some far away, few in the other hemisphere."""
    n = len(place)
    pre, post = np.repeat(np.arange(n), 6 * degree), random.integers(0, n, 6 * degree * n)
    apart = np.linalg.norm(place[pre] - place[post], axis=1)
    chance = np.exp(-apart / 0.25) + 0.02
    chance *= np.where(side[pre] == side[post], 1.0, 0.3)
    chosen = (random.random(len(pre)) < chance * 1.6) & (pre != post)
    pairs = np.unique(np.column_stack([pre[chosen], post[chosen]]), axis=0)
    return pairs[:, 0], pairs[:, 1]


REGIONS = ("frontal", "parietal", "occipital", "core")


def brain() -> tuple[Pool, Array]:
    """Return a network made of the tables of :func:`brain_tables`, and where its cells are."""
    tables = brain_tables()
    n, region = len(tables["place"]), tables["region"]
    pool = Pool(n, Izhikevich(), dt=1.0, seed=1)
    for number, name in enumerate(REGIONS):
        pool.group(name, int((region == number).sum()))
    inhibitory = tables["inhibitory"]
    pool.set(a=np.where(inhibitory, 0.1, 0.02), d=np.where(inhibitory, 2.0, 8.0))
    pairs = from_arrays(tables["pre"], tables["post"], weight=tables["weight"], delay=tables["delay"])
    pool.connect(pool, pool, rule=pairs)
    pool.drive(pool, noise(4.0))
    return pool, tables["place"]


def _exhibit(
    build: Callable[..., Any], title: str, words: str, *options: Control, **variants: dict[str, float]
) -> Exhibit:
    name = build.__name__
    positions = ", positions" if name in ("ring", "brain") else ""

    def code(given: dict[str, float]) -> str:
        told = ", ".join(f"{one}={value!r}" for one, value in given.items())
        return f"from izhi_numba.explorer.gallery import {name}\n\nnet{positions} = {name}({told})"

    return Exhibit(name, title, words, build, code, options, variants)


EXHIBITS = (
    _exhibit(
        cortical,
        "Cortex, 2003",
        "The network of Izhikevich's paper: excitatory and inhibitory cells, and rhythms.",
        Control("neurons", "neurons", "", 1000.0, 100.0, 100_000.0),
        Control("inhibitory", "inhibitory share", "", 0.2, 0.0, 0.5),
    ),
    _exhibit(
        brunel,
        "Brunel's four states",
        "One network of excitation and inhibition: two numbers choose how it fires.",
        Control("g", "inhibition g", "", 5.0, 0.0, 10.0),
        Control("outside", "input ν", "", 2.0, 0.0, 5.0),
        **{
            "regular, in step": {"g": 3.0, "outside": 2.0},
            "fast rhythm": {"g": 6.0, "outside": 4.0},
            "asynchronous": {"g": 5.0, "outside": 2.0},
            "slow rhythm": {"g": 4.5, "outside": 0.9},
        },
    ),
    _exhibit(
        coba, "COBA", "4000 neurons with conductances, which nothing drives: they keep each other awake."
    ),
    _exhibit(
        microcircuit,
        "Cortical microcircuit",
        "Four layers under a square millimetre of cortex, at a tenth: 7717 neurons.",
    ),
    _exhibit(ring, "Small world", "A ring of 500 cells with shortcuts and delays, which bursts as a whole."),
    _exhibit(
        competition,
        "Synapses that compete",
        "A thousand synapses onto a neuron learn by the order of spikes: watch their weights part.",
    ),
    _exhibit(
        reward,
        "Learning by reward",
        "Synapses that remember who spiked before whom, and wait for dopamine to change.",
    ),
    _exhibit(
        brain,
        "A brain to poke",
        "3000 cells from tables of a connectome (made up), at their places: press where they are to fire.",
    ),
)
