"""A network as a page shows it: what it is made of, what can be turned, and what happens in it."""

from __future__ import annotations

from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.checks import finite_number, one_of, truth, whole_number
from izhi_numba.explorer.clips import Clip
from izhi_numba.explorer.drives import Drives
from izhi_numba.explorer.exhibits import Exhibit
from izhi_numba.explorer.frames import Frame
from izhi_numba.explorer.gains import Gains
from izhi_numba.explorer.histograms import Histogram
from izhi_numba.explorer.journal import LACKING, Journal
from izhi_numba.explorer.kicks import kick
from izhi_numba.explorer.knobs import knobs_of, lines_before
from izhi_numba.explorer.parameters import knobs_of_cells
from izhi_numba.explorer.places import Map, positions_of
from izhi_numba.explorer.populations import EXC, INH, SOURCE, Population, populations_of, signature
from izhi_numba.explorer.rows import Rows, Spiked
from izhi_numba.explorer.settings import Settings
from izhi_numba.explorer.spectrum import Spectrum
from izhi_numba.explorer.watched import Watched
from izhi_numba.network.watching import forget_stop, members_of, watched
from izhi_numba.results.result import Result

_MOST_POPULATIONS = 600
_MOST_LINKS = 300  # that are described
_MOST_LINES = 8  # of rates
_KICKED = 10  # every so many neurons, where all populations are kicked
_ON_TIME = 1e-4  # of a step
_CLASSES = {EXC: "excitatory", INH: "inhibitory", SOURCE: "sources"}


