"""What is held of the signals that all synapses of a projection hear of.

See :mod:`izhi_numba.kernels.run.signals`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.kernels import layout
from izhi_numba.kernels.run import signals as columns
from izhi_numba.models.plasticity import Modulator
from izhi_numba.synapses.learning import Decays, Fading, Learning

_ROOM = 64  # for signals, at first


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
        self._table = np.array([decays.table[k if k >= 0 else 0] for k in which] or [[0]], np.int64)
        self._interval = max(1, round(rule.tick_interval() / learning.dt)) if rule.on_tick is not None else 0
        self._stamps, self._ticks = np.zeros(_ROOM, np.int64), np.zeros(_ROOM, np.uint8)
        self._values = np.zeros((_ROOM, len(self._modulators)), dtype)
        self._ticked = since  # the step up to which ticks are there
        self.row = np.zeros(columns.N_SIGNALS, np.int64)
        self.row[columns.MODULATED] = layout.address(self._table)
        self._point()
        start = [one.start for one in self._modulators.values()] if values is None else values
        self.is_unused = values is None and bool(self._modulators) and not any(start)
        self._add(since, np.array(start, dtype))

    def _point(self) -> None:
        self.row[columns.STAMPS], self.row[columns.IS_TICK], self.row[columns.VALUES] = (
            layout.address(self._stamps), layout.address(self._ticks), layout.address(self._values),
        )  # fmt: skip

    @property
    def _held(self) -> int:
        return int(self.row[columns.END] - self.row[columns.BEGIN])

    @property
    def count(self) -> int:
        """How many there have been."""
        return int(self.row[columns.END])

    def last(self) -> tuple[int, Array]:
        """The step of the last one, and the modulators after it."""
        k = self._held - 1
        return int(self._stamps[k]), self._values[k].copy()

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
        """Add to some modulators before a step; with no amounts, mark it."""
        self.announce(step, step)
        values = self.values_at(step)
        for k, name in enumerate(self._modulators):
            values[k] += amounts.get(name, 0)
        self.is_unused = self.is_unused and not any(amounts.values())
        self._add(step, values)

    def announce(self, now: int, end: int, *, told: bool = False) -> None:
        """Have the ticks of steps up to ``end``, and no other signals that are to come.

        ``told``: those up to there were applied already.
        """
        if told:
            self._ticked = end
        if not self._interval:
            return
        while self._held and self._stamps[self._held - 1] > now:  # of a run that ended early
            self.row[columns.END] -= 1
            self._ticked = min(self._ticked, now)
        first = (max(self._ticked, -1) // self._interval + 1) * self._interval
        for step in range(first, end + 1, self._interval):
            self._add(step, self.values_at(step), tick=True)
        self._ticked = max(self._ticked, end)

    def _add(self, step: int, values: Array, *, tick: bool = False) -> None:
        k = self._held
        if k == len(self._stamps):
            self._stamps, self._ticks = (
                np.concatenate([one, np.zeros_like(one)]) for one in (self._stamps, self._ticks)
            )
            self._values = np.concatenate([self._values, np.zeros_like(self._values)])
            self._point()
        self._stamps[k], self._ticks[k], self._values[k] = step, tick, values
        self.row[columns.END] += 1

    @property
    def is_long(self) -> bool:
        """Whether it may be worth to forget some."""
        return self._held > 2 * _ROOM

    def forget(self, heard: int) -> None:
        """Let go of what all rows have heard of, but for the last of these.

        ``heard``: the number of the first that some row has not heard of.
        """
        n = heard - 1 - int(self.row[columns.BEGIN])
        if n < max(_ROOM, self._held // 2):
            return
        kept = self._held - n
        for one in (self._stamps, self._ticks, self._values):
            one[:kept] = one[n : n + kept].copy()
        self.row[columns.BEGIN] += n

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return int(self._stamps.nbytes + self._ticks.nbytes + self._values.nbytes)
