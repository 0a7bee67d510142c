"""The record of one neuron: each variable of its model as a trace, its current, its spikes."""

from __future__ import annotations

from izhi_numba.base.arrays import Array
from izhi_numba.base.clock import steps_of
from izhi_numba.inputs.terms import Input
from izhi_numba.neuron.setup import Setup
from izhi_numba.results.result import Result


class NeuronRecord(Result):
    """Traces and spikes of one neuron: all of a :class:`izhi_numba.NeuronResult` but its plot."""

    def __init__(self, result: Result, setup: Setup, current: Input, scheme: str) -> None:
        self.__dict__.update(result.__dict__)
        self.model, self.values, self.name = setup.model, setup.start(), setup.name
        self.current, self.scheme = current, scheme

    @property
    def t(self) -> Array:
        """Times of the traces, ms."""
        return self.times(self.model.voltage)

    @property
    def spike_times(self) -> Array:
        """Times of the spikes, ms."""
        return self.spikes.t

    @property
    def spike_steps(self) -> Array:
        """Row of the traces in whose step each spike came."""
        return steps_of(self.spike_times - self.start, self.dt) - 1

    def __getattr__(self, name: str) -> Array:
        if name.startswith("_") or "model" not in self.__dict__:
            raise AttributeError(name)
        if name not in (*self.model.states, "I"):
            known = ", ".join((*self.model.states, "I", "t", "spike_times"))
            raise AttributeError(f"the result of {self.model!r} has no {name!r}; it has {known}")
        column: Array = self.traces[name][:, 0]
        return column

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.model.states, "I"]

    def __repr__(self) -> str:
        whom = self.name or repr(self.model).removesuffix("()")
        how = f"{self.scheme}, {self.dt:g} ms"
        return f"<{self.duration:g} ms of {whom} ({how}): {len(self.spike_times)} spikes>"
