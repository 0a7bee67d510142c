"""One neuron on the page of the explorer: traces, phase portrait, f-I curve, as frames."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.explorer import controls, tour
from izhi_numba.explorer.frames import Frame
from izhi_numba.explorer.settings import Settings
from izhi_numba.neuron.f_i import f_i_curve
from izhi_numba.neuron.portrait import Portrait, directions, portrait, trajectory, usual_current
from izhi_numba.neuron.result import NeuronResult
from izhi_numba.results.spike_trains import adaptation_index, cv, isi

_PATH_POINTS = 5000
_CURVE_POINTS = 31
_CURVE: dict[str, Any] = {"duration": 700.0, "discard": 200.0}  # ms
_CURVE_STEP = 0.02  # ms; a finer one would show no more, and take longer
_ISI_BINS = 30


def trace(settings: Settings, result: NeuronResult, width: int, goal: int | None) -> Frame:
    """Return traces as they are drawn, one minimum and one maximum per column, and what is to be read off."""
    names = [*result.model.variables(), "I"]
    samples = np.array([result.traces[name][:, 0] for name in names])
    band, columns = _band(samples, width)
    spikes = result.spike_times
    edges, bins = _histogram(spikes)
    header = {
        "kind": "trace",
        "columns": columns,
        "t0": result.start,
        "t1": result.stop,
        "dt": result.dt,
        "names": names,
        "units": {name: _unit(settings, name) for name in names},
        "spikes": len(spikes),
        "readouts": _readouts(result, settings.onset),
        "isi_edges": edges,
        "tour": goal,
        "tour_hindrance": "" if goal is None else tour.hindrance(goal, settings),
        "tour_done": goal is not None and tour.reached(goal, settings, result),
    }
    arrays = {
        "band": band.astype(np.float32),
        "spikes": spikes.astype(np.float32),
        "path": _thinned(trajectory(result)[:-1]),
        "isi": bins.astype(np.int32),
    }
    return Frame(header, arrays)


def plane(settings: Settings, result: NeuronResult) -> Frame:
    """Return the phase portrait."""
    if settings.kind.derivatives is None:
        return _of_map(settings, result)
    seen = portrait(result)
    x, kind = seen.flow.names[0], settings.kind
    y = seen.flow.names[1] if seen.planar else f"d{x}/dt"
    unit = kind.states[x].unit
    header: dict[str, Any] = {
        "kind": "plane",
        "form": "plane" if seen.planar else "line",
        "title": "Phase plane" if seen.planar else "Rate of the voltage",
        "x": _axis(x, unit, seen.ranges[x]),
        "y": _axis(y, kind.states[y].unit if seen.planar else f"{unit}/ms" if unit else "", seen.y_range),
        "nullclines": [
            {"name": line.name, "current": line.current, "dashed": line.before} for line in seen.lines
        ],
        "fixed": [_fixed(seen, point) for point in seen.fixed],
        "told": "; ".join(point.kind for point in seen.fixed) or "no fixed point",
    }
    arrays: dict[str, Array] = {}
    header["line_of"] = []
    for place, line in enumerate(seen.lines):
        for piece in line.pieces:
            arrays[f"line{len(header['line_of'])}"] = piece.astype(np.float32)
            header["line_of"].append(place)
    if seen.field is not None:
        arrays["field"] = _arrows(seen)
        header["field_x"], header["field_y"] = seen.field.x[[0, -1]].tolist(), seen.field.y[[0, -1]].tolist()
    if seen.along is not None and seen.path is not None:
        kept = _kept(seen.path[:-1])  # the points of the trace's path
        arrays["along"] = np.array([seen.path[1, kept], seen.along[kept]], np.float32)
    return Frame(header, arrays)


def _of_map(settings: Settings, result: NeuronResult) -> Frame:
    """Return where a map goes: over two of its variables, or from one value to the next."""
    path, names = trajectory(result), settings.kind.variables()
    x, y = path[1], path[2] if len(names) > 1 else np.append(path[1, 1:], np.nan)
    header: dict[str, Any] = {
        "kind": "plane",
        "form": "plane" if len(names) > 1 else "line",
        "title": "State" if len(names) > 1 else "Next value",
        "x": _axis(names[0], settings.kind.states[names[0]].unit, _around(x)),
        "y": _axis(names[1] if len(names) > 1 else f"next {names[0]}", "", _around(y)),
        "nullclines": [],
        "line_of": [],
        "fixed": [],
        "told": "a map has neither nullclines nor a vector field",
    }
    kept = _kept(path[:-1])
    return Frame(header, {"along": np.array([x[kept], y[kept]], np.float32)})


def _around(values: Array) -> tuple[float, float]:
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    margin = 0.06 * (high - low) or 1.0
    return low - margin, high + margin


def curve(settings: Settings, result: NeuronResult) -> Frame:
    """Return the f-I curve over the slider's range, and the current of the phase portrait."""
    low, high = controls.of_input(settings.kind)
    found = f_i_curve(
        settings.kind, np.linspace(low, high, _CURVE_POINTS), dt=max(settings.dt, _CURVE_STEP),
        scheme=settings.scheme, **_CURVE, **settings.values, **settings.start,
    )  # fmt: skip
    header = {"kind": "curve", "unit": found.unit, "current": usual_current(result)}
    arrays = {"current": found.current, "rate": found.rate, "first_rate": found.first_rate}
    return Frame(header, {name: array.astype(np.float32) for name, array in arrays.items()})


