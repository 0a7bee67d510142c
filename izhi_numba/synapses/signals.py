"""What is held of the signals that all synapses of a projection hear of.

See :mod:`izhi_numba.kernels.run.signals`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.kernels import layout
from izhi_numba.kernels.run import signals as columns
from izhi_numba.models.plasticity import Modulator
from izhi_numba.synapses.learning import Decays, Fading, Learning

_ROOM = 64  # for signals, at first


class _Kept(NamedTuple):
    """Signals in their order, and the number of the first one that is kept."""

    stamps: Array  # int64
    ticks: Array  # uint8
    values: Array  # float (n, n_modulators)
    begin: int


class Signals:
    """Changes of modulators, ticks, and marks, from a step on.

    Attributes
    ----------
    row : int64 array (N_SIGNALS,)
        What the compiled steps know of them.
    is_unused : bool
        Whether there are modulators, and all have been 0 ever since; not known of those put back.
    """

    def __init__(self, learning: Learning, since: int, values: Array | None = None) -> None:
        """``values`` of the modulators at the step ``since``; by default what they begin with."""
        rule, dtype = learning.rule, learning.dtype
        self._modulators: dict[str, Modulator] = dict(rule.modulators)
        fading = [Fading(rule.number(one.tau), False) for one in self._modulators.values() if one.tau]
        decays = Decays(fading, learning.dt, dtype)
        numbers = iter(range(len(fading)))
        # Those that stay as they are have a decay, too, which nobody asks for.
        which = [next(numbers) if one.tau else -1 for one in self._modulators.values()]
        self._decays, self._which = decays, which
        self._table = decays.table[[max(k, 0) for k in which] or [0]]
        self._interval = max(1, round(rule.tick_interval() / learning.dt)) if rule.on_tick is not None else 0
        values_of_all = np.zeros((_ROOM, len(self._modulators)), dtype)
        self._kept = _Kept(np.zeros(_ROOM, np.int64), np.zeros(_ROOM, np.uint8), values_of_all, 0)
        self._kept_before = self._kept  # as long as the row may have its addresses
        self._ticked = since  # the step up to which ticks are there
        self.row = np.zeros(columns.N_SIGNALS, np.int64)
        self.row[columns.MODULATED] = layout.address(self._table)
        start = [one.start for one in self._modulators.values()] if values is None else values
        self.is_unused = values is None and bool(self._modulators) and not any(start)
        self._add(since, np.array(start, dtype))

    def _point(self) -> None:
        """Let the row point to what is kept, which an exception may have prevented."""
        stamps, ticks, values, begin = self._kept
        self.row[columns.STAMPS], self.row[columns.IS_TICK], self.row[columns.VALUES] = (
            layout.address(stamps), layout.address(ticks), layout.address(values),
        )  # fmt: skip
        self.row[columns.BEGIN] = begin

    def _keep(self, kept: _Kept) -> None:
        """Have other arrays take the place of those that there are: by one instruction."""
        self._kept_before = self._kept
        self._kept = kept
        self._point()

    @property
    def _held(self) -> int:
        return int(self.row[columns.END]) - self._kept.begin

    @property
    def count(self) -> int:
        """How many there have been."""
        return int(self.row[columns.END])

    def last(self) -> tuple[int, Array]:
        """The step of the last one, and the modulators after it."""
        k = self._held - 1
        return int(self._kept.stamps[k]), self._kept.values[k].copy()

    def values_at(self, step: int) -> Array:
        """The modulators at a step that is not before the last signal."""
        stamp, values = self.last()
        for k, which in enumerate(self._which):
            if which >= 0:
                values[k] *= self._decays.factor(which, step - stamp)
        return values

    def renewed(self, learning: Learning, step: int) -> Signals:
        """Return what goes on from a step under other parameters, where all before was heard of."""
        self.announce(step, step)
        found = Signals(learning, step, self.values_at(step))
        found.announce(step, step, told=True)
        found.is_unused = self.is_unused
        return found

    def by_name(self, step: int) -> dict[str, float]:
        """The same, by name."""
        return dict(zip(self._modulators, self.values_at(step).tolist(), strict=True))

    def modulate(self, step: int, amounts: Mapping[str, float]) -> None:
        """Add to some modulators before a step."""
        self.announce(step, step)
        values = self.values_at(step)
        for k, name in enumerate(self._modulators):
            values[k] += amounts.get(name, 0)
        self.is_unused = self.is_unused and not any(amounts.values())
        self._add(step, values)

    def marking(self, step: int) -> Marking:
        """Prepare a mark before a step: modulators are told as they are then."""
        self.announce(step, step)
        self._make_room()
        return Marking(self, step, self.values_at(step), self.count + 1)

    def announce(self, now: int, end: int, *, told: bool = False) -> None:
        """Have the ticks of steps up to ``end``, and no other signals that are to come.

        ``told``: those up to there were applied already.
        """
        self._point()
        if told:
            self._ticked = end
        if not self._interval:
            return
        while self._held and self._kept.stamps[self._held - 1] > now:  # of a run that ended early
            self.row[columns.END] -= 1
            self._ticked = min(self._ticked, now)
        first = (max(self._ticked, -1) // self._interval + 1) * self._interval
        for step in range(first, end + 1, self._interval):
            self._add(step, self.values_at(step), tick=True)
        self._ticked = max(self._ticked, end)

    def _add(self, step: int, values: Array, *, tick: bool = False) -> None:
        self._make_room()
        self._point()
        kept, k = self._kept, self._held
        kept.stamps[k], kept.ticks[k], kept.values[k] = step, tick, values
        self.row[columns.END] += 1

    def _make_room(self) -> None:
        stamps, ticks, values, begin = self._kept
        if self._held == len(stamps):
            stamps, ticks, values = (
                np.concatenate([one, np.zeros_like(one)]) for one in (stamps, ticks, values)
            )
            self._keep(_Kept(stamps, ticks, values, begin))

    @property
    def is_long(self) -> bool:
        """Whether it may be worth to forget some."""
        return self._held > columns.MANY

    def forget(self, heard: int) -> None:
        """Let go of what all rows have heard of, but for the last of these.

        ``heard``: the number of the first that some row has not heard of.
        """
        stamps, ticks, values, begin = self._kept
        n = heard - 1 - begin
        if n < max(_ROOM, self._held // 2):
            return
        kept, size = self._held - n, max(_ROOM, len(stamps) // 2)
        rest = [np.zeros((max(size, kept), *one.shape[1:]), one.dtype) for one in (stamps, ticks, values)]
        for one, other in zip((stamps, ticks, values), rest, strict=True):
            other[:kept] = one[n : n + kept]
        self._keep(_Kept(rest[0], rest[1], rest[2], begin + n))

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return sum(int(one.nbytes) for one in self._kept[:3])


class Marking(NamedTuple):
    """Marks a step; may be repeated."""

    signals: Signals
    step: int
    values: Array  # of modulators
    end: int  # how many signals there are then

    def do(self) -> None:
        """Mark it."""
        if self.signals.count < self.end:
            self.signals._add(self.step, self.values)
