"""Whether the state that a file tells can be: compiled code takes indices, sizes and types as they are given.

What constructors check is not checked here once more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.clock import MOST_STEPS
from izhi_numba.encoding.code import CodeError
from izhi_numba.engine.fields import Placed
from izhi_numba.engine.population import Keys, NamedGroup, Start
from izhi_numba.engine.sources import Given
from izhi_numba.inputs.waveforms import Waveform
from izhi_numba.models.model import Model
from izhi_numba.results.recorder import Keeping, Wishes
from izhi_numba.results.recording import Bins

State = Mapping[str, Any]


def require(holds: Any, what: str) -> None:
    """Raise ``ValueError`` where something does not hold."""
    if not holds:
        raise ValueError(what)


def is_array(value: Any, shape: tuple[int, ...], dtype: Any) -> bool:
    """Whether a value is an array of a shape and a type."""
    return isinstance(value, np.ndarray) and value.shape == shape and value.dtype == dtype


def is_whole(value: Any, least: int, most: int = MOST_STEPS) -> bool:
    """Whether a value is a whole number within bounds."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def is_below(indices: Array, n: int) -> bool:
    """Whether all of some indices are from 0 to n - 1."""
    return not indices.size or (int(indices.min()) >= 0 and int(indices.max()) < n)


def check_state(state: State) -> None:
    """Raise ``ValueError``, or another error, where a state cannot be."""
    engine, setting = state["engine"], state["engine"]["setting"]
    dt, dtype = setting["dt"], setting["dtype"]
    require(isinstance(dt, float) and 0 < dt < np.inf, "a step that is no time")
    require(dtype in (np.float32, np.float64), "an unknown precision")
    require(is_array(setting["clock"], (1,), np.int64), "the clock")
    now = int(setting["clock"][0])
    require(is_whole(now, 0), "the clock")
    require(isinstance(state["identity"], str), "the identity")
    for seed in (engine["noise_seed"], state["owner"]["_seed"]):
        require(is_whole(seed, 0, 2**64 - 1), "a seed")
    _check_keeping(engine["keeping"])
    populations, kinds = engine["populations"], state["kinds"]
    require(len(populations) == len(kinds) == len(state["spikes"]), "the number of populations")
    for number, (its, kind) in enumerate(zip(populations, kinds, strict=True)):
        require(its["number"] == number and isinstance(its["name"], str), "a population's number or name")
        _check_population(its, kind, now, dt, dtype)
        _check_spikes(state["spikes"][number], its, now, dtype)
    owner = state["owner"]
    members = owner.get("_members", {"": owner})
    require([*members] == [its["name"] for its in populations], "the names of populations")
    for one, its in zip(members.values(), populations, strict=True):
        _check_wishes(one["_wishes"], its)
    if "_voltages" in owner:
        rows, oldest = owner["_voltages"]
        require(is_array(rows, (len(rows), populations[0]["n"]), dtype), "voltages")
        require(is_whole(oldest, 0, len(rows) - 1), "voltages")


def _check_population(its: State, kind: str, now: int, dt: float, dtype: Any) -> None:
    n, name = its["n"], its["name"]
    require(is_whole(n, 1, 2**31 - 1), f"the size of {name!r}")
    require(is_whole(its["began"], 0, now) and is_whole(its["random_calls"], 0), f"the past of {name!r}")
    require(isinstance(its["keys"], Keys), f"random numbers of {name!r}")
    for key in its["keys"]:
        require(is_array(key, (2,), np.uint32), f"random numbers of {name!r}")
    for group, one in its["named"].items():
        ends = one.neurons if isinstance(one, NamedGroup) else slice(None)
        require(is_whole(ends.stop, 1, n) and is_whole(ends.start, 0, ends.stop - 1), f"group {group!r}")
    if kind == "Neurons":
        _check_neurons(its, dt, dtype)
        return
    require(its["interpolated"] is False and not its["follows"], f"sources {name!r}")
    _check_arrays(its["arrays"], {"rate": dtype} if kind == "PoissonTrains" else {}, n, name)
    _check_arrays(its["start"].arrays, {}, n, name)
    if kind == "PoissonTrains":
        require(isinstance(its["modulation"], Waveform | None), f"the rate of {name!r}")
        return
    given = its["given"]
    require(isinstance(given, Given), f"the spikes of {name!r}")
    size = len(given.steps)
    require(is_array(given.steps, (size,), np.int64) and is_array(given.units, (size,), np.int64), name)
    steps, units = np.diff(given.steps), np.diff(given.units)
    require((steps >= 0).all() and (units[steps == 0] > 0).all(), f"the order of the spikes of {name!r}")
    require(is_below(given.steps, MOST_STEPS + 1) and is_below(given.units, n), f"the spikes of {name!r}")


def _check_neurons(its: State, dt: float, dtype: Any) -> None:
    n, name, model = its["n"], its["name"], its["model"]
    require(isinstance(model, Model), f"the model of {name!r}")
    require(its["interpolated"] is (its["spike_times"] != "grid"), f"spike times of {name!r}")
    doubles = model.doubles()
    arrays = {one: np.float64 if one in doubles else dtype for one in (*model.states, *model.parameters)}
    hidden = dict.fromkeys(model.hidden(), dtype)
    follows = {one: np.bool for one in model.states if callable(model.default_of(one))}
    _check_arrays(its["arrays"], arrays, n, name)
    _check_arrays(its["hidden"], hidden, n, name)
    _check_arrays(its["follows"], follows, n, name)
    moving = {one: arrays[one] for one in model.states} | hidden
    require(isinstance(its["start"], Start), f"the start of {name!r}")
    _check_arrays(its["start"].arrays, moving | {f"follows/{one}": np.bool for one in follows}, n, name)
    silenced = its["silenced"]
    require(silenced is None or is_array(silenced, (n,), np.uint8), f"silenced neurons of {name!r}")
    _check_stimulus(its["stimulus"], its, dt, dtype)