def as_csv(result: NeuronResult) -> str:
    """Return all samples as text, one row per step, and whether there was a spike in it."""
    names = [*result.model.variables(), "I"]
    spikes = np.zeros(len(result.t))
    spikes[result.spike_steps] = 1
    columns = [result.t, *(result.traces[name][:, 0] for name in names), spikes]
    lines = [",".join(["t", *names, "spike"])]
    lines += [",".join(f"{value:.10g}" for value in row) for row in zip(*columns, strict=True)]
    return "\n".join(lines) + "\n"


def _band(samples: Array, width: int) -> tuple[Array, int]:
    """Minimum and maximum of each column (traces, columns, 2)."""
    n = samples.shape[1]
    columns = min(width, n)
    firsts = np.linspace(0, n, columns, endpoint=False).astype(np.int64)
    low = np.minimum.reduceat(samples, firsts, axis=1)
    high = np.maximum.reduceat(samples, firsts, axis=1)
    return np.stack([low, high], axis=-1), columns


def _thinned(path: Array) -> Array:
    """Return a path of time and variables with fewer points, float32."""
    return path[:, _kept(path)].astype(np.float32)


def _kept(path: Array) -> Array:
    """Points to draw of a path of time and variables: dense in time, and where it moves fast.

    Points at which the pen is lifted, and their neighbours, stay.
    """
    n = path.shape[1]
    if n <= _PATH_POINTS:
        return np.arange(n)
    x = path[1:3]
    reach = np.nanmax(x, axis=1) - np.nanmin(x, axis=1)
    moved = np.abs(np.diff(x, axis=1)) / np.where(reach > 0, reach, 1.0)[:, None]
    length = np.append(0.0, np.cumsum(np.nan_to_num(moved.sum(axis=0))))
    progress = np.arange(n) / n + length / max(length[-1], 1e-300)
    kept = np.searchsorted(progress, np.linspace(0, progress[-1], _PATH_POINTS))
    lifted = np.flatnonzero(np.isnan(path[1]))
    if len(lifted) > _PATH_POINTS // 4:
        lifted = lifted[:: -(-4 * len(lifted) // _PATH_POINTS)]
    kept = np.concatenate([kept, lifted - 1, lifted, lifted + 1, [n - 1]])
    chosen: Array = np.unique(kept.clip(0, n - 1))
    return chosen


def _arrows(seen: Portrait) -> Array:
    """Arrows of one length (points, points, 2) in a picture whose sides are the ranges that are shown."""
    assert seen.field is not None
    (left, right), (bottom, top) = (seen.ranges[name] for name in seen.flow.names)
    return np.moveaxis(directions(seen.field, right - left, top - bottom), 0, -1).astype(np.float32)


def _histogram(spikes: Array) -> tuple[list[float], Array]:
    intervals = isi(spikes)
    if not len(intervals):
        return [0.0, 1.0], np.zeros(_ISI_BINS, np.int64)
    counts, edges = np.histogram(intervals, bins=_ISI_BINS, range=(0.0, 1.05 * float(intervals.max())))
    return [float(edges[0]), float(edges[-1])], counts


def _readouts(result: NeuronResult, onset: float) -> list[dict[str, Any]]:
    spikes = result.spike_times
    intervals = isi(spikes)
    driven = result.duration - onset  # the time before says nothing of how the neuron answers
    rate = 1000 * np.count_nonzero(spikes >= onset) / driven if driven > 0 else float("nan")
    since = f"from the onset of the current, at {onset:.4g} ms, to the end" if onset else "over the whole run"
    mean = float(intervals.mean()) if len(intervals) else float("nan")
    adaptation = round(adaptation_index(spikes), 3) + 0.0  # no -0
    rows = [
        ("spikes", "spikes", f"{len(spikes)}", float(len(spikes)), "in the whole run"),
        ("rate", "rate", f"{rate:.3g} Hz", rate, since),
        ("isi", "mean ISI", f"{mean:.3g} ms", mean, "mean interval between spikes"),
        ("cv", "CV of ISI", f"{cv(spikes):.3f}", cv(spikes), "intervals: standard deviation over mean"),
        ("adaptation", "adaptation", f"{adaptation:+.3f}", adaptation, "above 0 the neuron slows down"),
    ]
    names = ("name", "label", "text", "value", "title")
    found: list[dict[str, Any]] = [dict(zip(names, row, strict=True)) for row in rows]
    return [one if math.isfinite(one["value"]) else one | {"text": "–"} for one in found]


def _unit(settings: Settings, name: str) -> str:
    return settings.kind.I_unit if name == "I" else settings.kind.states[name].unit


def _axis(name: str, unit: str, ends: tuple[float, float]) -> dict[str, Any]:
    return {"name": name, "unit": unit, "low": ends[0], "high": ends[1]}


def _fixed(seen: Portrait, point: Any) -> dict[str, Any]:
    x, y = seen.place(point)
    return {"x": x, "y": y, "kind": point.kind, "stable": point.stable}
