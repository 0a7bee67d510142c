"""Parameters of published cells, as one table of data."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# Izhikevich (2003), figure 2: a, b, c, d.
# RS regular spiking, IB intrinsically bursting, CH chattering, FS fast spiking,
# TC thalamo-cortical, RZ resonator, LTS low-threshold spiking.
presets: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        name: MappingProxyType(dict(zip("abcd", values, strict=True)))
        for name, values in {
            "RS": (0.02, 0.2, -65.0, 8.0),
            "IB": (0.02, 0.2, -55.0, 4.0),
            "CH": (0.02, 0.2, -50.0, 2.0),
            "FS": (0.1, 0.2, -65.0, 2.0),
            "TC": (0.02, 0.25, -65.0, 0.05),
            "RZ": (0.1, 0.26, -65.0, 2.0),
            "LTS": (0.02, 0.25, -65.0, 2.0),
        }.items()
    }
)
