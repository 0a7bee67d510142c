"""Published cells and patterns, as one table of data: parameters, protocol, source.

E. M. Izhikevich (2003), IEEE Transactions on Neural Networks 14:1569-1572, 10.1109/TNN.2003.820440;
(2004) 15:1063-1070, 10.1109/TNN.2004.832719; (2007), "Dynamical Systems in Neuroscience", MIT Press.
R. Naud, N. Marcille, C. Clopath and W. Gerstner (2008), Biological Cybernetics 99:335-347,
10.1007/s00422-008-0264-7.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

from izhi_numba.inputs.makers import constant, ramp, step
from izhi_numba.inputs.terms import Input
from izhi_numba.models.model import Model
from izhi_numba.models.neurons.adex import AdEx
from izhi_numba.models.neurons.izhikevich import Izhikevich, IzhikevichAccommodation, IzhikevichQuadratic
from izhi_numba.models.neurons.izhikevich2007 import (
    Izhikevich2007,
    Izhikevich2007FS,
    Izhikevich2007LTS,
    Izhikevich2007RTN,
    Izhikevich2007TC,
)


@dataclass(frozen=True, repr=False, eq=False)
class Preset(Mapping[str, float]):
    """Parameters of a published cell, as a mapping that cannot be changed, with the protocol of its figure.

    ``pool.set(**preset)`` sets the parameters; the other attributes tell how to draw the figure.

    Attributes
    ----------
    name, family : str
    model : type of Model
    parameters : mapping
        Name to value, as in the mapping itself.
    initial : mapping
        Variables that do not start at the model's defaults.
    current : Input
    duration, dt : float
        In ms.
    scheme : str
    source : str
        Paper, figure and panel.
    note : str
        Where the figure depends on the published step; empty for the others.
    amplitudes : tuple of float
        Where the figure shows several constant currents, all of them; ``current`` is one.

    Examples
    --------
    >>> dict(presets["RS"])
    {'a': 0.02, 'b': 0.2, 'c': -65.0, 'd': 8.0}
    >>> cell = presets["spike latency"]
    >>> cell.source, cell.current, cell.dt
    ('Izhikevich (2004), figure 1I', step(7.04, start=10.000001, stop=13), 0.2)
    """

    name: str
    family: str
    model: type[Model]
    parameters: Mapping[str, float]
    current: Input
    duration: float
    dt: float
    scheme: str
    source: str
    initial: Mapping[str, float] = field(default_factory=dict)
    note: str = ""
    amplitudes: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        for attribute in ("parameters", "initial"):
            floats = {name: float(value) for name, value in getattr(self, attribute).items()}
            object.__setattr__(self, attribute, MappingProxyType(floats))
        object.__setattr__(self, "duration", float(self.duration))
        object.__setattr__(self, "amplitudes", tuple(map(float, self.amplitudes)))

    def __getitem__(self, name: str) -> float:
        return self.parameters[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.parameters)

    def __len__(self) -> int:
        return len(self.parameters)

    def __reduce__(self) -> tuple[Any, ...]:  # read-only mappings do not pickle
        values = (getattr(self, one.name) for one in fields(self))
        return type(self), tuple(dict(one) if isinstance(one, MappingProxyType) else one for one in values)

    def __repr__(self) -> str:
        return f"<{self.name}: {', '.join(f'{name}={value:g}' for name, value in self.items())}>"


class _NoPresetError(KeyError):
    """A name that no preset has."""

    def __str__(self) -> str:  # KeyError puts its text in quotes
        return str(self.args[0])


class Presets(Mapping[str, Preset]):
    """Presets by name.

    Examples
    --------
    >>> presets["FS"]
    <FS: a=0.1, b=0.2, c=-65, d=2>
    >>> list(presets.family("2007"))[:3]
    ['2007 RS', '2007 IB', '2007 CH']
    """

    def __init__(self, table: Iterable[Preset]) -> None:
        self._by_name = {preset.name: preset for preset in table}

    @property
    def families(self) -> tuple[str, ...]:
        """Names of the families: the papers."""
        return tuple(dict.fromkeys(preset.family for preset in self.values()))

    def family(self, name: str) -> dict[str, Preset]:
        """Return the presets of a family by name.

        Raises
        ------
        KeyError
            There is no such family.
        """
        found = {key: preset for key, preset in self.items() if preset.family == name}
        if not found:
            raise KeyError(f"presets: no family {name!r}; there are {', '.join(self.families)}")
        return found

    def __getitem__(self, name: str) -> Preset:
        if name not in self._by_name:
            raise _NoPresetError(self._missing(name))
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def __repr__(self) -> str:
        return f"<{len(self)} presets: {self._listed()}>"

    def _missing(self, name: object) -> str:
        folded = {key.lower(): key for key in self}
        close = difflib.get_close_matches(str(name).lower(), folded, cutoff=0.5)
        if close:
            near = " or ".join(repr(folded[key]) for key in close)
            return f"presets: no {name!r}; did you mean {near}? iz.presets shows all"
        return f"presets: no {name!r}; there are {self._listed()}"

    def _listed(self) -> str:
        return "; ".join(f"{family}: {', '.join(self.family(family))}" for family in self.families)


def after(t: float) -> float:
    """Where a window begins that the papers write as ``t > T``, or ends for ``t <= T``."""
    return t + 1e-6  # ten times the tolerance of inputs, and far less than a step


def _between(level: float, *windows: tuple[float, float]) -> Input:
    """The same level in open windows, ``T1 < t < T2``."""
    return sum((step(level, start=after(first), stop=last) for first, last in windows), start=Input())


def _figure_2(name: str, abcd: tuple[float, ...], v: float, duration: float, current: Input) -> Preset:
    """A cell of Izhikevich (2003), figure 2."""
    values = dict(zip("abcd", abcd, strict=True))
    source = "Izhikevich (2003), figure 2"
    return Preset(name, "2003", Izhikevich, values, current, duration, 0.25, "fig2003", source, {"v": v})


def _panel(
    panel: str,
    abcd: tuple[float, ...],
    v: float,
    tau_and_T: tuple[float, float],
    current: Input,
    note: str = "",
    model: type[Model] = Izhikevich,
    *,
    u: float | None = None,
    **others: float,
) -> Preset:
    """A panel of Izhikevich (2004), figure 1."""
    letter, name = panel.split(maxsplit=1)
    values = dict(zip("abcd", abcd, strict=True)) | others
    initial = {"v": v} if u is None else {"v": v, "u": u}
    tau, T = tau_and_T
    source = f"Izhikevich (2004), figure 1{letter}"
    return Preset(name, "2004", model, values, current, T, tau, "fig2003", source, initial, note)


def _book(
    name: str,
    figure: str,
    model: type[Model],
    values: Mapping[str, float],
    duration: float,
    amplitudes: tuple[float, ...],
    current: Input | None = None,
) -> Preset:
    """A cell of Izhikevich (2007), chapter 8; the current is on from the start, at v = vr and u = 0."""
    source = f"Izhikevich (2007), figure {figure}"
    shown = constant(amplitudes[2]) if current is None else current
    return Preset(
        name, "2007", model, values, shown, duration, 0.25, "book2007", source, amplitudes=amplitudes
    )


def _pattern(name: str, panel: str, values: str, current: float, note: str = "") -> Preset:
    """A pattern of Naud et al. (2008): one row of its table 1.

    Copies of the table differ; these values, which Brian2's example has too, give the patterns of figure 4.
    """
    columns = ("C", "g_L", "E_L", "V_T", "Delta_T", "a", "tau_w", "b", "V_reset")
    row = dict(zip(columns, map(float, values.split()), strict=True))
    source = f"Naud et al. (2008), table 1 and figure 4{panel}"
    return Preset(
        f"AdEx {name}", "AdEx", AdEx, row, constant(current), 500.0, 0.02, "heun", source, note=note
    )


def _cell(names: str, *values: float) -> dict[str, Any]:
    return dict(zip(names.split(), values, strict=True))


_C2007 = "C k vr vt vpeak a b c d"
_RS, _IB, _LTS = (0.02, 0.2, -65, 8), (0.02, 0.2, -55, 4), (0.02, 0.25, -65, 2)
_TC = (0.02, 0.25, -65, 0.05)
_LTS2007 = _cell(_C2007, 100, 1, -56, -42, 40, 0.03, 8, -53, 20)
_FS2007 = _cell(_C2007, 20, 1, -55, -40, 25, 0.2, 0.025, -45, 0)
_TC2007 = _cell(_C2007 + " b_above", 200, 1.6, -60, -50, 35, 0.01, 15, -60, 10, 0)
_RTN2007 = _cell(_C2007 + " b_above", 40, 0.25, -65, -45, 0, 0.015, 10, -55, 50, 2)

# RS regular spiking, IB intrinsically bursting, CH chattering, FS fast spiking, TC thalamo-cortical,
# RZ resonator, LTS low-threshold spiking, RTN reticular thalamic nucleus.
presets = Presets(
    [
        _figure_2("RS", _RS, -63, 150, step(14, start=after(15))),
        _figure_2("IB", _IB, -70, 150, step(11, start=after(15))),
        _figure_2("CH", (0.02, 0.2, -50, 2), -70, 150, step(10, start=after(15))),
        _figure_2("FS", (0.1, 0.2, -65, 2), -70, 150, step(10, start=after(15))),
        _figure_2("TC", _TC, -63, 150, step(1.5, start=after(30))),
        _figure_2("TC rebound", _TC, -87, 150, step(-25, stop=after(45))),
        _figure_2(
            "RZ", (0.1, 0.26, -65, 2), -70, 100, -0.5 - step(1.5, stop=after(10)) + _between(10.5, (60, 65))
        ),
        _figure_2("LTS", _LTS, -63, 250, step(10, start=after(25))),
        _panel("A tonic spiking", (0.02, 0.2, -65, 6), -70, (0.25, 100), step(14, start=after(10))),
        _panel("B phasic spiking", (0.02, 0.25, -65, 6), -64, (0.25, 200), step(0.5, start=after(20))),
        _panel("C tonic bursting", (0.02, 0.2, -50, 2), -70, (0.25, 220), step(15, start=after(22))),
        _panel("D phasic bursting", (0.02, 0.25, -55, 0.05), -64, (0.2, 200), step(0.6, start=after(20))),
        _panel("E mixed mode", _IB, -70, (0.25, 160), step(10, start=after(16))),
        _panel(
            "F spike frequency adaptation", (0.01, 0.2, -65, 8), -70, (0.25, 85), step(30, start=after(8.5))
        ),
        _panel(
            "G class 1 excitability", (0.02, -0.1, -55, 6), -60, (0.25, 300), ramp(0.075, start=30),
            model=IzhikevichQuadratic, e=0.04, f=4.1, g=108,
        ),
        _panel(
            "H class 2 excitability", (0.2, 0.26, -65, 0), -64, (0.25, 300), -0.5 + ramp(0.015, start=30)
        ),
        _panel(
            "I spike latency", (0.02, 0.2, -65, 6), -70, (0.2, 100), _between(7.04, (10, 13)),
            "the delay depends on the step: with small steps take 6.71 in place of 7.04",
        ),
        _panel(
            "J subthreshold oscillations", (0.05, 0.26, -60, 0), -62, (0.25, 200), _between(2, (20, 25))
        ),
        _panel(
            "K resonator", (0.1, 0.26, -60, -1), -62, (0.25, 400),
            _between(0.65, (40, 44), (60, 64), (280, 284), (320, 324)),
        ),
        _panel(
            "L integrator", (0.02, -0.1, -55, 6), -60, (0.25, 100),
            _between(9, (100 / 11, 100 / 11 + 2), (100 / 11 + 5, 100 / 11 + 7), (70, 72), (80, 82)),
            model=IzhikevichQuadratic, e=0.04, f=4.1, g=108,
        ),
        _panel("M rebound spike", (0.03, 0.25, -60, 4), -64, (0.2, 200), _between(-15, (20, 25))),
        _panel(
            "N rebound burst", (0.03, 0.25, -52, 0), -64, (0.2, 200), _between(-15, (20, 25)),
            "with small steps the burst is twice as long",
        ),
        _panel(
            "O threshold variability", (0.03, 0.25, -60, 4), -64, (0.25, 100),
            _between(1, (10, 15), (80, 85)) + _between(-6, (70, 75)),
        ),
        _panel(
            "P bistability", (0.1, 0.26, -60, 0), -61, (0.25, 300),
            0.24 + _between(1, (37.5, 42.5), (216, 221)),
            "the second pulse stops the firing at the published step alone; with small steps it has to come"
            " at another phase, 208 ms, say",
        ),
        _panel(
            "Q depolarizing after-potential", (1, 0.2, -60, -21), -70, (0.1, 50), _between(20, (9, 11)),
            "exists at the published step alone: with small steps it fires on; b=0.18 helps",
        ),
        _panel(
            "R accommodation", (0.02, 1, -55, 4), -65, (0.5, 400),
            ramp(1 / 25, stop=200) + ramp(4 / 12.5, start=300, stop=312.5),
            model=IzhikevichAccommodation, u=-16,
        ),
        _panel(
            "S inhibition-induced spiking", (-0.02, -1, -60, 8), -63.8, (0.5, 350),
            80 - step(5, start=50, stop=after(250)),
            "with small steps one more spike comes after the inhibition, unless that is 30 ms shorter",
        ),
        _panel(
            "T inhibition-induced bursting", (-0.026, -1, -45, -2), -63.8, (0.5, 350),
            80 - step(5, start=50, stop=after(250)),
            "exists at the published step alone: with small steps it diverges; d=-0.7 helps",
        ),
        _book(
            "2007 RS", "8.12", Izhikevich2007, _cell(_C2007, 100, 0.7, -60, -40, 35, 0.03, -2, -50, 100),
            520, (60, 70, 85, 100),
        ),
        _book(
            "2007 IB", "8.19", Izhikevich2007, _cell(_C2007, 150, 1.2, -75, -45, 50, 0.01, 5, -56, 130),
            600, (290, 370, 500, 550),
        ),
        _book(
            "2007 CH", "8.23", Izhikevich2007, _cell(_C2007, 50, 1.5, -60, -40, 25, 0.03, 1, -40, 150),
            210, (200, 300, 400, 600),
        ),
        _book("2007 LTS", "8.25", Izhikevich2007LTS, _LTS2007, 320, (100, 125, 200, 300)),
        _book("2007 FS", "8.27", Izhikevich2007FS, _FS2007, 100, (73.2, 100, 200, 400)),
        _book("2007 TC", "8.31", Izhikevich2007TC, _TC2007, 650, (50, 100, 150)),
        _book(
            "2007 TC burst", "8.31", Izhikevich2007TC, _TC2007, 770, (0, 50, 100),
            step(-1200, stop=120) + step(50, start=120),
        ),
        _book("2007 RTN", "8.32", Izhikevich2007RTN, _RTN2007, 650, (50, 70, 110)),
        _book(
            "2007 RTN burst", "8.32", Izhikevich2007RTN, _RTN2007, 840, (30, 50, 90),
            step(-350, stop=120) + step(50, start=120),
        ),
        _pattern("tonic spiking", "a", "200 10 -70 -50 2 2 30 0 -58", 500),
        _pattern("adaptation", "b", "200 12 -70 -50 2 2 300 60 -58", 500),
        _pattern("initial burst", "c", "130 18 -58 -50 2 4 150 120 -50", 400),
        _pattern("regular bursting", "d", "200 10 -58 -50 2 2 120 100 -46", 210),
        _pattern("delayed accelerating", "e", "200 12 -70 -50 2 -10 300 0 -58", 300),
        _pattern("delayed regular bursting", "f", "100 10 -65 -50 2 -10 90 30 -47", 110),
        _pattern("transient spiking", "g", "100 10 -65 -50 2 10 90 100 -47", 180),
        _pattern(
            "irregular spiking", "h", "100 12 -60 -50 2 -11 130 30 -48", 160,
            "chaotic: its spikes depend on scheme, step and precision after some 50 ms",
        ),
    ]
)  # fmt: skip
