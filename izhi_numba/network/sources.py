"""Sources as the user has them: Poisson trains and given spikes, beside the pools of a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from izhi_numba.base import checks
from izhi_numba.base.arrays import Array
from izhi_numba.base.clock import MOST_STEPS, rounded_steps
from izhi_numba.base.selection import at_least_one, indices
from izhi_numba.connectivity.distributions import Distribution
from izhi_numba.engine.population import Keys, Population, history_bytes
from izhi_numba.engine.sources import Given, GivenSpikes, PoissonTrains
from izhi_numba.inputs.makers import rate_and_waveform
from izhi_numba.inputs.waveforms import Always, Waveform
from izhi_numba.network.groups import Group, Variables, drawn_values
from izhi_numba.network.inventory import DERIVED, STATE
from izhi_numba.network.means import refuse_mean_of_spikes
from izhi_numba.results.recorder import SPIKES, Wishes
from izhi_numba.results.result import Result
from izhi_numba.results.streamed import AnyRecording

if TYPE_CHECKING:
    from izhi_numba.engine.engine import Engine


class Sources(Variables):
    """Units that only send spikes. Made by ``net.poisson`` and ``net.spike_list``.

    ``sources[:100]``, or ``sources[[1, 5]]``, are some of them, to connect from. The ``rate`` of Poisson
    trains (Hz) may be set between runs, also of some of them: ``sources[:100].rate = 20``.
    """

    def __init__(self, population: Population, engine: Engine) -> None:
        self._population, self._engine = population, engine
        self._range = slice(0, population.n)
        self._title = f"sources {population.name!r}"
        self._wishes = SPIKES
        self._accepted = b""  # rates that were checked last

    @property
    def size(self) -> int:
        """Number of units."""
        return int(self._population.n)

    def set(self, **values: Any) -> None:
        """Set rates (Hz): a number, one per unit, or what a distribution draws."""
        if "rate" in values and "rate" in self._population.arrays:
            rate = values["rate"]
            rates = rate.bounds() if isinstance(rate, Distribution) else rate
            _check_rates(rates, self._population.dt)
        super().set(**values)

    def __getitem__(self, which: Any) -> Group:
        """Return some units, by a slice, an index, a list of indices or truth values."""
        return Group(self, "", at_least_one(which, self.size, noun="units", example="sources[:800]"))

    def _part(self, name: str, which: Any) -> Variables:
        """Return these sources, or some of them."""
        if isinstance(which, Variables) and which._population is self._population:
            return which
        raise TypeError(f"{name}: expected {self._title}, some of them, or indices, got {which!r:.60}")

    def record(
        self, what: str | list[str], *, neurons: Any = None, every: float | None = None, mean: bool = False,
        to: Any = None, keep: float | None = None,
    ) -> None:  # fmt: skip
        """Choose what runs keep, "spikes" or "counts", and of which units; see ``Pool.record``."""
        self._ask(what, neurons, every, mean=mean, to=to, keep=keep)

    def _with_wish(
        self, wishes: Wishes, what: str, neurons: Any, every: float | None, *, mean: bool = False
    ) -> Wishes:
        """Return what is to be kept with one wish more, see ``record``."""
        checks.one_of("record", what, ("spikes", "counts"))
        refuse_mean_of_spikes(what, mean=mean)
        return self._with_spikes(wishes, what, self._chosen(neurons), every)

    def _check(self) -> None:
        """Check that a run can begin."""
        population = self._population
        rates = population.arrays.get("rate")
        if rates is not None and rates.tobytes() != self._accepted:
            accepted = rates.copy()
            _check_rates(accepted[: self.size], population.dt)
            self._accepted = accepted.tobytes()

    def _result(self, recording: AnyRecording, wall_time: float, compile_time: float) -> Result:
        return Result(
            recording, n=self.size, dt=self._population.dt, groups={}, wall_time=wall_time,
            compile_time=compile_time, is_source=True,
            origin=(self._population.setting.identity, self._population.name),
        )  # fmt: skip


class SpikeList(Sources):
    """Units that spike at given times. Made by ``net.spike_list``."""

    def set_spikes(self, i: Any, t: Any) -> None:
        """Replace the spikes that are to come, for the next trial, say.

        Those that were sent already arrive, however long their delays.

        Parameters
        ----------
        i : int array (n_spikes,)
            Unit of each spike.
        t : array (n_spikes,)
            Time of each spike in ms, after the present time ``net.t``, rounded to whole steps. Any order.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> net = iz.Network()
        >>> clicks = net.spike_list("clicks", 2, i=[], t=[])
        >>> for trial in range(2):
        ...     clicks.set_spikes(i=[0, 1], t=[net.t + 10.0, net.t + 12.5 + trial])
        ...     print(net.run(20.0)["clicks"].spikes.t)
        [10.  12.5]
        [30.  33.5]
        """
        with self._engine.changes:
            given = Given.ordered(*_checked_spikes(self.size, i, t, self._engine))
            self._population.given = given


def poisson_trains(name: str, n: Any, rate: Any, engine: Engine, keys: Keys) -> Sources:
    """Check the arguments of ``net.poisson``, and make it."""
    n = _size(n)
    modulation = None
    if callable(rate):
        rate, modulation = rate_and_waveform(rate, Always())
    drawn = rate if isinstance(rate, Distribution) else None
    rates = checks.values_for("rate", 0.0 if drawn else rate, n, engine.dtype)
    if drawn:
        _check_rates(np.array(drawn.bounds()), engine.dt)
    if modulation is None:
        now: Any = 1.0
    elif modulation.field is not None:
        modulation.field.refuse_for("rate", n, f"{n} units", engine.dtype)
        now = modulation.field.peaks  # at any time
    else:
        now = modulation(engine.steps_done * engine.dt)
    _check_rates(rates * now, engine.dt)
    trains = PoissonTrains(n, engine.setting, keys, len(engine.populations), name, modulation)
    trains.arrays["rate"][:n] = rates
    if drawn:
        trains.arrays["rate"][:n] = drawn_values(trains, slice(0, n), "rate", drawn, "rate")
    return Sources(trains, engine)


def poisson_trains_again(
    name: str, n: Any, modulation: Waveform | None, engine: Engine, keys: Keys
) -> Sources:
    """Make Poisson trains that there were, to be given their rates."""
    n = _size(n)
    if modulation is not None and modulation.field is not None:
        modulation.field.refuse_for("rate", n, f"{n} units", engine.dtype)
    return Sources(PoissonTrains(n, engine.setting, keys, len(engine.populations), name, modulation), engine)


def given_spikes(name: str, n: Any, i: Any, t: Any, engine: Engine, keys: Keys) -> SpikeList:
    """Check the arguments of ``net.spike_list``, and make it."""
    n = _size(n)
    given = Given.ordered(*_checked_spikes(n, i, t, engine))
    return SpikeList(GivenSpikes(n, engine.setting, keys, len(engine.populations), name, given), engine)


def _checked_spikes(n: int, i: Any, t: Any, engine: Engine) -> tuple[Array, Array]:
    """Step and unit of each spike."""
    units = indices("i", i, n)
    times = np.atleast_1d(checks.as_array(t))
    if times.shape != units.shape or times.dtype.kind not in "fiu":
        s = "s" * (len(units) != 1)
        raise ValueError(f"t: expected {len(units)} time{s} in ms, one per spike, got {t!r:.60}")
    if not np.isfinite(times.astype(float)).all():
        raise ValueError("t: expected finite times, got nan or infinity")
    steps = rounded_steps(times, engine.dt)
    if len(steps) and steps.min() <= engine.steps_done:
        now = engine.steps_done * engine.dt
        raise ValueError(f"t: expected times after the present, {now:g} ms, got {times.min():g}")
    if len(steps) and steps.max() > MOST_STEPS:
        raise ValueError(f"t: expected times below {MOST_STEPS * engine.dt:g} ms, got {times.max():g}")
    steps = steps.astype(np.int64)
    _check_once_in_a_step(steps, units, times, engine.dt)
    return steps, units


def _check_once_in_a_step(steps: Array, units: Array, times: Array, dt: float) -> None:
    order = np.lexsort((units, steps))
    twice = np.flatnonzero((np.diff(steps[order]) == 0) & (np.diff(units[order]) == 0))
    if not len(twice):
        return
    one, other = order[twice[0]], order[twice[0] + 1]
    more = f" (and so on, {len(twice)} spikes too many)" if len(twice) > 1 else ""
    raise ValueError(
        f"t: expected at most one spike of a unit in a step of {dt:g} ms, got two of unit {units[one]}, at"
        f" {times[one]:g} and {times[other]:g} ms{more}; leave one out, take a smaller dt, or give it to"
        " another unit"
    )


def _size(n: Any) -> int:
    size = checks.whole_number("n", n, at_least=1, at_most=2**31 - 1)
    checks.fits_in_memory(f"{size} sources", history_bytes(size, 0) + 12 * size, "take fewer")
    return size


def _check_rates(rate: Any, dt: float) -> None:
    given = np.asarray(checks.as_array(rate), float)
    if given.size and (not np.isfinite(given).all() or given.min() < 0 or given.max() * dt > 1000):
        wrong = given.min() if given.min() < 0 else given.max()
        raise ValueError(
            f"rate: expected 0 to {1000 / dt:g} Hz, at most one spike in a step of {dt:g} ms, got {wrong:g}"
        )


STATE[Sources] = ("_wishes",)
DERIVED[Sources] = ("_units", "_engine", "_range", "_title", "_accepted")
