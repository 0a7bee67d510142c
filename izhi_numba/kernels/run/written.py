"""Functions of tuples of numbers, written out to their length: loads, stores, decays.

So a rule that has two traces has two numbers in registers, and not an array.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from izhi_numba.kernels.intrinsics import load_at, store_at, view
from izhi_numba.kernels.jit import inline
from izhi_numba.kernels.rng import SYNAPSE_DRAWS, philox, unit_double, unit_single
from izhi_numba.kernels.run.log import N_DECAY, decay
from izhi_numba.kernels.tuples import tuple_text


class Written:
    """Functions of tuples that are written out to their length."""

    def __init__(self, number: Any) -> None:
        self._names = {"load_at": load_at, "store_at": store_at, "decay": decay, "view": view, "np": np}
        self._names |= {"number": number, "one": number(1), "philox": philox, "SYNAPSE_DRAWS": SYNAPSE_DRAWS}
        self._names["unit"] = unit_single if number is np.float32 else unit_double
        self._itemsize = np.dtype(number).itemsize

    def _function(self, text: str, **names: Any) -> Any:
        namespace = self._names | names
        exec(f"def made{text}", namespace)
        return inline(namespace["made"])

    def _loads(self, n: int, first: int = 0) -> list[str]:
        return [f"load_at(place + {self._itemsize * (first + k)}, number)" for k in range(n)]

    def numbers(self, n: int) -> Any:
        """Function of an address: so many numbers there."""
        return self._function(f"(place): return {tuple_text(self._loads(n))}")

    def oddity(self, n: int) -> Any:
        """Function of numbers: 0, where their sum is finite; it is not, too, where all are but very large."""
        total = " + ".join(f"x[{k}]" for k in range(n))
        return self._function(f"(x):\n    total = {total}\n    return total - total")

    def keep(self, n: int) -> Any:
        """Function of an address and a tuple: keeps its numbers there."""
        lines = [f"    store_at(place + {self._itemsize * k}, x[{k}])" for k in range(n)]
        return self._function("\n".join(["(place, x):", *lines, "    return"]))

    def keep_traces(self, nearest: Sequence[bool]) -> Any:
        """Function of an address and traces before a spike: keeps them as they are after it."""
        after = ["one" if is_nearest else f"x[{k}] + one" for k, is_nearest in enumerate(nearest)]
        lines = [f"    store_at(place + {self._itemsize * k}, {one})" for k, one in enumerate(after)]
        return self._function("\n".join(["(place, x):", *lines, "    return"]))

    def decays(self, n: int) -> Any:
        """Function of an address: what describes the decay of so many traces."""
        items = [f"d[{k}]" for k in range(N_DECAY * n)]
        return self._function(
            f"(place):\n    d = view(place, {N_DECAY * n}, np.int64)\n    return {tuple_text(items)}"
        )

    def _factor(self, k: int) -> str:
        own = ", ".join(f"d[{N_DECAY * k + place}]" for place in range(N_DECAY))
        return f"decay({own}, gap, one)"

    def signalled(self, fades: Sequence[bool]) -> Any:
        """Function of numbers, their decays, and a gap in steps; some do not decay."""
        items = [f"x[{k}] * {self._factor(k)}" if one else f"x[{k}]" for k, one in enumerate(fades)]
        return self._function(f"(x, d, gap): return {tuple_text(items)}")

    def decayed(self, n: int) -> Any:
        """Function of traces, their decays, and a gap in steps."""
        items = [f"x[{k}] * {self._factor(k)}" for k in range(n)]
        return self._function(f"(x, d, gap): return {tuple_text(items)}")

    def decayed_entry(self, n: int) -> Any:
        """Function of an entry of a log, how far its numbers are apart, their decays, and a gap in steps."""
        items = [f"load_at(place + {k + 1} * apart, number) * {self._factor(k)}" for k in range(n)]
        return self._function(f"(place, apart, d, gap): return {tuple_text(items)}")

    def drawn(self, n: int) -> Any:
        """Function of a synapse, the key of its row, a step, and the kind of event: so many random numbers.

        A counter gives two of them. The synapse is its target and its number among those of the same pair of
        neurons. Steps have 48 bits, pairs of numbers 6, and kinds of events 2.
        """
        lines = ["(who, key, step, kind):"]
        for k in range((n + 1) // 2):
            last = f"(step >> 32 & 0xFFFF) << 16 | {k} << 10 | kind << 8 | np.int64(SYNAPSE_DRAWS)"
            counter = f"who[0], np.uint32(step), who[1], np.uint32({last})"
            lines.append(f"    a_{k}, b_{k}, c_{k}, d_{k} = philox({counter}, key[0], key[1])")
        items = [
            f"unit(a_{k}, b_{k})" if half == 0 else f"unit(c_{k}, d_{k})"
            for k, half in (divmod(one, 2) for one in range(n))
        ]
        return self._function("\n".join([*lines, f"    return {tuple_text(items)}"]))
