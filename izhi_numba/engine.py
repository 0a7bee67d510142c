"""The machine room of a pool: arrays, clock, spike history and the call of the compiled steps.

Nothing is checked here; that is the facade's task.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from izhi_numba.compilation import compiled_update
from izhi_numba.constants import constant_names, constants
from izhi_numba.crew import Crew
from izhi_numba.external import External
from izhi_numba.kernels import deliver, step, team
from izhi_numba.kernels.rng import TILE
from izhi_numba.models.model import Model
from izhi_numba.recording import Recording, Wishes
from izhi_numba.synapses import SHORT_REACH, Synapses

Array = np.ndarray[Any, np.dtype[Any]]

LONGEST_WINDOW = 16  # steps that a block may run on its own
_MOST_TILES = 8  # of an unconnected block: it stays in the cache for a window
LEAST_WORK = 15.0  # microseconds per step, of a connected block
NEURON_WORK = 2e-3  # microseconds of a neuron's update with noise
SYNAPSE_WORK = 7e-6  # of a synapse in a step, at 7 Hz


def connected_bounds(n: int, threads: int, degree: float) -> Array:
    """Blocks of targets: one per thread (cutting rows further costs 20 to 90 %), and short enough.

    A block needs enough work per step to be worth a meeting of threads; cut in two, 10,000 neurons with
    100 synapses each gained nothing, and lost 40 % on a busy machine.
    """
    tiles = -(-n // TILE)
    work = n * (NEURON_WORK + degree * SYNAPSE_WORK)
    blocks = int(max(1, min(threads, tiles, work // LEAST_WORK)))
    while -(-tiles // blocks) * TILE > SHORT_REACH:
        blocks += min(threads, blocks)
    return _cut(n, blocks)


def unconnected_bounds(n: int, threads: int) -> Array:
    """Blocks of neurons that know nothing of each other: small enough for the cache."""
    tiles = -(-n // TILE)
    size = max(1, min(_MOST_TILES, -(-tiles // threads)))
    return _cut(n, -(-tiles // size))


def _cut(n: int, blocks: int) -> Array:
    tiles = -(-n // TILE)
    return np.minimum(np.arange(blocks + 1, dtype=np.int64) * tiles // blocks * TILE, padded(n))


def padded(n: int) -> int:
    """Length of arrays for ``n`` neurons."""
    return -(-n // step.PAD) * step.PAD


def state_bytes(n: int, model: Model, dtype: np.dtype[Any]) -> int:
    """Bytes that a pool takes without synapses."""
    arrays = len(model.states) + len(model.parameters) + len(model.constants) + len(model.hidden()) + 3
    return padded(n) * (arrays * dtype.itemsize + 1) + history_bytes(n, 0)


def slots_for(longest_delay: int) -> int:
    """Steps that the history of spikes holds: a power of two."""
    return 1 << (longest_delay + LONGEST_WINDOW + 1).bit_length()


def history_bytes(n: int, longest_delay: int) -> int:
    """Bytes that the history of spikes can grow to; pages that no spike reaches are not taken."""
    return 4 * padded(n) * slots_for(longest_delay)


class Engine:
    """State and clock of ``n`` neurons, and how they are advanced."""

    def __init__(
        self, n: int, model: Model, scheme: str, dt: float, dtype: np.dtype[Any], key: Array, threads: int,
        *, interpolated: bool,
    ) -> None:  # fmt: skip
        self.n, self.model, self.dt, self.dtype, self.key, self.threads = n, model, dt, dtype, key, threads
        self.scheme, self.interpolated = scheme, interpolated
        size = padded(n)
        names = (*model.states, *model.parameters)
        self.arrays: dict[str, Array] = {name: np.zeros(size, dtype) for name in names}
        self.hidden: dict[str, Array] = {name: np.zeros(size, dtype) for name in model.hidden()}
        self.constants: dict[str, Array] = {
            name: np.zeros(size, dtype) for name in constant_names(type(model), scheme)
        }
        self.follows = {  # variables with a default that is a function of others; where it still holds
            name: np.ones(size, bool) for name in model.states if callable(model.default_of(name))
        }
        self.external = External(size, dtype, key, dt)
        self.clock = np.zeros(1, np.int64)
        self.synapses: list[Synapses] = []
        self.since: list[int] = []  # the step after which each projection began
        self._steps = step.steps(dtype)
        self._ready = False
        outcome = np.zeros(size, np.uint8)
        self._rows = [
            *(self.arrays[name] for name in model.variables()),
            *self.hidden.values(),
            *(self.arrays[name] for name in model.parameters),
            *self.constants.values(),
        ]
        self._neurons = step.Neurons(
            np.zeros(1, np.int64),  # the update's address, when it is compiled
            np.array([row.ctypes.data for row in self._rows], np.int64),
            np.array([len(model.states)]),
            outcome,
            outcome.view(np.uint64),
            np.zeros(size if interpolated else 0, dtype),
        )
        self._room, self._crossing_room = np.empty(0, np.int32), np.empty(0, dtype)
        self._scratch = [
            (
                np.empty(TILE, dtype),
                np.empty(TILE, np.float32),
                np.empty(TILE, np.uint32),
                np.empty(TILE // 8 + 1, np.int64),
            )
            for _ in range(threads)
        ]
        self._wiring = self._wire([], [])
        self._crew = Crew(self.threads_in_use)
        self._single: step.Record | None = None  # of advance_one, for the present wiring

    @property
    def steps_done(self) -> int:
        """Steps so far."""
        return int(self.clock[0])

    @property
    def threads_in_use(self) -> int:
        """Threads that have a block of their own."""
        return min(self.threads, len(self.bounds) - 1)

    @property
    def bounds(self) -> Array:
        """First neuron of each block, and the end."""
        bounds: Array = self._wiring.bounds
        return bounds

    @property
    def window(self) -> int:
        """Steps that a block may run before it has to hear of the others' spikes."""
        shortest = min((int(synapses.delays[0]) for synapses in self.synapses), default=LONGEST_WINDOW)
        return min(shortest + 1, LONGEST_WINDOW)

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        arrays = [*self._rows, self._neurons.outcome, self._neurons.crossing]
        arrays += [self._wiring.history, self._wiring.counts, self._wiring.arriving, self._wiring.crossings]
        held = sum(int(array.nbytes) for array in arrays) + self.external.nbytes
        return held + sum(synapses.nbytes for synapses in self.synapses)

    def connect(self, synapses: Synapses) -> None:
        """Add a projection; it carries the spikes from the next step on."""
        projections, since = [*self.synapses, synapses], [*self.since, self.steps_done]
        wiring = self._wire(projections, since)
        # In this order no record outlives the blocks it was made for, also when Ctrl-C comes in between.
        self._single = None
        self._wiring, self.synapses, self.since = wiring, projections, since
        for p, projection in enumerate(projections):
            projection.bind(wiring.weight_of[p : p + 1])
        self._crew = Crew(self.threads_in_use)

    def bounds_for(self, n_synapses: int) -> Array:
        """Blocks of targets for another projection of so many synapses; the first one decides."""
        if self.synapses:
            return self.bounds
        return connected_bounds(self.n, self.threads, n_synapses / self.n)

    def _wire(self, projections: list[Synapses], since: list[int]) -> step.Wiring:
        """Make the table of pieces and the history; spikes under way are kept."""
        bounds = projections[0].bounds if projections else unconnected_bounds(self.n, self.threads)
        n_slots = slots_for(max((int(synapses.delays[-1]) for synapses in projections), default=0))
        pieces = np.zeros((len(bounds) - 1, len(projections), deliver.N_COLUMNS), np.int64)
        for p, synapses in enumerate(projections):
            pieces[:, p] = synapses.table()
            pieces[:, p, deliver.SINCE] = since[p]
        size = padded(self.n)
        wiring = step.Wiring(
            pieces,
            np.array([synapses.factor for synapses in projections], self.dtype),
            np.zeros(size if projections else 0, self.dtype),
            bounds,
            np.zeros((n_slots, size), np.int32),
            np.zeros((n_slots, len(bounds) - 1), np.int32),
            np.zeros((n_slots, size) if self.interpolated else (1, 0), self.dtype),
        )
        if len(projections) > 1:
            _keep_history(self._wiring, wiring, self.steps_done)
        return wiring

    def prepare(self) -> float:
        """Compile, or load from the disk cache; returns the seconds it took."""
        if self._ready:
            return 0.0
        began = time.perf_counter()
        self._update = compiled_update(
            self.model, self.scheme, self.dtype, self.dt, interpolated=self.interpolated
        )
        self._neurons.update[0] = self._update.address
        self._call(0, Recording(self, Wishes(spikes=False)).kernel_record(self, 0), 1)
        self._ready = True
        return time.perf_counter() - began

    def spike_room(self, size: int) -> tuple[Array, Array]:
        """Room for the spikes of one call of the kernel, and when in the step; the same memory each time."""
        if len(self._room) < size:
            self._room = np.empty(size, np.int32)
            self._crossing_room = np.empty(size if self.interpolated else 0, self.dtype)
        return self._room, self._crossing_room

    def compute_constants(self) -> None:
        """Compute what follows from parameters; they may have been written to since the last run."""
        if not self.constants:
            return
        parameters = {name: self.arrays[name][: self.n] for name in self.model.parameters}
        found = constants(type(self.model), self.scheme, parameters, self.dt)
        for name, values in found.items():
            self.constants[name][: self.n] = values

    def advance(self, n_steps: int, recording: Recording) -> int:
        """Run up to ``n_steps`` steps in compiled code; returns how many were done."""
        threads, n_steps = self._crew.choose(n_steps)
        record = recording.kernel_record(self, n_steps)
        began = time.perf_counter()
        self._call(n_steps, record, threads)
        done = int(record.done[0])
        recording.keep(record, self.steps_done)
        self._crew.tell(threads, done, time.perf_counter() - began)
        return done

    def advance_one(self) -> tuple[Array, tuple[int, int] | None]:
        """Run one step; returns the neurons that spiked, and (step, neuron) where one is not finite."""
        if self._single is None:
            self._single = Recording(self, Wishes()).kernel_record(self, 1)
        record = self._single
        record.done[:] = 0
        self.compute_constants()
        threads, _ = self._crew.choose(1)
        began = time.perf_counter()
        self._call(1, record, threads)
        self._crew.tell(threads, 1, time.perf_counter() - began)
        fault = record.fault[record.fault[:, 0] >= 0].tolist()
        record.fault[:] = -1
        return record.spikes[: record.done[1]].copy(), tuple(min(fault)) if fault else None

    def _call(self, n_steps: int, record: step.Record, threads: int) -> None:
        wiring, window, first_step = self._wiring, self.window, self.steps_done
        flags = team.flags(len(wiring.bounds) - 1)
        drive = self.external.for_steps(first_step, n_steps)
        dt = self.dtype.type(self.dt)

        def work(thread: int) -> None:
            self._steps(
                thread, threads, flags, n_steps, window, first_step, self.n, dt, self.dt,
                self._neurons, drive, wiring, record, self._scratch[thread],
            )  # fmt: skip

        team.together(threads, work, lambda: team.dismiss(flags))


def _keep_history(old: step.Wiring, new: step.Wiring, steps_done: int) -> None:
    """Copy the spikes of the last steps into a history of another length; the blocks are the same."""
    n_old, n_new = len(old.history), len(new.history)
    for stamp in range(max(0, steps_done - min(n_old, n_new) + 1), steps_done + 1):
        new.history[stamp % n_new] = old.history[stamp % n_old]
        new.counts[stamp % n_new] = old.counts[stamp % n_old]
