"""Populations: units that spike in the same time steps, cut into blocks for threads.

Nothing is checked here; that is the facade's task.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.changes import Assign, Change, Copy
from izhi_numba.kernels.rng import TILE
from izhi_numba.kernels.run import step
from izhi_numba.synapses.store import MOST_IN_A_BLOCK

if TYPE_CHECKING:
    from izhi_numba.base.changes import Changes
    from izhi_numba.base.doubts import Doubts
    from izhi_numba.engine.moments import Moments
    from izhi_numba.kernels.layout import Record
    from izhi_numba.models.declaration import Parameter
    from izhi_numba.results.recording import Current

LONGEST_WINDOW = 16  # steps that a block may run on its own
_MOST_TILES = 8  # of an unconnected block: it stays in the cache for a window
LEAST_WORK = 13.0  # microseconds per step, of a connected block
NEURON_WORK = 2e-3  # microseconds of a neuron's update with noise
SYNAPSE_WORK = 7e-6  # of a synapse in a step, at 7 Hz
LEARNING_WORK = 20  # synapses that take as long as one that learns


def connected_blocks(n: int, threads: int, degree: float) -> int:
    """Blocks of targets: one per thread (cutting rows further costs 20 to 90 %), and short enough.

    ``degree``: synapses onto a neuron, of which one that learns counts as LEARNING_WORK.

    A block needs enough work per step to be worth a meeting of threads: 10,000 neurons with 100 synapses
    each, cut in two, take half as long on two quiet cores (real-time factors of .145 and .075), and about
    8 % longer where one thread does it all, which is chosen on a busy machine (ThreadChoice).

    Blocks are ranges. Tiles dealt out to them in turns, so that each has its share of every layer of the
    microcircuit, did not pay: sixteen threads of a virtual machine that wait for each other 37 to 43 % of
    the time did so as before (.65 to .75 of real time, ranges .60 to .69), as whose turn it is to be slow
    changes from step to step; and on two threads neighbours in memory that belong to both were updated 1.05
    to 2 times as slowly.
    """
    tiles = -(-n // TILE)
    work = n * (NEURON_WORK + degree * SYNAPSE_WORK)
    blocks = int(max(1, min(threads, tiles, work // LEAST_WORK)))
    while -(-tiles // blocks) * TILE > MOST_IN_A_BLOCK:
        blocks += min(threads, blocks)
    return blocks


def unconnected_blocks(n: int, threads: int) -> int:
    """Blocks of neurons that know nothing of each other: small enough for the cache."""
    tiles = -(-n // TILE)
    size = max(1, min(_MOST_TILES, -(-tiles // threads)))
    return -(-tiles // size)


def cut_in(n: int, blocks: int) -> Array:
    """First neuron of each of so many blocks, and the end."""
    tiles = -(-n // TILE)
    return np.minimum(np.arange(blocks + 1, dtype=np.int64) * tiles // blocks * TILE, padded(n))


def padded(n: int) -> int:
    """Length of arrays for ``n`` neurons."""
    return -(-n // step.PAD) * step.PAD


def slots_for(longest_delay: int) -> int:
    """Steps that the history of spikes holds: a power of two."""
    return 1 << (longest_delay + LONGEST_WINDOW + 1).bit_length()


def next_of(count: itertools.count[int]) -> int:
    """Return the number that a count gives next, which it will give all the same."""
    # It cannot be read in another way: copying one is deprecated.
    return int(repr(count).removeprefix("count(").removesuffix(")"))


def history_bytes(n: int, longest_delay: int) -> int:
    """Bytes that the history of spikes can grow to; pages that no spike reaches are not taken."""
    return 4 * padded(n) * slots_for(longest_delay)


@dataclass(frozen=True)
class NamedGroup:
    """A range of neurons with a name."""

    neurons: slice
    sign: str = ""  # "excitatory" or "inhibitory", where declared


class Keys(NamedTuple):
    """Random numbers of a population, uint32 (2,) each."""

    build: Array  # of what is drawn before the first step
    noise: Array  # of noise and trains, and of what is drawn later


class Start(NamedTuple):
    """What time changes, as it was before the first step."""

    arrays: dict[str, Array]
    n_random: int  # calls for random numbers


@dataclass(eq=False)
class Setting:
    """What all populations of a network share."""

    dt: float  # ms
    dtype: np.dtype[Any]
    threads: int
    clock: Array  # int64 (1,), steps so far
    changes: Changes
    doubts: Doubts
    identity: str  # one word for each network that was ever built, another one after each reset


class Population:
    """``n`` units that spike.

    Attributes
    ----------
    size : int
        Length of padded arrays.
    number : int
        Place in the network.
    name : str
        Of the pool in its network; empty for a pool alone.
    keys : Keys
    random_calls : iterator of int
        Numbers of calls for random numbers.
    began : int
        Steps that the others of its network had done before it was there.
    named : dict
        Groups by name; replaced as a whole.
    arrays : dict
        What a user may set, by name.
    follows : dict
        For variables with a default that is a function of others: which neurons still follow it.
    """

    def __init__(
        self, n: int, setting: Setting, keys: Keys, number: int, name: str, *, interpolated: bool = False
    ) -> None:
        self.n, self.setting, self.keys, self.interpolated = n, setting, keys, interpolated
        self.number, self.name, self.began = number, name, int(setting.clock[0])
        self.size = padded(n)
        self.named: dict[str, NamedGroup] = {}
        self.arrays: dict[str, Array] = {}
        self.follows: dict[str, Array] = {}
        self.random_calls = itertools.count()
        self._start: Start | None = None  # kept before the first step

    @property
    def dt(self) -> float:
        """Step, ms."""
        return self.setting.dt

    @property
    def dtype(self) -> np.dtype[Any]:
        """Precision."""
        return self.setting.dtype

    @property
    def steps_done(self) -> int:
        """Steps so far."""
        return int(self.setting.clock[0])

    @property
    def at_start(self) -> bool:
        """Whether it has done no step yet."""
        return self.steps_done == self.began

    @property
    def key(self) -> Array:
        """Random numbers of what is drawn now."""
        return self.keys.build if self.at_start else self.keys.noise

    def moving(self) -> dict[str, Array]:
        """What time changes, by name."""
        return {}

    @property
    def start(self) -> Start:
        """What time changes, as it was before the first step."""
        if self._start is not None and not self.at_start:
            return self._start
        return Start(self.moving(), next_of(self.random_calls))

    def keep_start(self) -> None:
        """Keep what time changes, before the first step."""
        arrays, n_random = self.start
        self._start = Start({name: array.copy() for name, array in arrays.items()}, n_random)

    def emptied(self) -> list[Change]:
        """Prepare that nothing is left of the last step but what is state."""
        return []

    def back_to_start(self, noise: Array) -> list[Change]:
        """Prepare that it is as before the first step, with noise of another key."""
        arrays, n_random = self.start
        moved = self.moving()
        return [
            *(Copy(moved[name], array) for name, array in arrays.items()),
            Assign(self, "random_calls", itertools.count(n_random)),
            Assign(self, "keys", self.keys._replace(noise=noise)),
            Assign(self, "began", 0),
        ]

    @property
    def groups(self) -> dict[str, slice]:
        """Neurons of each group by its name."""
        return {name: group.neurons for name, group in self.named.items()}

    @property
    def parameters(self) -> dict[str, Parameter]:
        """Which of ``arrays`` are parameters, and what is possible for them."""
        return {}

    @property
    def description(self) -> str:
        """What the units are, in a few words."""
        return "units"

    @property
    def nbytes(self) -> int:
        """Bytes held, without synapses and without the history of spikes."""
        kept = self._start.arrays.values() if self._start else ()
        return sum(int(array.nbytes) for array in (*self.arrays.values(), *kept))

    @property
    def recordable(self) -> tuple[str, ...]:
        """Names of what traces can be kept of, in the order of the compiled steps."""
        return ()

    def precision_of(self, variable: str) -> np.dtype[Any]:
        """Precision of what can be recorded."""
        return self.arrays[variable].dtype if variable in self.arrays else self.dtype

    def current(self, variable: str) -> Current | None:  # noqa: ARG002
        """How a trace follows from variables, where it is the current of a receptor."""
        return None

    @property
    def peak_is_fixed(self) -> bool:
        """Whether what the voltage shows on the step of a spike is no parameter."""
        return True

    def peaks(self) -> Array:
        """What the voltage shows on the step of a spike, for each neuron; NaN: its value."""
        return np.zeros(0, self.dtype)

    def port(self, receptor: str) -> Array:
        """Return what weights that arrive at a receptor are added to."""
        raise NotImplementedError(receptor)

    @property
    def prepared(self) -> bool:
        """Whether all machine code that it needs is there."""
        return True

    def prepare(self, compiled: dict[Any, Any]) -> None:
        """Compile what is not compiled yet; ``compiled``: what other populations had compiled, by key."""

    def attach(self, record: Record) -> Any:  # noqa: ARG002
        """Fill the parts of a record that stay the same until the next connection."""
        return None

    def fixed(self, table: Any) -> list[tuple[Array, Array]]:  # noqa: ARG002
        """Where the tiles of arrays are that steps do not change, and the arrays; see ``attach``."""
        return []

    def lay_out(self, table: Any, *, shared: bool) -> None:
        """Take tiles from where arrays lie; ``shared``: those full of one number from one for all."""

    def finite(self) -> tuple[Array, ...]:
        """Variables that have to be finite before a run."""
        return ()

    def watched(self) -> tuple[Array, ...]:
        """Arrays from which something follows that is computed before a run, if they have changed."""
        return ()

    def take_up(self, record: Record) -> tuple[Array, ...]:  # noqa: ARG002
        """Compute what follows from watched arrays; returns copies of them, as they were taken."""
        return ()

    @property
    def drives(self) -> Any:
        """What comes from outside; another object when it is replaced."""
        return None

    def drive(self, record: Record, pulses: Array | None, moments: Moments) -> bool:  # noqa: ARG002
        """Compute what comes from outside in some steps; ``pulses`` are sums of weights.

        Returns whether it is the same in all other steps.
        """
        return True
