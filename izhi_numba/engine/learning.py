"""What the compiled steps know of synapses that learn, onto one population."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from typing import NamedTuple

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.memory import aligned_zeros
from izhi_numba.engine.link import Link
from izhi_numba.kernels import layout
from izhi_numba.kernels.layout import Record
from izhi_numba.kernels.run import learn, log, sites, sweep
from izhi_numba.models.plasticity import SourceTrace, TargetTrace
from izhi_numba.synapses.learning import Decays, Learning, Log, LogKey, room_of_log

LONGEST_WINDOW = 4  # steps that a block runs on its own: older entries of logs have room for all of them
PASS = 500.0  # ms that a pass over all rows takes: twice that is the age of the oldest


# Of a projection, in the tables of each block.
BYTES_IN_TABLES = 8 * (sites.N_SITE + 2 + sweep.N_PASS)


class Lost(NamedTuple):
    """A weight, or a variable of a synapse, that is not finite any more."""

    number: int  # of the projection
    source: int  # neurons, by their places in their populations
    target: int
    step: int  # after which it is not
    variable: str  # empty: it is the weight


class Learned:
    """Tables for the synapses that learn, and logs of their targets.

    Attributes
    ----------
    logs : dict
        By key, one for each block.
    """

    def __init__(self, links: Sequence[Link], bounds: Array, dtype: np.dtype[np.floating], dt: float) -> None:
        n_blocks, self._links, self._dtype, self._dt = len(bounds) - 1, tuple(links), dtype, dt
        self.logs: dict[LogKey, list[Log]] = {}
        self.sites = np.zeros((n_blocks, len(links), sites.N_SITE), np.int64)
        self.passes = np.zeros((n_blocks, sweep.N_PASS), np.int64)
        self._faults = np.full((n_blocks, len(links), 2), -1, np.int64)
        self._held: list[object] = []
        most = max((len(one.fading(TargetTrace)) for one in self._learnings()), default=0)
        bytes_of_scratch = learn.scratch_bytes(most, dtype.itemsize)
        self._scratch = aligned_zeros((n_blocks, bytes_of_scratch // 8), np.dtype(np.int64))
        self._bounds = bounds
        self.table = np.zeros((n_blocks, 0, log.N_LOG), np.int64)

    def _learnings(self) -> list[Learning]:
        """How the synapses of each link learn."""
        return [link.learning for link in self._links if link.learning is not None]

    def take_over(self, before: Mapping[LogKey, list[Log]], window: int) -> None:
        """Take over the logs that there were, and begin others."""
        longest: dict[LogKey, int] = {}
        for link, learning in zip(self._links, self._learnings(), strict=True):
            key = learning.log_key(link.since)
            reach = int(link.store.delays[-1]) if learning.is_dendritic else 0
            longest[key] = max(longest.get(key, 0), reach)
        sizes = np.diff(self._bounds).tolist()
        for key, reach in longest.items():
            decays = Decays(key.traces, self._dt, self._dtype)
            # Handles of their own, as the wiring before goes on where this one is not taken.
            logs = [copy(one) for one in before.get(key, ())]
            if not logs:
                logs = [
                    Log(key, first, n, reach, room_of_log(n, window), self._dtype, decays)
                    for first, n in zip(self._bounds[:-1].tolist(), sizes, strict=True)
                ]
            self.logs[key] = logs
        self.table = np.zeros((len(sizes), len(self.logs), log.N_LOG), np.int64)
        for number, (key, logs) in enumerate(self.logs.items()):
            for block, one in enumerate(logs):
                self.table[block, number] = one.row
                one.row = self.table[block, number]
                one.row[log.LONGEST] = max(one.row[log.LONGEST], longest[key])

    def fill(self, pieces: Array, numbers: Sequence[int]) -> None:
        """Fill the table of sites; ``pieces`` (n_blocks, n_links, n_columns), ``numbers`` of the links."""
        keys, address = list(self.logs), layout.address
        for place, (learning, number) in enumerate(zip(self._learnings(), numbers, strict=True)):
            link = self._links[place]
            store = link.store
            parameters = learning.parameters()
            decays = Decays(learning.fading(SourceTrace), self._dt, self._dtype)
            delays = store.delays_of_rows
            self._held.append((parameters, decays, delays))
            of_log = keys.index(learning.log_key(link.since))
            for block, site in enumerate(link.sites):
                row, piece = self.sites[block, place], pieces[block, number]
                row[sites.START], row[sites.SYNAPSES] = piece[layout.START], piece[layout.SYNAPSES]
                row[sites.N_DELAYS], row[sites.N_ROWS] = piece[layout.N_DELAYS], len(site.seen)
                row[sites.DELAYS], row[sites.LEAST] = address(delays), store.least
                row[sites.SEEN], row[sites.LAST] = address(site.seen), address(site.last)
                row[sites.TRACES], row[sites.VARIABLES] = address(site.traces), address(site.variables)
                row[sites.PARAMETERS], row[sites.DECAYS] = address(parameters), address(decays.table)
                row[sites.LOG] = address(self.table[block, of_log])
                row[sites.FAULT] = address(self._faults[block, place])
                row[sites.IS_DENDRITIC], row[sites.IS_ON] = learning.is_dendritic, link.is_on
                row[sites.N_KEPT] = site.last.shape[1]
                row[sites.TRACE_BYTES] = site.traces[:1].nbytes
                row[sites.SCRATCH] = address(self._scratch[block])
                row[sites.ORDINALS] = address(site.ordinals) if learning.rule.randoms else 0
                row[sites.NUMBER], row[sites.FIRST_SOURCE] = link.number, store.pre.start
                if link.signals is not None:
                    row[sites.SIGNALS], row[sites.HEARD] = address(link.signals.row), address(site.heard)
                piece[layout.SITE] = address(row)

    def draw_by(self, noise: Array) -> None:
        """Have random numbers follow from a key, that of the population."""
        self.sites[..., sites.KEY_0], self.sites[..., sites.KEY_1] = noise

    def point(self, record: Record) -> None:
        """Let the record of the population point to the tables."""
        n_steps = max(1, round(PASS / self._dt))
        rows = max((int(one) for one in self.sites[:, :, sites.N_ROWS].sum(axis=1)), default=0)
        record.set(n_sites=len(self._links), n_logs=len(self.logs), quota=-(-rows // n_steps))
        record.point(sites=self.sites, logs=self.table, passes=self.passes)

    def prepare(self) -> None:
        """Compile what visits rows."""
        for place, learning in enumerate(self._learnings()):
            code = learning.code(lag_bytes=self._links[place].store.lag_bytes)
            self._held.append(code)
            self.sites[:, place, sites.LEARN] = code.address

    def place_of(self, number: int) -> int | None:
        """Which of the links has the number of a projection."""
        return next((k for k, link in enumerate(self._links) if link.number == number), None)

    def shown(self, place: int, now: int, dt: float) -> list[tuple[Array, Array]]:
        """Weights and variables as they are at a step up to which all was applied, of each block."""
        link, learning = self._links[place], self._learnings()[place]
        code = learning.code_to_show(lag_bytes=link.store.lag_bytes).function()
        found = []
        for block, site in enumerate(link.sites):
            weights, variables = np.zeros(len(site.variables), self._dtype), np.zeros_like(site.variables)
            code(
                layout.address(self.sites[block, place]), now, layout.address(weights),
                layout.address(variables), dt,
            )  # fmt: skip
            found.append((weights, variables))
        return found

    def take_over_faults(self, before: Learned, now: int) -> None:
        """Know of what was not finite as it was wired before, in the same blocks; up to a step."""
        for place, link in enumerate(self._links):
            known = before.place_of(link.number)
            if known is not None and len(before._faults) == len(self._faults):
                self._faults[:, place] = np.minimum(before._faults[:, known], [np.iinfo(np.int64).max, now])

    def lost(self) -> Lost | None:
        """The first weight or variable that is not finite any more; None: all are.

        They may have been set since, or be very large alone, which compiled code tells, too.
        """
        if (self._faults[..., 0] < 0).all():
            return None
        found = np.argwhere(self._faults[..., 0] >= 0)
        steps = self._faults[found[:, 0], found[:, 1], 1]
        for block, place in found[np.argsort(steps, kind="stable")].tolist():
            row, step = self._faults[block, place].tolist()
            wrong = self._not_finite(place, block, row)
            if wrong is not None:
                store, number = self._links[place].store, self._links[place].number
                source = store.pre.start + row // store.rows_of_source
                return Lost(number, source, wrong[0], step, wrong[1])
            self._faults[block, place] = -1
        return None

    def _not_finite(self, place: int, block: int, row: int) -> tuple[int, str] | None:
        """Target of the first synapse of a row with a number that is not finite, and which it is."""
        link, learning = self._links[place], self._learnings()[place]
        piece = link.store.contents.pieces[block]
        part = slice(int(piece.start[row]), int(piece.start[row + 1]))
        its = piece.synapses[part]
        columns = [("", its["weight"])]
        columns += zip(learning.rule.states, link.sites[block].variables[part].T, strict=True)
        wrong = {name: np.flatnonzero(~np.isfinite(values)) for name, values in columns}
        first = min(((int(one[0]), name) for name, one in wrong.items() if one.size), default=None)
        return None if first is None else (piece.first_target + int(its["target"][first[0]]), first[1])

    def set_epoch(self, now: int) -> None:
        """Have stamps of the steps around this one fit into what logs have for them."""
        for logs in self.logs.values():
            for one in logs:
                one.set_epoch(now)

    def forget_until(self, step: int) -> None:
        """Have logs keep no longer what arrived up to a step, as all rows have applied it."""
        for logs in self.logs.values():
            for one in logs:
                one.row[log.FLOOR] = max(int(one.row[log.FLOOR]), step)

    def make_room(self, window: int) -> None:
        """Have room for what could be logged in so many steps."""
        for logs in self.logs.values():
            for one in logs:
                while one.row[log.CAPACITY] - one.row[log.USED] < window * one.row[log.N_NEURONS]:
                    one.grow(one.row)

    @property
    def nbytes(self) -> int:
        """Bytes held, without what each synapse and each row has."""
        tables = self.sites, self.passes, self.table, self._faults, self._scratch
        logs = sum(one.nbytes for logs in self.logs.values() for one in logs)
        decays = sum(logs[0].decays.nbytes for logs in self.logs.values())
        held = sum(learning.table_bytes for learning in self._learnings())
        return logs + decays + held + sum(int(one.nbytes) for one in tables)
