"""Calls that are refused: of a pool alone or a network with groups, or pools, "exc" and "inh"."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import izhi_numba as iz
from tests.inside import turn

ERRORS = (ValueError, TypeError, KeyError, IndexError, AttributeError, RuntimeError, OSError, MemoryError)


async def waits(sim: Any) -> None:
    """A function that no run can call."""


def of_another() -> Any:
    """Neurons of another pool."""
    return iz.Pool(3, seed=1)


def connected(sim: Any, **given: Any) -> Any:
    """Connect as it would go, but for what is given."""
    receptor = {} if "receptor" in given else {"receptor": "ampa"}
    return sim.connect("exc", "exc", **({"rule": iz.fixed_outdegree(2)} | receptor | given))


def first_weights(sim: Any, values: Any) -> None:
    """Write weights; of nothing, that is refused as well."""
    sim.synapses[0].weights = values


def gain(sim: Any, value: Any) -> None:
    """Set a gain."""
    sim.synapses[0].gain = value


def held(sim: Any, call: Callable[[], Any]) -> None:
    """Call while another one has the turn."""
    with turn(sim):
        call()


REFUSED: dict[str, Callable[[Any, Path], Any]] = {
    "a duration that is no multiple": lambda sim, folder: sim.run(0.3),
    "a negative duration": lambda sim, folder: sim.run(-5.0),
    "a duration that is NaN": lambda sim, folder: sim.run(np.nan),
    "half a step": lambda sim, folder: sim.step(1.5),
    "no step": lambda sim, folder: sim.step(0),
    "more steps than there are": lambda sim, folder: sim.step(2**62),
    "an interval that is no multiple": lambda sim, folder: sim.run(5.0, every={0.7: lambda sim: None}),
    "a function that waits": lambda sim, folder: sim.run(5.0, every={1.0: waits}),
    "two functions at one interval": lambda sim, folder: sim.run(5.0, every={1.0: id, 1.0 + 1e-13: id}),
    "a pace below 0": lambda sim, folder: sim.run(5.0, realtime=-1.0),
    "progress that is a number": lambda sim, folder: sim.run(5.0, progress=3),
    "a variable that is NaN": lambda sim, folder: sim["exc"].set(v=np.nan),
    "a good and a bad variable": lambda sim, folder: sim["inh"].set(v=-61.0, u=[1.0] * 1000),
    "a variable that there is not": lambda sim, folder: sim["exc"].set(v=-61.0, w_x=3.0),
    "a time constant below 0": lambda sim, folder: sim["exc"].set(v=-61.0, tau_gaba=-1.0),
    "a distribution below 0": lambda sim, folder: sim["exc"].set(v=-61.0, tau_gaba=iz.normal(5.0, 3.0)),
    "an attribute that is none": lambda sim, folder: setattr(sim, "speed", 3),
    "a number that cannot be set": lambda sim, folder: setattr(sim, "t", 3.0),
    "a drive of another length": lambda sim, folder: sim.drive("exc", np.ones(1000)),
    "a drive of nothing": lambda sim, folder: sim.drive("nobody", 3.0),
    "a drive that is NaN": lambda sim, folder: sim.drive("exc", np.nan),
    "a drive that is a distribution": lambda sim, folder: sim.drive("exc", iz.uniform(0, 1)),
    "a drive of another pool": lambda sim, folder: sim.drive(of_another(), 3.0),
    "a drive by a receptor that is not there": lambda sim, folder: sim.drive(
        "exc", 3.0 + iz.poisson(9.0, weight=1.0, receptor="nmda")
    ),
    "samples for others": lambda sim, folder: sim.drive("exc", iz.from_samples(np.ones((5, 1000)), dt=1.0)),
    "no rule": lambda sim, folder: connected(sim, rule=3),
    "a weight that is NaN": lambda sim, folder: connected(sim, weight=np.nan),
    "a negative delay": lambda sim, folder: connected(sim, delay=-1.0),
    "a delay that is drawn below 0": lambda sim, folder: connected(sim, delay=iz.uniform(-1.0, 1.0)),
    "a receptor that is not there": lambda sim, folder: connected(sim, receptor="nmda"),
    "one of two receptors that is not there": lambda sim, folder: connected(
        sim, receptor={"ampa": 1.0, "nmda": 0.4}
    ),
    "pairs of neurons that are not there": lambda sim, folder: connected(
        sim, rule=iz.from_arrays([0, 1000], [0, 0])
    ),
    "a probability above 1": lambda sim, folder: connected(sim, rule=iz.fixed_probability(1.5)),
    "more targets than memory": lambda sim, folder: connected(sim, rule=iz.fixed_total_number(2**50)),
    "a source of another pool": lambda sim, folder: sim.connect(of_another(), "exc", rule=iz.all_to_all()),
    "weights of another number": lambda sim, folder: first_weights(sim, np.ones(100_000)),
    "weights that are NaN": lambda sim, folder: first_weights(sim, np.nan),
    "weights where there are none": lambda sim, folder: sim.synapses[0].__setitem__((10_000, 0), 1.0),
    "a gain that is NaN": lambda sim, folder: gain(sim, np.nan),
    "a gain that is a text": lambda sim, folder: gain(sim, "strong"),
    "silence of another length": lambda sim, folder: setattr(sim["exc"], "silenced", [True] * 1000),
    "silence that is a number": lambda sim, folder: setattr(sim["inh"], "silenced", 0.5),
    "neurons that are not there": lambda sim, folder: sim["exc"][5000],
    "a pool that is not there": lambda sim, folder: sim["nobody"],
    "a record of what is not there": lambda sim, folder: sim["exc"].record(["spikes", "w_x"]),
    "a record at another interval": lambda sim, folder: sim["exc"].record("v", every=0.3),
    "counts at an interval": lambda sim, folder: sim["exc"].record(["spikes", "counts"], every=1.0),
    "a reset with half a seed": lambda sim, folder: sim.reset(noise_seed=0.5),
    "a reset with a seed below 0": lambda sim, folder: sim.reset(noise_seed=-1),
    "a name that is taken": lambda sim, folder: (
        sim.group("exc", 1) if isinstance(sim, iz.Pool) else sim.pool("exc", 3, iz.AdEx)
    ),
    "a pool of no neurons": lambda sim, folder: (
        sim.group("none", 0) if isinstance(sim, iz.Pool) else sim.pool("none", 0, iz.AdEx)
    ),
    "a restore of a file": lambda sim, folder: sim.restore("net.izhi"),
    "a restore of another one": lambda sim, folder: sim.restore(of_another().store()),
    "a pickle": lambda sim, folder: pickle.dumps(sim),
    "a shallow copy": lambda sim, folder: copy.copy(sim),
    "a folder that is not there": lambda sim, folder: sim.save(folder / "none" / "saved.izhi"),
    "a folder": lambda sim, folder: sim.save(folder),
    "a run while another call is under way": lambda sim, folder: held(sim, lambda: sim.step(3)),
    "a save while another call is under way": lambda sim, folder: held(
        sim, lambda: sim.save(folder / "saved.izhi")
    ),
    "a reset while another call is under way": lambda sim, folder: held(sim, sim.reset),
    "a copy while another call is under way": lambda sim, folder: held(sim, lambda: copy.deepcopy(sim)),
    "a drive while another call is under way": lambda sim, folder: held(sim, lambda: sim.drive("exc", 3.0)),
}