class Show:
    """A network that is shown.

    Parameters
    ----------
    exhibit : Exhibit
    options : dict
        What it is built with.

    Attributes
    ----------
    net : Pool or Network
    column : float
        Time in a column of its pictures, ms: whole steps, about a millisecond.
    knobs : dict of str to Knob
        All that can be turned.
    was_stopped : bool
        Whether somebody called ``net.stop()`` before the end of what was simulated last.
    """

    def __init__(self, exhibit: Exhibit, options: dict[str, float]) -> None:
        self.net, self._positions = exhibit.opened(options)
        if not members_of(self.net):
            raise ValueError("an empty network; add a pool first: net.pool('exc', 800, iz.Izhikevich)")
        self._code = exhibit.code(options)
        self._each = max(1, round(1.0 / self.net.dt))
        self.column = self._each * self.net.dt
        self.net.prepare()
        self._stored = self.net.store()
        forget_stop(self.net)
        self.was_stopped = False
        self._look()
        self._begin()

    # What it is

    def _begin(self) -> None:
        """Note what is done to it from now on."""
        self._journal = Journal(self._code, lines_before(self.knobs.values()), self.net.t)
        self._steps = self._steps_done
        self.clip: Clip | None = None

    def look_again(self) -> None:
        """Look at a network of which pools, groups or connections came or went outside of the page.

        A reset goes back to what it is now: what it was before is no state of it.
        """
        self._stored = self.net.store()
        self._look()
        self._note([f"{LACKING}how the network was changed here outside of the page"])
        self._note(lines_before(self.knobs.values()))
        self._code += f"\n{LACKING}how it was changed outside of the page, until t = {self.net.t:g} ms"

    def _look(self) -> None:
        net = self.net
        self._signature = signature(net)
        self._populations = populations_of(net)
        if len(self._populations) > _MOST_POPULATIONS:
            n = len(self._populations)
            raise ValueError(f"the page shows up to {_MOST_POPULATIONS} populations, and there are {n}")
        self._look_at_knobs()
        self._rows = Rows(self._populations)
        real = [one.kind != SOURCE for one in self._populations]
        self._real = np.array(real if any(real) else [True] * len(real))
        self._n = int(self._rows.sizes[self._real].sum())
        self._spectrum = Spectrum(self._n, self.column)
        members = members_of(net)
        self._begins = np.cumsum([0, *map(len, members.values())])[:-1]
        self._watched = Watched(self._populations, len(members))
        self._histogram = Histogram(self._links)
        positions = positions_of(net, self._positions)
        self._map = None if positions is None else Map(positions)
        self._line_of, self._lines = self._rate_lines()

    def _look_at_knobs(self) -> None:
        drives, gains = Drives(self.net), Gains(self.net)
        self._links = gains.links
        self.knobs = knobs_of(self._populations, drives, gains, _MOST_LINKS)

    @property
    def _steps_done(self) -> int:
        return int(self.net._engine.steps_done)

    @property
    def has_changed(self) -> bool:
        """Whether pools, groups or connections came or went."""
        return signature(self.net) != self._signature

    def _rate_lines(self) -> tuple[Array, list[dict[str, Any]]]:
        """Return which line of the rates each population belongs to, and what to call the lines."""
        kinds = [one.kind for one in self._populations]
        if len(kinds) <= _MOST_LINES:
            lines = [{"title": one.title, "population": k} for k, one in enumerate(self._populations)]
            return np.arange(len(kinds)), lines
        there = [kind for kind in _CLASSES if kind in kinds]
        lines = [{"title": _CLASSES[kind], "kind": kind} for kind in there]
        return np.array([there.index(kind) for kind in kinds]), lines

    def description(self) -> Frame:
        """All that the page has to know to draw it."""
        header: dict[str, Any] = {
            "kind": "described", "n": int(self._rows.sizes.sum()), "dt": self.net.dt, "column": self.column,
            "synapses": sum(len(one.synapses) for one in self._links), "seed": self.net.seed,
            "populations": [*map(self._told, self._populations, self._rows.per_population.tolist())],
            "links": [self._told_link(one) for one in self._links[:_MOST_LINKS]],
            "links_left_out": max(0, len(self._links) - _MOST_LINKS),
            "knobs": [one.as_message() for one in self.knobs.values()],
            "lines": self._lines,
            "map": None if self._map is None else {"flat": self._map.flat},
        }  # fmt: skip
        if self._map is None:
            return Frame(header)
        of = self._rows.population_of[self._map.units].astype(np.uint16)
        return Frame(header, {"places": self._map.places, "of": of})

    def _told(self, one: Population, rows: int) -> dict[str, Any]:
        told = {"title": one.title, "kind": one.kind, "size": one.size, "rows": rows}
        if one.model is None:
            return told
        kind, voltage = type(one.model), one.model.voltage
        bare = kind.bare or kind
        silenced = one.units.silenced
        return told | {
            "model": bare.__name__, "voltage": voltage, "unit": kind.states[voltage].unit,
            "silenced": bool(silenced.all()), "receptors": [*one.model.receptors],
        }  # fmt: skip

    def _told_link(self, link: Any) -> dict[str, Any]:
        rule = link.synapses.plasticity
        return {
            "title": link.title, "kind": link.kind, "n": len(link.synapses),
            "rule": "" if rule is None else type(rule).__name__, "learning": link.synapses.learning,
            "modulators": [] if rule is None else [*rule.modulators],
        }  # fmt: skip

    # What is done to it

    def turn(self, name: Any, value: Any) -> Frame | None:
        """Turn a knob; returns what is to be told where somebody else has changed what it turns."""
        knob = self.knobs[one_of("knob", name, self.knobs)]
        self._follow_time()
        changed = not self.has_changed and not knob.as_left()
        if changed:
            self._look_at_knobs()
            self._note([f"{LACKING}what was changed here outside of the page"])
            self._note(lines_before(self.knobs.values()))
        if name in self.knobs:  # which may be one of what is no more
            self._journal.turn(self.net.t, self.knobs[name].set(value))
        if not changed:
            return None
        told = self.description()
        return Frame(told.header | {"changed": True}, told.arrays)

    def _note(self, lines: list[str], *, stays: bool = True) -> None:
        """Note what was done."""
        self._follow_time()
        self._journal.add(self.net.t, lines, stays=stays)

    def _follow_time(self) -> None:
        """Look whether time has passed, or was set back, outside of the page: a clip lacks such spikes."""
        before, self._steps = self._steps, self._steps_done
        if self._steps < before:
            self._journal.begin_again(f"net.reset(noise_seed={self.net.noise_seed})")
            self._journal.add(0.0, [f"{LACKING}net.restore, if it was that which set time back"], stays=False)
            self.clip = None
        elif self._steps > before and self.clip is not None:
            self.clip.end()

    def kick(self, population: Any = None) -> None:
        """Let all neurons of a population spike; without one, every tenth of all that excite."""
        if population is not None:
            self._kick(self._population(population), slice(None))
            return
        real = [one for one in self._populations if one.kind != SOURCE]
        for one in [one for one in real if one.kind == EXC] or real:
            self._kick(one, slice(None, None, _KICKED))

    def poke(self, place: Any) -> None:
        """Let the neurons around one of the map spike."""
        if self._map is None:
            raise ValueError("poke: these neurons have no positions")
        units = self._map.near(whole_number("place", place, at_least=0, at_most=len(self._map.units) - 1))
        of = self._rows.population_of[units]
        for number in np.unique(of).tolist():
            if self._populations[number].kind != SOURCE:
                places = units[of == number] - self._rows.firsts[number]
                self._kick(self._populations[number], places.tolist())

    def _kick(self, one: Population, which: Any) -> None:
        if one.kind == SOURCE:
            raise ValueError(f"kick: {one.title} only send spikes; turn their rate")
        places = which if isinstance(which, list) else f"::{which.step}" if which.step else ""
        chosen = f"[{places}]" if places else ""
        kick(one.units[which])
        self._note([f"kick({one.code}{chosen})"], stays=False)

    def silence(self, population: Any, silent: Any) -> None:
        """Silence a population, or let it spike again."""
        one = self._population(population)
        if one.kind == SOURCE:
            raise ValueError(f"silence: {one.title} only send spikes; turn their rate to 0")
        one.units.silenced = truth("silenced", silent)
        self._note([f"{one.code}.silenced = {silent}"])

    def learn(self, link: Any, wanted: Any) -> None:
        """Let the synapses of a projection learn, or keep their weights."""
        one = self._link(link)
        one.synapses.learning = truth("learning", wanted)
        self._note([f"{one.code}.learning = {wanted}"])

    def modulate(self, name: Any, amount: Any) -> None:
        """Add to a third factor, as a reward does, of all projections whose rule has it."""
        given = finite_number("amount", amount)
        hearing = [
            one
            for one in self._links
            if one.synapses.plasticity and name in one.synapses.plasticity.modulators
        ]
        if not hearing:
            raise ValueError(f"reward: no synapses have a modulator {name!r:.40}")
        for one in hearing:
            one.synapses.modulate(**{name: given})
        lines = [f"{one.code}.modulate({name}={given!r})" for one in hearing]
        self._note(lines, stays=False)

    def make_cells(self, population: Any, cell: Settings) -> None:
        """Give neurons the parameters of the one neuron that the page shows."""
        one = self._population(population)
        kind = type(one.model).bare or type(one.model) if one.model else None
        if cell.kind is not kind:
            told = "none, as they only send spikes" if kind is None else kind.__name__
            raise ValueError(
                f"cells: the model of {one.title} is {told}; the neuron's is {cell.kind.__name__}"
            )
        start = kind().start(**cell.values)
        values = {name: float(start[name]) for name in kind.parameters}
        one.units.set(**values)
        self._note([f"{one.code}.{name} = {value!r}" for name, value in values.items()])
        for knob in knobs_of_cells(one, self._populations.index(one)):
            self.knobs[knob.control.name] = knob

    def watch(self, population: Any, neuron: Any) -> None:
        """Watch a neuron more."""
        self._watched.add(population, neuron)

    def unwatch(self, place: Any) -> None:
        """Watch a neuron no more."""
        self._watched.remove(place)

    def weigh(self, link: Any) -> None:
        """Show the weights of another projection."""
        self._histogram.choose(self._links.index(self._link(link)))

    def reset(self) -> None:
        """Put it back to what it was when it was opened, with all that was turned, and weights."""
        self.net.restore(self._stored)
        self._look_at_knobs()
        self._spectrum = Spectrum(self._n, self.column)
        self._histogram = Histogram(self._links, self._histogram.shown)
        self._begin()

    def other_noise(self, seed: int) -> None:
        """Go back to time 0 with other noise; what was turned stays."""
        self._follow_time()
        self.net.reset(noise_seed=seed)
        self._journal.begin_again(f"net.reset(noise_seed={seed})")
        self._spectrum = Spectrum(self._n, self.column)
        self._steps, self.clip = self._steps_done, None

    def record(self) -> None:
        """Begin a clip."""
        self._follow_time()
        self.clip = Clip(self.net.t)

    def clipped(self) -> Frame:
        """End the clip: return its table, and the script that has the same spikes."""
        self._follow_time()
        clip, self.clip = self.clip, None
        if clip is None or clip.until == clip.since:
            raise ValueError("clip: there is none, or it is empty; let the network run while it is recorded")
        texts = {
            "table": clip.table(self._populations),
            "script": self._journal.script(clip.since, clip.until),
        }
        arrays = {name: np.frombuffer(text.encode(), np.uint8) for name, text in texts.items()}
        header = {
            "kind": "clip", "since": clip.since, "until": clip.until, "full": clip.is_full,
            "exact": LACKING not in texts["script"],
        }  # fmt: skip
        return Frame(header, arrays)

    def _population(self, number: Any) -> Population:
        last = len(self._populations) - 1
        return self._populations[whole_number("population", number, at_least=0, at_most=last)]

    def _link(self, number: Any) -> Any:
        return self._links[whole_number("projection", number, at_least=0, at_most=len(self._links) - 1)]

    # What happens in it

    def advance(self, n_columns: int) -> tuple[dict[str, Any], dict[str, Array]] | None:
        """Simulate some columns; returns header and arrays of a frame, None where somebody stopped it."""
        self._follow_time()
        first = self._steps
        results, self.was_stopped = watched(self.net, n_columns * self._each, self._watched.wishes)
        self._steps = self._steps_done
        if not results[0]._n_steps:
            return None
        n_columns = -(-results[0]._n_steps // self._each)
        spiked, times = self._spiked(results, first, n_columns)
        if self.clip is not None:
            self.clip.add(spiked.unit, times, self.net.t)
        counts = self._rows.counts(spiked, n_columns)
        self._spectrum.add(counts[self._real].sum(axis=0))
        seconds = n_columns * self.column / 1000
        header = {
            "t": self.net.t, "columns": n_columns, "peak_hz": self._spectrum.peak,
            "watched": [*map(list, self._watched.neurons)],
            "clip": None if self.clip is None else self.clip.until - self.clip.since,
        }  # fmt: skip
        arrays = {
            "raster": self._rows.raster(spiked, n_columns),
            "lines": self._line_rates(counts),
            "means": (counts.sum(axis=1) / self._rows.sizes / seconds).astype(np.float32),
            "bands": self._watched.bands(results, n_columns, self._each),
            "ticks": self._ticks(spiked, n_columns),
        }
        if self._map is not None:
            arrays["lit"] = self._map.lit(spiked.unit)
        power = self._spectrum.fresh()
        if power is not None:
            header |= {"spectrum_step": self._spectrum.resolution, "independent": self._spectrum.independent}
            arrays["spectrum"] = power.astype(np.float32)
        return header, arrays

    def weights(self) -> Frame | None:
        """The histogram of weights, where a new one is due."""
        return self._histogram.fresh()

    def _spiked(self, results: list[Result], first: int, n_columns: int) -> tuple[Spiked, Array]:
        units = np.concatenate(
            [one.spikes.i + begin for one, begin in zip(results, self._begins, strict=True)]
        )
        times = np.concatenate([one.spikes.t for one in results])
        steps = np.ceil(times / self.net.dt - _ON_TIME).astype(np.int64) - 1 - first
        return Spiked((steps // self._each).clip(0, n_columns - 1), units.astype(np.int64)), times

    def _line_rates(self, counts: Array) -> Array:
        n = len(self._lines)
        sums, sizes = np.zeros((n, counts.shape[1])), np.zeros(n)
        np.add.at(sums, self._line_of, counts)
        np.add.at(sizes, self._line_of, self._rows.sizes)
        return (sums / sizes[:, None] * (1000 / self.column)).astype(np.float32)

    def _ticks(self, spiked: Spiked, n_columns: int) -> Array:
        """In which columns each neuron that is watched spikes, uint8 (n_watched, columns)."""
        found = np.zeros((len(self._watched.neurons), n_columns), np.uint8)
        for row, (population, neuron) in enumerate(self._watched.neurons):
            found[row, spiked.column[spiked.unit == self._rows.firsts[population] + neuron]] = 1
        return found