def _check_arrays(arrays: State, wanted: Mapping[str, Any], n: int, name: str) -> None:
    if arrays.keys() != wanted.keys():
        raise CodeError(
            f"pool {name!r} was saved with {', '.join(arrays)}; it has {', '.join(wanted) or 'none'} now:"
            " hand in one with the same ones"
        )
    for one, dtype in wanted.items():
        require(is_array(arrays[one], (n,), dtype), f"{one} of {name!r}")


def _check_stimulus(stimulus: State, its: State, dt: float, dtype: Any) -> None:
    n, what = its["n"], f"the input of {its['name']!r}"
    require(is_array(stimulus["constant"], (n,), dtype) and stimulus["dt"] == dt, what)
    require(is_array(stimulus["key"], (2,), np.uint32) and is_whole(stimulus["starts"], 0, 2**30), what)
    waves, white, kick = stimulus["_kinds"]
    processes, trains = stimulus["_processes"], stimulus["_trains"]
    for rows in (waves, white, kick):
        _check_rows(rows["waveforms"], rows["placed"], rows["amounts"], n, dtype, what)
    require(all(one is None for rows in (white, kick) for one in rows["placed"]), what)
    count = len(kick["amounts"])
    for name, kind in (("values", dtype), ("taus", np.float64), ("sds", np.float64), ("streams", np.uint32)):
        rows = processes[name]
        require(len(rows) == count and all(is_array(row, (n,), kind) for row in rows), what)
    ports = trains["ports"]
    require(all(isinstance(port, tuple) and len(port) == 2 for port in ports), what)
    _check_rows([port[0] for port in ports], trains["placed"], trains["expected"], n, dtype, what)
    _check_rows([port[0] for port in ports], trains["placed"], trains["weights"], n, dtype, what)
    known = {*its["model"].receptors} or {"", None}
    require(all(receptor in known for _, receptor in ports), what)
    require(all((row >= 0).all() for row in trains["expected"]), what)


def _check_rows(
    waveforms: list[Any], placed: list[Any], amounts: list[Any], n: int, dtype: Any, what: str
) -> None:
    require(len(waveforms) == len(placed) == len(amounts), what)
    for waveform, place, row in zip(waveforms, placed, amounts, strict=True):
        require(isinstance(waveform, Waveform) and is_array(row, (n,), dtype), what)
        field = waveform.field
        require((place is None) is (field is None), what)
        if field is not None:
            _check_placed(place, field.values, np.flatnonzero(row), dtype, what)


def _check_placed(place: Any, samples: Array, used: Array, dtype: Any, what: str) -> None:
    require(isinstance(place, Placed) and is_array(place.samples, samples.shape, dtype), what)
    require(is_whole(place.first, 0, 2**31) and place.samples.flags.c_contiguous, what)
    columns = used - place.first
    if len(place.columns):
        require(place.columns.dtype == np.int64 and is_below(used, len(place.columns)), what)
        columns = place.columns[used]
    require(is_below(columns, samples.shape[1]), what)


def _check_spikes(listed: list[Any], its: State, now: int, dtype: Any) -> None:
    what, stamps = f"spikes under way of {its['name']!r}", []
    for stamp, units, when in listed:
        require(is_whole(stamp, 0, now) and is_array(units, (len(units),), np.int32), what)
        require((np.diff(units) > 0).all() and is_below(units, its["n"]), what)
        require(is_array(when, (len(units) if its["interpolated"] else 0,), dtype), what)
        stamps.append(stamp)
    require(stamps == sorted(set(stamps)), what)


def _check_keeping(keeping: Any) -> None:
    what = "where is held what is recorded"
    require(isinstance(keeping, Keeping), what)
    require(keeping.file is None or isinstance(keeping.file, str), what)
    require(keeping.steps is None or is_whole(keeping.steps, 1), what)


def _check_wishes(wishes: Any, its: State) -> None:
    what, n = f"what is recorded of {its['name']!r}", its["n"]
    require(isinstance(wishes, Wishes), what)
    require(wishes.kept is None or is_array(wishes.kept, (n,), np.bool), what)
    model = its.get("model")
    known = () if model is None else (*model.states, "I", *model.currents)
    for name, trace in wishes.traces.items():
        require(name == trace.variable and name in known and is_whole(trace.every, 1), what)
        require(is_array(trace.neurons, (len(trace.neurons),), np.int64) and is_below(trace.neurons, n), what)
    bins = wishes.bins
    if bins is not None:
        require(isinstance(bins, Bins) and is_whole(bins.every, 1), what)
        require(is_array(bins.neurons, (len(bins.neurons),), np.int64) and is_below(bins.neurons, n), what)
    _check_means(wishes, known, n, what)


def _check_means(wishes: Wishes, known: tuple[str, ...], n: int, what: str) -> None:
    for of, mean in wishes.means.items():
        require(of == mean.of and of in known and is_whole(mean.every, 1) and mean.columns, what)
        for chosen in mean.columns.values():
            if isinstance(chosen, slice):
                require(is_whole(chosen.stop, 1, n) and is_whole(chosen.start, 0, chosen.stop - 1), what)
                continue
            require(is_array(chosen, (len(chosen),), np.int64) and is_below(chosen, n), what)
            require(len(chosen) and (np.diff(chosen) > 0).all(), what)
