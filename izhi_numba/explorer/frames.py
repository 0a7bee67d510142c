"""Messages to the page of the explorer: a header in JSON, and arrays as they lie in memory."""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array

_ALIGNMENT = 8


@dataclass(frozen=True)
class Frame:
    """A message to the page."""

    header: dict[str, Any]
    arrays: dict[str, Array] = field(default_factory=dict)

    def parts(self) -> tuple[dict[str, Any], list[bytes]]:
        """Header and buffers, for hosts that carry both."""
        arrays = [
            {"name": name, "dtype": array.dtype.name, "shape": array.shape}
            for name, array in self.arrays.items()
        ]
        buffers = [np.ascontiguousarray(array).tobytes() for array in self.arrays.values()]
        return finite(self.header) | {"arrays": arrays}, buffers

    def packed(self) -> bytes:
        """Return one block: length of the header, header, buffers, each from a multiple of 8 bytes on."""
        header, buffers = self.parts()
        text = json.dumps(header | {"lengths": [len(buffer) for buffer in buffers]}).encode()
        pieces = [_padded(struct.pack("<I", len(text)) + text), *map(_padded, buffers)]
        return b"".join(pieces)


def _padded(block: bytes) -> bytes:
    return block + bytes(-len(block) % _ALIGNMENT)


def finite(value: Any) -> Any:
    """Return the value with None for what JSON has no number for."""
    if isinstance(value, dict):
        return {key: finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [finite(one) for one in value]
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, np.integer):
        return int(value)
    return value
