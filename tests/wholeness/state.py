"""All that can be seen of a pool or a network: what it is now, and what it does when it goes on.

The first is read; the second is found by running it, as much of a state shows in no other way: conductances
of receptors, spikes under way, noise, what is recorded, which random numbers come next. Two objects that are
alike in both are taken for the same.

The first is what the inventory of state lists, and what a user can read besides.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from typing import Any

import numpy as np

import izhi_numba as iz
from izhi_numba.network.inventory import inventory

Told = dict[str, str]  # name -> a short word for its bits

_BYTES = re.compile(r", [\d.e+]+ (bytes|kB|MB|GB)|\s[\d.e+]+ (bytes|kB|MB|GB)")
_MOST_LISTED = 50_000  # synapses of which all columns are looked at


def bits(value: Any) -> str:
    """A word that is the same for the same bits alone."""
    if isinstance(value, np.ndarray | np.generic):
        array = np.ascontiguousarray(value)
        word = hashlib.blake2b(array.tobytes(), digest_size=8).hexdigest()
        return f"{array.dtype}{list(array.shape)}:{word}"
    if isinstance(value, tuple | list):
        return "(" + " ".join(map(bits, value)) + ")"
    return repr(value)


def members(sim: Any) -> dict[str, Any]:
    """Pools and sources by name; a pool alone has none."""
    return {"": sim} if isinstance(sim, iz.Pool) else {**sim.pools, **sim.sources}


def digest(sim: Any) -> Told:
    """What a pool or a network is now, by reading alone."""
    told: Told = {"t": bits(sim.t), "repr": repr(sim), "synapses": bits(len(sim.synapses))}
    told |= {f"state {path}": bits(value) for path, value in inventory(sim).items()}
    if isinstance(sim, iz.Network):
        told["summary"] = _BYTES.sub("", sim.summary())
    for name, one in members(sim).items():
        told |= {f"{name}.{part}".lstrip("."): word for part, word in _member(one).items()}
    for number, synapses in enumerate(sim.synapses):
        told |= {f"synapses {number} {part}": word for part, word in _synapses(synapses).items()}
    return told


def _member(one: Any) -> Told:
    told = {"told": repr(one)}
    if not isinstance(one, iz.Pool):
        with contextlib.suppress(AttributeError):
            told["rate"] = bits(one.rate)
        return told
    for name in (*one.model.states, *one.model.parameters):
        told[name] = bits(getattr(one, name))
    told["external_input"], told["noise_sd"] = bits(one.external_input), bits(one.noise_sd)
    told["groups"] = repr([(name, group.start, group.stop) for name, group in one.groups.items()])
    if isinstance(one, iz.IzhikevichPool):
        told["history"] = bits(one.voltage_history)
    return told


def _synapses(one: Any) -> Told:
    told = {
        "size": bits(len(one)), "repr": repr(one), "summary": _BYTES.sub("", one.summary()),
        "gain": bits(one.gain), "delays": bits(one.delays), "drawn": bits(one.drawn),
        "shared_weight": bits(one.shared_weight), "weights": bits(one.weights),
    }  # fmt: skip
    if one.plasticity is not None:
        names = (*one.plasticity.states, *one.plasticity.parameters)
        told |= {f"its {name}": bits(getattr(one, name)) for name in names} | {"learns": bits(one.learning)}
        told |= {f"its {name}": bits(value) for name, value in one.modulators.items()}
    if len(one) <= _MOST_LISTED:
        told["arrays"] = bits(one.to_arrays())
    return told


def of_result(result: Any) -> Told:
    """What a run has left."""
    if isinstance(result, iz.NetworkResult):
        parts = {name: of_result(part) for name, part in result.items()}
        told = {f"{name}.{part}": word for name, its in parts.items() for part, word in its.items()}
        return told | _weights_of(result)
    if not isinstance(result, iz.Result):
        return {"spiked": bits(list(result.values()) if isinstance(result, dict) else result)}
    try:
        spikes = bits([result.spikes.i, result.spikes.t])
    except RuntimeError as error:  # only counts were kept
        spikes = str(error)
    traces = {f"trace {name}": bits(values) for name, values in result.traces.items()}
    told = {"spikes": spikes, "counts": bits(result.counts), "start": bits(result.start), **traces}
    return told | _weights_of(result)


def _weights_of(result: Any) -> Told:
    return {
        f"{variable} of {name}": bits([one.t, one.values, one.sources, one.targets])
        for name, its in result.synapses.items()
        for variable, one in its.items()
    }


def goes_on(sim: Any) -> Told:
    """What it does from now on: runs, draws, and takes each kind of call. It is used up by this."""
    told: Told = {}

    def look(when: str, result: Any, now: Told) -> None:
        told.update({f"{when}: result {part}": word for part, word in of_result(result).items()})
        told.update({f"{when}: {part}": word for part, word in now.items()})

    look("a run", sim.step(17), digest(sim))
    pool = next(one for one in members(sim).values() if isinstance(one, iz.Pool))
    half = pool[: max(1, pool.size // 3)]
    told["random"] = bits(pool.random(2))
    try:
        group = pool.group("one more", 1)
        told["the next group"] = repr((group.start, group.stop))
    except ValueError as error:
        told["the next group"] = str(error)
    sim.drive(half, iz.ornstein_uhlenbeck(3.0, tau=5.0) + 2.0)
    half.set(**{next(iter(pool.model.states)): -50.0})
    receptor = next(iter(pool.model.receptors), None)
    sim.connect(
        half, pool, rule=iz.fixed_outdegree(2), weight=iz.uniform(0.0, 3.0), delay=pool.dt, receptor=receptor
    )
    look("a later run", sim.step(6), {})
    look("a last step", sim.update(), digest(sim))
    return told


def differences(told: Told, other: Told) -> list[str]:
    """Names in which two differ."""
    return sorted(name for name in {*told, *other} if told.get(name) != other.get(name))
