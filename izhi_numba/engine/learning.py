"""What the compiled steps know of synapses that learn, onto one population."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from typing import NamedTuple

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.memory import aligned_zeros
from izhi_numba.engine.link import Link
from izhi_numba.engine.population import Population
from izhi_numba.kernels import layout
from izhi_numba.kernels.jit import Callback
from izhi_numba.kernels.layout import Record
from izhi_numba.kernels.run import log, recent, sites, sweep
from izhi_numba.models.plasticity import SourceTrace
from izhi_numba.synapses.learning import Decays, Learning, Log, LogKey, room_of_log
from izhi_numba.synapses.remembered import Logged, Recent, logged, put_into
from izhi_numba.synapses.rings import Ring

LONGEST_WINDOW = 4  # steps that a block runs on its own: older entries of logs have room for all of them
PASS = 250.0  # ms that a pass over all rows takes; with 500 logs had to grow more often
FILLED = 0.5  # of the room of a log is used when it begins


# Of a projection, in the tables of each block.
BYTES_IN_TABLES = 8 * (sites.N_SITE + 2 + sweep.N_PASS)


class Lost(NamedTuple):
    """A weight, or a variable of a synapse, that is not finite any more."""

    number: int  # of the projection
    source: int  # neurons, by their places in their populations
    target: int
    step: int  # after which it is not
    variable: str  # empty: it is the weight


def rows_of_rings(links: Sequence[Link]) -> dict[str, int]:
    """For how many steps variables of a population are held, by their names, for links onto it."""
    rows = dict[str, int]()
    for link in links:
        if link.learning is not None:
            longest = int(link.store.delays[-1])
            for state, n in link.learning.rows_of_rings(longest, LONGEST_WINDOW).items():
                rows[state] = max(rows.get(state, 0), n)
    return rows


class Learned:
    """Tables for the synapses that learn, and logs of their targets.

    Attributes
    ----------
    logs : dict
        By key, one for each block.
    rings : dict
        By the variable of the targets.
    """

    def __init__(self, links: Sequence[Link], bounds: Array, population: Population) -> None:
        n_blocks, self._links, dtype = len(bounds) - 1, tuple(links), population.dtype
        self._population, self._dtype, self._dt = population, dtype, population.setting.dt
        self.rings: dict[str, Ring] = {}
        self.logs: dict[LogKey, list[Log]] = {}
        self.sites = np.zeros((n_blocks, len(links), sites.N_SITE), np.int64)
        self.passes = np.zeros((n_blocks, sweep.N_PASS), np.int64)
        self.passes[:, sweep.FILLED] = round(256 * FILLED)
        self._faults = np.full((n_blocks, len(links), 2), -1, np.int64)
        self._held: list[object] = []
        self._code_to_show: dict[int, Callback] = {}  # by the place of the link
        bytes_of_scratch = max((one.lanes.nbytes for one in self._learnings()), default=0)
        self._scratch = aligned_zeros((n_blocks, bytes_of_scratch // 8), np.dtype(np.int64))
        self._bounds = bounds
        self.table = np.zeros((n_blocks, 0, log.N_LOG), np.int64)

    def _learnings(self) -> list[Learning]:
        """How the synapses of each link learn."""
        return [link.learning for link in self._links if link.learning is not None]

    def take_over(self, before: Learned | None, window: int) -> None:
        """Take over logs and rings that there were, and begin others."""
        self._take_over_rings({} if before is None else before.rings)
        self._take_over_logs({} if before is None else before.logs, window)

    def _take_over_rings(self, before: Mapping[str, Ring]) -> None:
        for state, n in rows_of_rings(self._links).items():
            if state in before:
                self.rings[state] = before[state].arranged(n, self._population.steps_done)
            else:
                self.rings[state] = Ring(self._population.arrays[state], n, self._dtype)

    def _take_over_logs(self, before: Mapping[LogKey, list[Log]], window: int) -> None:
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
        self._tell_logs()

    def _tell_logs(self) -> None:
        """Let logs know what they are to look at, where rules say in which steps."""
        n = self._population.n
        for number, key in enumerate(self.logs):
            if key.when is None:
                continue
            parameters = self._asking(key)[1].parameters()
            self._held.append(parameters)
            for row, first in zip(self.table[:, number], self._bounds[:-1].tolist(), strict=True):
                row[log.VALUES] = self._values(key.when.values, key.since, first)
                row[log.PARAMETERS] = layout.address(parameters)
                row[log.N_THERE] = min(max(0, n - first), row[log.N_NEURONS])

    def _asking(self, key: LogKey) -> tuple[Link, Learning]:
        """One of the projections that ask a log, and how it learns."""
        pairs = zip(self._links, self._learnings(), strict=True)
        return next(pair for pair in pairs if pair[1].log_key(pair[0].since) == key)

    def _values(self, asked: Iterable[tuple[str, int]], since: int, first: int) -> int:
        """Address of a table of values of the neurons from the first one on, by variable and lateness."""
        rows = []
        for state, late in asked:
            of = self.rings[state].rows
            rows.append((layout.address(of) + of.itemsize * first, len(of), of.strides[0], late, since))
        table = np.array(rows, np.int64).reshape(-1, recent.N_VALUE)
        self._held.append(table)
        return layout.address(table) if rows else 0

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
            of_log, kind = keys.index(learning.log_key(link.since)), type(learning.rule)
            asked = [(kind.values[one].state, learning.late(one)) for one in kind.values_of("on_pre")]
            for block, site in enumerate(link.sites):
                row, piece = self.sites[block, place], pieces[block, number]
                row[sites.START], row[sites.SYNAPSES] = piece[layout.START], piece[layout.SYNAPSES]
                row[sites.N_DELAYS], row[sites.N_ROWS] = piece[layout.N_DELAYS], len(site.seen)
                row[sites.DELAYS], row[sites.LEAST] = address(delays), store.least
                row[sites.SEEN], row[sites.LAST] = address(site.seen), address(site.last)
                row[sites.TRACES], row[sites.VARIABLES] = address(site.traces), address(site.variables)
                row[sites.PARAMETERS], row[sites.DECAYS] = address(parameters), address(decays.table)
                row[sites.LOG] = address(self.table[block, of_log])
                row[sites.ASKED] = self._values(asked, link.since, int(self._bounds[block]))
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
        rings = [
            (layout.address(one.state), one.state.itemsize, layout.address(one.rows), len(one.rows))
            for one in self.rings.values()
        ]
        record.set(
            n_sites=len(self._links), n_logs=len(self.logs), quota=-(-rows // n_steps), n_recent=len(rings)
        )
        record.point(
            sites=self.sites, logs=self.table, passes=self.passes,
            recent=np.array(rings, np.int64).reshape(-1, recent.N_RING),
        )  # fmt: skip

    def prepare(self) -> None:
        """Compile what visits rows, and what logs steps."""
        for place, learning in enumerate(self._learnings()):
            code = learning.code(lag_bytes=self._links[place].store.lag_bytes)
            self._held.append(code)
            self.sites[:, place, sites.LEARN] = code.address
        for number, key in enumerate(self.logs):
            if key.when is not None:
                code = self._asking(key)[1].code_of_when()
                self._held.append(code)
                self.table[:, number, log.WHEN] = code.address

    def keep_recent(self, step: int) -> None:
        """Keep variables as they are before a step, which a user may have set."""
        for one in self.rings.values():
            one.keep(step)

    def remembered(self, now: int) -> tuple[list[Logged], list[Recent]]:
        """What targets did that synapses have still to hear of, and what they were in the last steps."""
        n, logs = self._population.n, list[Logged]()
        for key, its in self.logs.items():
            asked_by = -1 if key.when is None else self._asking(key)[0].number
            logs.append(logged(key, its, n, now, asked_by))
        return logs, [Recent(state, one.last(now)[:, :n].copy()) for state, one in self.rings.items()]

    def remember(self, logs: Sequence[Logged], values: Sequence[Recent], now: int) -> None:
        """Put back what targets did, and were."""
        learning = {link.number: link.learning for link in self._links if link.learning is not None}
        for one in logs:
            its = self.logs.get(one.key(learning))
            if its is not None:
                self.set_epoch(now)
                put_into(its, one)
        for each in values:
            if each.state in self.rings:
                self.rings[each.state].put(each.rows, now)

    def place_of(self, number: int) -> int | None:
        """Which of the links has the number of a projection."""
        return next((k for k, link in enumerate(self._links) if link.number == number), None)

    def shown(self, place: int, now: int, dt: float) -> list[tuple[Array, Array]]:
        """Weights and variables as they are at a step up to which all was applied, of each block."""
        link, learning = self._links[place], self._learnings()[place]
        if place not in self._code_to_show:
            self._code_to_show[place] = learning.code_to_show(lag_bytes=link.store.lag_bytes)
        code, found = self._code_to_show[place].function(), []
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
        rings = sum(int(one.rows.nbytes) for one in self.rings.values())
        return logs + decays + held + rings + sum(int(one.nbytes) for one in tables)
